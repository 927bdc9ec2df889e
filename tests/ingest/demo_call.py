"""The demo call for the tests of ingest and asr: its channels and its turns, read once."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.messages import SAMPLE_RATE_HZ
from ingest.recording import read_recording

FOLDER = Path(__file__).parents[2] / "eval" / "demo"
RECORDING = FOLDER / "call.ogg"
CHANNELS = ("dana", "priya", "martin")


@dataclass(frozen=True, slots=True)
class Turn:
    number: int
    channel: str
    text: str
    start_ms: int
    end_ms: int


@cache
def recording() -> dict[str, npt.NDArray[np.float32]]:
    return dict(zip(CHANNELS, read_recording(RECORDING), strict=True))


@cache
def turns() -> dict[int, Turn]:
    lines = (json.loads(line) for line in (FOLDER / "call.jsonl").read_text().splitlines())
    return {
        line["turn"]: Turn(line["turn"], line["channel"], line["text"], line["start_ms"], line["end_ms"])
        for line in lines
    }


def between(channel: str, start_ms: int, end_ms: int) -> npt.NDArray[np.float32]:
    return recording()[channel][start_ms * SAMPLE_RATE_HZ // 1000 : end_ms * SAMPLE_RATE_HZ // 1000]
