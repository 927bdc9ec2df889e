"""One live call: packets in, events out. Runs on the event loop; slow work goes to the service's workers.

Order of a final: the journal has it on disk, then the screens see it, then it is understood. Everything that was
heard is transcribed and journalled, also when the client is gone.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from asr.config import AsrConfig
from asr.decoder import Cancel, DecodeRequest, Hypothesis
from asr.messages import Partial, Utterance
from asr.script import in_simplified
from asr.stream import Out, Transcriber
from asr.vocabulary import Vocabulary
from ingest.capture_health import CaptureHealth
from ingest.channel import ChannelInlet, ChannelOut
from ingest.messages import (
    AudioChunk,
    CallEnded,
    CallId,
    CallStarted,
    CaptureProblem,
    Channel,
    ChannelId,
    EndReason,
    SpeechEnded,
    SpeechStarted,
)
from ingest.socket import AudioFrame
from server import present, wire
from server.recognition import Listener, Recognition

log = logging.getLogger(__name__)

TICK_S = 0.25
PARKED_MS = 3_000
"""So much longer a channel may be quiet while its client is gone: who comes back soon goes on in mid-word."""
MOST_OWED = 8
"""Finals that may be out for one call; a client that sends faster than they come is read no further until then."""
SETTLE_S = 30.0
"""At a flush or an end: longest wait without any progress; one window takes under a second."""
ACK_SAMPLES_S = 1
"""Seconds of audio between two acks of a channel."""


class CallHost(Protocol):
    """What a session needs from the service around it."""

    recognition: Recognition

    async def record(self, utterance: Utterance) -> None:
        """Journal a final and show it."""
        ...

    async def understand(self, utterance: Utterance) -> None:
        """Find signals in a final, merge and link them, journal and show them."""
        ...

    async def close_call(self, ended: CallEnded) -> None:
        """Journal the end of a call and show it."""
        ...

    def heard(self, edge: SpeechStarted | SpeechEnded) -> None:
        """A voice began or stopped."""
        ...

    def tick(self, now_ms: int) -> None:
        """The call's clock moved on."""
        ...

    def show(self, event: wire.CallEvent) -> None:
        """Show what no journal keeps: partials, speech edges, health, acks."""
        ...

    def keep(self, chunk: AudioChunk) -> None:
        """Keep a stretch of audio, if its speaker agreed to that."""
        ...


class CallSession:
    """State of one call between its start and its end."""

    def __init__(
        self,
        started: CallStarted,
        inlets: dict[ChannelId, ChannelInlet],
        config: AsrConfig,
        vocabulary: Vocabulary,
        host: CallHost,
    ) -> None:
        """`inlets` holds one inlet for each channel of `started`."""
        self.call_id = started.call_id
        self._tenant_id = started.tenant_id
        self._host = host
        self._inlets = inlets
        self._channels: dict[ChannelId, Channel] = {one.channel: one for one in started.channels}
        call = (started.tenant_id, started.call_id)
        self._transcribers = {one.channel: Transcriber(call, one, config, started.language) for one in started.channels}
        self._vocabulary = vocabulary
        self._simplified = config.chinese_script == "simplified"
        self._capture = CaptureHealth(call, [one.channel for one in started.channels])
        self._turns = 0
        self._finals: asyncio.Queue[Utterance] = asyncio.Queue()
        self._unsettled = 0
        self._settled = asyncio.Event()
        self._heard_at = {one.channel: time.monotonic() for one in started.channels}
        self._acked = dict.fromkeys(self._channels, 0)
        self._rate_hz = 16_000
        self._began_s = 0.0
        self._clock_ms = 0
        self._recorded = False
        self._grace_ms = 0
        self._behind = False
        self._unstored = False
        self._held_up = False
        self._tasks: list[asyncio.Task[None]] = []
        self._ending: asyncio.Task[None] | None = None
        # A tenant's name has no slash: no other tenant's call has this id.
        self._queued_as = CallId(f"{started.tenant_id}/{started.call_id}")

    def begin(self, rate_hz: int, *, recorded: bool = False) -> None:
        """Join the recognition and start working.

        Args:
            rate_hz: the sender's rate.
            recorded: nobody speaks now, so however slowly audio comes, it is neither late nor silent.
        """
        self._rate_hz = rate_hz
        self._recorded = recorded
        self._began_s = time.monotonic()
        listener = Listener(decoded=self._decoded, dropped=self._dropped, failed=self._failed)
        self._host.recognition.join(self._queued_as, listener)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._work()), loop.create_task(self._tick())]

    def push(self, frame: AudioFrame) -> None:
        """Take one packet."""
        channel = ChannelId(frame.channel)
        inlet = self._inlets[channel]
        self._heard_at[channel] = time.monotonic()
        self._heard(channel, inlet.push(frame.payload, frame.start_sample))
        if inlet.samples_taken - self._acked[channel] >= ACK_SAMPLES_S * self._rate_hz:
            self._acked[channel] = inlet.samples_taken
            self._host.show(wire.AckEvent(call_id=self.call_id, channel=channel, samples=inlet.samples_taken))

    def steps(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """A packet, and before it empty ones that fill the gap it leaves, so that no push takes long.

        Raises:
            MalformedFrameError: it lies too far ahead.
        """
        for position in self._inlets[ChannelId(frame.channel)].steps_to(frame.start_sample):
            yield replace(frame, start_sample=position, payload=b"")
        yield frame

    def hear(self, channel: ChannelId, *, heard: bool) -> bool:
        """Take this channel's audio, or silence instead of it, from now on; say whether that is new."""
        inlet = self._inlets[channel]
        changed, inlet.muted = inlet.muted == heard, not heard
        return changed

    async def room(self, most_owed: int = MOST_OWED) -> None:
        """Wait until recognition has caught up with this call: audio is slowed down, never heaped up."""
        if self._owed <= most_owed:
            return
        began_s, self._held_up = time.monotonic(), True
        try:
            while self._owed > most_owed and self._ending is None:
                self._settled.clear()
                await self._settled.wait()
        finally:
            # Nobody was read meanwhile: that was no silence, and what comes next is not late.
            self._held_up = False
            now = time.monotonic()
            self._heard_at = dict.fromkeys(self._heard_at, now)
            self._began_s += now - began_s

    @property
    def samples_taken(self) -> dict[str, int]:
        """Samples of each channel that were taken, at the sender's rate."""
        return {channel: inlet.samples_taken for channel, inlet in self._inlets.items()}

    @property
    def ending(self) -> bool:
        """Whether the call is being ended."""
        return self._ending is not None

    def park(self) -> None:
        """The client is gone and may come back."""
        self._grace_ms = PARKED_MS

    def unpark(self) -> None:
        """The client is back."""
        self._grace_ms = 0
        now = time.monotonic()
        self._heard_at = dict.fromkeys(self._heard_at, now)
        self._tell(self._capture.resumed(round((now - self._began_s) * 1000)))

    async def flush(self) -> None:
        """Make everything heard so far final and say so, also when nothing was said."""
        await self._finish()
        self._host.show(wire.FlushedEvent(call_id=self.call_id))

    async def end(self, reason: EndReason) -> None:
        """Transcribe what is left, journal the end, leave. Who asks again, or gives up waiting, changes nothing."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end(reason))
        await asyncio.shield(self._ending)

    async def _end(self, reason: EndReason) -> None:
        for channel, inlet in self._inlets.items():
            self._heard(channel, inlet.finish())
        await self._finish()
        self._host.recognition.leave(self._queued_as)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        end_ms = max(inlet.position_ms for inlet in self._inlets.values())
        await self._host.close_call(
            CallEnded(
                tenant_id=self._tenant_id,
                call_id=self.call_id,
                reason=reason,
                end_ms=end_ms,
                ended_at=datetime.now(UTC),
            )
        )

    async def _finish(self) -> None:
        for channel, transcriber in self._transcribers.items():
            self._take(channel, transcriber.finish())
        try:
            while not self._is_settled():
                self._settled.clear()
                await asyncio.wait_for(self._settled.wait(), SETTLE_S)
        except TimeoutError:
            log.error("last words did not become final in time", extra={"call_id": self.call_id})
            self._sick("recognition", "last_words_lost", "the last words could not be transcribed in time")

    @property
    def _owed(self) -> int:
        return self._unsettled + sum(one.owed for one in self._transcribers.values())

    def _is_settled(self) -> bool:
        return self._unsettled == 0 and all(one.idle for one in self._transcribers.values())

    def _heard(self, channel: ChannelId, outs: Iterable[ChannelOut]) -> None:
        for out in outs:
            if isinstance(out, AudioChunk):
                self._take(channel, self._transcribers[channel].push(out))
                if not self._inlets[channel].muted:
                    self._host.keep(out)
                self._watch_capture(out)
            else:
                self._host.show(present.speech(out, self._channels[channel]))
                self._host.heard(out)

    def _watch_capture(self, chunk: AudioChunk) -> None:
        arrived_ms = chunk.end_ms if self._recorded else round((time.monotonic() - self._began_s) * 1000)
        self._tell(self._capture.push(chunk, arrived_ms))

    def _tell(self, problems: Iterable[CaptureProblem]) -> None:
        for problem in problems:
            # Whoever does not want to be heard is silent on purpose.
            if problem.ended or not self._inlets[problem.channel].muted:
                self._host.show(present.capture(problem, self._channels))

    def _take(self, channel: ChannelId, outs: Iterable[Out]) -> None:
        for out in outs:
            if isinstance(out, DecodeRequest):
                self._host.recognition.submit(replace(out, call_id=self._queued_as))
            elif isinstance(out, Cancel):
                self._host.recognition.cancel(replace(out, call_id=self._queued_as))
            elif isinstance(out, Partial):
                self._host.show(present.partial(out, self._channels[channel]))
            else:
                self._turns += 1
                self._unsettled += 1
                self._finals.put_nowait(replace(out, turn=self._turns))

    def _decoded(self, hypothesis: Hypothesis) -> None:
        spelt = self._vocabulary.corrected(hypothesis)
        spelt = in_simplified(spelt) if self._simplified else spelt
        self._take(hypothesis.channel, self._transcribers[hypothesis.channel].accept(spelt))
        self._settled.set()

    def _dropped(self, request: DecodeRequest) -> None:
        self._transcribers[request.channel].dropped(request)

    def _failed(self, request: DecodeRequest) -> None:
        # The call goes on without these words, and says so.
        self._sick("recognition", "words_lost", "some words could not be recognised")
        self._take(request.channel, self._transcribers[request.channel].failed(request))
        self._settled.set()

    def _watch_recognition(self) -> None:
        behind = self._host.recognition.behind
        if behind and not self._behind:
            self._sick("recognition", "words_late", "words are late: this machine is busy with too many calls")
        elif self._behind and not behind:
            self._health("recognition", "words_late", "words are in time again", ok=True)
        self._behind = behind

    def _sick(self, part: str, code: wire.HealthCode, message: str) -> None:
        self._health(part, code, message, ok=False)

    def _health(self, part: str, code: wire.HealthCode, message: str, *, ok: bool) -> None:
        told = {"call_id": self.call_id, "part": part, "ok": ok, "message": message, "code": code}
        self._host.show(wire.HealthEvent.model_validate(told))

    def _stored(self) -> None:
        if self._unstored:
            self._unstored = False
            self._health("journal", "not_stored", "what is said is stored again", ok=True)

    def _moved_clock(self, now_s: float) -> int:
        """The call's clock: what was heard, and what passed since; it never goes back."""
        silent_ms = round((now_s - max(self._heard_at.values())) * 1000)
        heard_ms = max(inlet.position_ms for inlet in self._inlets.values())
        self._clock_ms = max(self._clock_ms, heard_ms + silent_ms)
        return self._clock_ms

    async def _work(self) -> None:
        while True:
            utterance = await self._finals.get()
            try:
                await self._host.record(utterance)
                self._stored()
                await self._host.understand(utterance)
            except Exception:
                # The session is one of the two borders: one utterance must not end the call.
                log.exception("an utterance could not be handled", extra={"call_id": self.call_id})
                self._unstored = True
                message = "an utterance could not be stored or understood; see the service's log"
                self._sick("journal", "not_stored", message)
            finally:
                self._unsettled -= 1
                self._settled.set()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now, stretch = time.monotonic(), self._host.recognition.stretch
            self._watch_recognition()
            self._host.tick(self._moved_clock(now))
            self._tell(() if self._recorded else self._capture.tick(round((now - self._began_s) * 1000)))
            for channel, transcriber in self._transcribers.items():
                transcriber.stretch(stretch)
                silent_ms = max(0, round((now - self._heard_at[channel]) * 1000) - self._grace_ms)
                silent_ms = 0 if self._held_up or self._recorded else silent_ms
                self._take(channel, transcriber.tick(self._inlets[channel].position_ms + silent_ms))
