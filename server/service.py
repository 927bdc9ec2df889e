"""The running service: models loaded once, tenants, calls, and the ways between them."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from asr.decoder import Decoder
from asr.messages import Utterance
from graph.errors import GraphError
from graph.events import Journalled
from graph.facts import Change
from graph.keys import KeyStore
from graph.messages import SummaryOpened, SummaryShared, SummaryUnshared
from graph.store import Endpoint
from graph.tenants import TenantFolder, tenants
from ingest.messages import CallId, TenantId
from ingest.vad import SileroSession
from intent.entities import Entities
from intent.model import IntentModel
from server import call_pages, present, snapshots, wire
from server.auth import TokenStore
from server.calls import Calls
from server.consent import sweep
from server.corrections import PersonsWord
from server.errors import NotFoundError
from server.events import events_of
from server.feed import Lobby, Outbox
from server.jobs import TrainingJobs
from server.kept_audio import AudioWorker
from server.live_call import LiveCall
from server.projecting import Projecting
from server.recognition import Recognition
from server.recordings import Recordings
from server.settings import Settings
from server.shares import Desk
from server.telemetry import Telemetry
from server.tenant import Tenant
from server.understanding import Understanding

log = logging.getLogger(__name__)

T = TypeVar("T")
Shared = SummaryShared | SummaryUnshared | SummaryOpened
Annotation = TypeVar("Annotation", bound=PersonsWord | Shared)


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
        self._keys = KeyStore(settings.data / "keys.db")
        self._tenants: dict[TenantId, Tenant] = {}
        self._opening = threading.Lock()
        # One thread: journal and model are quick, and order is kept without locks.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="understand")
        self._understanding = Understanding(models.intent, settings.intent, Entities(settings.models))
        self.calls = Calls(self, models.voice, models.decoder)
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
        await self.calls.close()
        await self.jobs.close()
        await self.recognition.close()
        await asyncio.to_thread(self.projecting.stop)
        await asyncio.to_thread(self.audio.close)
        await self.on_worker(self._keep_openings)
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

    async def utterances_after(self, call: LiveCall, turn: int) -> list[wire.CallEvent]:
        """The call's finals after this turn, as events."""

        def draw() -> list[wire.CallEvent]:
            with call.tenant.lock:
                view = call.tenant.graph.call(call.session.call_id)
                said = () if view is None else view.utterances
                return [present.utterance(one) for one in said if one.turn > turn]

        return await self.on_worker(draw)

    def parts(self) -> dict[str, dict[str, Any]]:
        """Health of each part, for `/health`."""
        finals, partials = self.recognition.waiting
        return {
            "recognition": {"ok": not self.recognition.behind, "finals_waiting": finals, "partials_waiting": partials},
            "graph": {"ok": self.projecting.healthy, "behind": self.projecting.behind},
            "calls": {"ok": True, "live": len(self.calls)},
        }

    async def snapshot(self, tenant: Tenant, call_id: CallId, outbox: Outbox | None = None) -> wire.Snapshot:
        """A call as it stands; with an outbox, everything after it follows there.

        The number is taken before the picture: an event in between comes twice, and events replace by id.

        Raises:
            NotFoundError: the journal has no such call.
        """
        if not tenant.knows_call(call_id):
            raise NotFoundError(f"no call {call_id}")
        live = self.calls.find(tenant.tenant_id, call_id) is not None
        feed = self.lobby.feed(tenant.tenant_id, call_id)
        seq, partials, health = feed.seq, tuple(feed.partials.values()), tuple(feed.health.values())
        if outbox is not None:
            feed.subscribe(outbox)

        def draw() -> wire.Snapshot:
            with tenant.lock:
                view = tenant.graph.call(call_id)
                if view is None:
                    raise NotFoundError(f"no call {call_id}")
                picture = snapshots.snapshot(view, tenant.graph, seq, partials, health)
                return picture if live else snapshots.at_rest(picture)

        return await self.on_worker(draw)

    def call_list(self, tenant: Tenant) -> wire.CallList:
        """The tenant's live and newest calls, newest first; in the worker."""
        live = self.calls.of(tenant)
        with tenant.lock:
            return call_pages.newest(tenant.graph, live)

    def publish(self, tenant_id: TenantId, events: list[wire.CallEvent]) -> None:
        """Show events to everybody who watches their calls; on the event loop."""
        for event in events:
            self.lobby.publish(tenant_id, event)
            if isinstance(event, wire.GraphDeltaEvent):
                self.calls.tell_cards(tenant_id, event)
        self.projecting.notify()

    def record(self, tenant: Tenant, utterance: Utterance) -> list[wire.CallEvent]:
        """Journal a final; in the worker."""
        began = monotonic()
        changes = tenant.append([utterance], "asr")
        self.telemetry.journal.observe(monotonic() - began)
        self.telemetry.utterances.inc()
        return events_of(tenant.graph, changes)

    def understand(self, tenant: Tenant, utterance: Utterance) -> list[wire.CallEvent]:
        """Find, merge, link and journal; in the worker."""
        began = monotonic()
        with tenant.lock:
            newest = tenant.graph.utterance(utterance.call_id, utterance.utterance_id)
            # Words that a person corrected before their turn came were read then.
            corrected = newest is not None and newest.revision > utterance.revision
            messages = () if corrected else self._understanding.read(tenant, utterance)
            changes = tenant.append(messages, "intent") if messages else ()
        self.telemetry.understanding.observe(monotonic() - began)
        self.telemetry.understood(messages)
        return events_of(tenant.graph, changes)

    def follow(self, tenant: Tenant, utterance: Utterance) -> list[wire.CallEvent]:
        """Find out what an utterance did to earlier needs and what it names, and journal it; in the worker."""
        with tenant.lock:
            happened = self._understanding.follow(tenant, utterance)
            messages = (*happened, *self._understanding.named(tenant, utterance))
            changes = tenant.append(messages, "intent") if messages else ()
        return events_of(tenant.graph, changes)

    async def annotate(
        self, tenant: Tenant, author: str, work: Callable[[], tuple[Annotation, tuple[Journalled, ...]]]
    ) -> Annotation:
        """Journal a person's verdict with what follows from it, and show both."""

        def journal() -> tuple[Annotation, list[wire.CallEvent]]:
            with tenant.lock:
                annotation, consequences = work()
                changes = tenant.append([annotation, *consequences], author)
                return annotation, events_of(tenant.graph, changes)

        annotation, events = await self.on_worker(journal)
        self.publish(tenant.tenant_id, events)
        return annotation

    async def show_changes(self, tenant: Tenant, work: Callable[[], tuple[Change, ...]]) -> None:
        """Run work that changes a tenant's journal, and show what it changed."""

        def changed() -> list[wire.CallEvent]:
            with tenant.lock:
                return events_of(tenant.graph, work())

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

    def _keep_openings(self) -> None:
        """Journal how often links to summaries were opened, as far as it was only counted."""
        for message in self.shares.openings.waiting():
            with suppress(GraphError):
                self._tenants[message.tenant_id].append([message], "link")

    def _noticed(self, tenant_id: TenantId, changes: tuple[Change, ...]) -> None:
        # Appended by another process: an import, labels, an analysis. Called in the projecting thread.
        tenant = self._tenants[tenant_id]
        with tenant.lock:
            events = events_of(tenant.graph, changes)
        self._from_thread(lambda: self.publish(tenant_id, events))

    def _graph_health(self, ok: bool, message: str) -> None:
        def show() -> None:
            for tenant_id, call_id in self.calls:
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
