"""Recordings as calls that can be sent: cut, turned, silent (pure but for reading the audio)."""

import secrets
from dataclasses import dataclass, replace

import numpy as np

from eval.bench.material import SAMPLES_PER_MS, Audio, Recording, SpokenTurn, length_ms
from ingest.messages import SAMPLE_RATE_HZ
from ingest.socket import Start, StartChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Audio in memory with its turns.

    channels: names. audio: one array for each. Shape: (n,), float32, 16 kHz.
    """

    name: str
    group: str
    language: str | None
    channels: tuple[str, ...]
    audio: tuple[Audio, ...]
    turns: tuple[SpokenTurn, ...]

    @property
    def length_ms(self) -> int:
        """Of the longest channel."""
        return length_ms(self.audio)

    def start(self) -> Start:
        """A start frame under a fresh id; the first channel is the rep's, a lone one the customer's."""
        alone = len(self.channels) == 1
        return Start(
            call_id=f"bench-{secrets.token_hex(6)}",
            language=self.language,
            channels=tuple(
                StartChannel(channel=name, role="customer" if place or alone else "rep", speaker=name)
                for place, name in enumerate(self.channels)
            ),
            encoding="s16le",
            sample_rate_hz=SAMPLE_RATE_HZ,
        )


def loaded(recording: Recording) -> Call:
    """Read a recording."""
    return Call(
        name=recording.name,
        group=recording.group,
        language=recording.language,
        channels=recording.channels,
        audio=recording.load(),
        turns=recording.turns,
    )


def cut(call: Call, limit_ms: int) -> Call:
    """The turns that end within the limit, and the audio up to the end of the last one.

    So nothing follows the last word, and what is lost at the end of a call shows.
    """
    turns = tuple(turn for turn in call.turns if turn.end_ms <= limit_ms) or call.turns[:1]
    last_ms = max(turn.end_ms for turn in turns)
    return replace(call, turns=turns, audio=_between(call, 0, last_ms))


def rotated(call: Call, share: float) -> Call:
    """The same call begun elsewhere: what lies before the pause nearest to `share` (0 to 1) of it comes last."""
    wanted_ms = share * call.length_ms
    at_ms = min(_pauses(call), key=lambda pause_ms: abs(pause_ms - wanted_ms))
    after_ms = call.length_ms - at_ms
    audio = tuple(
        np.concatenate(parts)
        for parts in zip(_between(call, at_ms, call.length_ms), _between(call, 0, at_ms), strict=True)
    )
    moved = [
        replace(turn, start_ms=turn.start_ms + by_ms, end_ms=turn.end_ms + by_ms)
        for turn in call.turns
        for by_ms in (-at_ms if turn.start_ms >= at_ms else after_ms,)
    ]
    return replace(call, audio=audio, turns=tuple(sorted(moved, key=lambda turn: turn.start_ms)))


def followed_by_silence(call: Call, silence_ms: int) -> Call:
    """The same call whose line stays open after the last turn, so that this one too ends by its silence."""
    return replace(call, audio=_between(call, 0, call.length_ms, silence_ms))


def silent(length_ms: int) -> Call:
    """Two open lines on which nobody speaks: digital silence with dither."""
    random = np.random.default_rng(3)
    line = (random.integers(-1, 2, length_ms * SAMPLES_PER_MS) / 32768.0).astype(np.float32)
    return Call(
        name="silence", group="silence", language="en", channels=("rep", "customer"), audio=(line, line), turns=()
    )


def _pauses(call: Call) -> list[int]:
    """Middles of the moments when no channel speaks, and the beginning."""
    found, quiet_from_ms = [0], 0
    for turn in call.turns:
        if turn.start_ms > quiet_from_ms > 0:
            found.append((turn.start_ms + quiet_from_ms) // 2)
        quiet_from_ms = max(quiet_from_ms, turn.end_ms)
    return found


def _between(call: Call, start_ms: int, end_ms: int, silence_ms: int = 0) -> tuple[Audio, ...]:
    """All channels from start to end, the shorter ones filled with silence, and silence after the end."""
    wanted = end_ms * SAMPLES_PER_MS
    parts = [one[start_ms * SAMPLES_PER_MS : wanted] for one in call.audio]
    length = (end_ms - start_ms + silence_ms) * SAMPLES_PER_MS
    return tuple(np.pad(part, (0, length - len(part))) for part in parts)
