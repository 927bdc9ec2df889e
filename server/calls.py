"""Calls that are running: how one begins, whether another fits, and who comes back to one."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from asr.decoder import Decoder
from asr.vocabulary import Vocabulary
from graph.events import Journalled
from graph.messages import Need
from ingest.channel import ChannelInlet
from ingest.messages import CallId, CallStarted, Channel, ChannelId, TenantId
from ingest.socket import CallIntake, Resume, Start
from ingest.vad import SileroSession, SileroVoice
from server import wire
from server.auth import Principal
from server.card_desk import CardDesk
from server.consent import consents_of
from server.errors import (
    BusyError,
    CallLiveError,
    ConflictError,
    NoResumeError,
    NotFoundError,
    UnknownLanguageError,
)
from server.events import events_of
from server.kept_audio import AudioShelf, KeptCall
from server.live_call import LiveCall
from server.session import CallSession
from server.tenant import Tenant
from server.vocabularies import Vocabularies

if TYPE_CHECKING:
    from server.service import Service

CallKey = tuple[TenantId, CallId]


class Calls:
    """The running calls of a service, on the event loop."""

    def __init__(self, service: "Service", voice: SileroSession, decoder: Decoder) -> None:
        """No call runs at first.

        Args:
            service: whose calls they are.
            voice: hears voices, for all calls.
            decoder: knows which languages recognition speaks.
        """
        self._service = service
        self._voice = voice
        self._decoder = decoder
        self._live: dict[CallKey, LiveCall] = {}
        self._beginning: set[CallKey] = set()
        self._remembering: set[asyncio.Task[None]] = set()
        self._vocabularies = Vocabularies()

    def __len__(self) -> int:
        """How many are running."""
        return len(self._live)

    def __iter__(self) -> Iterator[CallKey]:
        """Tenant and id of each; a call may begin or end meanwhile."""
        return iter(tuple(self._live))

    def of(self, tenant: Tenant) -> set[CallId]:
        """The tenant's calls that are running."""
        return {call_id for tenant_id, call_id in self if tenant_id == tenant.tenant_id}

    def find(self, tenant_id: TenantId, call_id: CallId) -> LiveCall | None:
        """A call that is running, or waits for its client; None when there is none of this id."""
        return self._live.get((tenant_id, call_id))

    def running(self, tenant: Tenant, call_id: CallId) -> LiveCall:
        """A call that is running, or waits for its client.

        Raises:
            NotFoundError: the journal has no such call.
            ConflictError: it is over.
        """
        call = self.find(tenant.tenant_id, call_id)
        if call is not None:
            return call
        if not tenant.knows_call(call_id):
            raise NotFoundError(f"no call {call_id}")
        raise ConflictError(f"call {call_id} is over")

    def check_room(self) -> None:
        """Raise `BusyError` when no other call fits."""
        running = len(self._live) + len(self._beginning)
        if running >= self._service.settings.server.max_calls:
            raise BusyError(f"{running} calls are running, which is the limit; try again later")
        if running and self._service.recognition.full:
            raise BusyError(f"{running} calls keep this machine busy; another would make their words late")

    async def begin(self, principal: Principal, intake: CallIntake) -> LiveCall:
        """Accept a call.

        Raises:
            UnknownLanguageError: recognition does not speak the call's language.
            CallLiveError: a call of this id is running, or was held before.
            BusyError: no room for another call.
        """
        service, language = self._service, self._language(intake.start)
        tenant = await service.tenant(principal.tenant_id)
        call_id = self._free_id(tenant, intake.start)
        self.check_room()
        started = _started(principal, intake.start, call_id, language)
        agreed = partial(consents_of, intake.start, author=principal.person)
        key = (principal.tenant_id, call_id)
        self._beginning.add(key)
        try:
            started, events = await service.on_worker(lambda: _opened(tenant, started, agreed))
            vocabulary = await service.on_worker(lambda: self._vocabulary(tenant, started))
            call = self._live[key] = self._composed(tenant, started, intake, vocabulary)
        finally:
            self._beginning.discard(key)
        if not service.projecting.healthy:
            message = "the graph engine is starting; calls go on and the graph will catch up"
            away = wire.HealthEvent(call_id=call_id, part="graph", ok=False, message=message, code="graph_away")
            events = [*events, away]
        service.telemetry.calls_live.set(len(self._live))
        call.opening = events
        task = asyncio.create_task(self._remember(tenant, started.account))
        self._remembering.add(task)
        task.add_done_callback(self._remembering.discard)
        return call

    def resume(self, principal: Principal, resume: Resume) -> LiveCall:
        """Find the running call whose client comes back; it needs no room, for it never left.

        Raises:
            NoResumeError: there is none of this id, or the token is another's.
        """
        call = self.find(principal.tenant_id, CallId(resume.call_id))
        if call is None or not secrets.compare_digest(call.resume_token, resume.resume_token):
            raise NoResumeError(f"no call {resume.call_id} waits to be resumed with this token; start another")
        return call

    def leave(self, tenant_id: TenantId, call_id: CallId) -> None:
        """A call is over."""
        self._live.pop((tenant_id, call_id), None)
        self._service.telemetry.calls_live.set(len(self._live))

    async def close(self) -> None:
        """End all of them with what was said: the service stops."""
        await asyncio.gather(*(call.session.end("service_stopped") for call in list(self._live.values())))
        for task in self._remembering:
            task.cancel()

    async def learn_words(self, tenant: Tenant) -> None:
        """Let the tenant's running calls know the terms that corrections taught; later calls know them anyway."""
        for call in [one for one in self._live.values() if one.tenant is tenant]:
            learnt = partial(self._vocabulary, tenant, call.session.started)
            call.session.vocabulary = await self._service.on_worker(learnt)

    def tell_cards(self, tenant_id: TenantId, delta: wire.GraphDeltaEvent) -> None:
        """The tenant's graph changed: a card may have lost its reason."""
        for (owner, _), call in list(self._live.items()):
            if owner == tenant_id:
                call.cards.graph_changed(delta)

    def _language(self, start: Start) -> str | None:
        """The language of a call; None when it is to be detected."""
        language = None if start.language in (None, "auto") else start.language
        if language is not None and language not in self._decoder.languages:
            spoken = ", ".join(sorted(self._decoder.languages))
            raise UnknownLanguageError(f"start.language: {language!r} is not spoken here; auto, or one of {spoken}")
        return language

    def _free_id(self, tenant: Tenant, start: Start) -> CallId:
        call_id = CallId(start.call_id or f"c-{secrets.token_hex(8)}")
        key = (tenant.tenant_id, call_id)
        if key in self._live or key in self._beginning:
            raise CallLiveError(f"a call {call_id} is live; give this one another id, or none")
        if tenant.knows_call(call_id):
            raise CallLiveError(f"the journal holds a call {call_id}; give this one another id, or none")
        return call_id

    def _composed(self, tenant: Tenant, started: CallStarted, intake: CallIntake, vocabulary: Vocabulary) -> LiveCall:
        service = self._service
        call = LiveCall(service, tenant, intake.start)
        inlets = {
            one.channel: ChannelInlet(
                (started.tenant_id, started.call_id),
                one,
                intake.audio_format,
                SileroVoice(self._voice),
                service.settings.ingest,
            )
            for one in started.channels
        }
        call.cards = CardDesk(service, tenant, started)
        call.session = CallSession(started, inlets, service.settings.asr, vocabulary, call)
        call.kept = KeptCall(AudioShelf(tenant.folder, tenant.keys), service.audio, started, call.audio_trouble)
        call.host = started.host
        for one in intake.start.channels:
            if one.consent is not None:
                call.consent(ChannelId(one.channel), one.consent.given)
        return call

    def _vocabulary(self, tenant: Tenant, started: CallStarted) -> Vocabulary:
        return self._vocabularies.of_call(started, self._service.understanding.index(tenant), tenant)

    async def _remember(self, tenant: Tenant, account: str) -> None:
        """Measure the account's earlier needs one by one, between the work of all calls."""
        for need in await self._service.on_worker(partial(_earlier, tenant, account)):
            await self._service.on_worker(partial(self._remembered, tenant, need))

    def _remembered(self, tenant: Tenant, need: Need) -> None:
        with tenant.lock:
            self._service.understanding.remember(tenant, need)


def _started(principal: Principal, start: Start, call_id: CallId, language: str | None) -> CallStarted:
    return CallStarted(
        tenant_id=principal.tenant_id,
        call_id=call_id,
        account=start.account or call_id,
        language=language,
        channels=tuple(
            Channel(channel=ChannelId(one.channel), role=one.role, speaker=one.speaker) for one in start.channels
        ),
        started_at=datetime.now(UTC),
        host=principal.person,
    )


def _opened(
    tenant: Tenant, started: CallStarted, agreed: Callable[[CallStarted], tuple[Journalled, ...]]
) -> tuple[CallStarted, list[wire.CallEvent]]:
    started, changes = tenant.open_call(started, agreed)
    return started, events_of(tenant.graph, changes)


def _earlier(tenant: Tenant, account: str) -> tuple[Need, ...]:
    with tenant.lock:
        return tenant.graph.needs(account=account)
