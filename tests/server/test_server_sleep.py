"""A client that vanishes without a word and comes back much later; and a call that is ended from elsewhere."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.messages import SAMPLE_RATE_HZ, ChannelId
from ingest.socket import audio_frame
from server.service import Models
from server.settings import GraphSettings, ServerConfig, Settings
from tests.fakes import ScriptedDecoder
from tests.server.conftest import Scripted, running
from tests.server.server_audio import agreeing, decoded, kept
from tests.server.server_calls import (
    BLOCK_MS,
    DANA,
    INES,
    LEAD_MS,
    NUMBER,
    OMAR,
    WAIT_S,
    Caller,
    caller,
    line,
    of_type,
)
from tests.server.server_child import NO_GRAPH
from tests.server.server_screens import Screen
from tests.server.test_server_hard_input import MONOLOGUE, finals, monologue, sick
from tests.server.test_server_resume import resumed

pytestmark = pytest.mark.model

AWAY = 39
"""The block at which the client is back: two minutes later."""


@pytest.fixture(scope="module")
def sleepy(models: Models, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """A service that hears a word in each of forty blocks, on two channels."""
    script = {ChannelId(channel): monologue() for channel in (DANA, INES)}
    own = Models(voice=models.voice, decoder=ScriptedDecoder(script), intent=models.intent)
    settings = Settings(
        data=tmp_path_factory.mktemp("sleepy"),
        models=models_dir,
        server=ServerConfig(idle_s=5),
        graph=GraphSettings(uri=NO_GRAPH["NEEDGRAPH_GRAPH__URI"]),
    )
    with running(settings, own) as found:
        yield found


async def listen(one: Caller, seconds: float) -> None:
    """Speak nothing, send silence, and take whatever comes for a while."""
    at = {channel: (AWAY + 1) * BLOCK_MS * 16 for channel in (DANA, INES)}
    for _ in range(int(seconds * 10)):
        for channel, number in ((DANA, NUMBER[DANA]), (INES, NUMBER[INES])):
            await one.socket.send(audio_frame(number, at[channel], bytes(3_200)))
            at[channel] += 1_600
        await asyncio.sleep(0.1)


def test_defaults_hold_a_call_over_a_sleep_of_two_minutes() -> None:
    server = ServerConfig()
    away_ms = (server.idle_s + server.resume_s) * 1_000
    assert server.resume_s >= 120
    assert Settings().ingest.max_gap_ms > away_ms


async def test_a_laptop_that_slept_finds_its_call_again(sleepy: Scripted) -> None:
    async with caller(sleepy.url, sleepy.token()) as first:
        await first.start(channels=agreeing({INES: ("transcript", "audio")})[:2])
        await first.say(INES, 0)
        await first.say(DANA, 1)
        await first.until(lambda event: event["type"] == "utterance" and event["channel"] == DANA)
        # Nothing more is sent, and nobody says goodbye.
        assert (await first.closed())[0] == 1001
    assert "call_ended" not in [event["type"] for event in first.seen]
    async with caller(sleepy.url, sleepy.token()) as second:
        await resumed(first, second, turn=2)
        await second.say(INES, AWAY)
        await second.say(DANA, AWAY - 1)
        await listen(second, 6.5)
        ended = await second.end()
    said_ms = LEAD_MS + AWAY * BLOCK_MS + 200
    assert sorted(finals_after(second)) == [
        (DANA, MONOLOGUE[AWAY - 1], said_ms - BLOCK_MS),
        (INES, MONOLOGUE[AWAY], said_ms),
    ]
    assert (sick(first), sick(second)) == ([], [])
    assert ended["end_ms"] >= (AWAY + 1) * BLOCK_MS
    assert ended["reason"] == "ended"
    headers = {"Authorization": f"Bearer {sleepy.token()}"}
    async with httpx.AsyncClient(base_url=sleepy.url, headers=headers, timeout=WAIT_S) as client:
        segments = (await kept(client, first.call_id))[INES]
        assert [number for number, _, _ in segments] == list(range(len(segments)))
        heard = decoded((await client.get(f"/v1/calls/{first.call_id}/audio/{INES}/12")).content)
    loud_ms = [at for at in range(0, 10_000, 10) if abs(heard[at * 16 : at * 16 + 160]).max() > 0.05]
    assert 120_000 + loud_ms[0] == pytest.approx(AWAY * BLOCK_MS + LEAD_MS, abs=400)


def finals_after(one: Caller) -> list[tuple[str, str, int]]:
    found = [event for event in one.seen if event["type"] == "utterance"]
    return [(event["channel"], event["text"], event["start_ms"]) for event in found]


async def test_a_jump_beyond_every_sleep_is_refused(sleepy: Scripted) -> None:
    async with caller(sleepy.url, sleepy.token()) as one:
        await one.start()
        await one.socket.send(audio_frame(NUMBER[INES], 300 * SAMPLE_RATE_HZ, bytes(320)))
        code, reason = await one.closed()
        assert (code, reason) == (4400, "malformed_frame")
        assert one.seen[-1]["type"] == "call_ended"
        assert one.seen[-1]["end_ms"] == 0


async def end(scripted: Scripted, call_id: str, **who: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {scripted.token(**who)}"}  # type: ignore[arg-type]
    async with httpx.AsyncClient(base_url=scripted.url, headers=headers, timeout=WAIT_S) as client:
        return await client.post(f"/v1/calls/{call_id}/end")


async def test_a_running_call_is_ended_from_elsewhere(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token("rep", person="Dana")) as one:
        await one.start()
        await one.say(INES, 0, share=0.7)
        await one.until(of_type("ack"))
        assert (await end(scripted, one.call_id, role="rep", person="Omar")).status_code == 403
        assert (await end(scripted, one.call_id, role="supervisor", person="Dana")).status_code == 403
        assert (await end(scripted, one.call_id, tenant="other")).status_code == 404
        assert (await end(scripted, "no-such-call")).status_code == 404
        answer = await end(scripted, one.call_id, role="rep", person="Dana")
        assert (answer.status_code, answer.json()) == (200, {"call_id": one.call_id})
        assert await one.closed() == (1000, "")
    assert [event["type"] for event in one.seen][-1] == "call_ended"
    assert one.seen[-1]["reason"] == "ended"
    # What was said before is final.
    assert len(finals(one)) == 1
    assert (await end(scripted, one.call_id)).status_code == 200


async def test_a_parked_call_is_ended_from_elsewhere(sleepy: Scripted) -> None:
    async with line(sleepy.url, sleepy.token()) as screen:
        async with caller(sleepy.url, sleepy.token()) as one:
            await one.start()
            await one.say(OMAR, 0, share=0.5)
            await one.until(of_type("ack"))
            watched = Screen(screen)
            await watched.watch(one.call_id)
            one.socket.transport.abort()
        assert (await end(sleepy, one.call_id)).status_code == 200
        assert (await watched.follow("call_ended"))["reason"] == "ended"
    async with caller(sleepy.url, sleepy.token()) as late:
        token = one.seen[0]["resume_token"]
        await late.tell({"type": "resume", "call_id": one.call_id, "resume_token": token})
        assert await late.closed() == (4410, "no_resume")
