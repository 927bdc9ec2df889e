"""The graph is away for a while: calls go on, health says so, and the graph has everything once it is back.

`NEEDGRAPH_TEST_AWAY_S` says for how long.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from graph.config import EngineConfig
from graph.engine import running_engine
from graph.errors import GraphError
from graph.projection import Projector
from graph.store import Endpoint, GraphStore
from ingest.messages import TenantId
from server.service import Models
from server.settings import GraphSettings, ServerConfig, Settings
from server.tenant import Tenant
from tests.graph.graph_reading import dumped
from tests.graph.neo4j_server import free_port, neo4j_server
from tests.server.conftest import Scripted, running
from tests.server.server_calls import INES, OMAR, SAID, WAIT_S, caller, line, of_type
from tests.server.server_screens import Screen

pytestmark = pytest.mark.model

AWAY_S = float(os.environ.get("NEEDGRAPH_TEST_AWAY_S", "4"))  # noqa: TID251 - tests have no settings
ACME = TenantId("acme")
CONFIG = EngineConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A graph that can be taken away."""

    settings: GraphSettings
    endpoint: Callable[[], Endpoint]
    away: Callable[[], AbstractContextManager[None]]


@contextmanager
def engine_away(data: Path) -> Generator[None]:
    """Every engine of this directory is killed as soon as it is there."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.05):
            for child in psutil.Process().children():
                with suppress(psutil.Error):
                    if "graph.engine_child" in child.cmdline() and child.cwd() == str(data):
                        child.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join()


def engine_endpoint(data: Path) -> Endpoint:
    found = running_engine(data)
    if found is None:
        raise GraphError("no engine runs")
    return found.endpoint


@contextmanager
def embedded(data: Path) -> Generator[Graph]:
    yield Graph(settings=GraphSettings(), endpoint=partial(engine_endpoint, data), away=partial(engine_away, data))


@contextmanager
def neo4j(data: Path) -> Generator[Graph]:
    home, port, stack = data.parent / "neo4j", free_port(), ExitStack()
    endpoint = stack.enter_context(neo4j_server(home, port))

    @contextmanager
    def away() -> Generator[None]:
        stack.close()
        yield
        stack.enter_context(neo4j_server(home, port))

    with stack:
        yield Graph(settings=GraphSettings(uri=endpoint.uri), endpoint=lambda: endpoint, away=away)


@pytest.fixture(
    params=[pytest.param(embedded, marks=pytest.mark.engine), pytest.param(neo4j, marks=pytest.mark.neo4j)],
    ids=lambda graph: graph.__name__,
)
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Graph]:
    with request.param(tmp_path / "data") as found:
        yield found


@pytest.fixture
def service(graph: Graph, models: Models, models_dir: Path, tmp_path: Path) -> Generator[Scripted]:
    # The caller is silent for as long as the graph is away.
    server = ServerConfig(idle_s=60 + int(AWAY_S))
    settings = Settings(data=tmp_path / "data", models=models_dir, server=server, graph=graph.settings)
    with running(settings, models) as found:
        yield found


@pytest.fixture
async def api(service: Scripted) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=WAIT_S) as client:
        yield client


async def graph_part(api: httpx.AsyncClient, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What `/health` says of the graph, once it is what is wanted."""
    async with asyncio.timeout(3 * WAIT_S):
        while not wanted(part := (await api.get("/health")).json()["parts"]["graph"]):
            pass
    return part


def well(part: dict[str, Any]) -> bool:
    return part == {"ok": True, "behind": 0}


def positions(graph: Graph, seq: int) -> list[int]:
    """Where the projection stood, from the graph's return until it had this event."""
    found: list[int] = []
    until = time.monotonic() + 3 * WAIT_S
    while found[-1:] != [seq] and time.monotonic() < until:
        with suppress(GraphError), GraphStore(graph.endpoint()) as store:
            found.append(Projector(store, CONFIG).position(ACME))
    return found


async def test_calls_go_on_without_the_graph(graph: Graph, service: Scripted, api: httpx.AsyncClient) -> None:
    token = service.token()
    async with caller(service.url, token) as call, line(service.url, token) as eye:
        await call.start()
        screen = Screen(eye)
        await screen.watch(call.call_id)
        await call.utterance(INES, 0)
        await graph_part(api, well)
        began = time.monotonic()
        with graph.away():
            # Nothing is said, nothing is to be written, and yet it is noticed.
            sick = await screen.follow("health", part="graph", ok=False)
            assert "catch up" in sick["message"]
            assert sick["code"] == "graph_away"
            assert await call.until(lambda event: event["type"] == "health" and not event["ok"])
            for channel, block in ((INES, 1), (OMAR, 1), (INES, 2)):
                heard = await call.utterance(channel, block)
                shown = await screen.follow("utterance", utterance_id=heard["utterance_id"])
                assert shown["text"] == SAID[channel][block]
                if (channel, block) == (INES, 1):
                    assert (await screen.follow("signal", utterance_id=heard["utterance_id"]))["kind"] == "need"
            async with caller(service.url, token) as other:
                told = await other.start()
                begun = await told.until(of_type("health"))
                assert (begun["ok"], begun["code"]) == (False, "graph_away")
                await other.utterance(INES, 0)
                await other.end()
            part = await graph_part(api, lambda part: part["behind"] > 0)
            assert not part["ok"]
            await asyncio.sleep(max(0.0, began + AWAY_S - time.monotonic()))
        tenant = await service_tenant(service)
        watching = asyncio.create_task(asyncio.to_thread(positions, graph, tenant.seq))
        over = await screen.follow("health", part="graph", ok=True)
        assert (over["message"], over["code"]) == ("the graph is up to date", "graph_away")
        seen = await watching
        assert seen == sorted(seen)
        assert seen[-1] == tenant.seq
        await call.end()
    await graph_part(api, well)
    # What was written late is what a graph holds that was never away.
    with GraphStore(graph.endpoint()) as store:
        again = TenantId("acme-again")
        Projector(store, CONFIG).project(again, tenant.replayed(0))
        assert dumped(store, ACME) == dumped(store, again) != []


async def service_tenant(service: Scripted) -> Tenant:
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(service.service.tenant(ACME), service.loop))
