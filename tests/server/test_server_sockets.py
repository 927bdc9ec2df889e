"""Both sockets of a real service: who is let in, how broken input ends one call and only it, and what screens see."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from eval.service import Address
from ingest.config import IngestConfig
from ingest.socket import audio_frame
from tests.ingest.demo_call import between, turns
from tests.server.server_talk import (
    START,
    begin,
    flushed,
    of_type,
    said,
    socket,
    until,
    until_closed,
)

pytestmark = [pytest.mark.model, pytest.mark.engine]

SILENCE = bytes(3200)
LARGEST = IngestConfig().max_frame_bytes


async def refused(service: Address, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(InvalidStatus) as caught:
        async with socket(service, path, **options):
            pass
    response = caught.value.response
    return response.status_code, json.loads(response.body or b"{}")["error"]


@pytest.mark.parametrize("path", ["/v1/calls", "/v1/screen"])
@pytest.mark.parametrize("token", ["wrong", "", None])
async def test_without_a_valid_token_no_socket_opens(service: Address, path: str, token: str | None) -> None:
    status, error = await refused(service, path, token=token)
    assert (status, error["code"]) == (401, "unauthorised")


@pytest.mark.parametrize("path", ["/v1/calls", "/v1/screen"])
async def test_a_page_of_another_site_may_not_open_a_socket(service: Address, path: str) -> None:
    status, error = await refused(service, path, origin="https://evil.example")
    assert (status, error["code"]) == (401, "unauthorised")


async def test_our_own_page_opens_a_socket_with_the_token_as_subprotocol(service: Address) -> None:
    protocols = ["needgraph.v1", f"bearer.{service.token}"]
    async with socket(service, "/v1/screen", token=None, origin=service.url, subprotocols=protocols) as screen:
        assert screen.subprotocol == "needgraph.v1"
        assert (await said(screen))["type"] == "calls"


BROKEN = {
    "unknown encoding": ([json.dumps(START | {"encoding": "opus"})], "unknown_encoding", 4415),
    "impossible rate": ([json.dumps(START | {"sample_rate_hz": 1})], "unknown_encoding", 4415),
    "audio before start": ([audio_frame(0, 0, SILENCE)], "out_of_order", 4409),
    "flush before start": (['{"type": "flush"}'], "out_of_order", 4409),
    "unknown channel": ([json.dumps(START), audio_frame(2, 0, SILENCE)], "unknown_channel", 4404),
    "oversized audio": ([json.dumps(START), audio_frame(0, 0, bytes(LARGEST))], "frame_too_large", 4413),
    "oversized text": ([json.dumps(START), "x" * 70_000], "frame_too_large", 4413),
    "odd length": ([json.dumps(START), audio_frame(0, 0, SILENCE[1:])], "malformed_frame", 4400),
    "short header": ([json.dumps(START), b"\0\0"], "malformed_frame", 4400),
    "no JSON": ([json.dumps(START), "{"], "malformed_frame", 4400),
    "deep JSON": (["[" * 50_000], "malformed_frame", 4400),
    "unknown type": ([json.dumps(START), '{"type": "dance"}'], "malformed_frame", 4400),
    "second start": ([json.dumps(START), json.dumps(START)], "out_of_order", 4409),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_broken_input_ends_its_own_call_with_a_typed_error(service: Address, name: str) -> None:
    frames, code, close_code = BROKEN[name]
    async with socket(service, "/v1/calls") as other, socket(service, "/v1/calls") as broken:
        await begin(other)
        for frame in frames:
            await broken.send(frame)
        errors = [event for event in await until_closed(broken) if event["type"] == "error"]
        assert [(event["code"], event["retryable"]) for event in errors] == [(code, False)]
        assert errors[0]["message"]
        assert (broken.close_code, broken.close_reason) == (close_code, code)
        assert (await flushed(other))[-1]["type"] == "flushed"
        health = await asyncio.to_thread(httpx.get, f"{service.url}/health")
        assert health.json()["parts"]["calls"]["ok"]


async def test_a_call_id_that_is_live_or_was_held_is_refused(service: Address) -> None:
    async with socket(service, "/v1/calls") as first:
        await begin(first, call_id="only-one")
        async with socket(service, "/v1/calls") as second:
            await second.send(json.dumps(START | {"call_id": "only-one"}))
            assert [(one["type"], one["code"]) for one in await until_closed(second)] == [("error", "call_live")]
            assert second.close_code == 4409
        assert (await flushed(first))[-1]["call_id"] == "only-one"
        await first.send('{"type": "end"}')
        ended = (await until_closed(first))[-1]
        assert (ended["type"], ended["reason"], first.close_code) == ("call_ended", "ended", 1000)
    async with socket(service, "/v1/calls") as third:
        await third.send(json.dumps(START | {"call_id": "only-one"}))
        assert [one["code"] for one in await until_closed(third)] == ["call_live"]


async def watch(screen: Any, call_id: str) -> dict[str, Any]:
    await screen.send(json.dumps({"type": "watch", "call_id": call_id}))
    return (await until(screen, of_type("snapshot")))[-1]


async def test_what_was_said_before_the_client_was_gone_is_kept(service: Address) -> None:
    turn = turns()[2]
    samples = (between(turn.channel, turn.start_ms, turn.end_ms) * 32767).astype("<i2").tobytes()
    samples += bytes(-len(samples) % 32_000)
    async with socket(service, "/v1/screen") as screen:
        async with socket(service, "/v1/calls") as call:
            await begin(call, call_id="gone", language="en")
            assert (await watch(screen, "gone"))["ended"] is None
            for at in range(0, len(samples), 32_000):
                await call.send(audio_frame(1, at // 2, samples[at : at + 32_000]))
            # All of it was taken in: an abort discards what is still on its way.
            await until(call, lambda event: event["type"] == "ack" and event["samples"] == len(samples) // 2)
            call.transport.abort()
        seen = await until(screen, lambda frame: frame.get("event", {}).get("type") == "call_ended")
        assert seen[-1]["event"]["reason"] == "client_gone"
        finals = [frame["event"] for frame in seen if frame.get("event", {}).get("type") == "utterance"]
        assert "hear you very well" in " ".join(one["text"] for one in finals)
        after = await watch(screen, "gone")
        assert after["ended"]["reason"] == "client_gone"
        assert [one["text"] for one in after["utterances"]] == [one["text"] for one in finals]


async def test_a_screen_gets_a_snapshot_and_then_every_event_by_number(service: Address) -> None:
    async with socket(service, "/v1/screen") as screen, socket(service, "/v1/calls") as call:
        await begin(call, call_id="watched")
        snapshot = await watch(screen, "watched")
        assert snapshot["call"]["call_id"] == "watched"
        assert [one["speaker"] for one in snapshot["call"]["channels"]] == ["Dana", "Priya"]
        for at in range(0, 48_000, 8_000):
            await call.send(audio_frame(0, at, bytes(16_000)))
        heard = await flushed(call)
        await call.send('{"type": "end"}')
        heard += await until_closed(call)
        frames = await until(screen, lambda frame: frame.get("event", {}).get("type") == "call_ended")
        events = [frame for frame in frames if frame["type"] == "event"]
        assert [one["seq"] for one in events] == list(range(snapshot["seq"] + 1, snapshot["seq"] + 1 + len(events)))
        shown = [one["event"]["type"] for one in events]
        assert shown == [one["type"] for one in heard][-len(shown) :]
        assert {"ack", "flushed", "call_ended"} <= set(shown)


async def test_a_screen_hears_of_new_calls_and_of_their_end(service: Address) -> None:
    def live(wanted: bool) -> Any:
        return lambda frame: (
            frame["type"] == "calls"
            and any(one["call_id"] == "listed" and one["live"] is wanted for one in frame["calls"])
        )

    async with socket(service, "/v1/screen") as screen:
        async with socket(service, "/v1/calls") as call:
            await begin(call, call_id="listed")
            await until(screen, live(True))
            await call.send('{"type": "end"}')
            await until_closed(call)
        await until(screen, live(False))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"type": "watch", "call_id": "nobody"}', "not_found"),
        ('{"type": "look"}', "malformed_frame"),
        ("{", "malformed_frame"),
    ],
)
async def test_a_screen_that_asks_amiss_is_told_and_stays_open(service: Address, frame: str, code: str) -> None:
    async with socket(service, "/v1/screen") as screen:
        for _ in range(2):
            await screen.send(frame)
            assert (await until(screen, of_type("screen_error")))[-1]["code"] == code
