"""Bad input on the call socket: a typed error, the documented close code, and nobody else is harmed."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from ingest.config import IngestConfig
from ingest.socket import audio_frame
from tests.server.conftest import Scripted
from tests.server.server_calls import CHANNELS, DANA, INES, Caller, caller, line, of_type, start_frame
from tests.server.server_screens import Screen

pytestmark = pytest.mark.model

LIMITS = IngestConfig()


@dataclass(frozen=True)
class Bad:
    """What is sent, and how it is answered. `started` frames come after a start that was accepted."""

    frame: str | bytes
    code: str
    close_code: int
    says: str = ""
    started: bool = True


def start(**other: Any) -> str:
    return json.dumps(start_frame(**other))


BAD = {
    "unknown encoding": Bad(start(encoding="opus"), "unknown_encoding", 4415, "opus", started=False),
    "unknown rate": Bad(start(sample_rate_hz=7), "unknown_encoding", 4415, "7", started=False),
    "unknown language": Bad(start(language="xx"), "unknown_language", 4415, "de, en", started=False),
    "language of three letters": Bad(start(language="eng"), "malformed_frame", 4400, "start.language", started=False),
    "call id with a slash": Bad(start(call_id="a/b"), "malformed_frame", 4400, "call_id", started=False),
    "unknown field": Bad(start(tenant="rival"), "malformed_frame", 4400, "tenant", started=False),
    "no channels": Bad(start(channels=[]), "malformed_frame", 4400, "channels", started=False),
    "too many channels": Bad(
        start(channels=[{**CHANNELS[0], "channel": str(number)} for number in range(LIMITS.max_channels + 1)]),
        "unknown_channel",
        4404,
        started=False,
    ),
    "two channels of one name": Bad(
        start(channels=[CHANNELS[0]] * 2), "malformed_frame", 4400, "share a name", started=False
    ),
    "audio before start": Bad(audio_frame(0, 0, bytes(320)), "out_of_order", 4409, started=False),
    "flush before start": Bad('{"type": "flush"}', "out_of_order", 4409, started=False),
    "end before start": Bad('{"type": "end"}', "out_of_order", 4409, started=False),
    "second start": Bad(start(), "out_of_order", 4409, "second"),
    "unknown channel": Bad(audio_frame(3, 0, bytes(320)), "unknown_channel", 4404, "channel 3"),
    "odd length": Bad(audio_frame(0, 0, bytes(321)), "malformed_frame", 4400, "321"),
    "cut header": Bad(bytes(11), "malformed_frame", 4400, "header"),
    "empty frame": Bad(b"", "malformed_frame", 4400, "header"),
    "oversized audio": Bad(audio_frame(0, 0, bytes(LIMITS.max_frame_bytes)), "frame_too_large", 4413),
    "oversized text": Bad(" " * (LIMITS.max_text_bytes + 1), "frame_too_large", 4413),
    "jump of an hour": Bad(audio_frame(0, 3_600 * 16_000, bytes(320)), "malformed_frame", 4400, "jumps"),
    "position beyond every clock": Bad(audio_frame(0, 2**64 - 1, bytes(320)), "malformed_frame", 4400, "jumps"),
    "no JSON": Bad("{", "malformed_frame", 4400, "not JSON"),
    "no object": Bad("[]", "malformed_frame", 4400),
    "unknown type": Bad('{"type": "hang_up"}', "malformed_frame", 4400),
    "endless number": Bad("1" * 5_000, "malformed_frame", 4400, "number"),
    "deep nesting": Bad("[" * 30_000, "malformed_frame", 4400, "deeply"),
}


@pytest.fixture
async def other(scripted: Scripted) -> AsyncIterator[Caller]:
    """A call that goes on beside the bad one; it is asked for its words afterwards."""
    async with caller(scripted.url, scripted.token()) as found:
        await found.start()
        await found.say(INES, 0, share=0.4)
        yield found
        await found.say(INES, 0)
        ended = await found.end()
        assert ended["reason"] == "ended"
        assert [one["channel"] for one in found.seen if one["type"] == "utterance"] == [INES]


@pytest.mark.parametrize("bad", BAD.values(), ids=list(BAD))
async def test_bad_frames(scripted: Scripted, other: Caller, bad: Bad) -> None:
    async with caller(scripted.url, scripted.token()) as bad_caller:
        if bad.started:
            await bad_caller.start()
        await bad_caller.socket.send(bad.frame)
        error = await bad_caller.until(of_type("error"))
        assert (error["code"], error["retryable"]) == (bad.code, False)
        assert bad.says in error["message"]
        assert error["call_id"] == (bad_caller.call_id if bad.started else "")
        assert await bad_caller.closed() == (bad.close_code, bad.code)
    if bad.started:
        (ended,) = [one for one in bad_caller.seen if one["type"] == "call_ended"]
        assert ended["reason"] == "failed"


async def test_words_before_a_bad_frame_are_kept(scripted: Scripted, other: Caller) -> None:
    async with caller(scripted.url, scripted.token()) as bad_caller:
        await bad_caller.start()
        await bad_caller.say(DANA, 0, share=0.75)
        await bad_caller.socket.send(b"")
        await bad_caller.closed()
    order = [one["type"] for one in bad_caller.seen if one["type"] in ("error", "utterance", "call_ended")]
    assert order == ["error", "utterance", "call_ended"]


async def test_a_frame_above_every_limit_closes_that_connection_only(scripted: Scripted, other: Caller) -> None:
    async with caller(scripted.url, scripted.token()) as bad_caller:
        await bad_caller.start()
        await bad_caller.socket.send(bytes(scripted.service.settings.server.max_frame_bytes + 1))
        assert (await bad_caller.closed())[0] == 1009


@pytest.mark.parametrize("over", [False, True], ids=["live", "in the journal"])
async def test_a_call_id_that_is_taken(scripted: Scripted, other: Caller, over: bool) -> None:
    taken = other.call_id
    if over:
        async with caller(scripted.url, scripted.token()) as before:
            await before.start()
            await before.end()
            taken = before.call_id
    async with caller(scripted.url, scripted.token()) as second:
        await second.tell(start_frame(call_id=taken))
        error = await second.next()
        assert (error["type"], error["code"]) == ("error", "call_live")
        assert taken in error["message"]
        assert await second.closed() == (4409, "call_live")


async def test_of_two_starts_at_once_one_is_taken(scripted: Scripted) -> None:
    token = scripted.token()
    async with caller(scripted.url, token) as one, caller(scripted.url, token) as two:
        for each in (one, two):
            await each.tell(start_frame(call_id="at-once"))
        first = [await one.next(), await two.next()]
        assert sorted(event["type"] for event in first) == ["call_started", "error"]
        winner = one if first[0]["type"] == "call_started" else two
        assert (await winner.end())["reason"] == "ended"


@pytest.mark.parametrize("frame", ["{", "[]", '{"type": "watch"}', '{"type": "watch", "call_id": 7}', "x" * 70_000])
async def test_bad_frames_of_a_screen(scripted: Scripted, other: Caller, frame: str) -> None:
    async with line(scripted.url, scripted.token()) as screen:
        await screen.socket.send(frame)
        assert (await screen.until(of_type("screen_error")))["code"] == "malformed_frame"
        assert (await Screen(screen).watch(other.call_id))["call"]["call_id"] == other.call_id
