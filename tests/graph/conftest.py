from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.config import EngineConfig
from graph.engine import EmbeddedEngine
from graph.journal import Journal
from graph.keys import KeyStore
from graph.store import Endpoint
from ingest.messages import TenantId
from tests.graph.neo4j_server import neo4j_server

TENANT = TenantId("acme")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = KeyStore(tmp_path / "keys.db")
    yield store
    store.close()


@pytest.fixture
def journal(tmp_path: Path, keys: KeyStore) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db", keys, TENANT)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with EmbeddedEngine(tmp_path_factory.mktemp("embedded"), EngineConfig()) as engine:
        yield engine.endpoint


@pytest.fixture(scope="session")
def neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with neo4j_server(tmp_path_factory.mktemp("neo4j")) as endpoint:
        yield endpoint
