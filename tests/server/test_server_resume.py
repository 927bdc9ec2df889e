"""A connection that breaks in mid-call: the client comes back, and no word is missing or doubled."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from eval.client import play
from ingest.socket import Start
from server.settings import ServerConfig
from tests.server.conftest import Compose, Scripted
from tests.server.server_calls import (
    CHANNELS,
    DANA,
    INES,
    OMAR,
    SAID,
    Caller,
    Event,
    caller,
    line,
    of_type,
    spoken,
    start_frame,
)
from tests.server.server_screens import Screen

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def patient(compose: Compose) -> Scripted:
    return compose(ServerConfig(resume_s=10))


async def resumed(broken: Caller, one: Caller, turn: int) -> Event:
    token = broken.seen[0]["resume_token"]
    await one.tell({"type": "resume", "call_id": broken.call_id, "resume_token": token, "turn": turn})
    return await one.until(of_type("resumed"))


def finals(line: Caller) -> list[tuple[str, str]]:
    return [(event["channel"], event["text"]) for event in line.seen if event["type"] == "utterance"]


async def test_a_call_goes_on_in_mid_word(patient: Scripted) -> None:
    async with caller(patient.url, patient.token()) as first:
        await first.start()
        await first.utterance(INES, 0)
        await first.say(OMAR, 0, share=0.5)
        await first.until(lambda event: event["type"] == "ack" and event["channel"] == OMAR)
        first.socket.transport.abort()
    async with caller(patient.url, patient.token()) as second:
        taken = (await resumed(first, second, turn=1))["samples"]
        assert taken[INES] > 0
        assert taken[OMAR] > 0
        assert taken[DANA] == 0
        # From the beginning: what was taken already is not taken again.
        await second.say(OMAR, 0)
        await second.say(INES, 1)
        ended = await second.end()
    assert ended["reason"] == "ended"
    assert finals(first) == [(INES, SAID[INES][0])]
    assert sorted(finals(second)) == sorted([(OMAR, SAID[OMAR][0]), (INES, SAID[INES][1])])


async def test_finals_that_the_client_has_not_seen_are_sent_again(patient: Scripted) -> None:
    async with caller(patient.url, patient.token()) as first:
        await first.start()
        await first.utterance(INES, 0)
        first.socket.transport.abort()
    async with caller(patient.url, patient.token()) as second:
        await resumed(first, second, turn=0)
        await second.end()
    assert finals(second) == [(INES, SAID[INES][0])]


async def test_another_connection_takes_the_call_over(patient: Scripted) -> None:
    async with caller(patient.url, patient.token()) as first, caller(patient.url, patient.token()) as second:
        await first.start()
        await resumed(first, second, turn=0)
        assert await first.closed() == (4411, "taken_up")
        await second.utterance(INES, 0)
        assert (await second.end())["reason"] == "ended"


@pytest.fixture(scope="module")
def full(compose: Compose) -> Scripted:
    """Room for one call."""
    return compose(ServerConfig(max_calls=1, resume_s=10))


async def test_a_full_service_takes_its_own_call_back_and_no_other(full: Scripted) -> None:
    async with caller(full.url, full.token()) as first:
        await first.start()
        await first.utterance(INES, 0)
        first.socket.transport.abort()
    with pytest.raises(InvalidStatus) as refused:
        async with caller(full.url, full.token(), "?resume=0"):
            pass
    assert refused.value.response.status_code == 503
    async with caller(full.url, full.token(), "?resume=1") as sly:
        await sly.tell(start_frame())
        assert await sly.closed() == (1013, "busy")
    async with caller(full.url, full.token(), "?resume=1") as second:
        await resumed(first, second, turn=1)
        await second.utterance(INES, 1)
        assert (await second.end())["reason"] == "ended"


async def test_our_own_client_comes_back_to_a_full_service(full: Scripted) -> None:
    start = Start.model_validate(start_frame(channels=[CHANNELS[1]]))
    audio = np.frombuffer(spoken(), dtype="<i2").astype(np.float32) / 32768
    events: list[Event] = []
    async with breaking(full.url, 60_000) as url:
        await play(url, full.token(), start, [audio], 1.0, events.append)
    assert [event["type"] for event in events].count("resumed") == 1
    assert events[-1]["reason"] == "ended"


@pytest.mark.parametrize("wrong", ["token", "call_id", "tenant"])
async def test_nobody_else_resumes_it(patient: Scripted, wrong: str) -> None:
    async with caller(patient.url, patient.token()) as first:
        await first.start()
        frame = {"type": "resume", "call_id": first.call_id, "resume_token": first.seen[0]["resume_token"]}
        frame |= {"token": {"resume_token": "x"}, "call_id": {"call_id": "x"}, "tenant": {}}[wrong]
        other = patient.token(tenant="other") if wrong == "tenant" else patient.token()
        async with caller(patient.url, other) as thief:
            await thief.tell(frame)
            assert await thief.closed() == (4410, "no_resume")
        await first.utterance(INES, 0)
        await first.end()


@asynccontextmanager
async def breaking(url: str, after_bytes: int) -> AsyncGenerator[str]:
    """The service behind a line that breaks once, after so many bytes towards it."""
    host, port = url.removeprefix("http://").split(":")
    broken = False

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None) -> None:
        nonlocal broken
        passed = 0
        with suppress(ConnectionError):
            while data := await reader.read(4096):
                passed += len(data)
                if limit is not None and passed > limit and not broken:
                    broken = True
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
        writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        both = (pipe(reader, back, after_bytes), pipe(there, writer, None))
        await asyncio.wait([asyncio.create_task(one) for one in both], return_when=asyncio.FIRST_COMPLETED)
        writer.transport.abort()
        back.transport.abort()

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("after_bytes", [60_000, 100_000, 160_000])
async def test_our_own_client_comes_back(patient: Scripted, after_bytes: int) -> None:
    """Two blocks in real time over a line that breaks in the first pause, in a word, and near the end."""
    start = Start.model_validate(start_frame(channels=[CHANNELS[1]]))
    audio = np.frombuffer(spoken() * 2, dtype="<i2").astype(np.float32) / 32768
    events: list[Event] = []
    async with breaking(patient.url, after_bytes) as url:
        await play(url, patient.token(), start, [audio], 1.0, events.append)
    assert [event["text"] for event in events if event["type"] == "utterance"] == list(SAID[INES][:2])
    assert [event["type"] for event in events].count("resumed") == 1
    assert events[-1]["reason"] == "ended"


async def test_a_screen_is_not_told_the_token(patient: Scripted) -> None:
    async with line(patient.url, patient.token()) as screen, caller(patient.url, patient.token()) as one:
        await one.start()
        watched = Screen(screen)
        await watched.watch(one.call_id)
        assert one.seen[0]["resume_token"]
        assert one.seen[0]["resume_token"] not in str(screen.seen)
        await one.end()


async def test_who_does_not_come_back_ends_the_call(compose: Compose) -> None:
    hasty = compose(ServerConfig(resume_s=1))
    async with line(hasty.url, hasty.token()) as screen:
        async with caller(hasty.url, hasty.token()) as one:
            await one.start()
            watched = Screen(screen)
            await watched.watch(one.call_id)
            await one.say(INES, 0, share=0.7)
            await one.until(lambda event: event["type"] == "ack" and event["channel"] == INES)
            one.socket.transport.abort()
        assert (await watched.follow("call_ended"))["reason"] == "client_gone"
        assert [one["text"] for one in watched.picture["utterances"].values()] == [SAID[INES][0]]
        async with caller(hasty.url, hasty.token()) as late:
            token = one.seen[0]["resume_token"]
            await late.tell({"type": "resume", "call_id": one.call_id, "resume_token": token})
            assert await late.closed() == (4410, "no_resume")


async def test_resume_is_no_second_start(patient: Scripted) -> None:
    async with caller(patient.url, patient.token()) as one:
        await one.start()
        await one.tell({"type": "resume", "call_id": one.call_id, "resume_token": "x"})
        _, reason = await one.closed()
        assert reason == "out_of_order"
