"""The streaming policy of one channel: audio in, decode requests, partials and utterances out.

Pure and synchronous: it never decodes and knows no clock but the one in its arguments. An utterance opens when voice
begins, is shown as partials about once a second, and closes after `endpoint_ms` of silence. Its final pass starts
early in that silence and is thrown away when the voice goes on.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from asr.config import AsrConfig
from asr.decoder import DecodeRequest, Hypothesis
from asr.messages import Partial, Utterance, UtteranceId
from ingest.messages import AudioChunk, CallId, Channel, TenantId

Out = DecodeRequest | Partial | Utterance

LANGUAGE_LOCK_PROBABILITY = 0.8
"""Detection at least this sure fixes the channel's language (Whisper base names clear speech at 0.9 and above)."""


@dataclass(slots=True)
class _Open:
    """An utterance that is being spoken, or whose final pass is still out."""

    utterance_id: UtteranceId
    chunks: list[AudioChunk]
    voiced_ms: int = 0
    last_voice_ms: int = 0
    revision: int = 0
    partial_out: int | None = None
    partial_at_ms: int = 0
    final_out: int | None = None
    ready: Hypothesis | None = None
    shown: bool = False

    @property
    def start_ms(self) -> int:
        return self.chunks[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.chunks[-1].end_ms


class Transcriber:
    """State of one channel; every method returns what follows from its argument."""

    def __init__(
        self, call: tuple[TenantId, CallId], channel: Channel, config: AsrConfig, language: str | None = None
    ) -> None:
        """Begin in silence. `language` None means detect and lock."""
        self._tenant_id, self._call_id = call
        self._channel = channel
        self._config = config
        self._language = language
        self._preroll: deque[AudioChunk] = deque()
        self._open: _Open | None = None
        self._closing: dict[int, _Open] = {}
        self._utterances = 0
        self._requests = 0

    @property
    def idle(self) -> bool:
        """Whether everything heard so far is final."""
        return self._open is None and not self._closing

    def push(self, chunk: AudioChunk) -> tuple[Out, ...]:
        """Take the next 32 ms."""
        utterance = self._open
        if utterance is None:
            self._remember(chunk)
            if not chunk.speech:
                return ()
            self._utterances += 1
            utterance = _Open(UtteranceId(f"{self._call_id}:{self._channel.channel}:{self._utterances}"), [])
            utterance.chunks.extend(self._preroll)
            utterance.partial_at_ms = chunk.start_ms
            self._preroll.clear()
            self._open = utterance
        else:
            utterance.chunks.append(chunk)
        if chunk.speech:
            return self._voiced(utterance, chunk)
        return self._silent(utterance, chunk.end_ms - utterance.last_voice_ms)

    def tick(self, now_ms: int) -> tuple[Out, ...]:
        """Let time pass without audio: a channel that stopped sending is silent after `stall_ms`."""
        utterance = self._open
        if utterance is None or now_ms - utterance.end_ms < self._config.stall_ms:
            return ()
        return self._close(utterance)

    def accept(self, hypothesis: Hypothesis) -> tuple[Out, ...]:
        """Take a decoder's answer; answers that are no longer wanted change nothing."""
        closing = self._closing.pop(hypothesis.number, None)
        if closing is not None:
            self._lock_language(hypothesis)
            return self._final(closing, hypothesis)
        utterance = self._open
        if utterance is None or utterance.utterance_id != hypothesis.utterance_id:
            return ()
        if hypothesis.number not in (utterance.final_out, utterance.partial_out):
            return ()
        self._lock_language(hypothesis)
        if hypothesis.number == utterance.final_out:
            utterance.ready = hypothesis
            return ()
        utterance.partial_out = None
        return self._partial(utterance, hypothesis.text)

    def dropped(self, request: DecodeRequest) -> None:
        """A queued partial was given up for a newer one, or failed."""
        if self._open is not None and self._open.partial_out == request.number:
            self._open.partial_out = None

    def finish(self) -> tuple[Out, ...]:
        """Make everything heard so far final; more audio may follow (a flush) or not (the end)."""
        return () if self._open is None else self._close(self._open)

    def _lock_language(self, hypothesis: Hypothesis) -> None:
        probability = hypothesis.language_probability
        if self._language is None and hypothesis.words and (probability or 0.0) >= LANGUAGE_LOCK_PROBABILITY:
            self._language = hypothesis.language

    def _remember(self, chunk: AudioChunk) -> None:
        self._preroll.append(chunk)
        while len(self._preroll) > 1 and chunk.end_ms - self._preroll[0].end_ms >= self._config.preroll_ms:
            self._preroll.popleft()

    def _voiced(self, utterance: _Open, chunk: AudioChunk) -> tuple[Out, ...]:
        config = self._config
        utterance.voiced_ms += chunk.end_ms - chunk.start_ms
        utterance.last_voice_ms = chunk.end_ms
        utterance.final_out = utterance.ready = None
        if utterance.end_ms - utterance.start_ms >= config.hard_limit_ms:
            return self._close(utterance)
        due = chunk.end_ms - utterance.partial_at_ms >= config.partial_interval_ms
        if not due or utterance.partial_out is not None:
            return ()
        utterance.partial_at_ms = chunk.end_ms
        request = self._request(utterance, final=False)
        utterance.partial_out = request.number
        return (request,)

    def _silent(self, utterance: _Open, silence_ms: int) -> tuple[Out, ...]:
        config = self._config
        long = utterance.end_ms - utterance.start_ms >= config.soft_limit_ms
        if silence_ms >= (config.soft_endpoint_ms if long else config.endpoint_ms):
            return self._close(utterance)
        if silence_ms >= config.speculative_ms and utterance.final_out is None and self._worth_decoding(utterance):
            request = self._request(utterance, final=True)
            utterance.final_out = request.number
            return (request,)
        return ()

    def _worth_decoding(self, utterance: _Open) -> bool:
        return utterance.voiced_ms >= self._config.min_speech_ms

    def _close(self, utterance: _Open) -> tuple[Out, ...]:
        self._open = None
        # Only the silence since the last voice: earlier breaths would lie apart from what follows.
        for chunk in utterance.chunks:
            if chunk.end_ms > utterance.last_voice_ms:
                self._remember(chunk)
        if not self._worth_decoding(utterance):
            return self._cleared(utterance)
        if utterance.ready is not None:
            return self._final(utterance, utterance.ready)
        if utterance.final_out is not None:
            self._closing[utterance.final_out] = utterance
            return ()
        request = self._request(utterance, final=True)
        self._closing[request.number] = utterance
        return (request,)

    def _request(self, utterance: _Open, *, final: bool) -> DecodeRequest:
        self._requests += 1
        return DecodeRequest(
            call_id=self._call_id,
            channel=self._channel.channel,
            utterance_id=utterance.utterance_id,
            number=self._requests,
            final=final,
            start_ms=utterance.start_ms,
            samples=np.concatenate([chunk.samples for chunk in utterance.chunks]),
            language=self._language,
        )

    def _partial(self, utterance: _Open, text: str) -> tuple[Out, ...]:
        if not text and not utterance.shown:
            return ()
        utterance.shown = bool(text)
        utterance.revision += 1
        return (
            Partial(
                tenant_id=self._tenant_id,
                call_id=self._call_id,
                channel=self._channel.channel,
                utterance_id=utterance.utterance_id,
                revision=utterance.revision,
                text=text,
                start_ms=utterance.start_ms,
                end_ms=utterance.end_ms,
            ),
        )

    def _cleared(self, utterance: _Open) -> tuple[Out, ...]:
        # A partial that was shown is taken back when the final pass hears nothing.
        return self._partial(utterance, "") if utterance.shown else ()

    def _final(self, utterance: _Open, hypothesis: Hypothesis) -> tuple[Out, ...]:
        if not hypothesis.words:
            return self._cleared(utterance)
        return (
            Utterance(
                tenant_id=self._tenant_id,
                call_id=self._call_id,
                channel=self._channel.channel,
                utterance_id=utterance.utterance_id,
                revision=1,
                turn=0,
                role=self._channel.role,
                speaker=self._channel.speaker,
                person_id=self._channel.person_id,
                text=hypothesis.text,
                words=hypothesis.words,
                start_ms=hypothesis.words[0].start_ms,
                end_ms=hypothesis.words[-1].end_ms,
                language=hypothesis.language,
            ),
        )
