"""Fakes behind the rooms' Protocols; each passes the contract test that its real part passes."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from asr.decoder import DecodeRequest, Hypothesis
from asr.errors import DecodeFailedError
from asr.messages import Word
from ingest.messages import SAMPLE_RATE_HZ, ChannelId

SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
LOUD = 0.001
"""Mean amplitude from which the fakes hear a voice: above a room's noise, below speech."""


class LevelVoice:
    """A `VoiceModel` that takes every loud frame for a voice."""

    def probability(self, frame: npt.NDArray[np.float32]) -> float:
        return 1.0 if _loud(frame) else 0.0


class ScriptedDecoder:
    """A `Decoder` that hears a script: a word counts when the request holds all of it, and it is loud there."""

    def __init__(
        self,
        script: Mapping[ChannelId, Sequence[Word]],
        detects: tuple[str, float] = ("en", 0.95),
        speaks: tuple[str, ...] = ("en", "de"),
    ) -> None:
        """`detects` is the language found, and how surely, when a request gives none; `speaks` are those known."""
        self._script = script
        self._detects = detects
        self.languages = speaks

    def batch_key(self, request: DecodeRequest) -> Hashable:
        return request.language

    def decode(self, requests: Sequence[DecodeRequest]) -> tuple[Hypothesis, ...]:
        return tuple(self._one(request) for request in requests)

    def _one(self, request: DecodeRequest) -> Hypothesis:
        if request.language is not None and request.language not in self.languages:
            raise DecodeFailedError(f"the script is not in {request.language!r}")
        words = tuple(word for word in self._script.get(request.channel, ()) if _hears(request, word))
        language, probability = self._detects
        return Hypothesis(
            call_id=request.call_id,
            channel=request.channel,
            utterance_id=request.utterance_id,
            number=request.number,
            final=request.final,
            text=" ".join(word.text for word in words),
            words=words,
            language=request.language or language,
            language_probability=probability if request.language is None else None,
        )


def _hears(request: DecodeRequest, word: Word) -> bool:
    start, end = ((at_ms - request.start_ms) * SAMPLES_PER_MS for at_ms in (word.start_ms, word.end_ms))
    return 0 <= start < end <= len(request.samples) and _loud(request.samples[start:end])


def _loud(samples: npt.NDArray[np.float32]) -> bool:
    return float(np.mean(np.abs(samples))) > LOUD
