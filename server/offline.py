"""What verbs that work without a service share: a tenant opened, understanding loaded, and the graph reached."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graph.engine import EmbeddedEngine, running_engine
from graph.errors import UnknownTenantError
from graph.keys import KeyStore
from graph.store import GraphStore
from graph.tenants import TenantFolder
from server.projecting import catch_up
from server.service import graph_endpoint
from server.settings import Settings
from server.tenant import Tenant

if TYPE_CHECKING:
    from server.understanding import Understanding


@contextmanager
def opened(settings: Settings, name: str, *, create: bool = True) -> Generator[Tenant]:
    """A tenant with its journal.

    Raises:
        UnknownTenantError: nothing was ever stored for it, and it is not to be created.
    """
    folder = TenantFolder(settings.data, name)
    if not create and not folder.exists():
        raise UnknownTenantError(f"no tenant {name} in {settings.data}; it begins with its first import")
    keys = KeyStore(folder.keys)
    tenant = Tenant(folder, keys, settings.graph.journal)
    try:
        yield tenant
    finally:
        tenant.close()
        keys.close()


@contextmanager
def understanding(settings: Settings) -> Generator["Understanding"]:
    """The intent model, merger and linker."""
    from intent.entities import Entities
    from intent.model import IntentModel
    from server.understanding import Understanding

    found = Understanding(IntentModel(settings.models, settings.intent), settings.intent, Entities(settings.models))
    try:
        yield found
    finally:
        found.close()


@contextmanager
def graph_store(settings: Settings) -> Generator[GraphStore]:
    """The graph: an outside one if it is set, the engine that a service runs, else one of our own for a while."""
    outside = graph_endpoint(settings)
    running = None if outside else running_engine(settings.data)
    endpoint = outside or (running.endpoint if running else None)
    databases = settings.graph.databases
    if endpoint is not None:
        with GraphStore(endpoint, databases) as store:
            yield store
        return
    with (
        EmbeddedEngine(settings.data, settings.graph.engine) as engine,
        GraphStore(engine.endpoint, databases, engine.create_database) as store,
    ):
        yield store


def follow(settings: Settings, tenant: Tenant) -> None:
    """Bring an outside graph up to date. The embedded one is: a service follows, or the next one catches up."""
    if settings.graph.uri is None:
        return
    with graph_store(settings) as store:
        store.migrate()
        catch_up(store, settings.graph.engine, tenant)
