"""Cards of running calls, over the sockets and the API: they come up, are answered, counted, and outlive a restart."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from graph.events import Journalled
from graph.messages import CardClosed, CardShown, Item, LinkAnnotation
from ingest.messages import TenantId
from server.importing import Importer
from server.service import Models
from server.settings import GraphSettings, ServerConfig, Settings
from server.tenant import Tenant
from tests.graph import graph_samples as sample
from tests.server.conftest import Scripted, running
from tests.server.server_calls import DANA, INES, OMAR, WAIT_S, Caller, Event, caller, headers, line, of_type
from tests.server.server_child import NO_GRAPH
from tests.server.server_screens import Screen, drawn, picture_of

pytestmark = pytest.mark.model

BUDGET = {"confidence": 0.4, "per_minute": 10, "per_call": 12, "shown_s": 60, "later_s": 10, "fresh_s": 60}
TICKETS = {
    "T-1": ("Exports to Käsebuch every Monday", "A scheduled export to Käsebuch runs every Monday morning."),
    "T-2": ("Working offline", "The app must work offline, without any connection."),
}
"""What answers the first and the second utterance of Ines."""


async def on_service(scripted: Scripted, tenant: str, work: Callable[[Tenant], Any]) -> Any:
    """Run work on a tenant where the service runs its own."""

    async def run() -> Any:
        found = await scripted.service.tenant(TenantId(tenant))
        return await scripted.service.on_worker(lambda: work(found))

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), scripted.loop))


async def stocked(scripted: Scripted, tenant: str) -> None:
    """Give a tenant the items that answer what is said."""
    items = [
        Item(tenant_id=TenantId(tenant), kind="ticket", id=id, section=None, title=title, text=text, version="a" * 64)
        for id, (title, text) in TICKETS.items()
    ]
    index = scripted.service.understanding.index
    await on_service(scripted, tenant, lambda found: Importer(found, index(found)).take(items))


class Stage:
    """A call of a tenant of its own, a screen that watches it, and the API for the rep."""

    def __init__(self, scripted: Scripted, tenant: str, call: Caller, screen: Screen, api: httpx.AsyncClient) -> None:
        self.scripted, self.tenant = scripted, tenant
        self.call, self.screen, self.api = call, screen, api

    async def card(self, **fields: object) -> Event:
        """The screen's next card whose fields are these; then screen and snapshot agree on cards."""
        while True:
            card = (await self.screen.follow("card"))["card"]
            if all(card[key] == value for key, value in fields.items()):
                break
        picture = await self.picture()
        await self.screen.reach(picture["seq"])
        assert self.screen.picture["cards"] == picture["cards"]
        return card

    async def answer(self, card_id: str, outcome: str) -> str | None:
        answer = await self.api.post(f"/v1/calls/{self.call.call_id}/cards/{card_id}", json={"outcome": outcome})
        assert answer.status_code == 200, answer.text
        return answer.json()["annotation_id"]

    async def picture(self) -> dict[str, Any]:
        return picture_of((await self.api.get(f"/v1/calls/{self.call.call_id}")).json())

    async def need(self, need_id: str) -> dict[str, Any]:
        return (await self.picture())["needs"][need_id]

    async def journalled(self, kind: str) -> list[Any]:
        def read(tenant: Tenant) -> list[Journalled | None]:
            return [one.message for one in tenant.journal.read(call_id=None, kinds=(kind,))]

        return await on_service(self.scripted, self.tenant, read)

    async def settled(self) -> None:
        await self.call.tell({"type": "flush"})
        await self.call.until(of_type("flushed"))
        await asyncio.sleep(0.6)

    async def set_budget(self, **other: object) -> None:
        answer = await self.api.put("/v1/card-budget", json={**BUDGET, **other})
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def stage(scripted: Scripted) -> AsyncIterator[Stage]:
    tenant = f"cards-{uuid4().hex[:8]}"
    await stocked(scripted, tenant)
    token = scripted.token(tenant=tenant)
    async with (
        httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as api,
        caller(scripted.url, token) as call,
        line(scripted.url, token) as eye,
    ):
        assert (await api.put("/v1/card-budget", json=BUDGET)).status_code == 200
        await call.start(account="Quellmeister Werke")
        screen = Screen(eye)
        await screen.watch(call.call_id)
        yield Stage(scripted, tenant, call, screen, api)
        if await over(api, call.call_id):
            return
        await call.end()


async def over(api: httpx.AsyncClient, call_id: str) -> bool:
    return (await api.get(f"/v1/calls/{call_id}")).json()["ended"] is not None


async def test_a_card_comes_up_after_its_signal_and_is_journalled(stage: Stage) -> None:
    uttered = await stage.call.utterance(INES, 0)
    card = await stage.card(state="shown")
    assert (card["link"]["id"], card["utterance_id"], card["speaker"]) == (
        "T-1",
        uttered["utterance_id"],
        "Ines Quellmeister",
    )
    assert card["text"] in uttered["text"]
    assert card["link"]["evidence"]
    assert 0.4 <= card["confidence"] <= 1
    lasts = datetime.fromisoformat(card["closes_at"]) - datetime.fromisoformat(card["shown_at"])
    assert lasts == timedelta(seconds=60)
    kinds = [frame["event"]["type"] for frame in stage.screen.line.seen if frame["type"] == "event"]
    assert kinds.index("signal") < kinds.index("link") < kinds.index("card")
    (shown,) = await stage.journalled("card_shown")
    assert isinstance(shown, CardShown)
    assert (shown.card_id, shown.link.id, shown.confidence) == (card["card_id"], "T-1", card["confidence"])
    assert await stage.journalled("card_closed") == []


async def test_used_calls_the_link_right_and_can_be_undone(stage: Stage) -> None:
    await stage.call.utterance(INES, 0)
    card = await stage.card(state="shown")
    annotation_id = await stage.answer(card["card_id"], "used")
    assert (await stage.card())["state"] == "used"
    (closed,) = await stage.journalled("card_closed")
    assert isinstance(closed, CardClosed)
    assert (closed.outcome, closed.by) == ("used", "Kim")
    (verdict,) = await stage.journalled("link_annotation")
    assert isinstance(verdict, LinkAnnotation)
    assert (verdict.annotation_id, verdict.verdict, verdict.id, verdict.author) == (
        annotation_id,
        "right",
        "T-1",
        "Kim",
    )
    undone = await stage.api.post(f"/v1/annotations/{annotation_id}/undo")
    assert undone.status_code == 200
    assert (await stage.picture())["cards"][card["card_id"]]["state"] == "used"


async def test_the_same_answer_again_changes_nothing(stage: Stage) -> None:
    """A line that broke before the answer's answer came: the page sends it again."""
    await stage.call.utterance(INES, 0)
    card = await stage.card(state="shown")
    first = await stage.answer(card["card_id"], "used")
    assert first is not None
    assert await stage.answer(card["card_id"], "used") == first
    assert (len(await stage.journalled("card_closed")), len(await stage.journalled("link_annotation"))) == (1, 1)
    # Taken back in the review queue, it can be said anew.
    assert (await stage.api.post(f"/v1/annotations/{first}/undo")).status_code == 200
    assert await stage.answer(card["card_id"], "used") not in (None, first)
    # From somebody else the same is another answer.
    sol = headers(stage.scripted.token("rep", tenant=stage.tenant, person="Sol"))
    path = f"/v1/calls/{stage.call.call_id}/cards/{card['card_id']}"
    assert (await stage.api.post(path, json={"outcome": "used"}, headers=sol)).status_code == 200
    assert [one.by for one in await stage.journalled("card_closed")] == ["Kim", "Kim", "Sol"]


async def test_dismissed_takes_the_link_away_and_a_second_answer_replaces_it(stage: Stage) -> None:
    await stage.call.utterance(INES, 0)
    card = await stage.card(state="shown")
    assert await stage.answer(card["card_id"], "dismissed") is not None
    assert "T-1" not in [one["id"] for one in (await stage.need(card["need_id"]))["links"]]
    # The rep's hand slipped: later means that the link was not wrong.
    assert await stage.answer(card["card_id"], "later") is None
    assert "T-1" in [one["id"] for one in (await stage.need(card["need_id"]))["links"]]
    assert (await stage.picture())["cards"][card["card_id"]]["state"] == "later"
    assert [one.outcome for one in await stage.journalled("card_closed")] == ["dismissed", "later"]
    figures = (await stage.api.get("/v1/card-figures", params={"call_id": stage.call.call_id})).json()
    assert (figures["shown"], figures["dismissed"], figures["later"]) == (1, 0, 1)


async def test_one_card_at_a_time_and_later_comes_back_once(stage: Stage) -> None:
    await stage.call.utterance(INES, 0)
    first = await stage.card(state="shown")
    await stage.call.utterance(INES, 1)
    await stage.settled()
    assert [one["card_id"] for one in (await stage.picture())["cards"].values()] == [first["card_id"]]
    await stage.answer(first["card_id"], "later")
    second = await stage.card(state="shown")
    assert (second["link"]["id"], second["returned"]) == ("T-2", False)
    await stage.answer(second["card_id"], "used")
    # The call's clock goes on by what is heard: three seconds a block, ten until the first may come back.
    await stage.call.say(OMAR, 7)
    back = await stage.card(state="shown")
    assert (back["link"]["id"], back["returned"], back["need_id"]) == ("T-1", True, first["need_id"])
    assert back["card_id"] != first["card_id"]


async def test_no_card_while_the_rep_speaks(stage: Stage) -> None:
    await stage.call.say(DANA, 0, share=0.4)
    await stage.screen.follow("speech_started", channel=DANA)
    await stage.call.utterance(INES, 0)
    await stage.screen.follow("link")
    await asyncio.sleep(0.6)
    assert (await stage.picture())["cards"] == {}
    await stage.call.say(DANA, 0)
    await stage.card(state="shown")
    kinds = [frame["event"]["type"] for frame in stage.screen.line.seen if frame["type"] == "event"]
    assert kinds.index("speech_ended") < kinds.index("card")


async def test_a_refused_need_takes_its_card_along(stage: Stage) -> None:
    uttered = await stage.call.utterance(INES, 0)
    card = await stage.card(state="shown")
    refuse = {
        "call_id": stage.call.call_id,
        "utterance_id": uttered["utterance_id"],
        "revision": 1,
        "signal_id": card["signal_id"],
        "verdict": "refuse",
    }
    assert (await stage.api.post("/v1/annotations/signals", json=refuse)).status_code == 200
    gone = await stage.card(card_id=card["card_id"])
    assert (gone["state"], gone["text"]) == ("ignored", card["text"])
    (closed,) = await stage.journalled("card_closed")
    assert closed.by is None
    # The rep answers all the same: it counts, and there is no link left to judge.
    assert await stage.answer(card["card_id"], "used") is None


async def test_a_pause_holds_cards_back(stage: Stage) -> None:
    path = f"/v1/calls/{stage.call.call_id}/cards/pause"
    answer = await stage.api.post(path, json={"minutes": 5})
    until = datetime.fromisoformat(answer.json()["until"])
    assert timedelta(minutes=4) < until - datetime.now(UTC) <= timedelta(minutes=5)
    await stage.call.utterance(INES, 0)
    await stage.settled()
    picture = await stage.picture()
    assert (picture["cards"], datetime.fromisoformat(picture["cards_paused_until"])) == ({}, until)
    assert (await stage.api.post(path, json={"minutes": 0})).json() == {"until": None}
    assert (await stage.card(state="shown"))["link"]["id"] == "T-1"


async def test_a_budget_is_a_tenants_own_and_holds_at_once(stage: Stage) -> None:
    await stage.set_budget(confidence=1)
    await stage.call.utterance(INES, 0)
    await stage.settled()
    assert (await stage.picture())["cards"] == {}
    await stage.set_budget(per_call=1)
    await stage.card(state="shown")
    assert (await stage.api.get("/v1/card-budget")).json() == {**BUDGET, "per_call": 1}
    other = headers(stage.scripted.token(tenant=f"other-{uuid4().hex[:8]}"))
    assert (await stage.api.get("/v1/card-budget", headers=other)).json()["confidence"] == 0.7
    (first, *_) = await stage.journalled("card_budget_changed")
    assert (first.author, first.confidence) == ("Kim", 0.4)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/v1/calls/{call}/cards/k9", {"outcome": "used"}, 404, "not_found"),
        ("POST", "/v1/calls/nowhere/cards/k1", {"outcome": "used"}, 404, "not_found"),
        ("POST", "/v1/calls/{call}/cards/k1", {"outcome": "ignored"}, 400, "bad_request"),
        ("POST", "/v1/calls/{call}/cards/k1", {"outcome": "used", "by": "me"}, 400, "bad_request"),
        ("POST", "/v1/calls/nowhere/cards/pause", {"minutes": 5}, 404, "not_found"),
        ("POST", "/v1/calls/{call}/cards/pause", {"minutes": -1}, 400, "bad_request"),
        ("POST", "/v1/calls/{call}/cards/pause", {"minutes": 241}, 400, "bad_request"),
        ("POST", "/v1/calls/{call}/cards/pause", {"minutes": 1.5}, 400, "bad_request"),
        ("PUT", "/v1/card-budget", {**BUDGET, "confidence": 1.1}, 400, "bad_request"),
        ("PUT", "/v1/card-budget", {**BUDGET, "per_minute": 11}, 400, "bad_request"),
        ("PUT", "/v1/card-budget", {**BUDGET, "later_s": 1}, 400, "bad_request"),
        ("PUT", "/v1/card-budget", {**BUDGET, "tenant": "rival"}, 400, "bad_request"),
        ("GET", "/v1/card-figures?call_id=nowhere", None, 404, "not_found"),
    ],
)
async def test_what_does_not_fit_is_refused(
    stage: Stage, method: str, path: str, body: dict[str, object] | None, status: int, code: str
) -> None:
    answer = await stage.api.request(method, path.format(call=stage.call.call_id), json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_who_may_do_what(stage: Stage) -> None:
    of = {role: headers(stage.scripted.token(role, tenant=stage.tenant)) for role in ("rep", "supervisor", "engineer")}
    for role, status in (("rep", 403), ("supervisor", 403), ("engineer", 200)):
        answer = await stage.api.put("/v1/card-budget", json=BUDGET, headers=of[role])
        assert answer.status_code == status, role
    assert (await stage.api.get("/v1/card-budget", headers=of["rep"])).status_code == 200
    for role, status in (("rep", 403), ("supervisor", 200), ("engineer", 200)):
        assert (await stage.api.get("/v1/card-figures", headers=of[role])).status_code == status, role
    # Of one call they are the rep's who holds it, whatever role the token has.
    asked = {"params": {"call_id": stage.call.call_id}}
    for role in ("rep", "supervisor", "engineer", "admin"):
        for person, status in (("Kim", 200), ("Sol", 403)):
            who = headers(stage.scripted.token(role, tenant=stage.tenant, person=person))
            answer = await stage.api.get("/v1/card-figures", headers=who, **asked)
            assert answer.status_code == status, (role, person)
    rival = headers(stage.scripted.token(tenant=f"rival-{uuid4().hex[:8]}"))
    answer = await stage.api.post(f"/v1/calls/{stage.call.call_id}/cards/k1", json={"outcome": "used"}, headers=rival)
    assert answer.status_code == 404


async def test_the_end_of_a_call_closes_its_card_for_good(stage: Stage) -> None:
    await stage.call.utterance(INES, 0)
    card = await stage.card(state="shown")
    await stage.api.post(f"/v1/calls/{stage.call.call_id}/cards/pause", json={"minutes": 5})
    await stage.call.end()
    await stage.screen.follow("call_ended")
    picture = await stage.picture()
    assert drawn(stage.screen.picture) == drawn(picture)
    assert picture["cards"][card["card_id"]]["state"] == "ignored"
    assert picture["cards_paused_until"] is None
    path = f"/v1/calls/{stage.call.call_id}/cards"
    for where, body in ((card["card_id"], {"outcome": "used"}), ("pause", {"minutes": 1})):
        answer = await stage.api.post(f"{path}/{where}", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    figures = (await stage.api.get("/v1/card-figures")).json()
    assert (figures["calls"], figures["shown"], figures["ignored"]) == (1, 1, 1)
    length_h = picture["ended"]["end_ms"] / 3_600_000
    assert figures["hours"] == pytest.approx(length_h)
    assert figures["per_hour"] == pytest.approx(1 / length_h)
    assert (await stage.api.get("/v1/card-figures", params={"call_id": stage.call.call_id})).json() == figures
    metrics = (await stage.api.get("/metrics")).text
    assert 'server_cards_total{outcome="shown"}' in metrics
    assert 'server_cards_total{outcome="ignored"}' in metrics


async def test_what_was_never_held_here_does_not_count(stage: Stage) -> None:
    """A transcript that is read later has nobody to interrupt."""
    past = (
        sample.started(at=datetime(2026, 3, 2, 12, tzinfo=UTC)),
        sample.ended(),
    )
    before = (await stage.api.get("/v1/card-figures")).json()
    await on_service(
        stage.scripted,
        stage.tenant,
        lambda tenant: tenant.append([of_tenant(one, stage.tenant) for one in past], "analyse"),
    )
    after = (await stage.api.get("/v1/card-figures")).json()
    assert (after["calls"], after["shown"]) == (before["calls"], 0)


def of_tenant(message: Journalled, tenant: str) -> Journalled:
    return replace(message, tenant_id=TenantId(tenant))


async def test_cards_outlive_the_service(tmp_path: Path, models: Models, models_dir: Path) -> None:
    settings = Settings(
        data=tmp_path / "data",
        models=models_dir,
        server=ServerConfig(resume_s=1),
        graph=GraphSettings(uri=NO_GRAPH["NEEDGRAPH_GRAPH__URI"]),
    )

    async def asked(scripted: Scripted, path: str) -> Any:
        async with httpx.AsyncClient(base_url=scripted.url, headers=headers(scripted.token()), timeout=WAIT_S) as api:
            return (await api.get(path)).json()

    async def with_service(work: Callable[[Scripted], Awaitable[Any]]) -> Any:
        loop = asyncio.get_running_loop()
        context = running(settings, models)
        scripted = await loop.run_in_executor(None, context.__enter__)
        try:
            return await work(scripted)
        finally:
            await loop.run_in_executor(None, context.__exit__, None, None, None)

    async def held(scripted: Scripted) -> tuple[str, Any, Any]:
        await stocked(scripted, "acme")
        async with (
            caller(scripted.url, scripted.token()) as call,
            httpx.AsyncClient(base_url=scripted.url, headers=headers(scripted.token()), timeout=WAIT_S) as api,
        ):
            await api.put("/v1/card-budget", json=BUDGET)
            await call.start()
            await call.utterance(INES, 0)
            card = (await call.until(of_type("card")))["card"]
            path = f"/v1/calls/{call.call_id}"
            await api.post(f"{path}/cards/{card['card_id']}", json={"outcome": "used"})
            await call.utterance(INES, 1)
            await call.until(lambda one: one["type"] == "card" and one["card"]["state"] == "shown")
            await call.end()
        # A call that was cut off with its card up, as a service that dies leaves it.
        said = sample.signal("s1", on=1, call_id=sample.CallId("cut"))
        link = sample.link("T-9", 0.9)
        cut = (
            replace(sample.started(sample.CallId("cut")), host="Kim"),
            sample.utterance(1, "We need the split.", sample.CallId("cut")),
            said,
            sample.assigned(said, "n-cut"),
            sample.decided(said, "n-cut", link),
            sample.card("k1", said, "n-cut", link),
        )
        await on_service(scripted, "acme", lambda tenant: tenant.append(cut, "service"))
        return path, (await asked(scripted, path))["cards"], await asked(scripted, "/v1/card-figures")

    path, cards, figures = await with_service(held)
    assert [(one["link"]["id"], one["state"]) for one in cards] == [("T-1", "used"), ("T-2", "ignored")]

    async def again(scripted: Scripted) -> None:
        assert (await asked(scripted, path))["cards"] == cards
        assert await asked(scripted, "/v1/card-figures") == figures
        assert await asked(scripted, "/v1/card-budget") == BUDGET
        (rest,) = (await asked(scripted, "/v1/calls/cut"))["cards"]
        assert (rest["state"], rest["link"]["id"]) == ("ignored", "T-9")
        of_cut = await asked(scripted, "/v1/card-figures?call_id=cut")
        assert (of_cut["shown"], of_cut["ignored"]) == (1, 1)

    await with_service(again)
