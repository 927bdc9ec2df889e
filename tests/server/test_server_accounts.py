"""Calls in pages, accounts as lists, and everything known of one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from graph.events import opening
from graph.view import NeedGraph
from ingest.messages import CallId, PersonId
from server import accounts, bodies, call_pages
from server.call_pages import CallQuery
from server.errors import BadRequestError
from tests.graph.graph_samples import NOON, TENANT, assigned, signal
from tests.server.conftest import Scripted
from tests.server.server_calls import INES, WAIT_S, caller, headers, line
from tests.server.server_past import keep, past_messages, spoken, started

HARBOUR, NASTY = "Harbour Foods", 'O\'Neil/"<b>Söhne</b>"?&%'


def graph_of(*calls: tuple[str, str, int], customer: str = "Ines") -> NeedGraph:
    """Calls by id, account and day, with their participants."""
    graph = NeedGraph(TENANT)
    for call_id, account, day in calls:
        begun = started(TENANT, call_id, account, NOON + timedelta(days=day), customer)
        begun, people = opening(begun, lambda speaker: PersonId(f"p-{speaker}"))
        for message in (begun, *people):
            graph.apply(message)
    return graph


MANY = tuple((f"c{number:03}", f"Account {number % 7}", number) for number in range(120))


def test_a_screen_gets_live_calls_and_the_newest() -> None:
    found = call_pages.newest(graph_of(*MANY), {CallId("c001"), CallId("c119")})
    assert found.total == 120
    assert [one.call_id for one in found.calls] == [f"c{number:03}" for number in range(119, 69, -1)] + ["c001"]
    assert [one.call_id for one in found.calls if one.live] == ["c119", "c001"]


def test_pages_hold_every_call_once() -> None:
    graph = graph_of(*MANY)
    seen: list[str] = []
    before = None
    while True:
        page = call_pages.page(graph, set(), CallQuery(), before, 50)
        assert page.total == 120
        seen += [one.call_id for one in page.calls]
        before = page.next
        if before is None:
            break
        assert before == seen[-1]
    assert seen == [f"c{number:03}" for number in range(119, -1, -1)]


def test_calls_that_start_together_have_an_order() -> None:
    graph = graph_of(*((f"c{number}", "A", 1) for number in range(5)))
    first = call_pages.page(graph, set(), CallQuery(), None, 2)
    second = call_pages.page(graph, set(), CallQuery(), first.next, 2)
    third = call_pages.page(graph, set(), CallQuery(), second.next, 2)
    assert [one.call_id for page in (first, second, third) for one in page.calls] == ["c4", "c3", "c2", "c1", "c0"]
    assert third.next is None


@pytest.mark.parametrize(
    ("query", "account", "found"),
    [
        ("", None, ["c3", "c2", "c1"]),
        ("HARBOUR", None, ["c3", "c1"]),
        ("ines", None, ["c3", "c2", "c1"]),
        (" jonas ", None, ["c3", "c2", "c1"]),
        ("söhne", None, ["c2"]),
        ("nobody", None, []),
        ("", HARBOUR, ["c3", "c1"]),
        ("", "Harbour", []),
        ("ines", NASTY, ["c2"]),
    ],
)
def test_calls_are_found_by_account_and_speaker(query: str, account: str | None, found: list[str]) -> None:
    graph = graph_of(("c1", HARBOUR, 1), ("c2", NASTY, 2), ("c3", HARBOUR, 3))
    page = call_pages.page(graph, set(), CallQuery(text=query, account=account), None, 50)
    assert ([one.call_id for one in page.calls], page.total, page.next) == (found, len(found), None)


def test_reading_on_after_no_call_is_refused() -> None:
    with pytest.raises(BadRequestError, match="before"):
        call_pages.page(graph_of(("c1", HARBOUR, 1)), set(), CallQuery(), "none", 50)


def test_a_query_may_go_on_before_a_call_that_does_not_fit() -> None:
    graph = graph_of(("c1", HARBOUR, 1), ("c2", NASTY, 2), ("c3", HARBOUR, 3))
    page = call_pages.page(graph, set(), CallQuery(account=HARBOUR), "c2", 50)
    assert ([one.call_id for one in page.calls], page.total) == (["c1"], 2)


# Accounts.


def test_accounts_are_listed_the_last_called_first() -> None:
    graph = graph_of(("c1", HARBOUR, 1), ("c2", NASTY, 2), ("c3", HARBOUR, 3), ("c4", "c4", 4))
    found = accounts.found(graph.head, "", 10).accounts
    assert [(one.account, one.calls, one.needs) for one in found] == [(HARBOUR, 2, 0), (NASTY, 1, 0)]
    assert found[0].last_at == NOON + timedelta(days=3)
    assert [(one.speaker, one.role) for one in found[0].people] == [("Ines", "customer"), ("Jonas", "rep")]
    assert [one.account for one in accounts.found(graph.head, "", 1).accounts] == [HARBOUR]
    assert [one.account for one in accounts.found(graph.head, "söhne", 9).accounts] == [NASTY]
    assert [one.account for one in accounts.found(graph.head, "INES", 9).accounts] == [HARBOUR, NASTY]
    assert accounts.found(graph.head, "nobody", 9).accounts == ()


def test_needs_of_an_account_are_counted_once_however_often_they_are_voiced() -> None:
    graph = NeedGraph(TENANT)
    first, second = started(TENANT, "c1", HARBOUR), started(TENANT, "c2", HARBOUR, NOON + timedelta(days=1))
    for message in (first, *past_messages(first), second, *past_messages(second)):
        graph.apply(message)
    graph.apply(assigned(signal("c2-s1", on=2, call_id=second.call_id), "c1-n1"))
    (found,) = accounts.found(graph.head, "", 9).accounts
    assert (found.calls, found.needs) == (2, 5)
    assert [line.needs for line in graph.lines()] == [3, 3]


def test_everything_known_of_an_account() -> None:
    graph = NeedGraph(TENANT)
    first = started(TENANT, "c1", HARBOUR)
    second = started(TENANT, "c2", HARBOUR, NOON + timedelta(days=1), "Omar")
    for message in (first, *past_messages(first), second, *past_messages(second)):
        graph.apply(message)
    graph.apply(spoken(second, 9, "customer", "It's my call, and my team works with it every day."))
    read = accounts.read(graph, HARBOUR, {CallId("c2")})
    assert read is not None
    found = accounts.view(read)
    assert [(one.call_id, one.live) for one in found.calls] == [("c2", True), ("c1", False)]
    assert [one.need_id for one in found.needs] == ["c1-n1", "c1-n2", "c1-n3", "c2-n1", "c2-n2", "c2-n3"]
    assert [(one.speaker, one.role, one.calls, one.needs) for one in found.people] == [
        ("Omar", "customer", 1, 3),
        ("Ines", "customer", 1, 3),
        ("Jonas", "rep", 2, 0),
    ]
    jonas = found.people[2]
    assert (jonas.first_at, jonas.last_at, jonas.roles) == (NOON, NOON + timedelta(days=1), ())
    omar, ines = found.people[0], found.people[1]
    assert [one.role for one in omar.roles] == ["decides", "checks", "uses"]
    assert [one.role for one in ines.roles] == ["checks"]
    evidence = omar.roles[0].evidence[0]
    assert (evidence.call_id, evidence.text, evidence.start_ms) == ("c2", "It's my call", 45_000)
    assert evidence.started_at == NOON + timedelta(days=1)
    assert accounts.read(graph, "Harbour", set()) is None


def test_somebody_who_can_be_named_no_more_is_left_out() -> None:
    graph = NeedGraph(TENANT)
    call = started(TENANT, "c1", HARBOUR)
    nameless = replace(call, channels=tuple(replace(one, speaker="") for one in call.channels))
    graph.apply(nameless)
    read = accounts.read(graph, HARBOUR, set())
    assert read is not None
    assert accounts.view(read).people == ()
    assert accounts.found(graph.head, "", 9).accounts[0].people == ()


# Over the API.


@pytest.fixture
async def client(scripted: Scripted) -> AsyncIterator[httpx.AsyncClient]:
    auth = headers(scripted.token("rep", tenant="crm"))
    async with httpx.AsyncClient(base_url=scripted.url, headers=auth, timeout=WAIT_S) as found:
        yield found


@pytest.mark.model
async def test_accounts_and_calls_over_the_api(scripted: Scripted, client: httpx.AsyncClient) -> None:
    days = [started("crm", f"k{day}", NASTY if day % 2 else HARBOUR, NOON + timedelta(days=day)) for day in range(5)]
    await keep(scripted, days)
    listed = bodies.AccountList.model_validate((await client.get("/v1/accounts")).json())
    assert [(one.account, one.calls, one.needs) for one in listed.accounts] == [(HARBOUR, 3, 9), (NASTY, 2, 6)]
    one = (await client.get("/v1/accounts", params={"query": "SÖHNE", "limit": 1})).json()["accounts"]
    assert [account["account"] for account in one] == [NASTY]
    answer = (await client.get(f"/v1/accounts/{quote(NASTY, safe='')}")).raise_for_status()
    shown = bodies.AccountView.model_validate(answer.json())
    assert (shown.account, [call.call_id for call in shown.calls]) == (NASTY, ["k3", "k1"])
    (ines, _jonas) = shown.people
    assert ("checks", 2) in [(role.role, len(role.evidence)) for role in ines.roles]
    missing = await client.get("/v1/accounts/Nobody%20%3Cb%3E")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    page = bodies.CallPage.model_validate((await client.get("/v1/calls", params={"limit": 2})).json())
    assert ([call.call_id for call in page.calls], page.total, page.next) == (["k4", "k3"], 5, "k3")
    rest = (await client.get("/v1/calls", params={"before": page.next, "account": NASTY})).json()
    assert [call["call_id"] for call in rest["calls"]] == ["k1"]
    for wrong in ({"limit": 0}, {"limit": 201}, {"before": "none"}, {"query": "x" * 201}):
        assert (await client.get("/v1/calls", params=wrong)).status_code == 400
    stranger = headers(scripted.token("rep", tenant="crm-strangers"))
    assert (await client.get("/v1/accounts", headers=stranger)).json() == {"accounts": []}
    assert (await client.get(f"/v1/accounts/{HARBOUR}", headers=stranger)).status_code == 404


@pytest.mark.model
async def test_a_live_call_is_in_its_account_at_once(scripted: Scripted) -> None:
    token = scripted.token("rep", tenant="crm-live")
    async with (
        caller(scripted.url, token) as call,
        line(scripted.url, token) as screen,
        httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as client,
    ):
        await call.start(account=HARBOUR)
        await call.utterance(INES, 0)
        account = (await client.get(f"/v1/accounts/{HARBOUR}")).raise_for_status().json()
        assert [(one["call_id"], one["live"]) for one in account["calls"]] == [(call.call_id, True)]
        listed = await screen.until(lambda frame: frame["type"] == "calls" and frame["total"] == 1)
        assert listed["calls"][0]["live"]
        await call.end()
