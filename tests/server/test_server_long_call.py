"""Hours of one channel through the pure parts of a call: what they keep in memory stays as small as it was.

It is measured as the bytes of everything that a part refers to, so that whatever grows is found.
"""

import io
import pickle
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from asr.config import AsrConfig
from asr.decoder import Cancel, DecodeRequest
from asr.messages import Utterance, Word
from asr.stream import Out, Transcriber
from ingest.capture_faults import Delay, Frame
from ingest.capture_health import CaptureHealth
from ingest.channel import ChannelInlet
from ingest.config import IngestConfig
from ingest.messages import AudioChunk, ChannelId
from ingest.vad import FRAME_MS, FRAME_SAMPLES
from tests.asr.asr_samples import CALL, INES, TENANT
from tests.fakes import LevelVoice, ScriptedDecoder

Audio = npt.NDArray[np.float32]

HOUR_MS = 3_600_000
WARM_MS = 10 * 60_000
WORD_FRAMES = 8
LATE_FRAMES = 20
"""Answers come 0.6 s after their requests."""
RARE = AsrConfig(partial_interval_ms=2_816)
"""A quarter of the passes, for the test's own speed."""


class _Bare(pickle.Pickler):
    """Leaves out samples: what holds them is counted, and frames are all of one size."""

    def reducer_override(self, obj: object) -> Any:
        return (bytes, ()) if isinstance(obj, np.ndarray) else NotImplemented


def kept(*parts: object) -> int:
    """Bytes of all that these refer to."""
    into = io.BytesIO()
    _Bare(into).dump(parts)
    return into.tell()


@dataclass(frozen=True)
class Block:
    """A piece of a call that is said again and again: frames of voice and of silence in turn, each voice a clause."""

    runs: tuple[tuple[int, int], ...]

    @property
    def length_ms(self) -> int:
        return sum(voiced + silent for voiced, silent in self.runs) * FRAME_MS

    def audio(self) -> Audio:
        levels = [np.full(count, level) for run in self.runs for count, level in zip(run, (0.25, 0.0), strict=True)]
        return np.repeat(np.concatenate(levels), FRAME_SAMPLES).astype(np.float32)

    @cached_property
    def words(self) -> list[Word]:
        found: list[Word] = []
        at = 0
        for voiced, silent in self.runs:
            last = voiced // WORD_FRAMES - 1
            for number in range(last + 1):
                start_ms = (at + number * WORD_FRAMES) * FRAME_MS
                end_ms = start_ms + WORD_FRAMES * FRAME_MS
                found.append(Word(text=f"w{len(found)}{'.' * (number == last)}", start_ms=start_ms, end_ms=end_ms))
            at += voiced + silent
        return found


CONVERSATION = Block(((64, 40), (24, 60)))
BREATHLESS = Block(((40, 5),) * 5)
"""Breaths that are noticed and too short to end an utterance: a television, or somebody who reads out."""


@dataclass
class Listener:
    """One channel and all that a live call keeps of it."""

    block: Block
    inlet: ChannelInlet = field(
        default_factory=lambda: ChannelInlet((TENANT, CALL), INES, ("f32le", 16_000), LevelVoice(), IngestConfig())
    )
    transcriber: Transcriber = field(default_factory=lambda: Transcriber((TENANT, CALL), INES, RARE, "en"))
    waiting: deque[tuple[int, DecodeRequest]] = field(default_factory=deque[tuple[int, DecodeRequest]])
    heard: list[Word] = field(default_factory=list[Word])
    at: int = 0

    def hear(self, payload: bytes) -> None:
        """The block once more."""
        for out in self.inlet.push(payload, self.inlet.samples_taken):
            if isinstance(out, AudioChunk):
                self.at += 1
                self._take(self.transcriber.push(out))
                self._answer()

    def finish(self) -> None:
        self._take(self.transcriber.finish())
        while self.waiting:
            self.at += 1
            self._answer()

    def _take(self, outs: Iterable[Out]) -> None:
        for out in outs:
            match out:
                case DecodeRequest():
                    self.waiting.append((self.at + LATE_FRAMES, out))
                case Cancel():
                    self.waiting = deque(one for one in self.waiting if one[1].number != out.number)
                case Utterance():
                    self.heard += out.words
                case _:
                    pass

    def _answer(self) -> None:
        while self.waiting and self.waiting[0][0] <= self.at:
            asked = self.waiting.popleft()[1]
            (hypothesis,) = ScriptedDecoder({INES.channel: self._near(asked)}).decode([asked])
            self._take(self.transcriber.accept(hypothesis))

    def _near(self, asked: DecodeRequest) -> list[Word]:
        """The words of the repetitions that the request reaches into."""
        length_ms = self.block.length_ms
        end_ms = asked.start_ms + len(asked.samples) // 16
        shifts = range(asked.start_ms // length_ms * length_ms, end_ms, length_ms)
        return [
            replace(word, start_ms=word.start_ms + shift, end_ms=word.end_ms + shift)
            for shift in shifts
            for word in self.block.words
        ]


@pytest.mark.parametrize(("block", "hours"), [(CONVERSATION, 1), (BREATHLESS, 4)], ids=["conversation", "breathless"])
def test_hours_of_speech_keep_no_more_than_ten_minutes(block: Block, hours: int) -> None:
    one, payload = Listener(block), block.audio().tobytes()
    warm, later = [0], [0]
    repetitions = hours * HOUR_MS // block.length_ms
    for number in range(repetitions):
        one.hear(payload)
        if number % 8 == 0:
            (warm if one.inlet.position_ms < WARM_MS else later).append(kept(one.inlet, one.transcriber))
    one.finish()
    assert max(later) <= 1.5 * max(warm)
    # No word was lost, doubled or put elsewhere on the way.
    assert len(one.heard) == repetitions * len(block.words)
    assert all(earlier.end_ms <= word.start_ms for earlier, word in pairwise(one.heard))


def test_capture_health_keeps_no_more_later() -> None:
    """Ten minutes of three channels, of which one is dead, one overdriven and one repeats it."""
    channels = [ChannelId(name) for name in ("dead", "loud", "echo")]
    health = CaptureHealth((TENANT, CALL), channels)
    noise = np.random.default_rng(7).standard_normal((100, FRAME_SAMPLES)).astype(np.float32)
    gains = dict(zip(channels, (0.0, 1.0, 0.1), strict=True))
    sizes: list[int] = []
    for at in range(20_000):
        for channel, gain in gains.items():
            chunk = AudioChunk(
                tenant_id=TENANT,
                call_id=CALL,
                channel=channel,
                start_ms=at * FRAME_MS,
                samples=np.clip(gain * noise[at % 100], -1, 1),
                speech=gain > 0 and at % 50 > 10,
            )
            health.push(chunk, at * FRAME_MS)
        if at % 500 == 499:
            sizes.append(kept(health))
    assert max(sizes[10:]) <= 1.1 * max(sizes[:10])


@pytest.mark.parametrize("ppm", [-200, 200])
def test_a_sound_card_that_drifts_for_hours_is_not_taken_for_late(ppm: int) -> None:
    """200 ppm is more than sound cards drift; in four hours it is three seconds."""
    delay, samples = Delay(), np.zeros(FRAME_SAMPLES, dtype=np.float32)
    for start_ms in range(0, 4 * HOUR_MS, 1_000):
        arrived_ms = round((start_ms + FRAME_MS) * (1 + ppm / 1_000_000))
        assert not delay.push(Frame(start_ms, samples, True, None, arrived_ms))
