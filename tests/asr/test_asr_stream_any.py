"""Whatever is said, whenever answers come, however packets are cut."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asr.config import AsrConfig
from asr.decoder import Cancel, DecodeRequest, Hypothesis
from asr.messages import Partial, Utterance, UtteranceId, Word
from asr.stream import Out, Transcriber
from ingest.channel import ChannelInlet
from ingest.config import IngestConfig
from ingest.messages import AudioChunk
from ingest.vad import FRAME_MS, FRAME_SAMPLES
from tests.asr.asr_samples import CALL, INES, TENANT
from tests.asr.asr_talk import answer, chunk, committed, length_ms, listened
from tests.fakes import LevelVoice

Hear = Callable[[DecodeRequest], Hypothesis]

WORD_MS = 160
HASTY = AsrConfig(
    soft_limit_ms=2_000, hard_limit_ms=6_000, commit_after_ms=1_000, commit_margin_ms=640, min_speech_ms=0
)
"""Every limit is reached within seconds; a word that a flush cuts in two is not taken for a click."""


@dataclass
class Desk:
    """Answers the requests of a transcriber late: the n-th after `delays[n % len(delays)]` more chunks."""

    transcriber: Transcriber
    hear: Hear
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
            self.take(self.transcriber.accept(self.hear(one)))

    def finish(self) -> list[Out]:
        self.take(self.transcriber.finish())
        while self.waiting:
            self.pass_time()
        assert self.transcriber.idle
        return self.outs


def check_order(outs: Iterable[Out]) -> None:
    """Revisions rise, a final is the last of its utterance, and only a final pass that was asked for is withdrawn."""
    revisions: dict[UtteranceId, int] = {}
    final: set[UtteranceId] = set()
    asked: dict[int, bool] = {}
    for out in outs:
        match out:
            case DecodeRequest():
                assert out.number > max(asked, default=0)
                asked[out.number] = out.final
            case Cancel():
                assert asked[out.number]
            case Partial():
                assert out.utterance_id not in final
                assert out.revision > revisions.get(out.utterance_id, 0)
                revisions[out.utterance_id] = out.revision
            case Utterance():
                assert out.utterance_id not in final
                final.add(out.utterance_id)


def check_committed(outs: Iterable[Out]) -> None:
    """What was shown as committed is the beginning of all that follows of its utterance."""
    shown: dict[UtteranceId, str] = {}
    for out in outs:
        if isinstance(out, Partial | Utterance):
            assert out.text.startswith(shown.get(out.utterance_id, ""))
            if isinstance(out, Partial):
                shown[out.utterance_id] = committed(out)
            else:
                shown.pop(out.utterance_id, None)
    assert not any(shown.values())


def finals(outs: Iterable[Out]) -> list[Utterance]:
    return sorted((out for out in outs if isinstance(out, Utterance)), key=lambda one: one.start_ms)


Steps = list[tuple[str, int]]

STEPS = st.lists(
    st.tuples(st.sampled_from(["say", "say", "say", "hush", "hush", "flush", "stall", "busy"]), st.integers(1, 60)),
    max_size=25,
)
DELAYS = st.lists(st.integers(0, 60), min_size=1, max_size=5)


def audible(steps: Steps) -> tuple[npt.NDArray[np.float32], list[Word]]:
    """Noise whose every chunk is another, and its words: one every 160 ms of voice, every seventh ends a clause."""
    sound = [kind == "say" for kind, count in steps if kind in {"say", "hush"} for _ in range(count)]
    words: list[Word] = []
    for voiced, run in groupby(range(len(sound)), key=sound.__getitem__):
        chunks = list(run)
        if voiced:
            for start_ms in range(chunks[0] * FRAME_MS, (chunks[-1] + 1) * FRAME_MS - WORD_MS + 1, WORD_MS):
                mark = "." if len(words) % 7 == 6 else ""
                words.append(Word(text=f"w{len(words)}{mark}", start_ms=start_ms, end_ms=start_ms + WORD_MS))
    return np.random.default_rng(5).standard_normal(len(sound) * FRAME_SAMPLES).astype(np.float32), words


def played(steps: Steps, delays: Sequence[int], config: AsrConfig, hear: Hear) -> list[Out]:
    """All that comes out of a call; "busy" stretches the passes."""
    audio, _ = audible(steps)
    desk = Desk(Transcriber((TENANT, CALL), INES, config, "en"), hear, delays)
    position = 0
    for kind, count in steps:
        match kind:
            case "flush":
                desk.take(desk.transcriber.finish())
            case "stall":
                desk.take(desk.transcriber.tick(position * FRAME_MS + count * 100))
            case "busy":
                desk.transcriber.stretch(count / 10)
            case _:
                for _ in range(count):
                    samples = audio[position * FRAME_SAMPLES : (position + 1) * FRAME_SAMPLES]
                    desk.take(desk.transcriber.push(chunk(position * FRAME_MS, samples, speech=kind == "say")))
                    position += 1
                    desk.pass_time()
    outs = desk.finish()
    check_order(outs)
    check_committed(outs)
    return outs


@settings(max_examples=100, deadline=None)
@given(STEPS, DELAYS)
@example(steps=[("say", 50), ("hush", 1), ("say", 1), ("hush", 1), ("say", 30)], delays=[0])
@example(steps=[("say", 10), ("hush", 2), ("say", 2), ("flush", 1), ("say", 10)], delays=[0])
def test_a_request_holds_the_calls_audio_without_a_hole(steps: Steps, delays: list[int]) -> None:
    """At any moment: its samples are those of the call from `start_ms` on, and never too many."""
    audio, said = audible(steps)
    for out in played(steps, delays, HASTY, lambda asked: listened(asked, said)):
        if isinstance(out, DecodeRequest):
            start = out.start_ms * 16
            assert np.array_equal(out.samples, audio[start : start + len(out.samples)])
            assert length_ms(out) <= HASTY.hard_limit_ms + HASTY.endpoint_ms


@settings(max_examples=200, deadline=None)
@given(STEPS, DELAYS)
@example(steps=[("say", 300)], delays=[0])
@example(steps=[("say", 300)], delays=[60])
@example(steps=[("say", 150), ("flush", 1), ("say", 150)], delays=[8])
@example(steps=[("say", 40), ("hush", 9), ("say", 40), ("hush", 30)], delays=[12, 0])
def test_no_word_is_lost_or_doubled_however_late_the_answers_come(steps: Steps, delays: list[int]) -> None:
    """Where utterances end may depend on the answers; what was said may not."""
    _, said = audible(steps)
    found = finals(played(steps, delays, HASTY, lambda asked: listened(asked, said)))
    assert [word.text for one in found for word in one.words] == [word.text for word in said]
    assert all(earlier.end_ms <= later.start_ms for earlier, later in pairwise(found))


GARBLED_MS, JITTER_MS = 500, 100


@dataclass
class Mishearing:
    """Hears each word a little off its place, and often wrongly so close to the end of the audio."""

    said: Sequence[Word]
    random: np.random.Generator

    def hear(self, asked: DecodeRequest) -> Hypothesis:
        end_ms = asked.start_ms + length_ms(asked)
        words: list[Word] = []
        for word in listened(asked, self.said).words:
            start_ms, stop_ms = (
                int(at + self.random.integers(-JITTER_MS, JITTER_MS + 1)) for at in (word.start_ms, word.end_ms)
            )
            start_ms = min(end_ms, max(start_ms, words[-1].end_ms if words else asked.start_ms))
            garbled = word.end_ms > end_ms - GARBLED_MS and self.random.random() < 0.5
            text = f"x{self.random.integers(10**9)}" if garbled else word.text
            words.append(replace(word, text=text, start_ms=start_ms, end_ms=min(end_ms, max(start_ms, stop_ms))))
        return answer(asked, words)


@settings(max_examples=200, deadline=None)
@given(STEPS, DELAYS, st.integers(0, 2**32))
@example(steps=[("say", 300)], delays=[0], seed=1)
@example(steps=[("say", 300)], delays=[8], seed=2)
def test_words_misheard_at_the_end_of_the_audio_are_put_right_and_never_doubled(
    steps: Steps, delays: list[int], seed: int
) -> None:
    _, said = audible(steps)
    found = finals(played(steps, delays, HASTY, Mishearing(said, np.random.default_rng(seed)).hear))
    heard = [word.text for one in found for word in one.words]
    right = [text for text in heard if text.startswith("w")]
    assert right == sorted(set(right), key=lambda text: int(text[1:].rstrip(".")))
    assert len(heard) == len(said)


RUNS = st.lists(st.tuples(st.integers(12, 60), st.integers(1, 30)), min_size=1, max_size=6)


def recognised(runs: Sequence[tuple[int, int]], cuts: Sequence[int], delays: Sequence[int]) -> list[Utterance]:
    """Finals of chunks of voice and of silence in turn, sent in packets that end at `cuts`."""
    _, said = audible([step for voiced, silent in runs for step in (("say", voiced), ("hush", silent))])
    levels = [
        np.full(count * FRAME_SAMPLES, level) for run in runs for count, level in zip(run, (0.25, 0.0), strict=True)
    ]
    samples = np.concatenate(levels).astype(np.float32)
    inlet = ChannelInlet((TENANT, CALL), INES, ("f32le", 16_000), LevelVoice(), IngestConfig())
    desk = Desk(Transcriber((TENANT, CALL), INES, HASTY, "en"), lambda asked: listened(asked, said), delays)
    borders = [0, *sorted(cut % len(samples) for cut in cuts), len(samples)]
    packets = [inlet.push(samples[start:end].tobytes(), start) for start, end in pairwise(borders)]
    for packet in [*packets, inlet.finish()]:
        for out in packet:
            if isinstance(out, AudioChunk):
                desk.take(desk.transcriber.push(out))
                desk.pass_time()
    return finals(desk.finish())


@settings(max_examples=60, deadline=None)
@given(RUNS, st.lists(st.integers(0, 10**6), max_size=20), DELAYS)
def test_packet_borders_do_not_change_the_finals(
    runs: list[tuple[int, int]], cuts: list[int], delays: list[int]
) -> None:
    found = recognised(runs, cuts, delays)
    assert found == recognised(runs, (), delays)
    assert [word.text for one in found for word in one.words] == [
        f"w{at}{'.' if at % 7 == 6 else ''}" for at in range(sum(voiced * FRAME_MS // WORD_MS for voiced, _ in runs))
    ]
