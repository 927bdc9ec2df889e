"""A database for each tenant: what lies in one is in no other, whoever asks and however."""

from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import queries
from graph.config import EngineConfig
from graph.databases import database_of
from graph.engine import EmbeddedEngine
from graph.errors import EngineError, GraphError, OneDatabaseError
from graph.projection import Projector
from graph.store import Endpoint, GraphStore
from graph.tenants import TENANT_NAME
from ingest.messages import TenantId
from tests.graph.graph_reading import dumped
from tests.graph.test_graph_contract import STORY

ALL_NODES: LiteralString = "MATCH (n) RETURN count(n) AS nodes"
"""The one text without a tenant: it counts whatever a database holds."""
CONSTRAINED: LiteralString = "CREATE (n:Call {tenant: $tenant, id: 'c1'})"
ACME, OTHER = TenantId("acme"), TenantId("other")
CONFIG = EngineConfig()

tenant_names = st.from_regex(TENANT_NAME, fullmatch=True)


@given(tenant_names, tenant_names)
def test_names_are_those_that_both_engines_take_and_no_two_tenants_share_one(one: str, other: str) -> None:
    name = database_of(one)
    assert 3 <= len(name) <= 63
    assert name.replace("-", "").isalnum()
    assert name == name.lower()
    assert name[0].isalpha()
    assert not name.startswith("system")
    assert (name == database_of(other)) == (one == other)


def test_long_names_that_end_differently_are_kept_apart() -> None:
    assert database_of("a" * 62 + "b") != database_of("a" * 62 + "c")
    assert database_of("a" * 36) != database_of("a" * 37)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    with EmbeddedEngine(tmp_path_factory.mktemp("databases"), CONFIG) as started:
        yield started


@pytest.fixture
def store(engine: EmbeddedEngine) -> Iterator[GraphStore]:
    with GraphStore(engine.endpoint, "tenant", engine.create_database) as opened:
        opened.migrate()
        yield opened


def nodes(endpoint: Endpoint, database: str) -> int:
    """All nodes of a database, whosever they are."""
    with GraphStore(endpoint_of(endpoint, database)) as plain:
        return plain.read(ALL_NODES, {})[0]["nodes"]


def endpoint_of(endpoint: Endpoint, database: str) -> Endpoint:
    return Endpoint(
        uri=endpoint.uri, user=endpoint.user, password=endpoint.password, database=database, embedded=endpoint.embedded
    )


@pytest.mark.engine
def test_two_tenants_lie_in_two_databases(engine: EmbeddedEngine, store: GraphStore) -> None:
    projector = Projector(store, CONFIG)
    for tenant, events in ((ACME, len(STORY)), (OTHER, 22)):
        assert projector.project(tenant, STORY[:events]) == events
    whole, part = dumped(store, ACME), dumped(store, OTHER)
    assert len(whole) > len(part) > 0
    of_acme, of_other = (nodes(engine.endpoint, database_of(one)) for one in (ACME, OTHER))
    assert of_acme > of_other > 0
    assert nodes(engine.endpoint, engine.endpoint.database) == 0
    assert store.read(queries.COUNT_TENANT, {"tenant": ACME}) == [{"nodes": of_acme - 1}]
    with GraphStore(endpoint_of(engine.endpoint, database_of(OTHER))) as within:
        assert within.read(queries.COUNT_TENANT, {"tenant": ACME}) == [{"nodes": 0}]
    # One is dropped and made again; of the other nothing moves.
    projector.drop(ACME)
    assert nodes(engine.endpoint, database_of(ACME)) == 0
    assert nodes(engine.endpoint, database_of(OTHER)) == of_other
    assert projector.project(ACME, STORY) == len(STORY)
    assert dumped(store, ACME) == whole
    assert dumped(store, OTHER) == part
    with pytest.raises(GraphError, match="refused"):
        store.write([(CONSTRAINED, {"tenant": ACME})])


@pytest.mark.engine
def test_what_was_made_is_found_again(engine: EmbeddedEngine) -> None:
    for _ in range(2):
        with GraphStore(engine.endpoint, "tenant", engine.create_database) as again:
            Projector(again, CONFIG).project(TenantId("twice"), STORY[:13])
            assert Projector(again, CONFIG).position(TenantId("twice")) == 13
    # Another process on this engine finds it, and makes none itself.
    with GraphStore(engine.endpoint, "tenant") as beside:
        assert Projector(beside, CONFIG).position(TenantId("twice")) == 13


@pytest.mark.engine
def test_a_name_that_can_be_none_is_an_error(engine: EmbeddedEngine) -> None:
    with pytest.raises(EngineError, match=r"engine\.log"):
        engine.create_database("../outside")
    engine.create_database("needgraph-afterwards")
    assert nodes(engine.endpoint, "needgraph-afterwards") == 0


def test_an_engine_that_does_not_run_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not running"):
        EmbeddedEngine(tmp_path, CONFIG).create_database("needgraph-x")


@pytest.mark.neo4j
def test_a_server_with_one_database_says_so(neo4j: Endpoint) -> None:
    with (
        GraphStore(neo4j, "tenant") as alone,
        pytest.raises(OneDatabaseError, match="NEEDGRAPH_GRAPH__DATABASES=shared"),
    ):
        Projector(alone, CONFIG).position(ACME)
