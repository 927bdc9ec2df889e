"""The screen socket: a picture, then numbered events without gaps, whatever the screen does."""

from typing import Any

import httpx
import pytest

from server import wire
from tests.server.conftest import Scripted
from tests.server.server_calls import INES, OMAR, SAID, caller, line, of_type
from tests.server.server_screens import Screen, drawn, picture_of

pytestmark = pytest.mark.model


def added(utterance: dict[str, Any], type_: str = "integration") -> dict[str, Any]:
    return {
        "call_id": utterance["call_id"],
        "utterance_id": utterance["utterance_id"],
        "revision": utterance["revision"],
        "verdict": "add",
        "type": type_,
        "start": 0,
        "end": 7,
        "strength": 3,
    }


async def test_events_on_the_snapshot_give_the_next_snapshot(scripted: Scripted, api: httpx.AsyncClient) -> None:
    token = scripted.token()
    async with caller(scripted.url, token) as one, line(scripted.url, token) as first, line(scripted.url, token) as two:
        await one.start()
        kept, late = Screen(first), Screen(two)
        await kept.watch(one.call_id)
        uttered = await one.utterance(INES, 0)
        given = (await api.post("/v1/annotations/signals", json=added(uttered))).json()
        await kept.follow("annotation")
        # A second screen opens in the middle, while somebody speaks.
        await one.begin_to_say(OMAR, 0, share=0.6)
        await kept.follow("partial")
        await late.watch(one.call_id)
        await one.say(OMAR, 0)
        refuse = {**added(uttered), "verdict": "refuse", "signal_id": given["signal_id"]}
        assert (await api.post("/v1/annotations/signals", json=refuse)).status_code == 200
        again = (await api.post("/v1/annotations/signals", json=added(uttered, "capability"))).json()
        await one.tell({"type": "flush"})
        for screen in (kept, late):
            await screen.follow("flushed")
            assert again["signal_id"] in screen.picture["signals"]
            assert given["signal_id"] not in screen.picture["signals"]
            assert {one["text"] for one in screen.picture["utterances"].values()} == {SAID[INES][0], SAID[OMAR][0]}
        # Reload: a new screen has the picture that the others folded.
        async with line(scripted.url, token) as third:
            fresh = await Screen(third).watch(one.call_id)
        assert fresh["seq"] >= kept.picture["seq"]
        assert drawn(kept.picture) == drawn(late.picture) == drawn(fresh)
        snapshot = (await api.get(f"/v1/calls/{one.call_id}")).json()
        assert drawn(picture_of(snapshot)) == drawn(fresh)
        # The times of single words come with their event alone: of a long call they would be most of the snapshot.
        assert uttered["words"]
        assert [found["words"] for found in snapshot["utterances"]] == [[], []]
        assert any(need["type"] == "capability" for need in fresh["needs"].values())

        await one.end()
        for screen in (kept, late):
            await screen.follow("call_ended")
        over = (await api.get(f"/v1/calls/{one.call_id}")).json()
        assert drawn(picture_of(over)) == drawn(kept.picture) == drawn(late.picture)
    for frame in (*first.seen, *two.seen):
        assert wire.SCREEN_FRAME.validate_python(frame).type == frame["type"]


async def test_the_list_of_calls_follows(scripted: Scripted) -> None:
    def live(call_id: str, expected: bool) -> Any:
        return lambda frame: (
            frame["type"] == "calls"
            and any(one["call_id"] == call_id and one["live"] is expected for one in frame["calls"])
        )

    async with line(scripted.url, scripted.token("supervisor")) as screen:
        await screen.until(of_type("calls"))
        async with caller(scripted.url, scripted.token()) as one:
            await one.start()
            listed = await screen.until(live(one.call_id, True))
            assert listed["calls"][0]["account"] == "Quellmeister Werke"
            await one.end()
        await screen.until(live(one.call_id, False))


async def test_a_call_that_is_not_there(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token()) as one, line(scripted.url, scripted.token()) as screen:
        await one.start()
        await screen.tell({"type": "watch", "call_id": "nowhere"})
        assert (await screen.until(of_type("screen_error")))["code"] == "not_found"
        watched = Screen(screen)
        await watched.watch(one.call_id)
        # Asking for what is not there ends the former watch; asking again brings it back.
        await screen.tell({"type": "watch", "call_id": "nowhere"})
        await screen.until(of_type("screen_error"))
        await watched.watch(one.call_id)
        await one.utterance(INES, 0)
        await watched.follow("utterance")
        await one.end()


async def test_a_screen_goes_from_call_to_call(scripted: Scripted) -> None:
    token = scripted.token()
    async with caller(scripted.url, token) as one, caller(scripted.url, token) as two, line(scripted.url, token) as eye:
        await one.start()
        await two.start()
        screen = Screen(eye)
        for call, block in ((one, 0), (two, 1), (one, 2)):
            await screen.watch(call.call_id)
            await one.say(INES, block)
            # Both have spoken before hands get quick.
            await two.utterance(INES, block)
            assert (await screen.follow("utterance"))["call_id"] == call.call_id
        # Quick hands: only the last of many wishes is shown from then on.
        for call in (one, two) * 5:
            await eye.tell({"type": "watch", "call_id": call.call_id})
        while screen.picture["call"]["call_id"] != two.call_id or len(screen.picture["utterances"]) != 3:
            screen.picture = picture_of(await eye.until(of_type("snapshot")))
        await one.end()
        await two.end()
        await eye.until(lambda frame: frame["type"] == "event" and frame["event"]["type"] == "call_ended")
        assert eye.seen[-1]["event"]["call_id"] == two.call_id


async def test_a_slow_screen_gets_a_new_picture_instead_of_gaps(tight: Scripted) -> None:
    token = tight.token()
    async with caller(tight.url, token) as one, line(tight.url, token) as slow, line(tight.url, token) as two:
        await one.start()
        screen, other = Screen(slow), Screen(two)
        before = await screen.watch(one.call_id)
        await other.watch(one.call_id)
        await one.utterance(INES, 0)
        tight.burst(one.call_id, 40)
        for eye in (screen, other):
            eye.picture = picture_of(await eye.line.until(of_type("snapshot")))
            assert eye.picture["seq"] >= before["seq"] + 40
            assert eye.picture["health"]["audio"]["message"] == "39"
            assert [one["text"] for one in eye.picture["utterances"].values()] == [SAID[INES][0]]
        await one.utterance(INES, 1)
        await screen.follow("utterance")
        await one.end()
        await screen.follow("call_ended")
