"""Corrections over the API, and what they change: the picture, the need graph, the screens, the labels."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from intent.labels import LABELS
from tests.server.conftest import Scripted
from tests.server.server_calls import DANA, INES, OMAR, SAID, Caller, caller, headers, line
from tests.server.server_screens import Screen, drawn, picture_of

pytestmark = pytest.mark.model

Verdict = dict[str, Any]


class Desk:
    """A live call with three utterances, and a supervisor who judges them."""

    def __init__(self, call: Caller, api: httpx.AsyncClient, screen: Screen) -> None:
        self.call, self.api, self.screen = call, api, screen
        self.said: dict[str, dict[str, Any]] = {}

    def verdict(self, channel: str = INES, **other: object) -> Verdict:
        uttered = self.said[channel]
        place = {"call_id": self.call.call_id, "utterance_id": uttered["utterance_id"], "revision": 1}
        whole = {"type": "integration", "kind": "need", "start": 8, "end": 27, "strength": 2}
        return {**place, "verdict": "add", **whole, **other}

    async def judge(self, verdict: Verdict) -> dict[str, Any]:
        answer = await self.api.post("/v1/annotations/signals", json=verdict)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, verdict: Verdict, route: str = "signals") -> tuple[int, str]:
        answer = await self.api.post(f"/v1/annotations/{route}", json=verdict)
        return answer.status_code, answer.json()["error"]["code"]

    async def picture(self) -> dict[str, Any]:
        return picture_of((await self.api.get(f"/v1/calls/{self.call.call_id}")).json())

    async def nodes(self) -> list[dict[str, Any]]:
        return (await self.api.get(f"/v1/calls/{self.call.call_id}/graph")).json()["nodes"]

    async def followed(self, annotation_id: str) -> dict[str, Any]:
        """The screen's event of this annotation; afterwards screen and snapshot agree."""
        while True:
            event = await self.screen.follow("annotation")
            if event["annotation"]["annotation_id"] == annotation_id:
                break
        picture = await self.picture()
        await self.screen.reach(picture["seq"])
        assert drawn(self.screen.picture) == drawn(picture)
        return event


@pytest.fixture
async def desk(scripted: Scripted) -> AsyncIterator[Desk]:
    account = f"account {uuid4()}"
    async with (
        caller(scripted.url, scripted.token()) as call,
        httpx.AsyncClient(
            base_url=scripted.url, headers=headers(scripted.token("supervisor", person="Sol")), timeout=20
        ) as api,
        line(scripted.url, scripted.token("supervisor")) as screen,
    ):
        await call.start(account=account)
        found = Desk(call, api, Screen(screen))
        for channel in (DANA, INES, OMAR):
            found.said[channel] = await call.utterance(channel, 0)
        await call.tell({"type": "flush"})
        await call.until(lambda event: event["type"] == "flushed")
        await found.screen.watch(call.call_id)
        yield found
        await call.end()


async def mentions(desk: Desk, need_id: str) -> int:
    """How often a need is voiced; the model may have found it by itself, too."""
    return sum(len(node["mentions"]) for node in await desk.nodes() if node["need_id"] == need_id)


async def test_a_missed_signal_is_added_and_taken_back(desk: Desk) -> None:
    given = await desk.judge(desk.verdict())
    assert (given["verdict"], given["author"], given["kind"]) == ("add", "Sol", "need")
    event = await desk.followed(given["annotation_id"])
    signal = event["signal"]
    assert (signal["signal_type"], signal["start"], signal["end"], signal["strength"]) == ("integration", 8, 27, 2)
    assert (signal["confidence"], signal["speaker"]) == (1.0, "Ines Quellmeister")
    assert desk.said[INES]["start_ms"] <= signal["start_ms"] <= signal["end_ms"] <= desk.said[INES]["end_ms"]
    (node,) = [one for one in await desk.nodes() if one["need_id"] == signal["need_id"]]
    assert (node["type"], node["raised_by"], node["status"]) == ("integration", ["Ines Quellmeister"], "open")
    assert SAID[INES][0][8:27] == "exports to Käsebuch"
    assert {"start": 8, "end": 27}.items() <= node["mentions"][0].items()

    voiced = await mentions(desk, signal["need_id"])
    undone = await desk.api.post(f"/v1/annotations/{given['annotation_id']}/undo")
    assert undone.status_code == 200
    event = await desk.followed(undone.json()["annotation_id"])
    assert (event["signal"], event["annotation"]["undoes"]) == (None, given["annotation_id"])
    assert await mentions(desk, signal["need_id"]) == voiced - 1

    # An undo can itself be taken back.
    redone = await desk.api.post(f"/v1/annotations/{undone.json()['annotation_id']}/undo")
    assert (await desk.followed(redone.json()["annotation_id"]))["signal"]["id"] == given["signal_id"]


async def test_confirm_correct_refuse(desk: Desk) -> None:
    given = await desk.judge(desk.verdict())
    signal_id = given["signal_id"]
    bare = {"type": None, "kind": None, "start": None, "end": None, "strength": None}
    confirmed = await desk.judge(desk.verdict(verdict="confirm", signal_id=signal_id, **bare))
    assert (await desk.followed(confirmed["annotation_id"]))["signal"]["signal_type"] == "integration"

    # Another kind is another node.
    before = desk.screen.picture["signals"][signal_id]["need_id"]
    voiced = await mentions(desk, before)
    hesitation = next(one.type for one in LABELS.types if one.kind == "hesitation")
    corrected = await desk.judge(
        desk.verdict(verdict="correct", signal_id=signal_id, type=hesitation, kind=None, start=3, end=7, strength=1)
    )
    signal = (await desk.followed(corrected["annotation_id"]))["signal"]
    assert (signal["kind"], signal["signal_type"], signal["start"], signal["end"]) == ("hesitation", hesitation, 3, 7)
    assert signal["need_id"] != before
    nodes = {one["need_id"]: one for one in await desk.nodes()}
    assert await mentions(desk, before) == voiced - 1
    assert nodes[signal["need_id"]]["kind"] == "hesitation"

    refused = await desk.judge(desk.verdict(verdict="refuse", signal_id=signal_id, **bare))
    assert (await desk.followed(refused["annotation_id"]))["signal"] is None
    assert signal["need_id"] not in {one["need_id"] for one in await desk.nodes()}
    assert await desk.refused(desk.verdict(verdict="confirm", signal_id=signal_id, **bare)) == (404, "not_found")
    rows = (await desk.api.get("/v1/labels")).json()["labels"]
    mine = [row["verdict"] for row in rows if row.get("signal_id") == signal_id]
    assert mine == ["refuse", "correct", "confirm", "add"]


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"end": 10_000}, 400),
        ({"start": 9, "end": 9}, 400),
        ({"start": 9, "end": 3}, 400),
        ({"start": -1}, 400),
        ({"start": None}, 400),
        ({"type": "no such type"}, 400),
        ({"type": None}, 400),
        ({"kind": "hesitation"}, 400),
        ({"kind": "wish"}, 400),
        ({"strength": 9}, 400),
        ({"strength": None}, 400),
        ({"verdict": "maybe"}, 400),
        ({"verdict": "undo"}, 400),
        ({"tenant": "rival"}, 400),
        ({"verdict": "correct"}, 400),
        ({"verdict": "correct", "signal_id": "nothing"}, 404),
        ({"revision": 2}, 404),
        ({"revision": 0}, 404),
        ({"utterance_id": "nothing"}, 404),
        ({"call_id": "nothing"}, 404),
    ],
)
async def test_what_does_not_fit_is_refused_and_changes_nothing(
    desk: Desk, other: dict[str, object], status: int
) -> None:
    before = await desk.picture()
    code = "bad_request" if status == 400 else "not_found"
    assert await desk.refused(desk.verdict(**other)) == (status, code)
    assert drawn(await desk.picture()) == drawn(before)


async def test_the_reps_words_and_anothers_words(desk: Desk) -> None:
    assert await desk.refused(desk.verdict(DANA, start=0, end=4)) == (400, "bad_request")
    given = await desk.judge(desk.verdict())
    # A signal stays on the words it was found in.
    moved = desk.verdict(OMAR, verdict="correct", signal_id=given["signal_id"], start=0, end=4)
    assert await desk.refused(moved) == (400, "bad_request")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff"])
async def test_a_body_that_is_no_verdict(desk: Desk, body: bytes) -> None:
    for route in ("signals", "links"):
        answer = await desk.api.post(
            f"/v1/annotations/{route}", content=body, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


async def test_code_points_count_not_bytes(desk: Desk) -> None:
    text = SAID[INES][0]
    given = await desk.judge(desk.verdict(start=len(text) - 1, end=len(text)))
    assert (given["start"], given["end"]) == (len(text) - 1, len(text))
    assert await desk.refused(desk.verdict(end=len(text) + 1)) == (400, "bad_request")


async def test_verdicts_on_links(desk: Desk) -> None:
    signal = (await desk.followed((await desk.judge(desk.verdict()))["annotation_id"]))["signal"]
    link = {
        "call_id": desk.call.call_id,
        "need_id": signal["need_id"],
        "signal_id": signal["id"],
        "kind": "ticket",
        "id": "T-1",
        "verdict": "wrong",
    }
    answer = await desk.api.post("/v1/annotations/links", json=link)
    assert answer.status_code == 200
    undone = await desk.api.post(f"/v1/annotations/{answer.json()['annotation_id']}/undo")
    assert undone.status_code == 200
    assert await desk.refused({**link, "need_id": "nothing"}, "links") == (404, "not_found")
    assert await desk.refused({**link, "signal_id": "nothing"}, "links") == (404, "not_found")
    assert await desk.refused({**link, "call_id": "nothing"}, "links") == (404, "not_found")
    assert await desk.refused({**link, "kind": "rumour"}, "links") == (400, "bad_request")
    assert await desk.refused({**link, "verdict": "perhaps"}, "links") == (400, "bad_request")


async def test_two_needs_become_one_and_two_again(desk: Desk) -> None:
    first = await desk.judge(desk.verdict())
    kept = (await desk.followed(first["annotation_id"]))["signal"]["need_id"]
    second = await desk.judge(desk.verdict(start=0, end=7, type="proof"))
    moved = (await desk.followed(second["annotation_id"]))["signal"]["need_id"]
    assert moved != kept
    voiced = (await mentions(desk, kept), await mentions(desk, moved))

    answer = await desk.api.post("/v1/annotations/merges", json={"need_id": moved, "other_id": kept})
    assert (answer.status_code, answer.json()["need_id"]) == (200, kept)
    assert (await mentions(desk, kept), await mentions(desk, moved)) == (sum(voiced), 0)
    undone = await desk.api.post(f"/v1/annotations/{answer.json()['annotation_id']}/undo")
    assert (await mentions(desk, kept), await mentions(desk, moved)) == voiced
    await desk.api.post(f"/v1/annotations/{undone.json()['annotation_id']}/undo")
    assert (await mentions(desk, kept), await mentions(desk, moved)) == (sum(voiced), 0)

    alone = {"need_id": kept, "call_id": desk.call.call_id, "signal_id": second["signal_id"]}
    split = (await desk.api.post("/v1/annotations/merges", json=alone)).json()["need_id"]
    assert split not in (kept, moved)
    assert await mentions(desk, split) == 1
    assert await desk.refused({"need_id": split, "other_id": split}, "merges") == (400, "bad_request")
    assert (await desk.refused({"need_id": "n-no", "other_id": kept}, "merges"))[0] == 404
    assert (await desk.refused({**alone, "need_id": split}, "merges"))[0] == 400


async def test_where_a_need_stands_by_a_persons_word(desk: Desk) -> None:
    given = await desk.judge(desk.verdict())
    need_id = (await desk.followed(given["annotation_id"]))["signal"]["need_id"]

    async def node() -> dict[str, Any]:
        return next(one for one in await desk.nodes() if one["need_id"] == need_id)

    answer = await desk.api.post("/v1/annotations/statuses", json={"need_id": need_id, "status": "resolved"})
    assert answer.status_code == 200
    assert (await node())["status"] == "resolved"
    graph = (await desk.api.get(f"/v1/calls/{desk.call.call_id}/graph")).json()
    said = [one for one in graph["events"] if one["need_id"] == need_id and one["event"] == "resolved"]
    assert [(one["decided_by"], one["turn"]) for one in said] == [("Sol", None)]
    undone = await desk.api.post(f"/v1/annotations/{answer.json()['annotation_id']}/undo")
    assert (await node())["status"] == "open"
    await desk.api.post(f"/v1/annotations/{undone.json()['annotation_id']}/undo")
    assert (await node())["status"] == "resolved"
    assert (await desk.refused({"need_id": "n-no", "status": "open"}, "statuses"))[0] == 404
