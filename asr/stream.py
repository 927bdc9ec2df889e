"""The streaming policy of one channel: audio in, decode requests, partials and utterances out.

Pure and synchronous: it never decodes and knows no clock but the one in its arguments. An utterance opens when voice
begins. While it is spoken, passes over its open audio show its words. When it grows long, they commit the words on
which two of them agree; committed words stay, and the audio is cut behind them, so that every pass is short. Early in a
silence the final pass begins; it is withdrawn when the voice goes on. The utterance closes when the silence is long
enough for what was said: sooner after a finished clause, later inside one.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np

from asr.agreement import agreed, continued
from asr.config import AsrConfig
from asr.decoder import Cancel, DecodeRequest, Hypothesis
from asr.endpoint import Endpoint
from asr.language import LanguageLock
from asr.messages import Partial, Utterance, UtteranceId, Word
from asr.wording import ends_clause, joined, separator
from ingest.messages import AudioChunk, CallId, Channel, TenantId

Out = DecodeRequest | Cancel | Partial | Utterance

VOICE_MARGIN_MS = 300
"""A word that lies further than this from every voiced chunk was invented; word times are no better than that."""


@dataclass(slots=True)
class _Open:
    """An utterance that is being spoken, or whose final pass is still out.

    chunks: the audio behind the cut. committed: words that stay. heard: what the newest pass added to them.
    asked: end of the audio of each request whose answer is still wanted, by its number. ready: `heard` is the final
    pass of all that was voiced. following: what was said after this and is final already; it waits for its turn.
    """

    utterance_id: UtteranceId
    chunks: list[AudioChunk]
    start_ms: int
    partial_at_ms: int
    voiced_ms: int = 0
    voiced: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    committed: list[Word] = field(default_factory=list[Word])
    heard: tuple[Word, ...] = ()
    asked: dict[int, int] = field(default_factory=dict[int, int])
    partial_out: int | None = None
    final_out: int | None = None
    ready: bool = False
    language: str | None = None
    revision: int = 0
    shown: tuple[str, int] = ("", 0)
    following: list[Out] = field(default_factory=list[Out])

    @property
    def end_ms(self) -> int:
        return self.chunks[-1].end_ms

    @property
    def open_ms(self) -> int:
        return self.end_ms - self.chunks[0].start_ms

    @property
    def last_voice_ms(self) -> int:
        return self.voiced[-1][1]

    @property
    def silence_ms(self) -> int:
        return self.end_ms - self.last_voice_ms

    @property
    def words(self) -> tuple[Word, ...]:
        return (*self.committed, *self.heard)


class Transcriber:
    """State of one channel; every method returns what follows from its argument."""

    def __init__(
        self, call: tuple[TenantId, CallId], channel: Channel, config: AsrConfig, language: str | None = None
    ) -> None:
        """Begin in silence. `language` None means detect and lock."""
        self._tenant_id, self._call_id = call
        self._channel = channel
        self._config = config
        self._language = LanguageLock(language)
        self._endpoint = Endpoint(config)
        self._preroll: deque[AudioChunk] = deque()
        self._open: _Open | None = None
        self._closing: dict[int, _Open] = {}
        self._utterances = 0
        self._requests = 0
        self._stretch = 1.0

    @property
    def idle(self) -> bool:
        """Whether everything heard so far is final."""
        return self._open is None and not self._closing

    @property
    def owed(self) -> int:
        """Utterances that are over and whose words are still out."""
        return len(self._closing)

    def stretch(self, factor: float) -> None:
        """Ask less often, while the machine is busy: passes lie `factor` (1 or more) times as far apart."""
        self._stretch = max(1.0, factor)

    def push(self, chunk: AudioChunk) -> tuple[Out, ...]:
        """Take the next 32 ms."""
        utterance = self._open
        if utterance is None:
            self._remember(chunk)
            if not chunk.speech:
                return ()
            utterance = self._open = self._opened(list(self._preroll), chunk.start_ms)
            self._preroll.clear()
        else:
            utterance.chunks.append(chunk)
        return self._voiced(utterance, chunk) if chunk.speech else self._silent(utterance)

    def tick(self, now_ms: int) -> tuple[Out, ...]:
        """Let time pass without audio: a channel that stopped sending is silent after `stall_ms`."""
        utterance = self._open
        if utterance is None or now_ms - utterance.end_ms < self._config.stall_ms:
            return ()
        return self._close(utterance)

    def accept(self, hypothesis: Hypothesis) -> tuple[Out, ...]:
        """Take a decoder's answer; answers that are no longer wanted change nothing."""
        utterance = self._closing.pop(hypothesis.number, None)
        closing = utterance is not None
        if utterance is None:
            utterance = self._open
            if utterance is None:
                return ()
            if hypothesis.number == utterance.partial_out:
                utterance.partial_out = None
            if hypothesis.number not in utterance.asked:
                return ()
        if hypothesis.words and hypothesis.language_probability is not None:
            self._language.detected(hypothesis.language, hypothesis.language_probability)
        audio_end_ms = utterance.asked[hypothesis.number]
        # Older requests were withdrawn, or their answers come too late.
        utterance.asked = {number: end for number, end in utterance.asked.items() if number > hypothesis.number}
        before, utterance.heard = utterance.heard, self._voiced_words(utterance, hypothesis.words)
        if not utterance.committed or separator(hypothesis.language) == separator(utterance.language):
            # Otherwise the committed text would change.
            utterance.language = hypothesis.language
        if closing:
            return self._in_order((*self._final(utterance), *utterance.following), hypothesis.number)
        return self._passed(utterance, hypothesis.number, before, audio_end_ms)

    def dropped(self, request: DecodeRequest) -> None:
        """A queued partial was given up for a newer one, or failed."""
        if self._open is not None and self._open.partial_out == request.number:
            self._open.partial_out = None

    def failed(self, request: DecodeRequest) -> tuple[Out, ...]:
        """A final pass failed for good: what was heard before it stands."""
        utterance = self._closing.pop(request.number, None)
        if utterance is not None:
            return self._in_order((*self._final(utterance), *utterance.following), request.number)
        if self._open is not None and self._open.final_out == request.number:
            self._open.final_out = None
        return ()

    def finish(self) -> tuple[Out, ...]:
        """Make everything heard so far final; more audio may follow (a flush) or not (the end)."""
        return () if self._open is None else self._close(self._open)

    def _opened(self, chunks: list[AudioChunk], voice_ms: int) -> _Open:
        self._utterances += 1
        self._endpoint.began(voice_ms)
        utterance_id = UtteranceId(f"{self._call_id}:{self._channel.channel}:{self._utterances}")
        return _Open(utterance_id, chunks, start_ms=chunks[0].start_ms, partial_at_ms=voice_ms)

    def _remember(self, chunk: AudioChunk) -> None:
        self._preroll.append(chunk)
        while len(self._preroll) > 1 and chunk.end_ms - self._preroll[0].end_ms >= self._config.preroll_ms:
            self._preroll.popleft()

    def _voiced(self, utterance: _Open, chunk: AudioChunk) -> tuple[Out, ...]:
        utterance.voiced_ms += chunk.end_ms - chunk.start_ms
        if utterance.voiced and utterance.last_voice_ms == chunk.start_ms:
            utterance.voiced[-1] = (utterance.voiced[-1][0], chunk.end_ms)
        else:
            utterance.voiced.append((chunk.start_ms, chunk.end_ms))
        outs: list[Out] = []
        if utterance.final_out is not None and not utterance.ready:
            outs.append(Cancel(call_id=self._call_id, channel=self._channel.channel, number=utterance.final_out))
        utterance.final_out, utterance.ready = None, False
        if utterance.open_ms >= self._config.hard_limit_ms:
            return (*outs, *self._close(utterance))
        if not self._due(utterance):
            return tuple(outs)
        utterance.partial_at_ms = chunk.end_ms
        request = self._request(utterance, final=False)
        utterance.partial_out = request.number
        return (*outs, request)

    def _due(self, utterance: _Open) -> bool:
        """Whether it is time for another pass over what is being spoken."""
        config = self._config
        interval_ms = config.partial_interval_ms if utterance.words else config.first_partial_ms
        waited_ms = utterance.end_ms - utterance.partial_at_ms
        return waited_ms >= interval_ms * self._stretch and utterance.partial_out is None and self._worth(utterance)

    def _silent(self, utterance: _Open) -> tuple[Out, ...]:
        if utterance.silence_ms >= self._endpoint_ms(utterance):
            return self._close(utterance)
        early = utterance.silence_ms < self._config.speculative_ms
        if early or utterance.final_out is not None or not self._worth(utterance):
            return ()
        request = self._request(utterance, final=True)
        utterance.final_out = request.number
        return (request,)

    def _endpoint_ms(self, utterance: _Open) -> int:
        """Silence that ends the utterance, given what is known of its words."""
        config = self._config
        if utterance.end_ms - utterance.start_ms >= config.soft_limit_ms:
            return config.soft_endpoint_ms
        return self._endpoint.silence_ms(finished=utterance.ready and ends_clause(utterance.words))

    def _worth(self, utterance: _Open) -> bool:
        return utterance.voiced_ms >= self._config.min_speech_ms

    def _passed(self, utterance: _Open, number: int, before: Sequence[Word], audio_end_ms: int) -> tuple[Out, ...]:
        """What a pass over an open utterance changes: words are committed, audio is cut, it is shown, it may close."""
        utterance.ready = number == utterance.final_out
        shown = len(utterance.committed)
        if utterance.open_ms >= self._config.commit_after_ms:
            self._commit(utterance, agreed(before, utterance.heard), audio_end_ms - self._config.commit_margin_ms)
            self._cut(utterance)
        outs = self._split(utterance, shown)
        if utterance.ready and utterance.silence_ms >= self._endpoint_ms(utterance):
            return (*outs, *self._close(utterance))
        return (*outs, *self._partial(utterance))

    def _commit(self, utterance: _Open, count: int, until_ms: int) -> None:
        sure = takewhile(lambda word: (word.confidence or 1.0) >= self._config.commit_confidence, utterance.heard)
        count = min(count, sum(1 for _ in sure))
        while count and utterance.heard[count - 1].end_ms > until_ms:
            count -= 1
        utterance.committed += utterance.heard[:count]
        utterance.heard = utterance.heard[count:]

    def _cut(self, utterance: _Open) -> None:
        """Drop audio behind the last committed words; those few stay to be heard again as an anchor."""
        anchor = self._config.anchor_words
        if len(utterance.committed) < anchor:
            return
        cut_ms = utterance.committed[-anchor].start_ms
        utterance.chunks = [chunk for chunk in utterance.chunks if chunk.end_ms > cut_ms]
        utterance.voiced = [span for span in utterance.voiced if span[1] > cut_ms - VOICE_MARGIN_MS]

    def _split(self, utterance: _Open, shown: int) -> tuple[Out, ...]:
        """A monologue without a breath: its committed clauses become an utterance, the rest goes on as the next.

        Never before the end of the words that were `shown` as committed: these are the beginning of this utterance.
        """
        if utterance.end_ms - utterance.start_ms < self._config.soft_limit_ms:
            return ()
        committed = utterance.committed
        ends = [at for at in range(max(1, shown), len(committed)) if ends_clause(committed[:at])]
        if not ends:
            return ()
        done, rest = committed[: ends[-1]], committed[ends[-1] :]
        message = self._utterance(utterance, done)
        self._utterances += 1
        utterance.utterance_id = UtteranceId(f"{self._call_id}:{self._channel.channel}:{self._utterances}")
        utterance.committed, utterance.start_ms = rest, rest[0].start_ms
        utterance.revision, utterance.shown = 0, ("", 0)
        return self._in_order((message,))

    def _close(self, utterance: _Open) -> tuple[Out, ...]:
        self._open = None
        # Only the silence since the last voice: earlier breaths would lie apart from what follows.
        for chunk in utterance.chunks:
            if chunk.end_ms > utterance.last_voice_ms:
                self._remember(chunk)
        if not self._worth(utterance):
            return ()
        self._endpoint.ended(utterance.last_voice_ms)
        if utterance.ready:
            return self._in_order(self._final(utterance))
        if utterance.final_out is not None:
            self._closing[utterance.final_out] = utterance
            return ()
        request = self._request(utterance, final=True)
        self._closing[request.number] = utterance
        return (request,)

    def _request(self, utterance: _Open, *, final: bool) -> DecodeRequest:
        self._requests += 1
        utterance.asked[self._requests] = utterance.end_ms
        return DecodeRequest(
            call_id=self._call_id,
            channel=self._channel.channel,
            utterance_id=utterance.utterance_id,
            number=self._requests,
            final=final,
            start_ms=utterance.chunks[0].start_ms,
            samples=np.concatenate([chunk.samples for chunk in utterance.chunks]),
            language=self._language.language,
        )

    def _voiced_words(self, utterance: _Open, words: Sequence[Word]) -> tuple[Word, ...]:
        """The new words that lie where somebody spoke."""
        return tuple(
            word
            for word in continued(utterance.committed, words)
            if any(
                word.start_ms < end_ms + VOICE_MARGIN_MS and word.end_ms > start_ms - VOICE_MARGIN_MS
                for start_ms, end_ms in utterance.voiced
            )
        )

    def _partial(self, utterance: _Open) -> tuple[Out, ...]:
        text = joined(utterance.words, utterance.language)
        committed_chars = len(joined(utterance.committed, utterance.language))
        if (text, committed_chars) == utterance.shown:
            return ()
        utterance.shown = text, committed_chars
        utterance.revision += 1
        return (
            Partial(
                tenant_id=self._tenant_id,
                call_id=self._call_id,
                channel=self._channel.channel,
                utterance_id=utterance.utterance_id,
                revision=utterance.revision,
                text=text,
                committed_chars=committed_chars,
                start_ms=utterance.start_ms,
                end_ms=utterance.end_ms,
            ),
        )

    def _cleared(self, utterance: _Open) -> tuple[Out, ...]:
        # A partial that was shown is taken back when the final pass hears nothing.
        utterance.heard = ()
        return self._partial(utterance)

    def _in_order(self, outs: tuple[Out, ...], number: int | None = None) -> tuple[Out, ...]:
        """Finals come as they were spoken: they wait for those whose words are still out, all or those before one."""
        earlier = [one for asked, one in self._closing.items() if number is None or asked < number]
        if not earlier:
            return outs
        earlier[-1].following += outs
        return ()

    def _final(self, utterance: _Open) -> tuple[Out, ...]:
        self._language.understood(utterance.words)
        return (self._utterance(utterance, utterance.words),) if utterance.words else self._cleared(utterance)

    def _utterance(self, utterance: _Open, words: Sequence[Word]) -> Utterance:
        return Utterance(
            tenant_id=self._tenant_id,
            call_id=self._call_id,
            channel=self._channel.channel,
            utterance_id=utterance.utterance_id,
            revision=1,
            turn=0,
            role=self._channel.role,
            speaker=self._channel.speaker,
            person_id=self._channel.person_id,
            text=joined(words, utterance.language),
            words=tuple(words),
            start_ms=words[0].start_ms,
            end_ms=words[-1].end_ms,
            language=utterance.language,
        )
