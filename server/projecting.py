"""Keeps the graph a projection of the journals: runs the engine, follows every tenant, restarts what died.

One thread of its own. While the graph is away nothing else waits for it: journals grow, and the graph catches up.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from graph.config import EngineConfig
from graph.databases import Databases
from graph.engine import EmbeddedEngine
from graph.errors import GraphError
from graph.facts import Change
from graph.projection import Projector
from graph.store import Endpoint, GraphStore
from ingest.messages import TenantId
from server.settings import GraphSettings
from server.tenant import Tenant

log = logging.getLogger(__name__)

RETRY_S = 2.0
ASK_S = 5.0
"""So long after the last sign of life, a graph to which nothing is to be written is asked whether it is there."""


class Projecting:
    """The graph engine and the projection of all tenants of this service."""

    def __init__(
        self,
        data_dir: Path,
        outside: Endpoint | None,
        settings: GraphSettings,
        tenants: Callable[[], Sequence[Tenant]],
        noticed: Callable[[TenantId, tuple[Change, ...]], None],
        health: Callable[[bool, str], None],
    ) -> None:
        """Prepare; `start` begins.

        Args:
            data_dir: where the embedded engine keeps its files.
            outside: a Neo4j to use instead of the embedded engine.
            settings: engine and batches, and whether tenants share a database.
            tenants: whom to follow.
            noticed: told, in this thread, of changes that another process appended.
            health: told, in this thread, when the graph goes away or comes back.
        """
        self._engine = None if outside else EmbeddedEngine(data_dir, settings.engine)
        self._outside = outside
        self._config = settings.engine
        self._databases: Databases = settings.databases
        self._tenants = tenants
        self._noticed = noticed
        self._health = health
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._store: GraphStore | None = None
        self._followed: set[TenantId] = set()
        self._thread = threading.Thread(target=self._run, name="projecting", daemon=True)
        self._answered_s = 0.0
        self.healthy = False

    @property
    def engine_pid(self) -> int | None:
        """Process of the embedded engine, None while there is none."""
        return self._engine.running.pid if self._engine and self._engine.running else None

    @property
    def behind(self) -> int:
        """Journal events that the graph has not yet."""
        return sum(len(tenant.unprojected) for tenant in self._tenants())

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def notify(self) -> None:
        """There is something to project."""
        self._wake.set()

    def stop(self) -> None:
        """Write what is left, then end the engine."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._round()
                self._wake.wait(self._config.poll_ms / 1000 if self.healthy else RETRY_S)
                self._wake.clear()
            if self.healthy:
                self._round()
        finally:
            if self._store is not None:
                self._store.close()
            if self._engine is not None:
                self._engine.stop()

    def _round(self) -> None:
        try:
            for tenant in self._tenants():
                changes = tenant.catch_up()
                if changes:
                    self._noticed(tenant.tenant_id, changes)
            store = self._connected()
            for tenant in self._tenants():
                if tenant.unprojected or tenant.tenant_id not in self._followed or self._silent:
                    catch_up(store, self._config, tenant, self._stopping.is_set)
                    self._followed.add(tenant.tenant_id)
                    self._answered_s = time.monotonic()
                tenant.keep_snapshot()
            self._report(True, "the graph is up to date")
        except (GraphError, OSError) as error:
            if self._store is not None:
                self._store.close()
                self._store = None
            self._report(False, f"{error}; calls go on and the graph will catch up")

    @property
    def _silent(self) -> bool:
        return time.monotonic() - self._answered_s > ASK_S

    def _connected(self) -> GraphStore:
        if self._engine is not None and not self._engine.alive:
            self._report(False, "the graph engine ended and is started again; calls go on and the graph will catch up")
            if self._store is not None:
                self._store.close()
                self._store = None
            self._engine.restart()
        if self._store is None:
            endpoint = self._outside or (self._engine.endpoint if self._engine else None)
            if endpoint is None:
                raise GraphError("no graph is set")
            create = None if self._engine is None else self._engine.create_database
            self._store = GraphStore(endpoint, self._databases, create)
            self._store.migrate()
            self._followed.clear()
        return self._store

    def _report(self, healthy: bool, message: str) -> None:
        if healthy != self.healthy:
            self.healthy = healthy
            self._health(healthy, message)
            log.log(logging.INFO if healthy else logging.WARNING, message)


@dataclass(frozen=True, slots=True)
class _Stoppable:
    """A tenant's journal gone through again, which may take many minutes, until the service stops."""

    tenant: Tenant
    stopped: Callable[[], bool]

    def replayed(self, after_seq: int) -> Iterator[Change]:
        return self._until_stopped(self.tenant.replayed(after_seq))

    def rebuilt(self, until_seq: int) -> Iterator[Change]:
        return self._until_stopped(self.tenant.rebuilt(until_seq))

    def _until_stopped(self, changes: Iterable[Change]) -> Iterator[Change]:
        for change in changes:
            if self.stopped():
                raise GraphError("the service stops before the graph is whole; the next start goes on")
            yield change


def catch_up(
    store: GraphStore, config: EngineConfig, tenant: Tenant, stopped: Callable[[], bool] = lambda: False
) -> None:
    """Project what the graph does not hold yet of a tenant's folded events; also from the start, when it lost them."""
    waiting = list(tenant.unprojected)
    with projecting_lock(tenant):
        Projector(store, config).catch_up(tenant.tenant_id, waiting, tenant.seq, _Stoppable(tenant, stopped))
    for _ in waiting:
        tenant.unprojected.popleft()


def projecting_lock(tenant: Tenant) -> FileLock:
    """Held by whoever writes a tenant's projection, so that a rebuild and a running service take turns."""
    return FileLock(tenant.folder.path / "projection.lock")
