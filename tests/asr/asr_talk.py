"""A transcriber to talk to, and answers to what it asks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from asr.config import AsrConfig
from asr.decoder import DecodeRequest, Hypothesis
from asr.messages import Partial, Utterance, UtteranceId, Word
from asr.stream import Out, Transcriber
from ingest.messages import AudioChunk
from ingest.vad import FRAME_MS, FRAME_SAMPLES
from tests.asr.asr_samples import CALL, INES, TENANT

FIRST, SECOND = UtteranceId("c1:b:1"), UtteranceId("c1:b:2")
ONLY_FINALS = AsrConfig(first_partial_ms=60_000, partial_interval_ms=60_000)
SHORT = AsrConfig(first_partial_ms=60_000, soft_limit_ms=960, hard_limit_ms=1_920)


class Talk:
    """A transcriber and what was said to it, in whole chunks of 32 ms; noise whose every chunk is another."""

    def __init__(self, config: AsrConfig | None = None, language: str | None = "en") -> None:
        self.transcriber = Transcriber((TENANT, CALL), INES, config or AsrConfig(), language)
        self.now_ms = 0
        self._random = np.random.default_rng(11)

    def say(self, ms: int) -> list[Out]:
        return self._push(ms, speech=True)

    def hush(self, ms: int) -> list[Out]:
        return self._push(ms, speech=False)

    def _push(self, ms: int, *, speech: bool) -> list[Out]:
        assert ms % FRAME_MS == 0
        outs: list[Out] = []
        for _ in range(ms // FRAME_MS):
            samples = self._random.standard_normal(FRAME_SAMPLES).astype(np.float32)
            outs += self.transcriber.push(chunk(self.now_ms, samples, speech=speech))
            self.now_ms += FRAME_MS
        return outs


def chunk(start_ms: int, samples: npt.NDArray[np.float32], *, speech: bool) -> AudioChunk:
    return AudioChunk(
        tenant_id=TENANT, call_id=CALL, channel=INES.channel, start_ms=start_ms, samples=samples, speech=speech
    )


def line(text: str, start_ms: int = 0, step_ms: int = 200) -> list[Word]:
    """The words one after another."""
    return [
        Word(text=word, start_ms=start_ms + at * step_ms, end_ms=start_ms + (at + 1) * step_ms)
        for at, word in enumerate(text.split())
    ]


def heard(asked: DecodeRequest, text: str, language: str = "en", probability: float | None = None) -> Hypothesis:
    """An answer whose words' times do not matter: too close to the end of the audio to be committed."""
    start_ms, end_ms = asked.start_ms + 40, asked.start_ms + length_ms(asked) - 40
    words = [Word(text=word, start_ms=start_ms, end_ms=end_ms) for word in text.split()]
    return answer(asked, words, language, probability)


def listened(asked: DecodeRequest, said: Iterable[Word]) -> Hypothesis:
    """A perfect answer: each word whose middle lies in the audio, so that two halves of a call share none."""
    end_ms = asked.start_ms + length_ms(asked)
    return answer(
        asked,
        [
            replace(word, start_ms=max(asked.start_ms, word.start_ms), end_ms=min(end_ms, word.end_ms))
            for word in said
            if asked.start_ms <= (word.start_ms + word.end_ms) // 2 < end_ms
        ],
    )


def answer(
    asked: DecodeRequest, words: Sequence[Word], language: str = "en", probability: float | None = None
) -> Hypothesis:
    return Hypothesis(
        call_id=asked.call_id,
        channel=asked.channel,
        utterance_id=asked.utterance_id,
        number=asked.number,
        final=asked.final,
        text=" ".join(word.text for word in words),
        words=tuple(words),
        language=language,
        language_probability=probability,
    )


def request_in(outs: Iterable[Out]) -> DecodeRequest:
    (only,) = outs
    assert isinstance(only, DecodeRequest)
    return only


def utterance_in(outs: Iterable[Out]) -> Utterance:
    (only,) = outs
    assert isinstance(only, Utterance)
    return only


def partial_in(outs: Iterable[Out]) -> Partial:
    (only,) = outs
    assert isinstance(only, Partial)
    return only


def committed(partial: Partial) -> str:
    return partial.text[: partial.committed_chars]


def length_ms(asked: DecodeRequest) -> int:
    return len(asked.samples) // 16
