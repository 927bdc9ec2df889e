"""Misheard words, corrected over the API: on every screen within a second, undoable, learnt for the next time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest

from asr.messages import Word
from ingest.messages import TenantId
from ingest.socket import Resume
from server.auth import Principal
from server.session import CallSession
from tests.server.conftest import Scripted
from tests.server.server_calls import DANA, INES, OMAR, SAID, WAIT_S, Caller, caller, headers, line
from tests.server.server_screens import Screen, drawn
from tests.server.test_server_corrections import Desk

pytestmark = pytest.mark.model

TEXT = SAID[INES][0]
HEARD = "Käsebuch"
SECOND_S = 1.0


class TwoScreens(Desk):
    """A live call, somebody who corrects, and two screens that watch."""

    def __init__(self, desk: Desk, other: Screen) -> None:
        super().__init__(desk.call, desk.api, desk.screen)
        self.other = other

    def misheard(
        self, channel: str = INES, heard: str = HEARD, said: str = "Norvik 🧀", **other: object
    ) -> dict[str, Any]:
        uttered = self.said[channel]
        start = uttered["text"].index(heard)
        place = {"call_id": self.call.call_id, "utterance_id": uttered["utterance_id"], "revision": uttered["revision"]}
        return {**place, "start": start, "end": start + len(heard), "said": said, **other}

    async def correct(self, verdict: dict[str, Any]) -> dict[str, Any]:
        answer = await self.api.post("/v1/annotations/words", json=verdict)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def undo(self, annotation_id: str) -> str:
        answer = await self.api.post(f"/v1/annotations/{annotation_id}/undo")
        assert answer.status_code == 200, answer.text
        return answer.json()["annotation_id"]

    async def both(self, annotation_id: str) -> None:
        """Both screens saw it, and show what a new one would."""
        picture = await self.picture()
        for screen in (self.screen, self.other):
            await screen.reach(picture["seq"])
            assert annotation_id in screen.picture["words"]
            assert drawn(screen.picture) == drawn(picture)

    def shown(self, channel: str = INES) -> dict[str, Any]:
        return self.screen.picture["utterances"][self.said[channel]["utterance_id"]]

    async def rows(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.api.get("/v1/annotations", params={"limit": 200, **query})
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["rows"] if one["call_id"] == self.call.call_id]


@pytest.fixture
async def desk(scripted: Scripted) -> AsyncIterator[TwoScreens]:
    api_of = {"base_url": scripted.url, "headers": headers(scripted.token("supervisor", person="Sol"))}
    async with AsyncExitStack() as stack:
        call = await stack.enter_async_context(caller(scripted.url, scripted.token()))
        api = await stack.enter_async_context(httpx.AsyncClient(**api_of, timeout=WAIT_S))  # type: ignore[arg-type]
        lines = [await stack.enter_async_context(line(scripted.url, scripted.token("supervisor"))) for _ in range(2)]
        await call.start(account=f"account {uuid4()}")
        first, second = (Screen(one) for one in lines)
        found = TwoScreens(Desk(call, api, first), second)
        for channel in (DANA, INES, OMAR):
            found.said[channel] = await call.utterance(channel, 0)
        await call.tell({"type": "flush"})
        await call.until(lambda event: event["type"] == "flushed")
        for screen in (first, second):
            await screen.watch(call.call_id)
        yield found
        await call.end()


async def test_corrected_words_reach_every_screen_within_a_second(desk: TwoScreens) -> None:
    given = await desk.judge(desk.verdict(start=8, end=27))
    await desk.followed(given["annotation_id"])
    began = time.monotonic()
    asking = asyncio.create_task(desk.correct(desk.misheard()))
    seen = [await screen.follow("words") for screen in (desk.screen, desk.other)]
    moved = [await screen.follow("signal", id=given["signal_id"]) for screen in (desk.screen, desk.other)]
    assert time.monotonic() - began < SECOND_S
    told = await asking
    assert {one["correction"]["annotation_id"] for one in seen} == {told["annotation_id"]}
    assert (told["heard"], told["said"], told["author"], told["revision"]) == (HEARD, "Norvik 🧀", "Sol", 1)
    after = TEXT.replace(HEARD, "Norvik 🧀")
    assert [after[one["start"] : one["end"]] for one in moved] == ["exports to Norvik 🧀"] * 2
    await desk.both(told["annotation_id"])
    assert (desk.shown()["text"], desk.shown()["revision"]) == (after, 2)
    need = desk.other.picture["needs"][moved[0]["need_id"]]
    assert "exports to Norvik 🧀" in [one["text"] for one in need["mentions"]]
    # The call's own client is told as well.
    heard = await desk.call.until(lambda event: event["type"] == "utterance" and event["revision"] == 2)
    assert heard["text"] == after
    # The verdict that stood goes on standing.
    assert desk.screen.picture["annotations"][given["annotation_id"]]["verdict"] == "add"


async def test_an_undo_is_another_revision_and_can_be_taken_back(desk: TwoScreens) -> None:
    given = await desk.judge(desk.verdict(start=8, end=27))
    told = await desk.correct(desk.misheard(said="Vetaria 🧀 Werke"))
    start = TEXT.replace(HEARD, "Vetaria 🧀 Werke").index("Monday")
    behind = await desk.correct(desk.misheard(said="Fridays", revision=2, start=start, end=start + 6))
    assert (behind["heard"], behind["revision"]) == ("Monday", 2)
    undone = await desk.undo(told["annotation_id"])
    await desk.both(undone)
    assert (desk.shown()["text"], desk.shown()["revision"]) == (TEXT.replace("Monday", "Fridays"), 4)
    signal = desk.screen.picture["signals"][given["signal_id"]]
    assert (signal["start"], signal["end"], signal["revision"]) == (8, 27, 4)
    again = await desk.api.post(f"/v1/annotations/{told['annotation_id']}/undo")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    redone = await desk.undo(undone)
    await desk.both(redone)
    assert desk.shown()["text"] == TEXT.replace("Monday", "Fridays").replace(HEARD, "Vetaria 🧀 Werke")
    # Taken back once more, by the id of the first correction.
    await desk.both(await desk.undo(told["annotation_id"]))
    assert desk.shown()["text"] == TEXT.replace("Monday", "Fridays")


async def test_words_corrected_again_are_taken_back_one_after_the_other(desk: TwoScreens) -> None:
    first = await desk.correct(desk.misheard(said="Norwick"))
    second = await desk.correct(desk.misheard(said="Norvik", revision=2, end=TEXT.index(HEARD) + len("Norwick")))
    answer = await desk.api.post(f"/v1/annotations/{first['annotation_id']}/undo")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    await desk.undo(second["annotation_id"])
    await desk.both(await desk.undo(first["annotation_id"]))
    assert desk.shown()["text"] == TEXT


async def test_a_page_that_is_late_changes_nothing_by_mistake(desk: TwoScreens) -> None:
    given = await desk.judge(desk.verdict(start=8, end=27))
    await desk.correct(desk.misheard(said="Vetaria"))
    answer = await desk.api.post("/v1/annotations/words", json=desk.misheard(said="Norvik"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    bare: dict[str, Any] = {"type": None, "kind": None, "start": None, "end": None, "strength": None}
    # This verdict still names the first revision.
    confirmed = await desk.judge(desk.verdict(verdict="confirm", signal_id=given["signal_id"], **bare))
    event = await desk.followed(confirmed["annotation_id"])
    after = TEXT.replace(HEARD, "Vetaria")
    assert after[event["signal"]["start"] : event["signal"]["end"]] == "exports to Vetaria"


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"said": HEARD}, 400),
        ({"said": "x" * 2001}, 400),
        ({"start": 5, "end": 5}, 400),
        ({"start": 9, "end": 4}, 400),
        ({"start": -1}, 400),
        ({"end": 10_000}, 400),
        ({"start": 2, "end": 3}, 400),
        ({"revision": 0}, 404),
        ({"revision": 2}, 404),
        ({"utterance_id": "nothing"}, 404),
        ({"call_id": "nothing"}, 404),
        ({"start": 0, "end": len(TEXT), "said": "  "}, 400),
        ({"heard": "x"}, 400),
    ],
)
async def test_what_does_not_fit_is_refused_and_changes_nothing(
    desk: TwoScreens, other: dict[str, object], status: int
) -> None:
    before = await desk.picture()
    answer = await desk.api.post("/v1/annotations/words", json={**desk.misheard(), **other})
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        status,
        "bad_request" if status == 400 else "not_found",
    )
    assert drawn(await desk.picture()) == drawn(before)


async def test_only_who_may_annotate_corrects_words(desk: TwoScreens, scripted: Scripted) -> None:
    viewer = headers(scripted.token("engineer"))
    answer = await desk.api.post("/v1/annotations/words", json=desk.misheard(), headers=viewer)
    allowed = (await desk.api.get("/v1/me", headers=viewer)).json()["can"]
    assert (answer.status_code == 200) == ("annotate" in allowed)
    assert (await desk.api.get("/v1/annotations", headers={"Authorization": "Bearer no"})).status_code == 401


async def test_markup_stays_text_and_the_reps_words_can_be_corrected(desk: TwoScreens) -> None:
    said = '<b>"Käse"</b> & שלום\u202e 🧀'
    told = await desk.correct(desk.misheard(DANA, "better", said))
    await desk.both(told["annotation_id"])
    assert desk.shown(DANA)["text"] == f"What should be {said} than it is now?"
    assert not [one for one in desk.screen.picture["signals"].values() if one["speaker"] == desk.shown(DANA)["speaker"]]


async def test_where_nothing_was_said_the_word_behind_takes_the_place(desk: TwoScreens) -> None:
    told = await desk.correct(desk.misheard(heard="every", said=""))
    await desk.both(told["annotation_id"])
    assert (told["heard"], told["said"]) == ("every Monday", "Monday")
    assert desk.shown()["text"] == TEXT.replace("every ", "")


async def test_only_the_words_that_change_are_kept_as_changed(desk: TwoScreens) -> None:
    told = await desk.correct(desk.misheard(heard=f"exports to {HEARD} every", said="exports  to Norvik every "))
    assert (told["heard"], told["said"]) == (HEARD, "Norvik")


def session_of(call: Caller, scripted: Scripted) -> CallSession:
    """The service's own side of a running call, found as a client that comes back finds it."""
    started = next(one for one in call.seen if one["type"] == "call_started")
    kim = Principal(tenant_id=TenantId("acme"), person="Kim", role="admin")
    resume = Resume(call_id=call.call_id, resume_token=started["resume_token"])
    return scripted.service.calls.resume(kim, resume).session


async def test_corrections_are_learnt_by_running_and_by_later_calls(desk: TwoScreens, scripted: Scripted) -> None:
    name = f"Zorvandia{uuid4().hex[:4].translate(str.maketrans('0123456789', 'ghijklmnop'))}"
    told = await desk.correct(desk.misheard(said=name))
    vocabulary = session_of(desk.call, scripted).vocabulary
    assert name in vocabulary.terms
    again = [Word(text=f"{HEARD},", start_ms=0, end_ms=400, confidence=0.95)]
    assert [one.text for one in vocabulary.correct(again)] == [f"{name},"]
    near = [Word(text=name.replace("v", "w"), start_ms=0, end_ms=400, confidence=0.4)]
    assert [one.text for one in vocabulary.correct(near)] == [name]
    async with caller(scripted.url, scripted.token()) as later:
        await later.start(account=f"account {uuid4()}")
        assert name in session_of(later, scripted).vocabulary.terms
        await desk.undo(told["annotation_id"])
        assert name not in session_of(later, scripted).vocabulary.terms
        await later.end()


async def test_the_queue_holds_every_form_and_what_was_taken_back(desk: TwoScreens) -> None:
    signal = await desk.judge(desk.verdict(start=8, end=27))
    need_id = (await desk.followed(signal["annotation_id"]))["signal"]["need_id"]
    other = await desk.judge(desk.verdict(start=0, end=7, type="proof"))
    other_id = (await desk.followed(other["annotation_id"]))["signal"]["need_id"]
    status = (await desk.api.post("/v1/annotations/statuses", json={"need_id": need_id, "status": "resolved"})).json()
    link = {
        "call_id": desk.call.call_id,
        "need_id": need_id,
        "signal_id": signal["signal_id"],
        "kind": "ticket",
        "id": "T-1",
    }
    judged = (await desk.api.post("/v1/annotations/links", json={**link, "verdict": "wrong"})).json()
    merged = (await desk.api.post("/v1/annotations/merges", json={"need_id": other_id, "other_id": need_id})).json()
    words = await desk.correct(desk.misheard())
    told = [words, merged, judged, status, other, signal]
    rows = await desk.rows()
    assert [one["annotation_id"] for one in rows] == [one["annotation_id"] for one in told]
    assert [one["form"] for one in rows] == ["words", "merge", "link", "status", "signal", "signal"]
    assert [(one["before"], one["after"]) for one in rows[:1]] == [(HEARD, "Norvik 🧀")]
    assert (rows[2]["after"], rows[3]["before"], rows[3]["status"], rows[5]["before"]) == (
        "wrong",
        "open",
        "resolved",
        "",
    )
    assert rows[5]["after"].endswith(f"exports to {HEARD}")
    assert {one["utterance_id"] for one in rows} == {desk.said[INES]["utterance_id"]}
    assert {(one["author"], one["undone"], one["undone_by"]) for one in rows} == {("Sol", False, None)}
    assert [one["form"] for one in await desk.rows(form="status")] == ["status"]

    undone = [await desk.undo(one["annotation_id"]) for one in told]
    rows = await desk.rows()
    assert [(one["undone"], one["undone_by"]) for one in rows] == [(True, one) for one in undone]
    for one in reversed(undone):
        await desk.undo(one)
    assert {one["undone"] for one in await desk.rows()} == {False}


async def test_the_queue_comes_in_pages_newest_first(desk: TwoScreens) -> None:
    await desk.judge(desk.verdict(start=0, end=2))
    for start in range(3, 7):
        await desk.judge(desk.verdict(start=start, end=8))
    whole = (await desk.api.get("/v1/annotations", params={"limit": 5})).json()
    assert len(whole["rows"]) == 5
    paged: list[dict[str, Any]] = []
    before = None
    while len(paged) < 5:
        query = {"limit": 2} if before is None else {"limit": 2, "before": before}
        got = (await desk.api.get("/v1/annotations", params=query)).json()
        paged, before = [*paged, *got["rows"]], got["next"]
    assert paged[:5] == whole["rows"]
    for wrong in ({"limit": 0}, {"limit": 201}, {"before": 0}, {"before": "x"}, {"form": "rumour"}):
        answer = await desk.api.get("/v1/annotations", params=wrong)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
