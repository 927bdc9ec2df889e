"""Links that open a summary: who may make one, what it shows, and that what opens nothing looks the same."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.events import Draft
from graph.head import Head, SharedSummary
from graph.history import folded
from graph.journal import Journal
from graph.keys import KeyStore
from graph.messages import SummaryShared
from graph.view import NeedGraph
from ingest.messages import CallId, TenantId
from intent.messages import SignalAnnotation, SignalId
from server import bodies, shares
from server.auth import PrincipalRole
from server.errors import ConflictError, NotFoundError
from server.summary_files import POLICY
from tests.graph.graph_samples import CALL, NOON, TENANT, opened, shared, signal, started, unshared, verdict
from tests.server.conftest import Scripted
from tests.server.server_calls import WAIT_S, headers
from tests.server.server_past import SECRET_TITLE, keep, on_loop, tenant_of
from tests.server.server_past import started as past

LATER = NOON + timedelta(days=1)


# The fold, and what stands by itself.


def test_links_are_folded_without_any_account() -> None:
    graph = NeedGraph(TENANT)
    for message in (
        started(),
        shared("a"),
        shared("b"),
        opened("a", 2),
        unshared("b"),
        opened("none"),
        unshared("none"),
    ):
        assert graph.apply(message) is None
    assert {name: (one.opened.opened if one.opened else 0, one.revoked) for name, one in graph.shares.items()} == {
        "a": (2, False),
        "b": (0, True),
    }
    assert [one.made.share_id for one in shares.standing(graph, CALL, LATER)] == ["a"]
    assert shares.standing(graph, CALL, NOON + timedelta(days=7)) == []
    assert shares.standing(graph, CallId("other"), LATER) == []


def test_links_survive_a_replay(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "keys.db")
    journal = Journal(tmp_path / "journal.db", keys, TENANT)
    messages = (started(), shared("a"), opened("a", 4))
    journal.append([Draft(message=one, actor="test", at=NOON) for one in messages])
    graph, _ = folded(journal, journal.last_seq())
    assert graph.shares == {"a": SharedSummary(made=shared("a"), opened=opened("a", 4))}
    assert isinstance(graph.head, Head)
    journal.close()
    keys.close()


def test_a_token_goes_there_and_back(tmp_path: Path) -> None:
    (tmp_path / "tenants/acme").mkdir(parents=True)
    token = shares.new_token(TenantId("acme"))
    assert shares.read_token(str(token), tmp_path) == token
    assert len(token.secret) >= 43
    assert token.secret not in token.digest
    assert len(str(shares.new_token(TenantId("a" * 63)))) <= shares.MOST_TOKEN_CHARS


def tenant_part(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "secret",
        "YWNtZQ.",
        ".secret",
        "!!.secret",
        f"{tenant_part('nobody')}.secret",
        f"{tenant_part('../acme')}.secret",
        f"{tenant_part('')}.secret",
        f"{tenant_part('äcme')}.secret",
        f"{tenant_part('acme')}.sécret",
        f"{tenant_part('acme')}.{'x' * 300}",
    ],
)
def test_what_is_no_token_makes_no_tenant(text: str, tmp_path: Path) -> None:
    (tmp_path / "tenants/acme").mkdir(parents=True)
    assert shares.read_token(text, tmp_path) is None
    assert [one.name for one in (tmp_path / "tenants").iterdir()] == ["acme"]


def graph_with(*messages: Any) -> NeedGraph:
    graph = NeedGraph(TENANT)
    for message in (started(), *messages):
        graph.apply(message)
    return graph


def test_only_its_own_secret_opens_a_link() -> None:
    mine, other = shares.new_token(TENANT), shares.new_token(TENANT)
    graph = graph_with(shared("a", mine.digest), shared("b", "f" * 64))
    found = shares.opened_by(graph, mine, LATER)
    assert found is not None
    assert found.made.share_id == "a"
    assert shares.opened_by(graph, other, LATER) is None
    assert shares.opened_by(graph, mine, NOON + timedelta(days=7)) is None
    graph.apply(unshared("a"))
    assert shares.opened_by(graph, mine, LATER) is None


def test_there_are_only_so_many_links_of_a_call() -> None:
    at = datetime.now(UTC)
    many = [replace(shared(f"s{number}"), expires_at=at + timedelta(days=1)) for number in range(shares.MOST_PER_CALL)]
    graph = graph_with(*many)
    with pytest.raises(ConflictError):
        shares.made(graph, CALL, bodies.ShareRequest(), "Mara")
    graph.apply(unshared("s0"))
    _, message = shares.made(graph, CALL, bodies.ShareRequest(days=2, language="zh"), "Mara")
    assert (message.expires_at - message.at, message.language, message.author) == (timedelta(days=2), "zh", "Mara")
    with pytest.raises(NotFoundError):
        shares.made(graph, CallId("none"), bodies.ShareRequest(), "Mara")
    with pytest.raises(NotFoundError):
        shares.revoked(graph, "s0", "Mara")


def test_openings_are_journalled_once_a_minute_and_all_are_counted() -> None:
    counting, known = shares.Openings(), SharedSummary(made=shared())
    journalled: list[int] = []
    for second in range(150):
        message = counting.count(known, NOON + timedelta(seconds=second))
        if message is not None:
            journalled.append(message.opened)
            known.opened = message
    assert journalled == [1, 61, 121]
    assert counting.of(known) == (150, NOON + timedelta(seconds=149))
    # After a restart what was journalled is known.
    again = shares.Openings()
    assert again.of(known)[0] == 121
    assert again.count(known, NOON + timedelta(seconds=149)) is None
    assert again.shown(known).opened == 122


def test_guesses_from_one_address_are_stopped_for_a_while() -> None:
    guesses = shares.Guesses()
    for number in range(shares.Guesses.MOST):
        assert not guesses.too_many("1.2.3.4", number)
        guesses.failed("1.2.3.4", number)
    assert guesses.too_many("1.2.3.4", 30)
    assert not guesses.too_many("5.6.7.8", 30)
    assert not guesses.too_many("1.2.3.4", 61)


def test_addresses_are_forgotten_in_the_end() -> None:
    guesses = shares.Guesses()
    for number in range(shares.Guesses.ADDRESSES + 10):
        guesses.failed(str(number), 0)
    assert len(guesses._failed) == shares.Guesses.ADDRESSES


# Over the API.


@asynccontextmanager
async def client_of(scripted: Scripted, tenant: str, role: PrincipalRole = "rep") -> AsyncIterator[httpx.AsyncClient]:
    auth = headers(scripted.token(role, tenant=tenant))
    async with httpx.AsyncClient(base_url=scripted.url, headers=auth, timeout=WAIT_S) as client:
        yield client


async def opened_page(scripted: Scripted, path: str, **more: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=scripted.url, timeout=WAIT_S) as nobody:
        return await nobody.get(path, headers=more)


@pytest.fixture(autouse=True)
def no_guesses(request: pytest.FixtureRequest) -> None:
    """Every test of this file comes from one address."""
    if "scripted" in request.fixturenames:
        scripted: Scripted = request.getfixturevalue("scripted")
        scripted.service.shares.guesses._failed.clear()


@pytest.mark.model
async def test_a_link_opens_the_summary_for_anybody(scripted: Scripted) -> None:
    await keep(scripted, [past("links", "l1", "Harbour Foods")])
    async with client_of(scripted, "links") as client:
        made = await client.post("/v1/calls/l1/shares", json={"days": 3, "language": "en"})
        assert made.status_code == 201
        one = bodies.Share.model_validate(made.json())
        assert one.path is not None
        assert one.expires_at - one.made_at == timedelta(days=3)
        assert (one.opened, one.opened_at, one.author) == (0, None, "Kim")
        for count in (1, 2, 3):
            page = await opened_page(scripted, one.path)
            assert page.status_code == 200
            assert "cost centre" in page.text
            assert "&lt;script&gt;" in page.text
            assert "<script" not in page.text
            assert "T-1" not in page.text
            assert SECRET_TITLE.split(" <")[0] not in page.text
            assert page.headers["content-security-policy"] == POLICY
            assert page.headers["cache-control"] == "no-store"
            assert "noindex" in page.headers["x-robots-tag"]
            (listed,) = (await client.get("/v1/calls/l1/shares")).json()["shares"]
            assert listed["opened"] == count
            assert listed["opened_at"] is not None
            assert listed["path"] is None
        tenant = await asyncio.to_thread(tenant_of, scripted, "links")
        kept = [event.message for event in tenant.journal.read(kinds=("summary_shared", "summary_opened"))]
        # The secret is nowhere in the journal, and three openings within a minute are one event.
        assert len(kept) == 2
        assert one.path.rpartition(".")[2] not in repr(kept)


@pytest.mark.model
async def test_what_opens_nothing_looks_the_same(scripted: Scripted) -> None:
    await keep(scripted, [past("gone", "g1", "Harbour Foods")])
    tenant = await asyncio.to_thread(tenant_of, scripted, "gone")
    expired, made_at = shares.new_token(tenant.tenant_id), datetime.now(UTC) - timedelta(days=2)
    message = SummaryShared(
        tenant_id=tenant.tenant_id,
        call_id=CallId("g1"),
        share_id="sh-old",
        digest=expired.digest,
        language="en",
        author="Kim",
        at=made_at,
        expires_at=made_at + timedelta(days=1),
    )
    await asyncio.to_thread(
        on_loop, scripted, scripted.service.show_changes(tenant, lambda: tenant.append([message], "Kim"))
    )
    async with client_of(scripted, "gone") as client:
        one = (await client.post("/v1/calls/g1/shares", json={})).json()
        assert (await client.delete(f"/v1/shares/{one['share_id']}")).status_code == 204
        assert (await client.delete(f"/v1/shares/{one['share_id']}")).status_code == 404
        assert (await client.delete("/v1/shares/sh-old")).status_code == 404
        assert (await client.get("/v1/calls/g1/shares")).json() == {"shares": []}
    paths = (one["path"], f"/s/{expired}", f"/s/{shares.new_token(tenant.tenant_id)}", "/s/nothing", "/s/YWI.x")
    answers = [await opened_page(scripted, path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "expired" in answers[0].text
    names = ("content-security-policy", "cache-control", "x-robots-tag", "content-type", "content-length")
    assert len({tuple(answer.headers[name] for name in names) for answer in answers}) == 1
    chinese = await opened_page(scripted, "/s/nothing", **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert "链接" in chinese.text
    assert not (scripted.service.settings.data / "tenants/ab").exists()


@pytest.mark.model
async def test_a_correction_reaches_a_link_that_is_out(scripted: Scripted) -> None:
    await keep(scripted, [past("fixed", "f1", "Harbour Foods")])
    async with client_of(scripted, "fixed") as client:
        path = (await client.post("/v1/calls/f1/shares", json={"language": "zh"})).json()["path"]
        assert "to have photos" in (await opened_page(scripted, path)).text
        refused = replace(
            verdict("v1", signal("f1-s3", on=6, call_id=CallId("f1")), "refuse"), tenant_id=TenantId("fixed")
        )
        assert isinstance(refused, SignalAnnotation)
        assert refused.signal_id == SignalId("f1-s3")
        tenant = await asyncio.to_thread(tenant_of, scripted, "fixed")
        work = scripted.service.show_changes(tenant, lambda: tenant.append([refused], "Kim"))
        await asyncio.to_thread(on_loop, scripted, work)
        page = (await opened_page(scripted, path)).text
        assert "to have photos" not in page
        assert 'lang="zh-Hans"' in page


@pytest.mark.model
async def test_who_may_share(scripted: Scripted) -> None:
    await keep(scripted, [past("rights", "r1", "Harbour Foods")])
    for role, status in (("rep", 201), ("admin", 201), ("supervisor", 403), ("engineer", 403)):
        async with client_of(scripted, "rights", role) as client:
            assert (await client.post("/v1/calls/r1/shares", json={})).status_code == status
            assert (await client.get("/v1/calls/r1/shares")).status_code == 200
    async with client_of(scripted, "rights") as client:
        assert (await client.post("/v1/calls/none/shares", json={})).status_code == 404
        assert (await client.get("/v1/calls/none/shares")).status_code == 404
        for wrong in ({"days": 0}, {"days": 91}, {"language": "de"}, {"tenant": "acme"}):
            assert (await client.post("/v1/calls/r1/shares", json=wrong)).status_code == 400
        share_id = (await client.get("/v1/calls/r1/shares")).json()["shares"][0]["share_id"]
    async with client_of(scripted, "strangers") as client:
        assert (await client.post("/v1/calls/r1/shares", json={})).status_code == 404
        assert (await client.delete(f"/v1/shares/{share_id}")).status_code == 404


@pytest.mark.model
async def test_too_many_guesses_are_told_to_wait(scripted: Scripted) -> None:
    await keep(scripted, [past("guessed", "q1", "Harbour Foods")])
    async with client_of(scripted, "guessed") as client:
        path = (await client.post("/v1/calls/q1/shares", json={})).json()["path"]
    for _ in range(shares.Guesses.MOST):
        assert (await opened_page(scripted, "/s/nothing")).status_code == 404
    answer = await opened_page(scripted, "/s/nothing")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert (await opened_page(scripted, path)).status_code == 429
    scripted.service.shares.guesses._failed.clear()
    assert (await opened_page(scripted, path)).status_code == 200
