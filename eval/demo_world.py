"""The demo vendor's world and its recorded call, as they ship in the package."""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from eval.errors import DemoWorldError
from ingest.messages import Role
from ingest.socket import StartChannel

ACCOUNT = "Norvik Outdoor"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedSignal:
    """A signal that the script put into a turn."""

    kind: str
    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedTurn:
    """A turn of the recording; times are where its first and last sample lie."""

    turn: int
    channel: str
    role: Role
    speaker: str
    text: str
    start_ms: int
    end_ms: int
    signals: tuple[ScriptedSignal, ...]


def folder() -> Path:
    """Where the demo world lies."""
    return Path(str(files("eval"))) / "demo"


def recording() -> Path:
    """The call, a channel for each person."""
    return folder() / "call.ogg"


@cache
def turns() -> tuple[ScriptedTurn, ...]:
    """The call's exact transcript."""
    rows = [json.loads(line) for line in (folder() / "call.jsonl").read_text(encoding="utf-8").splitlines()]
    return tuple(
        ScriptedTurn(
            turn=row["turn"],
            channel=row["channel"],
            role=row["role"],
            speaker=row["speaker"],
            text=row["text"],
            start_ms=row["start_ms"],
            end_ms=row["end_ms"],
            signals=tuple(
                ScriptedSignal(kind=one["kind"], type=one["type"], start=one["start"], end=one["end"])
                for one in row["signals"]
            ),
        )
        for row in rows
    )


def channels() -> tuple[StartChannel, ...]:
    """The participants in the order of the recording's channels, which is the order of first speaking."""
    found = {one.channel: one for one in reversed(turns())}
    order = dict.fromkeys(one.channel for one in turns())
    return tuple(StartChannel(channel=name, role=found[name].role, speaker=found[name].speaker) for name in order)


def import_world(data_dir: Path, models_dir: Path, tenant: str) -> None:
    """Import tickets, competitor pages and roadmap as a user would; quick when they are there.

    Raises:
        DemoWorldError: an import failed; its own message is on stderr.
    """
    for source, name in (("tickets", "tickets.jsonl"), ("documents", "documents"), ("roadmap", "roadmap.jsonl")):
        command = [sys.executable, "-m", "server.cli", "import", source, str(folder() / name), "--json", "--quiet"]
        command += ["--data", str(data_dir), "--models", str(models_dir), "--tenant", tenant]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise DemoWorldError(f"importing the demo's {source} failed", done.returncode)
