"""The service as one live call sees it, and who serves the call: a connection, or for a while nobody."""

import asyncio
import secrets
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from asr.messages import Utterance
from ingest.messages import AudioChunk, CallEnded, ChannelId, ConsentScope, EndReason, SpeechEnded, SpeechStarted
from ingest.socket import Start
from intent.messages import SignalId
from server import wire
from server.card_desk import CardDesk
from server.events import events_of
from server.kept_audio import KeptCall
from server.session import CallSession
from server.tenant import Tenant

if TYPE_CHECKING:
    from server.service import Service


class LiveCall:
    """The service as one call sees it."""

    session: CallSession
    cards: CardDesk
    kept: KeptCall
    opening: list[wire.CallEvent]
    host: str | None

    def __init__(self, service: "Service", tenant: Tenant, start: Start) -> None:
        """Work for one call of this tenant that began with `start`."""
        self._service = service
        self.tenant = tenant
        self.start = start
        self.resume_token = secrets.token_urlsafe(24)
        self.recognition = service.recognition
        self._leave: Callable[[], None] | None = None
        self._parked: asyncio.Task[None] | None = None

    def attach(self, leave: Callable[[], None]) -> None:
        """A connection serves this call from now on; `leave` tells it that another one does."""
        if self._leave is not None:
            self._leave()
        self._leave = leave
        if self._parked is not None:
            self._parked.cancel()
            self._parked = None
            self.session.unpark()

    def consent(self, channel: ChannelId, given: Collection[ConsentScope]) -> None:
        """Hear this channel, and keep its audio, as far as its speaker agrees to that."""
        heard = "transcript" in given
        if self.session.hear(channel, heard=heard):
            speaker = next(one.speaker for one in self.start.channels if one.channel == channel)
            message = f"{speaker} is heard" if heard else f"{speaker} is not heard: there is no consent to a transcript"
            self._tell_audio(message, ok=heard, code="not_consented", channel=channel)
        self.kept.keep(channel, kept=heard and "audio" in given)

    def keep(self, chunk: AudioChunk) -> None:
        """Keep a stretch of audio, if its speaker agreed to that."""
        self.kept.push(chunk)

    def audio_trouble(self, reason: str | None) -> None:
        """Say that audio cannot be kept, or with None that it can again."""
        message = "audio is kept again" if reason is None else f"audio is not kept: {reason}; the call goes on"
        self._tell_audio(message, ok=reason is None, code="not_stored")

    async def end(self, reason: EndReason) -> None:
        """End the call, whoever serves it."""
        if self._parked is not None:
            self._parked.cancel()
            self._parked = None
        await self.session.end(reason)

    def park(self, seconds: float) -> None:
        """Wait for the client to come back; after that the call ends."""
        self._leave = None
        self.session.park()
        self._parked = asyncio.get_running_loop().create_task(self._end_parked(seconds))

    async def _end_parked(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._parked = None
        await self.session.end("client_gone")

    async def record(self, utterance: Utterance) -> None:
        """Journal a final and show it."""
        self._publish(await self._service.on_worker(partial(self._service.record, self.tenant, utterance)))

    async def understand(self, utterance: Utterance) -> None:
        """Find signals in a final, merge and link them, then what it did to earlier needs; journal and show all."""
        if utterance.role == "customer":
            events = await self._service.on_worker(partial(self._service.understand, self.tenant, utterance))
            self._publish(events)
            # Only now: no signal waits for a card.
            await self.cards.consider(linked_in(events))
        # After the signals are on the screens: it looks back at earlier needs, and nobody waits for it.
        self._publish(await self._service.on_worker(partial(self._service.follow, self.tenant, utterance)))

    async def close_call(self, ended: CallEnded) -> None:
        """Journal the end of a call and show it."""
        self.kept.finish()
        try:
            await self.cards.end()
            changes = await self._service.on_worker(lambda: self.tenant.append([ended], "service"))
        finally:
            self._service.calls.leave(ended.tenant_id, ended.call_id)
        self._service.telemetry.calls.labels(ended.reason).inc()
        self._publish(events_of(self.tenant.graph, changes))

    def heard(self, edge: SpeechStarted | SpeechEnded) -> None:
        """A voice began or stopped: no card comes up while the rep speaks."""
        self.cards.heard(edge)

    def tick(self, now_ms: int) -> None:
        """The call's clock moved on."""
        self.cards.tick(now_ms)

    def show(self, event: wire.CallEvent) -> None:
        """Show what no journal keeps."""
        self._service.lobby.publish(self.tenant.tenant_id, event)

    def _tell_audio(self, message: str, *, ok: bool, code: wire.HealthCode, channel: ChannelId | None = None) -> None:
        self.show(
            wire.HealthEvent(
                call_id=self.session.call_id, part="audio", ok=ok, message=message, code=code, channel=channel
            )
        )

    def _publish(self, events: list[wire.CallEvent]) -> None:
        self._service.publish(self.tenant.tenant_id, events)


def linked_in(events: list[wire.CallEvent]) -> tuple[SignalId, ...]:
    """Signals for which the linker found something."""
    return tuple(SignalId(one.signal_id) for one in events if isinstance(one, wire.LinkEvent) and one.links)
