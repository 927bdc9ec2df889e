"""A service whose tenants have a database each, and a rebuild beside it."""

from pathlib import Path
from typing import LiteralString

import httpx
import pytest

from graph.config import EngineConfig
from graph.databases import database_of
from graph.engine import running_engine
from graph.projection import Projector
from graph.store import Endpoint, GraphStore
from ingest.messages import TenantId
from server.service import Models
from server.settings import GraphSettings, ServerConfig, Settings
from tests.graph.graph_reading import dumped
from tests.server.conftest import running
from tests.server.server_calls import INES, WAIT_S, caller
from tests.server.server_child import verb
from tests.server.test_server_graph_away import graph_part, well

pytestmark = [pytest.mark.model, pytest.mark.engine]

ALL_TENANTS: LiteralString = "MATCH (n) RETURN DISTINCT n.tenant AS tenant"


async def test_each_tenant_is_written_to_its_own_and_made_again_alone(
    models: Models, models_dir: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    settings = Settings(data=data, models=models_dir, server=ServerConfig(), graph=GraphSettings(databases="tenant"))
    with running(settings, models) as service:
        for tenant in ("acme", "other"):
            token = service.token(tenant=tenant)
            async with caller(service.url, token) as call:
                await call.start()
                await call.utterance(INES, 0)
                await call.end()
        async with httpx.AsyncClient(base_url=service.url, timeout=WAIT_S) as api:
            await graph_part(api, well)
        found = running_engine(data)
        assert found is not None
        for tenant in ("acme", "other"):
            assert tenants_in(found.endpoint, database_of(tenant)) == [tenant]
        assert tenants_in(found.endpoint, found.endpoint.database) == []
        with GraphStore(found.endpoint, "tenant") as store:
            before = [dumped(store, TenantId(tenant)) for tenant in ("acme", "other")]
            Projector(store, EngineConfig()).drop(TenantId("acme"))
            options = ("--data", data, "--models", models_dir, "--tenant", "acme", "--quiet")
            rebuilt = verb("rebuild", *options, NEEDGRAPH_GRAPH__DATABASES="tenant")
            assert rebuilt.returncode == 0, rebuilt.stderr
            assert [dumped(store, TenantId(tenant)) for tenant in ("acme", "other")] == before


def tenants_in(endpoint: Endpoint, database: str) -> list[str]:
    at = Endpoint(
        uri=endpoint.uri, user=endpoint.user, password=endpoint.password, database=database, embedded=endpoint.embedded
    )
    with GraphStore(at) as plain:
        return sorted(row["tenant"] for row in plain.read(ALL_TENANTS, {}))
