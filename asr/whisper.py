"""faster-whisper behind the `Decoder` Protocol, by its own encode / generate / align on short windows.

`transcribe()` always encodes 30 s; a window of the utterance's own length plus padding costs a tenth of that.
"""

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio, get_suppressed_tokens, merge_punctuations

from asr.config import AsrConfig
from asr.decoder import DecodeRequest, Hypothesis
from asr.errors import DecodeFailedError
from asr.messages import Word
from asr.whisper_model import load_whisper
from asr.wording import separator
from ingest.messages import SAMPLE_RATE_HZ

log = logging.getLogger(__name__)

PREPENDED, APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - full-width marks are meant
FRAMES_PER_S = 100
MAX_TOKENS = 448
"""Whisper's decoder length."""
REPEATS_COMPRESSION, REPEATS_TOKENS_PER_S, REPEATS_TO_MS = 1.5, 6.0, 12_000
"""Text that compresses better or runs faster than this is a repetition: decode again in a longer window.

Plain English compresses to 1.5 from some 270 characters on (the demo call); so audio longer than the last number is
measured by BAD_COMPRESSION.
"""
NO_SPEECH, NO_SPEECH_LOGPROB, BAD_LOGPROB, BAD_COMPRESSION = 0.6, -0.5, -1.0, 2.4
"""Text that nobody said: Whisper's silence rule (first two), its limit of doubt, and faster-whisper's of repetition.

Babble in the room of a telephone call was read at -0.5 to -1.3, speech above -0.5 (dialogues by telephone, 2026-11-25).
"""
LOOP_TIMES, LOOP_TOKENS = 3, 15
"""A text that ends on the same tokens so many times, and so many in all, runs in a circle: "no, no, no" is shorter."""
LONG_LOOP_TOKENS = 10
"""So long a phrase, said twice on end, is one, too; "can you hear me" is shorter."""
SILENT_PEAK = 0.001
"""Nobody speaks below -60 dBFS, but Whisper base is sure enough of a "you" in digital silence (measured 2026-11-25)."""


Encoded = Any
"""CTranslate2's StorageView, which ships no types."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one window was read as. looped: it ended in a circle, of which one round is kept."""

    tokens: list[int]
    looped: bool
    text: str
    logprob: float
    no_speech: float

    @property
    def compression(self) -> float:
        return get_compression_ratio(self.text) if self.text else 0.0

    @property
    def invented(self) -> bool:
        silent = self.no_speech > NO_SPEECH and self.logprob < NO_SPEECH_LOGPROB
        return silent or self.logprob < BAD_LOGPROB or self.compression > BAD_COMPRESSION


class WhisperDecoder:
    """One model in memory for all calls; CTranslate2 runs `workers` requests at once."""

    def __init__(self, models_dir: Path, config: AsrConfig) -> None:
        """Load the model.

        Raises:
            MissingModelError: the directory does not hold it, or it cannot be loaded.
        """
        self._whisper = load_whisper(models_dir, config, config.cpu_threads, config.workers)
        self._config = config
        # CTranslate2 takes a window of this many frames for encoder output: it looks at the shape.
        self._ambiguous_frames = 2 * int(self._whisper.model.n_mels)
        self._multilingual = bool(self._whisper.model.is_multilingual)
        self._suppressed: dict[str, Sequence[int]] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """Whisper's codes: ISO 639-1, or 639-3 where that has none."""
        return tuple(self._whisper.supported_languages)

    def batch_key(self, request: DecodeRequest) -> Hashable:
        """Windows of one length go into one batch, and one beam; of a language that is yet unknown each goes alone."""
        # Numbers are a channel's own: another channel's first request has the same one.
        alone = (request.call_id, request.channel, request.number) if request.language is None else None
        return self._window_ms(request), request.final, request.language, alone

    def decode(self, requests: Sequence[DecodeRequest]) -> tuple[Hypothesis, ...]:
        """Decode requests of one `batch_key`: the encoder takes them in turn, the decoder all at once."""
        loud = [one for one in requests if float(np.max(np.abs(one.samples), initial=0.0)) >= SILENT_PEAK]
        try:
            heard = iter(self._batch(loud) if loud else ())
        except (RuntimeError, ValueError, IndexError) as error:
            raise DecodeFailedError(f"a window of {_ms(loud[0].samples)} ms could not be decoded") from error
        spoken = {id(one) for one in loud}
        return tuple(
            next(heard) if id(one) in spoken else _answer(one, one.language or "en", None, "", ()) for one in requests
        )

    def _batch(self, requests: Sequence[DecodeRequest]) -> list[Hypothesis]:
        config = self._config
        window_ms = self._window_ms(requests[0])
        features = np.stack([self._features(one.samples, window_ms) for one in requests])
        encoded = self._whisper.encode(features)
        language, probability = self._language(requests[0], encoded)
        answers: list[Hypothesis] = []
        found = self._read(requests, encoded, features.shape[2], language)
        for request, (best, words) in zip(requests, found, strict=True):
            retried = window_ms < config.retry_window_ms + config.window_pad_ms
            if retried and _repeats(best, _ms(request.samples)):
                answers.append(self._again(request, language, probability))
            else:
                answers.append(_heard(request, language, probability, best, words))
        return answers

    def _again(self, request: DecodeRequest, language: str, probability: float | None) -> Hypothesis:
        """Decode one request in a longer window: repetitions of short ones mostly go away."""
        window_ms = min(self._config.retry_window_ms + self._config.window_pad_ms, 30_000)
        features = self._features(request.samples, window_ms)
        encoded = self._whisper.encode(features[None])
        ((best, words),) = self._read((request,), encoded, features.shape[1], language)
        return _heard(request, language, probability, best, words)

    def _read(
        self, requests: Sequence[DecodeRequest], encoded: Encoded, window_frames: int, language: str
    ) -> list[tuple[_Pass, list[dict[str, Any]]]]:
        """Text and timed words of each encoded window."""
        passes = self._generate(requests, encoded, language)
        frames = [min(window_frames, max(2, _frames(one))) for one in requests]
        return list(zip(passes, self._align(passes, encoded, frames, language), strict=True))

    def _window_ms(self, request: DecodeRequest) -> int:
        whole_s = -(-(_ms(request.samples) + self._config.window_pad_ms) // 1000)
        return max(whole_s * 1000, self._config.min_window_ms)

    def _features(self, samples: npt.NDArray[np.float32], window_ms: int) -> npt.NDArray[np.float32]:
        # Silence in the audio, not in the mel frames: zero frames make Whisper repeat (12 % WER against 2.5 %).
        wanted = window_ms * SAMPLE_RATE_HZ // 1000
        padded = np.pad(samples, (0, max(0, wanted - len(samples))))
        features = cast("npt.NDArray[np.float32]", self._whisper.feature_extractor(padded, padding=0))
        return features[:, :-1] if features.shape[1] == self._ambiguous_frames else features[:, :3000]

    def _language(self, request: DecodeRequest, encoded: Encoded) -> tuple[str, float | None]:
        if request.language is not None or not self._multilingual:
            return request.language or "en", None
        token, probability = self._whisper.model.detect_language(encoded)[0][0]
        return token[2:-2], float(probability)

    def _tokenizer(self, language: str) -> Tokenizer:
        try:
            return Tokenizer(self._whisper.hf_tokenizer, self._multilingual, task="transcribe", language=language)
        except ValueError as error:
            raise DecodeFailedError(f"Whisper does not know the language {language!r}") from error

    def _generate(self, requests: Sequence[DecodeRequest], encoded: Encoded, language: str) -> list[_Pass]:
        tokenizer = self._tokenizer(language)
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        allowed = 8 * max(_ms(one.samples) for one in requests) // 1000 + 24
        suppressed = self._suppressed.setdefault(language, get_suppressed_tokens(tokenizer, (-1,)) or [])
        results = self._whisper.model.generate(
            encoded,
            [prompt] * len(requests),
            beam_size=self._config.final_beam_size if requests[0].final else 1,
            max_length=min(MAX_TOKENS, max(2 * allowed, allowed + len(prompt))),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=list(suppressed),
        )
        passes: list[_Pass] = []
        for result in results:
            tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
            logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
            once = once_round(tokens)
            text = tokenizer.decode(once).strip()
            passes.append(_Pass(once, len(once) < len(tokens), text, logprob, result.no_speech_prob))
        return passes

    def _align(
        self, passes: Sequence[_Pass], encoded: Encoded, frames: Sequence[int], language: str
    ) -> list[list[dict[str, Any]]]:
        """Words of each pass with times in seconds from the window's start."""
        tokenizer = self._tokenizer(language)
        if not any(one.tokens for one in passes):
            return [[] for _ in passes]
        # Every row of the batch needs tokens; what an empty one gets is not looked at.
        tokens = [one.tokens or tokenizer.encode(" a") for one in passes]
        found = cast(
            "list[list[dict[str, Any]]]",
            # Annotated for one text and one length; it takes a batch of them.
            self._whisper.find_alignment(tokenizer, cast("list[int]", tokens), encoded, cast("int", list(frames))),
        )
        for words in found:
            merge_punctuations(words, PREPENDED, APPENDED)
        return found


def _heard(
    request: DecodeRequest, language: str, probability: float | None, best: _Pass, aligned: Sequence[dict[str, Any]]
) -> Hypothesis:
    words = () if best.invented or not best.text else _words(request, aligned, language)
    return _answer(request, language, probability, best.text if words else "", words)


def _words(request: DecodeRequest, aligned: Sequence[dict[str, Any]], language: str) -> tuple[Word, ...]:
    end_ms = request.start_ms + _ms(request.samples)
    words: list[Word] = []
    for entry in aligned:
        text = str(entry["word"]).strip()
        if not text:
            continue
        start_ms = min(end_ms, request.start_ms + round(float(entry["start"]) * 1000))
        word = Word(
            text=text,
            start_ms=start_ms,
            end_ms=max(start_ms, min(end_ms, request.start_ms + round(float(entry["end"]) * 1000))),
            confidence=round(float(entry["probability"]), 3),
        )
        # Cut at marks inside a word: "a" ".m.", "9" ",000", "bye" "-bye".
        glued = words and separator(language) and not str(entry["word"]).startswith(" ")
        words.append(_glued(words.pop(), word) if glued else word)
    return tuple(words)


def _glued(first: Word, second: Word) -> Word:
    return Word(
        text=first.text + second.text,
        start_ms=first.start_ms,
        end_ms=second.end_ms,
        confidence=min(first.confidence or 0.0, second.confidence or 0.0),
    )


def _answer(
    request: DecodeRequest, language: str, probability: float | None, text: str, words: tuple[Word, ...]
) -> Hypothesis:
    return Hypothesis(
        call_id=request.call_id,
        channel=request.channel,
        utterance_id=request.utterance_id,
        number=request.number,
        final=request.final,
        text=text,
        words=words,
        language=language,
        language_probability=probability,
    )


def _frames(request: DecodeRequest) -> int:
    return _ms(request.samples) * FRAMES_PER_S // 1000


def _ms(samples: npt.NDArray[np.float32]) -> int:
    return len(samples) * 1000 // SAMPLE_RATE_HZ


def once_round(tokens: list[int]) -> list[int]:
    """The tokens without the circle on which they end, if they do: it was said once, and must not be lost."""
    for period in range(1, len(tokens) // 2 + 1):
        run = period
        while run < len(tokens) and tokens[-run - 1] == tokens[period - run - 1]:
            run += 1
        times = 2 if period >= LONG_LOOP_TOKENS else LOOP_TIMES
        if run >= max(times * period, LOOP_TOKENS):
            return tokens[: len(tokens) - run + period]
    return tokens


def _repeats(best: _Pass, length_ms: int) -> bool:
    many = len(best.tokens) > 8 + REPEATS_TOKENS_PER_S * length_ms / 1000
    return (
        best.looped
        or many
        or best.compression > (REPEATS_COMPRESSION if length_ms <= REPEATS_TO_MS else BAD_COMPRESSION)
    )
