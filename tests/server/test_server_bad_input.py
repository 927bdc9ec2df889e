"""Bad input on the call socket: a typed error, the documented close code, and nobody else is harmed."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
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


STRANGE_IDS = {
    "a slash": "a%2Fb",
    "up and away": "..%2F..%2Ftokens.json",
    "a zero byte": "%00",
    "half a character": "%E4%BD",
    "markup": "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "another script": "%E9%80%9A%E8%AF%9D%F0%9F%A7%80",
    "half a surrogate pair": "%ED%A0%80",
    "right to left": "%E2%80%AEtxet",
    "far too long": "x" * 8_000,
}
BY_ID: dict[str, tuple[str, Any]] = {
    "/v1/calls/{id}": ("GET", None),
    "/v1/calls/{id}/graph": ("GET", None),
    "/v1/calls/{id}/summary": ("GET", None),
    "/v1/calls/{id}/summary/export": ("GET", None),
    "/v1/calls/{id}/audio": ("GET", None),
    "/v1/calls/{id}/audio/1/1": ("GET", None),
    "/v1/calls/{id}/end": ("POST", None),
    "/v1/calls/{id}/consents": ("POST", {"channel": "1", "given": ["audio"], "wording": "May we?"}),
    "/v1/calls/{id}/cards/k1": ("POST", {"outcome": "used"}),
    "/v1/calls/{id}/cards/pause": ("POST", {"minutes": 5}),
    "/v1/calls/{id}/shares": ("POST", {"days": 7}),
    "/v1/shares/{id}": ("DELETE", None),
    "/v1/accounts/{id}": ("GET", None),
    "/v1/items/ticket/{id}": ("GET", None),
    "/v1/recordings/{id}": ("GET", None),
    "/v1/annotations/{id}/undo": ("POST", None),
    "/v1/card-figures?call_id={id}": ("GET", None),
}


@pytest.mark.parametrize("path", BY_ID)
async def test_strange_ids_are_not_found(api: httpx.AsyncClient, path: str) -> None:
    method, body = BY_ID[path]
    for name, strange in STRANGE_IDS.items():
        answer = await api.request(method, path.format(id=strange), json=body)
        # A slash may make it another path, which may know another method.
        assert answer.status_code in (404, 405), (name, answer.text)
        assert answer.json()["error"]["code"] in ("not_found", "wrong_method"), name


@pytest.mark.parametrize("strange", STRANGE_IDS.values(), ids=list(STRANGE_IDS))
async def test_strange_links_open_nothing(api: httpx.AsyncClient, strange: str) -> None:
    answer = await api.get(f"/s/{strange}")
    assert answer.status_code == 404
    assert "<img" not in answer.text


OVER_LONG = "x" * 5_000
BAD_BODIES: dict[str, tuple[str, str, Any]] = {
    "no object": ("POST", "/v1/annotations/words", []),
    "said too long": (
        "POST",
        "/v1/annotations/words",
        {"call_id": "c", "utterance_id": "u", "revision": 1, "start": 0, "end": 1, "said": OVER_LONG},
    ),
    "a span before the words": (
        "POST",
        "/v1/annotations/words",
        {"call_id": "c", "utterance_id": "u", "revision": 1, "start": -1, "end": 1, "said": "x"},
    ),
    "an endless number": (
        "POST",
        "/v1/annotations/words",
        {"call_id": "c", "utterance_id": "u", "revision": "9" * 5_000, "start": 0, "end": 1, "said": "x"},
    ),
    "consent in no words": ("POST", "/v1/calls/c/consents", {"channel": "1", "given": [], "wording": ""}),
    "consent in too many words": ("POST", "/v1/calls/c/consents", {"channel": "1", "given": [], "wording": OVER_LONG}),
    "consent to anything": ("POST", "/v1/calls/c/consents", {"channel": "1", "given": ["all"], "wording": "May we?"}),
    "a link for ever": ("POST", "/v1/calls/c/shares", {"days": 91}),
    "a link for no time": ("POST", "/v1/calls/c/shares", {"days": 0}),
    "a link in no language": ("POST", "/v1/calls/c/shares", {"language": "xx"}),
    "an answer nobody knows": ("POST", "/v1/calls/c/cards/k1", {"outcome": "shown"}),
    "a pause of days": ("POST", "/v1/calls/c/cards/pause", {"minutes": 241}),
    "a budget of everything": ("PUT", "/v1/card-budget", {"per_call": 201}),
    "a budget of no number": ("PUT", "/v1/card-budget", {"confidence": "NaN"}),
    "a query too long": ("GET", f"/v1/calls?query={OVER_LONG}", None),
    "a page too long": ("GET", "/v1/calls?limit=201", None),
    "no page": ("GET", "/v1/accounts?limit=0", None),
    "accounts of a query too long": ("GET", f"/v1/accounts?query={OVER_LONG}", None),
    "a summary as anything": ("GET", "/v1/calls/c/summary/export?format=exe", None),
    "a recording of nobody": ("POST", "/v1/recordings?channels=[]", None),
    "a recording of no JSON": ("POST", "/v1/recordings?channels={", None),
    "a speaker too long": (
        "POST",
        f'/v1/recordings?channels=[{{"role":"rep","speaker":"{OVER_LONG}"}}]',
        None,
    ),
    "an account too long": (
        "POST",
        f'/v1/recordings?account={OVER_LONG}&channels=[{{"role":"rep","speaker":"S"}}]',
        None,
    ),
}


@pytest.mark.parametrize(("method", "path", "body"), BAD_BODIES.values(), ids=list(BAD_BODIES))
async def test_bad_requests(api: httpx.AsyncClient, method: str, path: str, body: object) -> None:
    answer = await api.request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("path", ["/v1/annotations/words", "/v1/calls/c/shares", "/v1/nowhere"])
async def test_a_body_without_measure(api: httpx.AsyncClient, path: str, announced: bool) -> None:
    body = b'{"said": "' + b"x" * (10 << 20) + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 1 << 16):
            yield body[at : at + (1 << 16)]

    kind = {"Content-Type": "application/json"}
    answer = await api.post(path, content=body if announced else pieces(), headers=kind)
    if path == "/v1/nowhere" and not announced:
        # Nobody reads it, so nobody counts it.
        assert answer.status_code == 405
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_files_may_be_larger(api: httpx.AsyncClient) -> None:
    lines = b"\n" * (1 << 20)
    assert (await api.post("/v1/labels/import", content=lines)).status_code == 200
    answer = await api.post(
        "/v1/recordings", params={"channels": '[{"role": "rep", "speaker": "Sol"}]'}, content=bytes(1 << 20)
    )
    # It was read, and is no recording.
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] != "too_large"
