"""`needgraph eval graph`: the call it writes, and that nothing of it stays behind."""

from pathlib import Path

import pytest

from eval.bench.graph_writing import items, opening, spoken, written
from eval.demo_world import ACCOUNT, turns
from graph import queries
from graph.config import EngineConfig
from graph.engine import EmbeddedEngine
from graph.store import GraphStore
from graph.view import NeedGraph
from ingest.messages import CallId, TenantId

TENANT, CALL = TenantId("measured"), CallId("c1")


def test_the_written_call_is_the_demo_call() -> None:
    graph = NeedGraph(TENANT)
    known = {(one.kind, one.id, one.section): one for one in items(TENANT)}
    said = list(spoken(TENANT, CALL, known))
    for message in (
        *opening(TENANT, CALL, ACCOUNT),
        *(one for turn in said for append in turn.appends for one in append),
    ):
        graph.apply(message)
    view = graph.call(CALL)
    assert view is not None
    assert [one.text for one in view.utterances] == [turn.text for turn in turns()]
    voiced = [(one.kind, one.type) for turn in turns() for one in turn.signals]
    assert sorted((one.kind, one.type) for one in view.signals) == sorted(voiced)
    assert {(need.kind, need.type) for need in view.needs} == set(voiced)
    assert any(need.links for need in view.needs)
    assert any(need.status == "addressed" for need in view.needs)


@pytest.mark.engine
def test_writing_is_measured_and_leaves_nothing(tmp_path: Path) -> None:
    with EmbeddedEngine(tmp_path, EngineConfig()) as engine, GraphStore(engine.endpoint) as store:
        store.migrate()
        found = written(store, EngineConfig(), TENANT, calls=2)
        assert store.read(queries.COUNT_TENANT, {"tenant": TENANT}) == [{"nodes": 0}]
    assert found["an utterance"]["n"] == len(turns()) == found["an utterance of the first call"]["n"]
    assert found["one with signals"]["n"] == sum(bool(turn.signals) for turn in turns())
    assert all(0 < of["p50"] <= of["p95"] <= of["most"] for of in found.values())
