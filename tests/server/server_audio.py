"""Consent in a `start` frame, and what a service keeps of a call."""

import io

import httpx
import numpy as np
import numpy.typing as npt

from ingest.recording import open_recording
from tests.server.server_calls import CHANNELS, Event

WORDING = "This call is written down, and its sound is kept for 30 days. Is that all right?"


def agreeing(given: dict[str, tuple[str, ...]]) -> list[Event]:
    """The call's channels, some of them with what their speakers agreed to."""
    consents = {channel: {"consent": {"given": list(to), "wording": WORDING}} for channel, to in given.items()}
    return [{**one, **consents.get(str(one["channel"]), {})} for one in CHANNELS]


async def kept(api: httpx.AsyncClient, call_id: str) -> dict[str, list[tuple[int, int, int]]]:
    """Number, start and end of every segment by channel."""
    answer = await api.get(f"/v1/calls/{call_id}/audio")
    assert answer.status_code == 200, answer.text
    return {
        one["channel"]: [(found["number"], found["start_ms"], found["end_ms"]) for found in one["segments"]]
        for one in answer.json()["channels"]
    }


def decoded(ogg: bytes) -> npt.NDArray[np.float32]:
    """The samples of an Ogg file, 16 kHz."""
    with open_recording(io.BytesIO(ogg), "segment") as recording:
        assert recording.channels == 1
        return np.concatenate([block[0] for block in recording.blocks()])
