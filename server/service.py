"""The running service: models loaded once, tenants, calls, and the ways between them."""

import asyncio
import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from asr.decoder import Decoder
from asr.messages import Utterance
from asr.vocabulary import Vocabulary
from graph.events import Journalled
from graph.facts import Change
from graph.keys import KeyStore
from graph.messages import (
    LinkAnnotation,
    MergeAnnotation,
    Need,
    NeedChanged,
    SummaryOpened,
    SummaryShared,
    SummaryUnshared,
)
from graph.store import Endpoint
from graph.tenants import TenantFolder, tenants
from ingest.channel import ChannelInlet
from ingest.messages import CallId, CallStarted, Channel, ChannelId, TenantId
from ingest.socket import CallIntake, Resume
from ingest.vad import SileroSession, SileroVoice
from intent.entities import Entities
from intent.messages import SignalAnnotation
from intent.model import IntentModel
from server import call_pages, present, wire
from server.auth import Principal, TokenStore
from server.card_desk import CardDesk
from server.consent import consents_of, sweep
from server.errors import (
    BusyError,
    CallLiveError,
    ConflictError,
    NoResumeError,
    NotFoundError,
    UnknownLanguageError,
)
from server.feed import Lobby, Outbox
from server.jobs import TrainingJobs
from server.kept_audio import AudioShelf, AudioWorker, KeptCall
from server.live_call import LiveCall
from server.projecting import Projecting
from server.recognition import Recognition
from server.recordings import Recordings
from server.session import CallSession
from server.settings import Settings
from server.shares import Desk
from server.telemetry import Telemetry
from server.tenant import Tenant
from server.understanding import Understanding
from server.vocabularies import Vocabularies

log = logging.getLogger(__name__)

T = TypeVar("T")
Shared = SummaryShared | SummaryUnshared | SummaryOpened
Annotation = TypeVar("Annotation", bound=SignalAnnotation | LinkAnnotation | MergeAnnotation | NeedChanged | Shared)


@dataclass(frozen=True, slots=True)
class Models:
    """What is loaded once for all tenants."""

    voice: SileroSession
    decoder: Decoder
    intent: IntentModel


class Service:
    """Everything between the sockets and the rooms."""

    def __init__(self, settings: Settings, models: Models) -> None:
        """Compose; `start` begins to work."""
        self.settings = settings
        self.telemetry = Telemetry()
        self.tokens = TokenStore(settings.data / "tokens.json")
        self.lobby = Lobby()
        self.shares = Desk()
        self.jobs = TrainingJobs(settings.data, settings.models)
        self.recognition = Recognition(models.decoder, settings.asr.workers, settings.asr.batch, self.telemetry)
        self._models = models
        self._keys = KeyStore(settings.data / "keys.db")
        self._tenants: dict[TenantId, Tenant] = {}
        self._opening = threading.Lock()
        self._live: dict[tuple[TenantId, CallId], LiveCall] = {}
        self._beginning: set[tuple[TenantId, CallId]] = set()
        self._remembering: set[asyncio.Task[None]] = set()
        # One thread: journal and model are quick, and order is kept without locks.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="understand")
        self._understanding = Understanding(models.intent, settings.intent, Entities(settings.models))
        self._vocabularies = Vocabularies()
        self.audio = AudioWorker(ThreadPoolExecutor(1, thread_name_prefix="keep-audio"))
        self.recordings = Recordings(self)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.projecting = Projecting(
            settings.data,
            graph_endpoint(settings),
            settings.graph,
            self._all_tenants,
            self._noticed,
            self._graph_health,
        )

    async def start(self) -> None:
        """Begin to follow the journals."""
        self._loop = asyncio.get_running_loop()
        self._worker.submit(self._understanding.warm)
        self.projecting.start()

    async def stop(self) -> None:
        """End all calls with what was said, then everything else."""
        await self.recordings.close()
        await asyncio.gather(*(call.session.end("service_stopped") for call in list(self._live.values())))
        for task in self._remembering:
            task.cancel()
        await self.jobs.close()
        await self.recognition.close()
        await asyncio.to_thread(self.projecting.stop)
        await asyncio.to_thread(self.audio.close)
        self._worker.shutdown()
        self._understanding.close()
        for tenant in self._tenants.values():
            tenant.close()
        self._keys.close()

    async def on_worker(self, work: Callable[[], T]) -> T:
        """Run quick blocking work in order with all other such work."""
        return await self.submit(work)

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Put such work into the order now, before anything that comes later."""
        return asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def tenant(self, tenant_id: TenantId) -> Tenant:
        """A tenant, its journal opened and folded on first use."""
        known = self._tenants.get(tenant_id)
        if known is None:
            folder = TenantFolder(self.settings.data, tenant_id)
            known = await self.on_worker(partial(self._open, folder))
        return known

    @property
    def live(self) -> set[tuple[TenantId, CallId]]:
        """Calls that are running."""
        return set(self._live)

    async def begin_call(self, principal: Principal, intake: CallIntake) -> LiveCall:
        """Accept a call.

        Raises:
            UnknownLanguageError: recognition does not speak the call's language.
            CallLiveError: a call of this id is running, or was held before.
            BusyError: no room for another call.
        """
        start = intake.start
        language = None if start.language in (None, "auto") else start.language
        if language is not None and language not in self._models.decoder.languages:
            spoken = ", ".join(sorted(self._models.decoder.languages))
            raise UnknownLanguageError(f"start.language: {language!r} is not spoken here; auto, or one of {spoken}")
        tenant = await self.tenant(principal.tenant_id)
        call_id = CallId(start.call_id or f"c-{secrets.token_hex(8)}")
        key = (principal.tenant_id, call_id)
        if key in self._live or key in self._beginning:
            raise CallLiveError(f"a call {call_id} is live; give this one another id, or none")
        if tenant.knows_call(call_id):
            raise CallLiveError(f"the journal holds a call {call_id}; give this one another id, or none")
        self.check_room()
        started = CallStarted(
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
        agreed = partial(consents_of, start, author=principal.person)
        self._beginning.add(key)
        try:
            started, events = await self.on_worker(lambda: self._open_call(tenant, started, agreed))
            vocabulary = await self.on_worker(lambda: self._vocabulary(tenant, started))
            call = self._live_call(tenant, started, intake, vocabulary)
        finally:
            self._beginning.discard(key)
        if not self.projecting.healthy:
            message = "the graph engine is starting; calls go on and the graph will catch up"
            away = wire.HealthEvent(call_id=call_id, part="graph", ok=False, message=message, code="graph_away")
            events = [*events, away]
        self.telemetry.calls_live.set(len(self._live))
        call.opening = events
        task = asyncio.create_task(self._remember(tenant, started.account))
        self._remembering.add(task)
        task.add_done_callback(self._remembering.discard)
        return call

    async def _remember(self, tenant: Tenant, account: str) -> None:
        """Measure the account's earlier needs one by one, between the work of all calls."""
        for need in await self.on_worker(partial(self._earlier, tenant, account)):
            await self.on_worker(partial(self._remembered, tenant, need))

    def _earlier(self, tenant: Tenant, account: str) -> tuple[Need, ...]:
        with tenant.lock:
            return tenant.graph.needs(account=account)

    def _remembered(self, tenant: Tenant, need: Need) -> None:
        with tenant.lock:
            self._understanding.remember(tenant, need)

    @property
    def recordings_alone(self) -> bool:
        """Whether all calls that run are recordings."""
        return all(self.recordings.is_playing(*key) for key in self._live)

    def live_call(self, tenant_id: TenantId, call_id: CallId) -> LiveCall | None:
        """A call that is running, or waits for its client; None when there is none of this id."""
        return self._live.get((tenant_id, call_id))

    def resume_call(self, principal: Principal, resume: Resume) -> LiveCall:
        """Find the live call whose client comes back.

        Raises:
            NoResumeError: there is none of this id, or the token is another's.
        """
        call = self._live.get((principal.tenant_id, CallId(resume.call_id)))
        if call is None or not secrets.compare_digest(call.resume_token, resume.resume_token):
            raise NoResumeError(f"no call {resume.call_id} waits to be resumed with this token; start another")
        return call

    def running_call(self, tenant: Tenant, call_id: CallId) -> LiveCall:
        """A call that is running, or waits for its client.

        Raises:
            NotFoundError: the journal has no such call.
            ConflictError: it is over.
        """
        call = self.live_call(tenant.tenant_id, call_id)
        if call is not None:
            return call
        if not tenant.knows_call(call_id):
            raise NotFoundError(f"no call {call_id}")
        raise ConflictError(f"call {call_id} is over")

    async def utterances_after(self, call: LiveCall, turn: int) -> list[wire.CallEvent]:
        """The call's finals after this turn, as events."""

        def draw() -> list[wire.CallEvent]:
            with call.tenant.lock:
                view = call.tenant.graph.call(call.session.call_id)
                said = () if view is None else view.utterances
                return [present.utterance(one) for one in said if one.turn > turn]

        return await self.on_worker(draw)

    def _live_call(self, tenant: Tenant, started: CallStarted, intake: CallIntake, vocabulary: Vocabulary) -> LiveCall:
        call = LiveCall(self, tenant, intake.start)
        inlets = {
            one.channel: ChannelInlet(
                (started.tenant_id, started.call_id),
                one,
                intake.audio_format,
                SileroVoice(self._models.voice),
                self.settings.ingest,
            )
            for one in started.channels
        }
        call.cards = CardDesk(self, tenant, started)
        call.session = CallSession(started, inlets, self.settings.asr, vocabulary, call)
        shelf = AudioShelf(tenant.folder, tenant.keys)
        call.kept = KeptCall(shelf, self.audio, started, call.audio_trouble)
        call.host = started.host
        for one in intake.start.channels:
            if one.consent is not None:
                call.consent(ChannelId(one.channel), one.consent.given)
        self._live[started.tenant_id, started.call_id] = call
        return call

    def parts(self) -> dict[str, dict[str, Any]]:
        """Health of each part, for `/health`."""
        finals, partials = self.recognition.waiting
        return {
            "recognition": {"ok": not self.recognition.behind, "finals_waiting": finals, "partials_waiting": partials},
            "graph": {"ok": self.projecting.healthy, "behind": self.projecting.behind},
            "calls": {"ok": True, "live": len(self._live)},
        }

    def check_room(self) -> None:
        """Raise `BusyError` when no other call fits."""
        running = len(self._live) + len(self._beginning)
        if running >= self.settings.server.max_calls:
            raise BusyError(f"{running} calls are running, which is the limit; try again later")
        if running and self.recognition.full:
            raise BusyError(f"{running} calls keep this machine busy; another would make their words late")

    async def snapshot(self, tenant: Tenant, call_id: CallId, outbox: Outbox | None = None) -> wire.Snapshot:
        """A call as it stands; with an outbox, everything after it follows there.

        The number is taken before the picture: an event in between comes twice, and events replace by id.

        Raises:
            NotFoundError: the journal has no such call.
        """
        if not tenant.knows_call(call_id):
            raise NotFoundError(f"no call {call_id}")
        live = (tenant.tenant_id, call_id) in self._live
        feed = self.lobby.feed(tenant.tenant_id, call_id)
        seq, partials, health = feed.seq, tuple(feed.partials.values()), tuple(feed.health.values())
        if outbox is not None:
            feed.subscribe(outbox)

        def draw() -> wire.Snapshot:
            with tenant.lock:
                view = tenant.graph.call(call_id)
                if view is None:
                    raise NotFoundError(f"no call {call_id}")
                picture = present.snapshot(view, tenant.graph, seq, partials, health)
                return picture if live else present.at_rest(picture)

        return await self.on_worker(draw)

    def live_calls(self, tenant: Tenant) -> set[CallId]:
        """The tenant's calls that are running."""
        return {call_id for tenant_id, call_id in self.live if tenant_id == tenant.tenant_id}

    def call_list(self, tenant: Tenant) -> wire.CallList:
        """The tenant's live and newest calls, newest first; in the worker."""
        live = self.live_calls(tenant)
        with tenant.lock:
            return call_pages.newest(tenant.graph, live)

    def publish(self, tenant_id: TenantId, events: list[wire.CallEvent]) -> None:
        """Show events to everybody who watches their calls; on the event loop."""
        for event in events:
            self.lobby.publish(tenant_id, event)
            if isinstance(event, wire.GraphDeltaEvent):
                self._tell_cards(tenant_id, event)
        self.projecting.notify()

    def _tell_cards(self, tenant_id: TenantId, delta: wire.GraphDeltaEvent) -> None:
        for (owner, _), call in list(self._live.items()):
            if owner == tenant_id:
                call.cards.graph_changed(delta)

    def leave(self, tenant_id: TenantId, call_id: CallId) -> None:
        """A call is over."""
        self._live.pop((tenant_id, call_id), None)
        self.telemetry.calls_live.set(len(self._live))

    def record(self, tenant: Tenant, utterance: Utterance) -> list[wire.CallEvent]:
        """Journal a final; in the worker."""
        began = monotonic()
        changes = tenant.append([utterance], "asr")
        self.telemetry.journal.observe(monotonic() - began)
        self.telemetry.utterances.inc()
        return present.events_of(tenant.graph, changes)

    def understand(self, tenant: Tenant, utterance: Utterance) -> list[wire.CallEvent]:
        """Find, merge, link and journal; in the worker."""
        began = monotonic()
        with tenant.lock:
            messages = self._understanding.read(tenant, utterance)
            changes = tenant.append(messages, "intent") if messages else ()
        self.telemetry.understanding.observe(monotonic() - began)
        self.telemetry.understood(messages)
        return present.events_of(tenant.graph, changes)

    def follow(self, tenant: Tenant, utterance: Utterance) -> list[wire.CallEvent]:
        """Find out what an utterance did to earlier needs and what it names, and journal it; in the worker."""
        with tenant.lock:
            happened = self._understanding.follow(tenant, utterance)
            messages = (*happened, *self._understanding.named(tenant, utterance))
            changes = tenant.append(messages, "intent") if messages else ()
        return present.events_of(tenant.graph, changes)

    async def annotate(
        self, tenant: Tenant, author: str, work: Callable[[], tuple[Annotation, tuple[Journalled, ...]]]
    ) -> Annotation:
        """Journal a person's verdict with what follows from it, and show both."""

        def journal() -> tuple[Annotation, list[wire.CallEvent]]:
            with tenant.lock:
                annotation, consequences = work()
                changes = tenant.append([annotation, *consequences], author)
                return annotation, present.events_of(tenant.graph, changes)

        annotation, events = await self.on_worker(journal)
        self.publish(tenant.tenant_id, events)
        return annotation

    async def show_changes(self, tenant: Tenant, work: Callable[[], tuple[Change, ...]]) -> None:
        """Run work that changes a tenant's journal, and show what it changed."""

        def changed() -> list[wire.CallEvent]:
            with tenant.lock:
                return present.events_of(tenant.graph, work())

        self.publish(tenant.tenant_id, await self.on_worker(changed))

    @property
    def understanding(self) -> Understanding:
        """Signals, merging and linking."""
        return self._understanding

    def _open(self, folder: TenantFolder) -> Tenant:
        with self._opening:
            tenant = self._tenants.get(folder.tenant_id)
            if tenant is None:
                tenant = self._tenants[folder.tenant_id] = Tenant(folder, self._keys, self.settings.graph.journal)
                self.audio.later(partial(sweep, tenant))
            return tenant

    def _all_tenants(self) -> tuple[Tenant, ...]:
        # Others import and analyse beside the service; whoever appeared on the disk is followed too.
        data = self.settings.data
        return tuple(self._open(TenantFolder(data, tenant_id)) for tenant_id in tenants(data))

    def _open_call(
        self, tenant: Tenant, started: CallStarted, agreed: Callable[[CallStarted], tuple[Journalled, ...]]
    ) -> tuple[CallStarted, list[wire.CallEvent]]:
        started, changes = tenant.open_call(started, agreed)
        return started, present.events_of(tenant.graph, changes)

    def _vocabulary(self, tenant: Tenant, started: CallStarted) -> Vocabulary:
        return self._vocabularies.of_call(started, self._understanding.index(tenant))

    def _noticed(self, tenant_id: TenantId, changes: tuple[Change, ...]) -> None:
        # Appended by another process: an import, labels, an analysis. Called in the projecting thread.
        tenant = self._tenants[tenant_id]
        with tenant.lock:
            events = present.events_of(tenant.graph, changes)
        self._from_thread(lambda: self.publish(tenant_id, events))

    def _graph_health(self, ok: bool, message: str) -> None:
        def show() -> None:
            for tenant_id, call_id in self._live:
                event = wire.HealthEvent(call_id=call_id, part="graph", ok=ok, message=message, code="graph_away")
                self.lobby.publish(tenant_id, event)

        self._from_thread(show)

    def _from_thread(self, work: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)


def graph_endpoint(settings: Settings) -> Endpoint | None:
    """The outside graph of the settings, None for the embedded engine."""
    graph = settings.graph
    if graph.uri is None:
        return None
    return Endpoint(uri=graph.uri, user=graph.user, password=graph.password.get_secret_value(), database=graph.database)
