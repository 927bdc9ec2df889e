"""Whatever is said, whenever answers come, however packets are cut."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asr.config import AsrConfig
from asr.decoder import DecodeRequest
from asr.messages import Partial, Utterance, UtteranceId, Word
from asr.stream import Out, Transcriber
from ingest.channel import ChannelInlet
from ingest.config import IngestConfig
from ingest.messages import AudioChunk
from ingest.vad import FRAME_MS, FRAME_SAMPLES
from tests.asr.asr_samples import CALL, INES, TENANT
from tests.asr.asr_talk import SHORT, chunk, length_ms
from tests.fakes import LevelVoice, ScriptedDecoder


@dataclass
class Desk:
    """Answers the requests of a transcriber late: the n-th after `delays[n % len(delays)]` more chunks."""

    transcriber: Transcriber
    decoder: ScriptedDecoder
    delays: Sequence[int]
    outs: list[Out] = field(default_factory=list)
    at: int = 0
    asked: int = 0
    waiting: list[tuple[int, DecodeRequest]] = field(default_factory=list)

    def take(self, outs: Iterable[Out]) -> None:
        for out in outs:
            self.outs.append(out)
            if isinstance(out, DecodeRequest):
                self.waiting.append((self.at + self.delays[self.asked % len(self.delays)], out))
                self.asked += 1

    def pass_time(self, chunks: int = 1) -> None:
        self.at += chunks
        due = [one for at, one in self.waiting if at <= self.at]
        self.waiting = [(at, one) for at, one in self.waiting if at > self.at]
        for one in due:
            self.take(self.transcriber.accept(self.decoder.decode([one])[0]))

    def finish(self) -> list[Out]:
        self.take(self.transcriber.finish())
        while self.waiting:
            self.pass_time()
        assert self.transcriber.idle
        return self.outs


def check_order(outs: Iterable[Out]) -> None:
    """Revisions rise, a final is the last of its utterance, and there is one partial out at a time."""
    revisions: dict[UtteranceId, int] = {}
    final: set[UtteranceId] = set()
    numbers: list[int] = []
    for out in outs:
        match out:
            case DecodeRequest():
                numbers.append(out.number)
            case Partial():
                assert out.utterance_id not in final
                assert out.revision > revisions.get(out.utterance_id, 0)
                revisions[out.utterance_id] = out.revision
            case Utterance():
                assert out.utterance_id not in final
                final.add(out.utterance_id)
    assert numbers == sorted(set(numbers))


STEPS = st.lists(
    st.tuples(st.sampled_from(["say", "say", "hush", "hush", "flush", "stall"]), st.integers(1, 40)), max_size=25
)
DELAYS = st.lists(st.integers(0, 60), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(STEPS, DELAYS)
@example(steps=[("say", 50), ("hush", 1), ("say", 1), ("hush", 1), ("say", 30)], delays=[0])
@example(steps=[("say", 10), ("hush", 2), ("say", 2), ("flush", 1), ("say", 10)], delays=[0])
def test_a_request_holds_the_calls_audio_without_a_hole(steps: list[tuple[str, int]], delays: list[int]) -> None:
    """At any moment: its samples are those of the call from `start_ms` on, and never too many."""
    total = sum(count for _, count in steps)
    audio = np.random.default_rng(5).standard_normal(total * FRAME_SAMPLES).astype(np.float32)
    desk = Desk(Transcriber((TENANT, CALL), INES, SHORT), ScriptedDecoder({}), delays)
    position = 0
    for kind, count in steps:
        if kind == "flush":
            desk.take(desk.transcriber.finish())
        elif kind == "stall":
            desk.take(desk.transcriber.tick(position * FRAME_MS + count * 100))
        else:
            for _ in range(count):
                samples = audio[position * FRAME_SAMPLES : (position + 1) * FRAME_SAMPLES]
                desk.take(desk.transcriber.push(chunk(position * FRAME_MS, samples, speech=kind == "say")))
                position += 1
                desk.pass_time()
    outs = desk.finish()
    check_order(outs)
    for out in outs:
        if isinstance(out, DecodeRequest):
            start = out.start_ms * 16
            assert np.array_equal(out.samples, audio[start : start + len(out.samples)])
            assert length_ms(out) <= SHORT.hard_limit_ms + SHORT.soft_endpoint_ms


WORD_MS = 160
RUNS = st.lists(st.tuples(st.integers(12, 60), st.integers(1, 30)), min_size=1, max_size=6)


def conversation(runs: Sequence[tuple[int, int]]) -> tuple[npt.NDArray[np.float32], list[Word]]:
    """Chunks of voice and of silence in turn; the voice says a word every 160 ms."""
    parts: list[npt.NDArray[np.float32]] = []
    words: list[Word] = []
    at_ms = 0
    for voiced, silent in runs:
        parts += [np.full(voiced * FRAME_SAMPLES, 0.25), np.zeros(silent * FRAME_SAMPLES)]
        for start_ms in range(at_ms, at_ms + voiced * FRAME_MS - WORD_MS + 1, WORD_MS):
            words.append(Word(text=f"w{len(words)}", start_ms=start_ms, end_ms=start_ms + WORD_MS))
        at_ms += (voiced + silent) * FRAME_MS
    return np.concatenate(parts).astype(np.float32), words


def finals(
    samples: npt.NDArray[np.float32], script: Sequence[Word], cuts: Sequence[int], delays: Sequence[int]
) -> list[Utterance]:
    inlet = ChannelInlet((TENANT, CALL), INES, ("f32le", 16_000), LevelVoice(), IngestConfig())
    desk = Desk(Transcriber((TENANT, CALL), INES, AsrConfig(), "en"), ScriptedDecoder({INES.channel: script}), delays)
    borders = [0, *sorted(cut % len(samples) for cut in cuts), len(samples)]
    packets = [inlet.push(samples[start:end].tobytes(), start) for start, end in pairwise(borders)]
    for packet in [*packets, inlet.finish()]:
        for out in packet:
            if isinstance(out, AudioChunk):
                desk.take(desk.transcriber.push(out))
                desk.pass_time()
    outs = desk.finish()
    check_order(outs)
    return sorted((out for out in outs if isinstance(out, Utterance)), key=lambda one: one.start_ms)


@settings(max_examples=60, deadline=None)
@given(RUNS, st.lists(st.integers(0, 10**6), max_size=20), DELAYS)
def test_neither_packet_borders_nor_slow_answers_change_the_finals(
    runs: list[tuple[int, int]], cuts: list[int], delays: list[int]
) -> None:
    samples, script = conversation(runs)
    found = finals(samples, script, cuts, delays)
    assert found == finals(samples, script, (), (0,))
    # No word is lost, none comes twice.
    assert [word for one in found for word in one.words] == script
