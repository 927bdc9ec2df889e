"""Plays the demo call and measures it."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval import demo_world
from eval.call_report import measure, report_table
from eval.client import play
from eval.lines import readable
from eval.metrics import word_errors
from eval.replay import TELEPHONE_HZ, telephone, transcribe
from eval.service import Address
from ingest.messages import SAMPLE_RATE_HZ
from ingest.recording import read_recording
from ingest.socket import Start


def play_demo(address: Address, speed: float, show: Callable[[str], object] | None) -> dict[str, Any]:
    """Send the call with a fresh id; return its measures. `show` is given a line for each event worth reading."""
    start = Start(
        call_id=f"demo-{secrets.token_hex(4)}",
        account=demo_world.ACCOUNT,
        language="en",
        channels=demo_world.channels(),
        encoding="s16le",
        sample_rate_hz=SAMPLE_RATE_HZ,
    )

    def seen(event: dict[str, Any]) -> None:
        line = readable(event)
        if show is not None and line:
            show(line)

    audio = read_recording(demo_world.recording())
    played = asyncio.run(play(address.url, address.token, start, audio, speed, seen))
    return {"call_id": start.call_id, **measure(played, demo_world.turns())}


def telephone_words(models_dir: Path) -> dict[str, Any]:
    """Word errors of the same call at 8 kHz mu-law with office noise, by the same policy without a service."""
    from asr.config import AsrConfig
    from asr.whisper import WhisperDecoder

    decoder = WhisperDecoder(models_dir, AsrConfig())
    pairs: list[tuple[str, str]] = []
    for channel, audio in zip(demo_world.channels(), telephone(read_recording(demo_world.recording())), strict=True):
        found = transcribe(audio, ("mulaw", TELEPHONE_HZ), decoder, "en")
        reference = " ".join(turn.text for turn in demo_world.turns() if turn.channel == channel.channel)
        pairs.append((reference, " ".join(one.text for one in found)))
    errors = word_errors(pairs)
    return {**asdict(errors), "rate": errors.rate}


def finished(report: dict[str, Any]) -> str:
    """The report's table."""
    return report_table(report)
