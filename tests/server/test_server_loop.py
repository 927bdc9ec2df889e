"""The loop: ten corrections over the API, train, promote while a call runs, another reading, and the way back."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from eval.client import to_s16le
from eval.demo_world import recording, turns
from eval.service import ServiceChild
from ingest.recording import read_recording
from ingest.socket import audio_frame

pytestmark = [pytest.mark.model, pytest.mark.engine, pytest.mark.train, pytest.mark.timeout(1500)]

TENANT = "loop"
SPOKEN_TURN = 20
"""Martin's wish to pay by the month, spoken again and again in the running call."""
GAP_SAMPLES = 16_000 * 2

OWN = (
    ("We'd want the Harbour plan for the first year.", "the Harbour plan", "support"),
    ("Harbour would have to come with it.", "Harbour would have to come with it", "support"),
    ("Can we get Harbour for the team in Leeds as well?", "get Harbour for the team in Leeds", "support"),
    ("What we need is Harbour, on all three sites.", "Harbour, on all three sites", "support"),
    ("I'd sign with Harbour, not without.", "Harbour", "support"),
    ("Put Harbour on the order, please.", "Put Harbour on the order", "support"),
    ("Our people on nights would need Harbour too.", "Our people on nights would need Harbour", "support"),
    ("So is Harbour in there from the start?", "Harbour in there from the start", "support"),
    ("We were promised Harbour, and we want it.", "Harbour, and we want it", "support"),
    ("Without Harbour nobody on the floor can start.", "Harbour", "support"),
)
"""The tenant's own name for a thing: Harbour is its help desk, which no general model can know."""
PARAPHRASE = "And we'd need Harbour for the second building too."


def verb(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "server.cli", *arguments], capture_output=True, text=True, check=False)


def read_paraphrase(folder: Path, data: Path, models_dir: Path) -> list[str]:
    file, out = folder / "paraphrase.jsonl", folder / "read.jsonl"
    line = {"call_id": "p", "turn": 1, "role": "customer", "speaker": "Kim", "text": PARAPHRASE}
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    options = ("--data", str(data), "--models", str(models_dir), "--tenant", TENANT, "--no-store", "--quiet")
    done = verb("analyse", str(file), "--out", str(out), *options)
    assert done.returncode == 0, done.stderr
    return [one["type"] for one in json.loads(out.read_text(encoding="utf-8"))["signals"]]


class Caller:
    """A call that goes on: says one recorded turn and tells which adapter read it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0
        turn = turns()[SPOKEN_TURN - 1]
        audio = read_recording(recording())[2][turn.start_ms * 16 : turn.end_ms * 16]
        self._packet = to_s16le(audio) + bytes(GAP_SAMPLES * 2)

    async def adapter_that_reads(self) -> str:
        for at in range(0, len(self._packet), 64_000):
            part = self._packet[at : at + 64_000]
            await self._socket.send(audio_frame(0, self._sent, part))
            self._sent += len(part) // 2
        while True:
            event: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.recv(), 60))
            if event["type"] == "signal":
                return event["adapter_id"]


@pytest.fixture
async def running(models_dir: Path, tmp_path: Path) -> AsyncIterator[ServiceChild]:
    with ServiceChild(tmp_path / "data", models_dir, TENANT, 0) as child:
        yield child


async def test_corrections_become_a_release_and_it_is_taken_back(
    running: ServiceChild, models_dir: Path, tmp_path: Path
) -> None:
    url, token, data = running.address.url, running.address.token, tmp_path / "data"
    file = tmp_path / "own.jsonl"
    rows = [
        {"call_id": "own", "turn": turn, "role": "customer", "speaker": "Kim", "text": text}
        for turn, (text, _, _) in enumerate(OWN, 1)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = ("--data", str(data), "--models", str(models_dir), "--tenant", TENANT, "--quiet")
    stored = await asyncio.to_thread(verb, "analyse", str(file), "--out", str(tmp_path / "own.out"), *options)
    assert stored.returncode == 0, stored.stderr
    before = await asyncio.to_thread(read_paraphrase, tmp_path, data, models_dir)
    assert "support" not in before

    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as api:
        await label(api)
        assert (await api.post("/v1/train")).status_code == 202
        run = await trained(api)
        assert run["state"] == "done", run
        assert run["gate"] == "passed", run["reasons"]
        headers = {"Authorization": f"Bearer {token}"}
        async with connect("ws" + url.removeprefix("http") + "/v1/calls", additional_headers=headers) as socket:
            channel = {"channel": "martin", "role": "customer", "speaker": "Martin"}
            start = {"type": "start", "channels": [channel], "encoding": "s16le", "sample_rate_hz": 16_000}
            await socket.send(json.dumps({**start, "language": "en"}))
            caller = Caller(socket)
            first = await caller.adapter_that_reads()
            promoted = await api.post(f"/v1/adapters/{run['candidate']}/promote")
            assert promoted.status_code == 200, promoted.text
            assert await caller.adapter_that_reads() == run["candidate"] != first
            assert "support" in await asyncio.to_thread(read_paraphrase, tmp_path, data, models_dir)
            assert (await api.post("/v1/adapters/rollback")).json() == {"champion": first}
            assert await caller.adapter_that_reads() == first
            await socket.send(json.dumps({"type": "end"}))
    assert await asyncio.to_thread(read_paraphrase, tmp_path, data, models_dir) == before


async def label(api: httpx.AsyncClient) -> None:
    """Ten corrections: what the model found is refused, what it should have found is added."""
    call = (await api.get("/v1/calls/own")).json()
    for found in call["signals"]:
        body = {"call_id": "own", "verdict": "refuse", "signal_id": found["id"]}
        place = {"utterance_id": found["utterance_id"], "revision": found["revision"]}
        assert (await api.post("/v1/annotations/signals", json=body | place)).status_code == 200
    for utterance, (text, words, type_) in zip(call["utterances"], OWN, strict=True):
        start = text.index(words)
        body = {"call_id": "own", "utterance_id": utterance["utterance_id"], "revision": 1, "verdict": "add"}
        said = {"kind": "need", "type": type_, "start": start, "end": start + len(words), "strength": 2}
        answered = await api.post("/v1/annotations/signals", json=body | said)
        assert answered.status_code == 200, answered.text


async def trained(api: httpx.AsyncClient) -> dict[str, Any]:
    while (run := (await api.get("/v1/train")).json())["state"] == "running":  # noqa: ASYNC110 - as the page polls
        await asyncio.sleep(1.0)
    return run
