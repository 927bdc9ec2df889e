"""One call over the real socket: what is answered, in which order, and how it ends."""

import json

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from graph.journal import Journal
from graph.keys import KeyStore
from graph.tenants import TenantFolder
from ingest.messages import CallEnded
from server import wire
from tests.server.conftest import Scripted
from tests.server.server_calls import (
    BLOCK_MS,
    DANA,
    INES,
    OMAR,
    SAID,
    WAIT_S,
    caller,
    headers,
    line,
    of_type,
    start_frame,
)
from tests.server.server_screens import Screen

pytestmark = pytest.mark.model


def journalled(scripted: Scripted, call_id: str, kind: str) -> list[object]:
    """What the journal holds on disk, read through a connection of our own."""
    folder = TenantFolder(scripted.service.settings.data, "acme")
    keys = KeyStore(folder.keys)
    journal = Journal(folder.journal, keys, folder.tenant_id)
    try:
        return [event.message for event in journal.read(kinds=(kind,)) if event.call_id == call_id]
    finally:
        journal.close()
        keys.close()


async def test_a_call(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        started = one.seen[0]
        assert started["type"] == "call_started"
        assert [channel["speaker"] for channel in started["channels"]] == [
            "Dana Zwölf",
            "Ines Quellmeister",
            "Omar Xaverius",
        ]
        for block, channel in enumerate((DANA, INES)):
            await one.say(channel, block)
        await one.say(OMAR, 1)
        ended = await one.end()
    for event in one.seen:
        # Every event is one of the contract.
        assert wire.CALL_EVENT.validate_python(event).call_id == one.call_id
    assert ended["reason"] == "ended"
    assert ended["end_ms"] == 2 * BLOCK_MS
    finals = [event for event in one.seen if event["type"] == "utterance"]
    assert {(event["channel"], event["text"]) for event in finals} == {
        (DANA, SAID[DANA][0]),
        (INES, SAID[INES][1]),
        (OMAR, SAID[OMAR][1]),
    }
    assert sorted(event["turn"] for event in finals) == [1, 2, 3]
    assert {event["role"] for event in finals if event["channel"] == DANA} == {"rep"}
    kinds = [event["type"] for event in one.seen]
    assert kinds.count("speech_started") == kinds.count("speech_ended") == 3
    assert kinds[-1] == "call_ended"
    acks = [event["samples"] for event in one.seen if event["type"] == "ack" and event["channel"] == DANA]
    assert acks == sorted(acks)
    assert acks[-1] <= BLOCK_MS * 16


async def test_a_final_is_in_the_journal_before_anybody_hears_of_it(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        for block in range(3):
            event = await one.utterance(INES, block)
            held = journalled(scripted, one.call_id, "utterance")
            assert event["utterance_id"] in {getattr(message, "utterance_id", None) for message in held}
        await one.end()
        (ended,) = journalled(scripted, one.call_id, "call_ended")
        assert isinstance(ended, CallEnded)


async def test_a_partial_is_shown_and_replaced(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token()) as one, line(scripted.url, scripted.token()) as screen:
        await one.start()
        watched = Screen(screen)
        await watched.watch(one.call_id)
        # Up to within the voice: words, but no silence that would end them.
        await one.begin_to_say(INES, 0, share=0.65)
        partial = await watched.follow("partial")
        assert partial["text"] == SAID[INES][0]
        assert partial["utterance_id"] in watched.picture["partials"]
        await one.tell({"type": "flush"})
        final = await watched.follow("utterance")
        assert final["utterance_id"] == partial["utterance_id"]
        assert watched.picture["partials"] == {}
        await one.end()


async def test_flush_is_answered_also_when_nothing_was_said(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        await one.tell({"type": "flush"})
        assert (await one.until(of_type("flushed")))["call_id"] == one.call_id
        await one.say(INES, 0, share=0.75)
        await one.tell({"type": "flush"})
        await one.until(of_type("flushed"))
        order = [event["type"] for event in one.seen if event["type"] in ("utterance", "flushed")]
        assert order == ["flushed", "utterance", "flushed"]
        await one.end()


async def test_end_loses_no_word(scripted: Scripted) -> None:
    """Three people end in mid-breath, and `end` comes with the last packet."""
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        for channel in (DANA, INES, OMAR):
            await one.say(channel, 0)
            await one.say(channel, 1, share=0.7)
        await one.end()
    finals = {(event["channel"], event["text"]) for event in one.seen if event["type"] == "utterance"}
    assert finals == {(channel, text) for channel in SAID for text in SAID[channel][:2]}


async def test_a_client_gone_in_mid_word(scripted: Scripted) -> None:
    async with line(scripted.url, scripted.token()) as screen:
        async with caller(scripted.url, scripted.token()) as one:
            await one.start()
            watched = Screen(screen)
            await watched.watch(one.call_id)
            await one.say(INES, 0)
            await one.say(OMAR, 0, share=0.7)
            # The last packet has arrived once it is acknowledged; then the line goes dead without a word.
            await one.until(lambda event: event["type"] == "ack" and event["channel"] == OMAR)
            one.socket.transport.abort()
        ended = await watched.follow("call_ended")
        assert ended["reason"] == "client_gone"
        shown = {one["text"] for one in watched.picture["utterances"].values()}
        assert shown == {SAID[INES][0], SAID[OMAR][0]}
    held = journalled(scripted, one.call_id, "utterance")
    assert {getattr(message, "text", None) for message in held} == shown
    assert len(journalled(scripted, one.call_id, "call_ended")) == 1
    async with httpx.AsyncClient(base_url=scripted.url, headers=headers(scripted.token()), timeout=WAIT_S) as client:
        (summary,) = [
            row for row in (await client.get("/v1/calls")).json()["calls"] if row["call_id"] == ended["call_id"]
        ]
        assert summary["live"] is False


async def test_no_room_for_another_call(tight: Scripted) -> None:
    async with caller(tight.url, tight.token()) as one, caller(tight.url, tight.token()) as two:
        async with caller(tight.url, tight.token()) as late:
            await one.start()
            await two.start()
            with pytest.raises(InvalidStatus) as raised:
                async with caller(tight.url, tight.token()):
                    pass
            response = raised.value.response
            assert response.status_code == 503
            assert int(response.headers["Retry-After"]) > 0
            assert json.loads(response.body or b"")["error"]["code"] == "busy"
            # Upgraded while there was room, and started when there was none left.
            await late.tell(start_frame())
            error = await late.next()
            assert (error["code"], error["retryable"]) == ("busy", True)
            assert await late.closed() == (1013, "busy")
        await two.end()
        async with caller(tight.url, tight.token()) as again:
            await again.start()
            await again.end()
        await one.end()


async def test_a_client_that_falls_behind_is_told_and_hears_the_rest(tight: Scripted) -> None:
    async with caller(tight.url, tight.token()) as one:
        await one.start()
        tight.burst(one.call_id, 40)
        error = await one.until(of_type("error"))
        assert (error["code"], error["call_id"]) == ("too_slow", one.call_id)
        await one.utterance(INES, 0)
        assert (await one.end())["reason"] == "ended"


async def test_a_client_that_reads_nothing_ends_its_call_all_the_same(tight: Scripted) -> None:
    async with caller(tight.url, tight.token()) as one, line(tight.url, tight.token()) as screen:
        await one.start()
        watched = Screen(screen)
        await watched.watch(one.call_id)
        for block in range(3):
            await one.say(INES, block)
        await one.tell({"type": "end"})
        assert (await watched.follow("call_ended"))["reason"] == "ended"
        assert len(watched.picture["utterances"]) == 3
        one.socket.transport.abort()


async def test_a_connection_that_says_nothing_is_closed(tight: Scripted) -> None:
    """Its call waits for it like any other whose client is gone, and ends when nobody comes back."""
    async with (
        line(tight.url, tight.token()) as screen,
        caller(tight.url, tight.token()) as mute,
        caller(tight.url, tight.token()) as one,
    ):
        await one.start()
        watched = Screen(screen)
        await watched.watch(one.call_id)
        await one.say(INES, 0, share=0.7)
        assert (await one.closed())[0] == 1001
        assert (await mute.closed())[0] == 1001
        assert (await watched.follow("call_ended"))["reason"] == "client_gone"
    # Its words become final while it waits, on a busy machine after it was closed; the end always comes later.
    heard = [event["text"] for event in one.seen if event["type"] == "utterance"]
    assert heard in ([], [SAID[INES][0]])
    assert "call_ended" not in {event["type"] for event in one.seen}
    assert [found["text"] for found in watched.picture["utterances"].values()] == [SAID[INES][0]]


async def test_two_languages_and_none(scripted: Scripted) -> None:
    for language, journalled_as in (("de", "de"), ("auto", None), (None, None)):
        async with caller(scripted.url, scripted.token()) as one:
            await one.start(language=language)
            assert one.seen[0]["language"] == journalled_as
            await one.end()
