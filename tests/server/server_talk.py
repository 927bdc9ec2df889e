"""How the tests of server speak to a running service: over its sockets and its API, as any client would."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from eval.service import Address

ROOT = Path(__file__).parents[2]
TENANT = "acme"
ANSWER_S = 20.0

DANA: dict[str, Any] = {"channel": "dana", "role": "rep", "speaker": "Dana"}
PRIYA: dict[str, Any] = {"channel": "priya", "role": "customer", "speaker": "Priya"}
START: dict[str, Any] = {"type": "start", "channels": [DANA, PRIYA], "encoding": "s16le", "sample_rate_hz": 16_000}


def socket(address: Address, path: str, **options: Any) -> connect:
    """A socket of the service; `token` another than the session's, everything else for `connect`."""
    token = options.pop("token", address.token)
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    url = "ws" + address.url.removeprefix("http") + path
    return connect(url, additional_headers=headers, max_size=None, **options)


async def said(talk: ClientConnection) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(talk.recv(), ANSWER_S))


async def until(talk: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Everything up to the first frame that is wanted."""
    found = [await said(talk)]
    while not wanted(found[-1]):
        found.append(await said(talk))
    return found


async def until_closed(talk: ClientConnection) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    try:
        while True:
            found.append(await said(talk))
    except ConnectionClosed:
        return found


def of_type(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda frame: frame["type"] == name


async def begin(talk: ClientConnection, **fields: Any) -> dict[str, Any]:
    """Start a call and wait until it was accepted."""
    await talk.send(json.dumps(START | fields))
    return (await until(talk, of_type("call_started")))[-1]


async def flushed(talk: ClientConnection) -> list[dict[str, Any]]:
    """Ask for finals and wait for the answer; everything up to it."""
    await talk.send('{"type": "flush"}')
    return await until(talk, of_type("flushed"))


def verb(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A verb as a process of its own."""
    command = [sys.executable, "-m", "server.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=ROOT, env=env, check=False)
