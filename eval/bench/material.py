"""What the benchmarks listen to: recordings, and what is said in them when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.messages import SAMPLE_RATE_HZ
from ingest.recording import read_recording

Audio = npt.NDArray[np.float32]
SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenTurn:
    """What one channel says without a break; times are where its first and last sample lie."""

    channel: str
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording and its reference.

    group: reports have a row for each.
    language: ISO 639-1, None to detect it.
    channels: names, one for each array that `load` returns.
    load: reads the audio. Shape of each channel: (n,), float32, 16 kHz.
    turns: in order of start; none where times are not known.
    texts: what each channel says, where only words are known; channels missing here have no reference.
    files: what `load` and the reference were read from.
    telephone: whether recognition hears it over a telephone: 8 kHz mu-law with office noise.
    pooled: whether it counts in the row over all groups; material that anything was fitted to does not.
    """

    name: str
    group: str
    language: str | None
    channels: tuple[str, ...]
    load: Callable[[], tuple[Audio, ...]]
    turns: tuple[SpokenTurn, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...]
    telephone: bool = False
    pooled: bool = True

    def reference(self, channel: str) -> str | None:
        """All words of a channel in order; None where nobody knows them."""
        if self.turns:
            return " ".join(turn.text for turn in self.turns if turn.channel == channel)
        return dict(self.texts).get(channel)


def mixed(path: Path) -> tuple[Audio, ...]:
    """A recording's channels as one."""
    channels = read_recording(path)
    return (np.mean(np.stack(channels), axis=0).astype(np.float32),)


def by_turns(path: Path, channels: Sequence[str], turns: Sequence[SpokenTurn]) -> tuple[Audio, ...]:
    """One microphone's recording as a call: each turn on the channel of whoever speaks, silence elsewhere."""
    (source,) = mixed(path)
    placed = {channel: np.zeros_like(source) for channel in channels}
    for turn in turns:
        spoken = slice(turn.start_ms * SAMPLES_PER_MS, turn.end_ms * SAMPLES_PER_MS)
        placed[turn.channel][spoken] = source[spoken]
    return tuple(placed.values())


def joined(turns: Sequence[SpokenTurn], pause_ms: int) -> tuple[SpokenTurn, ...]:
    """Turns of a channel with less than this between them as one: no listener to the channel can tell them apart."""
    found: list[SpokenTurn] = []
    for turn in sorted(turns, key=lambda one: one.start_ms):
        last = next((one for one in reversed(found) if one.channel == turn.channel), None)
        if last is None or turn.start_ms - last.end_ms >= pause_ms:
            found.append(turn)
            continue
        text, end_ms = f"{last.text} {turn.text}", max(last.end_ms, turn.end_ms)
        found[found.index(last)] = replace(last, end_ms=end_ms, text=text)
    return tuple(found)


def length_ms(channels: Sequence[Audio]) -> int:
    """Of the longest channel."""
    return max(len(channel) for channel in channels) // SAMPLES_PER_MS
