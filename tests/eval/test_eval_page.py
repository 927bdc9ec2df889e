"""A rep's call from the start page to the summary, in a real browser with a microphone and a meeting's tab.

`NEEDGRAPH_TEST_LONG=1` adds the scenes that take long: a laptop asleep, the service restarted in the middle.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
import threading
import wave
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eval import demo_world
from eval.client import to_s16le
from eval.service import ServiceChild
from ingest.messages import SAMPLE_RATE_HZ
from ingest.recording import read_recording

ROOT = Path(__file__).parents[2]
TENANT = "demo"
LONG = os.environ.get("NEEDGRAPH_TEST_LONG") == "1"  # noqa: TID251 - tests have no settings
FROM_S = 58
"""Of the demo call: from here both sides speak within three seconds, and a need with a good link comes after half a
minute. A busy machine may take longer over it than the minute that the flow takes here."""
QUICK = ("refused", "silent_tab", "two_tabs", "reload", "token", "stopped_tab", "withdrawn")
SLOW = ("restarted", "asleep")

pytestmark = [pytest.mark.model, pytest.mark.engine, pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What the rep's microphone and the customers' tab hear."""
    channels = read_recording(demo_world.recording())
    rep, *customers = (one[FROM_S * SAMPLE_RATE_HZ :] for one in channels)
    folder = tmp_path_factory.mktemp("sounds")
    paths = folder / "rep.wav", folder / "customers.wav"
    for path, samples in zip(paths, (rep, customers[0] + customers[1]), strict=True):
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(to_s16le(samples))
    return paths


def browser(script: str, url: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one of the page's browser scripts; its output goes to the test's."""
    command = ["node", f"e2e/{script}.mjs", url, *map(str, arguments)]
    command = ["env", *(f"{name}={value}" for name, value in environment.items()), *command]
    done = subprocess.run(command, cwd=ROOT / "server/web", capture_output=True, text=True, check=False)
    print(done.stdout)  # noqa: T201 - shown when the test fails, or with -s
    return done


def test_the_rep_holds_a_call(models_dir: Path, tmp_path: Path, sounds: tuple[Path, Path]) -> None:
    data = tmp_path / "data"
    demo_world.import_world(data, models_dir, TENANT)
    with ServiceChild(data, models_dir, TENANT, 0) as service:
        page = f"{service.address.url}/#token={service.address.token}"
        done = browser("rep", page, tmp_path / "pictures", *sounds, demo_world.folder() / "call.jsonl")
    assert done.returncode == 0, done.stderr


def test_what_goes_wrong_is_told_and_the_call_goes_on(
    models_dir: Path, tmp_path: Path, sounds: tuple[Path, Path]
) -> None:
    scenes = QUICK + SLOW if LONG else QUICK
    with restartable(tmp_path / "data", models_dir, tmp_path / "restart") as (page, restart):
        done = browser("trouble", page, tmp_path / "pictures", *sounds, *scenes, RESTART=restart)
    assert done.returncode == 0, done.stderr
    assert {line.split(":")[0] for line in done.stdout.splitlines() if ": ok" in line} == set(scenes)


@contextmanager
def restartable(data: Path, models_dir: Path, wish: Path) -> Generator[tuple[str, str]]:
    """A service that stops and starts again at its address when a file is made; yields its page and the command."""
    port, token = _free_port(), _lasting_token(data)
    over = threading.Event()
    first = ServiceChild(data, models_dir, TENANT, port)

    def heed(service: ServiceChild) -> None:
        while not over.wait(0.1):
            if wish.exists():
                service.__exit__(None, None, None)
                service = ServiceChild(data, models_dir, TENANT, port).__enter__()
                wish.unlink()
        service.__exit__(None, None, None)

    heeding = threading.Thread(target=heed, args=(first.__enter__(),))
    heeding.start()
    try:
        path = shlex.quote(str(wish))
        restart = f"touch {path}; while [ -e {path} ]; do sleep 0.1; done"
        yield f"{first.address.url}/#token={token}", restart
    finally:
        over.set()
        heeding.join()


def _lasting_token(data: Path) -> str:
    """The token that a service prints for its own user ends with it."""
    command = [sys.executable, "-m", "server.cli", "tokens", "add", "--tenant", TENANT, "--role", "admin"]
    command += ["--person", "Sol", "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (token,) = re.findall(r"ng_[\w-]+", done.stdout)
    return token


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
