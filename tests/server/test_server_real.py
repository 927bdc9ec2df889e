"""The service as a user runs it: Whisper, the embedded engine, and what kills them."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from graph.config import EngineConfig
from graph.engine import running_engine
from graph.journal import Journal
from graph.keys import KeyStore
from graph.projection import Projector
from graph.store import GraphStore
from graph.tenants import TenantFolder
from intent.labels import LABELS
from tests.server.server_calls import (
    DANA,
    INES,
    NAMES,
    OMAR,
    WAIT_S,
    Caller,
    Event,
    caller,
    headers,
    line,
    of_type,
)
from tests.server.server_child import Child, verb
from tests.server.server_screens import Screen, drawn

pytestmark = [pytest.mark.model, pytest.mark.engine]

AT = "2026-01-02T03:04:05Z"
SAYS = "better than it is now"
"""The words of every block, which Whisper hears for real."""


@pytest.fixture
async def api(child: Child) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=child.url, headers=headers(child.token), timeout=WAIT_S) as client:
        yield client


async def say(call: Caller, channel: str, block: int) -> Event:
    await call.say(channel, block)
    heard = await call.until(of_type("utterance"))
    assert (heard["channel"], SAYS in heard["text"]) == (channel, True)
    return heard


async def graph_is_there(call: Caller) -> None:
    """Wait for the engine's start, which calls do not."""
    await call.tell({"type": "flush"})
    await call.until(of_type("flushed"))
    if any(event["type"] == "health" and event["part"] == "graph" for event in call.seen):
        await health(call, ok=True)


async def health(call: Caller, *, ok: bool) -> Event:
    def wanted(event: Event) -> bool:
        return event["type"] == "health" and event["part"] == "graph" and event["ok"] is ok

    return next((event for event in call.seen if wanted(event)), None) or await call.until(wanted)


def journalled(data: Path) -> tuple[int, set[str]]:
    """Last sequence number of the journal, and the utterances in it."""
    folder = TenantFolder(data, "demo")
    keys = KeyStore(folder.keys)
    journal = Journal(folder.journal, keys, folder.tenant_id)
    try:
        held = {getattr(event.message, "utterance_id", "") for event in journal.read(kinds=("utterance",))}
        return journal.last_seq(), held
    finally:
        journal.close()
        keys.close()


def projected(data: Path) -> int:
    """Position of the projection in the engine that runs."""
    running = running_engine(data)
    assert running is not None
    with GraphStore(running.endpoint) as store:
        return Projector(store, EngineConfig()).position(TenantFolder(data, "demo").tenant_id)


async def caught_up(data: Path) -> bool:
    async with asyncio.timeout(WAIT_S):
        while await asyncio.to_thread(projected, data) != journalled(data)[0]:
            pass
    return True


async def test_the_engine_is_killed_and_calls_go_on(child: Child) -> None:
    async with caller(child.url, child.token) as call, line(child.url, child.token) as eye:
        await call.start()
        await graph_is_there(call)
        await say(call, INES, 0)
        screen = Screen(eye)
        await screen.watch(call.call_id)
        killed = child.engine["pid"]
        call.seen.clear()
        os.kill(killed, signal.SIGKILL)
        sick = await health(call, ok=False)
        assert "catch up" in sick["message"]
        assert not (await screen.follow("health", part="graph"))["ok"]
        # Nobody waits for the graph: the final comes, journalled.
        heard = await say(call, DANA, 1)
        assert heard["utterance_id"] in journalled(child.data)[1]
        await health(call, ok=True)
        assert child.engine["pid"] != killed
        await say(call, OMAR, 2)
        await screen.follow("health", part="graph", ok=True)
        await call.end()
        await screen.follow("call_ended")
        assert len(screen.picture["utterances"]) == 3
    assert await caught_up(child.data)
    async with httpx.AsyncClient(base_url=child.url, timeout=WAIT_S) as client:
        found = (await client.get("/health")).json()
    assert (found["ok"], found["parts"]["graph"]) == (True, {"ok": True, "behind": 0})
    assert found["parts"]["calls"] == {"ok": True, "live": 0}


async def test_the_service_is_killed_in_mid_call(models_dir: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Child(data, models_dir) as first:
        async with caller(first.url, first.token) as call, line(first.url, first.token) as eye:
            await call.start(call_id="cut")
            screen = Screen(eye)
            await graph_is_there(call)
            acknowledged = [(await say(call, channel, block))["text"] for block, channel in enumerate((INES, DANA))]
            await call.say(OMAR, 2, share=0.6)
            engine = first.engine["pid"]
            await screen.watch("cut")
            first.kill()
            assert (await call.closed())[0] != 1000
    with Child(data, models_dir) as second:
        async with (
            line(second.url, second.token) as eye,
            caller(second.url, second.token) as call,
            httpx.AsyncClient(base_url=second.url, headers=headers(second.token), timeout=WAIT_S) as client,
        ):
            again = Screen(eye)
            await again.watch("cut")
            assert [one["text"] for one in again.picture["utterances"].values()] == acknowledged
            assert drawn(again.picture)["signals"] == drawn(screen.picture)["signals"]
            (summary,) = (await client.get("/v1/calls")).json()["calls"]
            assert (summary["call_id"], summary["live"]) == ("cut", False)
            # The next call is served, and the graph catches up with what it missed.
            await call.start()
            await graph_is_there(call)
            await call.end()
        assert await caught_up(data)
        assert not psutil.pid_exists(engine)


async def test_the_service_stops_with_what_was_said(models_dir: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Child(data, models_dir) as service:
        async with caller(service.url, service.token) as call:
            await call.start(call_id="stopped")
            await call.say(INES, 0, share=0.7)
            await call.until(of_type("ack"))
            assert service.popen.stdin is not None
            service.popen.stdin.close()
            assert (await call.closed())[0] == 1012
            assert await asyncio.to_thread(service.popen.wait, 30) == 0
    folder = TenantFolder(data, "demo")
    keys = KeyStore(folder.keys)
    journal = Journal(folder.journal, keys, folder.tenant_id)
    kept = [event.message for event in journal.read(kinds=("utterance", "call_ended"))]
    journal.close()
    keys.close()
    assert "better" in getattr(kept[0], "text", "")
    assert getattr(kept[1], "reason", None) == "service_stopped"
    assert not (data / "service.json").exists()


ROWS: dict[str, Event] = {
    "tickets": {"id": "T-7", "title": "Excel export", "body": "Every Monday.", "status": "open", "created_at": AT},
    "roadmap": {"id": "R-1", "title": "Offline", "description": "Works on a train.", "status": "planned"},
    "documents": {"doc_id": "rival", "section_id": "prices", "title": "Prices", "text": "Cheap at first."},
}


async def test_items_that_are_imported_beside_the_service(
    child: Child, api: httpx.AsyncClient, models_dir: Path, tmp_path: Path
) -> None:
    def imported(source: str) -> int:
        file = tmp_path / f"{source}.jsonl"
        file.write_text(json.dumps(ROWS[source]) + "\n", encoding="utf-8")
        return verb("import", source, file, "--data", child.data, "--models", models_dir).returncode

    assert await asyncio.gather(*(asyncio.to_thread(imported, source) for source in ROWS)) == [0, 0, 0]
    ticket = (await api.get("/v1/items/ticket/T-7")).json()
    assert (ticket["id"], ticket["title"], ticket["kind"]) == ("T-7", "Excel export", "ticket")
    assert "Every Monday." in ticket.values()
    assert "tenant_id" not in ticket
    assert "Works on a train." in (await api.get("/v1/items/roadmap/R-1")).json().values()
    section = await api.get("/v1/items/document/rival", params={"section": "prices"})
    assert "Cheap at first." in section.json().values()
    for path, params in (("document/rival", {"section": "nothing"}), ("ticket/nothing", {})):
        answer = await api.get(f"/v1/items/{path}", params=params)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert (await api.get("/v1/items/rumour/nothing")).json()["error"]["code"] == "bad_request"


async def test_the_label_set(api: httpx.AsyncClient) -> None:
    found = (await api.get("/v1/label-set")).json()
    assert [(one["type"], one["kind"]) for one in found["types"]] == [(one.type, one.kind) for one in LABELS.types]
    assert all(one["title"] and one["hint"] for one in found["types"])


@pytest.mark.parametrize("path", ["/", "/health", "/metrics", "/v1/me", "/v1/nothing", "/nothing", "/v1/calls/nothing"])
async def test_security_headers(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert answer.status_code in (200, 404)


async def test_what_is_not_there_answers_in_one_form(api: httpx.AsyncClient) -> None:
    for method, path, status, code in (
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/../../etc/passwd", 404, "not_found"),
        ("DELETE", "/v1/calls", 405, "wrong_method"),
    ):
        answer = await api.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_neither_metrics_nor_logs_tell_what_was_said(child: Child, api: httpx.AsyncClient) -> None:
    async with caller(child.url, child.token) as call:
        await call.start()
        heard = await say(call, INES, 0)
        verdict = {
            "call_id": call.call_id,
            "utterance_id": heard["utterance_id"],
            "revision": 1,
            "verdict": "add",
            "type": "integration",
            "start": 0,
            "end": 3,
            "strength": 2,
        }
        assert (await api.post("/v1/annotations/signals", json=verdict)).status_code == 200
        await call.socket.send('{"type": "start", "text": "Ines Quellmeister said so"}')
        await call.closed()
    with pytest.raises(httpx.HTTPStatusError):
        (await api.get("/v1/me", headers=headers("ng_wrong-token"))).raise_for_status()
    metrics = (await api.get("/metrics")).text
    values = dict(row.rsplit(" ", 1) for row in metrics.splitlines() if not row.startswith("#"))
    assert float(values["ingest_audio_seconds_total"]) > 3
    assert float(values["asr_utterances_total"]) >= 1
    assert float(values['ingest_frames_refused_total{code="malformed_frame"}']) >= 1
    assert float(values['asr_decode_seconds_count{lane="final"}']) >= 1
    log = child.errors.read_text(encoding="utf-8")
    secrets = [SAYS, "better", *NAMES, "Quellmeister", child.token, "ng_", call.call_id]
    for text in secrets:
        assert text not in metrics
    for text in secrets[:-1]:
        assert text not in log
