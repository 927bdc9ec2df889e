"""Recordings that are uploaded: each a call like any other, as fast as recognition follows, and bad files say why."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import av
import httpx
import numpy as np
import pytest

from asr.decoder import DecodeRequest, Hypothesis
from graph.messages import ConsentRecorded
from ingest.messages import CallStarted, ChannelId
from server import recordings
from server.errors import BadRequestError
from server.recording_source import RecordingSource
from server.service import Models
from server.settings import GraphSettings, ServerConfig, Settings
from tests.fakes import ScriptedDecoder
from tests.ingest.test_ingest_recording import wav
from tests.server.conftest import Scripted, running
from tests.server.server_audio import WORDING, kept
from tests.server.server_calls import DANA, INES, SAID, SCRIPT, WAIT_S, Event, caller, line, spoken
from tests.server.server_child import NO_GRAPH
from tests.server.server_screens import Screen
from tests.server.test_server_call_socket import journalled
from tests.server.test_server_hard_input import HeldDecoder

pytestmark = pytest.mark.model

PEOPLE: list[dict[str, Any]] = [
    {"role": "rep", "speaker": "Dana Zwölf"},
    {"role": "customer", "speaker": 'Ines "Q." <i>'},
]
UPLOAD_SCRIPT = {**SCRIPT, ChannelId("1"): SCRIPT[ChannelId(DANA)], ChannelId("2"): SCRIPT[ChannelId(INES)]}
SHORT_S = 18
"""The longest recording that the service of these tests takes."""


@dataclass
class CountingDecoder(HeldDecoder):
    """Tells which finals it has in work."""

    finals: set[tuple[str, str, int]] = field(default_factory=set[tuple[str, str, int]])

    def decode(self, requests: Sequence[DecodeRequest]) -> tuple[Hypothesis, ...]:
        taken = {(one.call_id, one.channel, one.number) for one in requests if one.final}
        self.finals |= taken
        try:
            return super().decode(requests)
        finally:
            self.finals -= taken


@pytest.fixture(scope="module")
def decoder() -> CountingDecoder:
    found = CountingDecoder(ScriptedDecoder(UPLOAD_SCRIPT))
    found.open.set()
    return found


@pytest.fixture(scope="module")
def taking(
    models: Models, models_dir: Path, decoder: HeldDecoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scripted]:
    """A service that takes recordings up to one megabyte and a few seconds."""
    settings = Settings(
        data=tmp_path_factory.mktemp("recordings"),
        models=models_dir,
        server=ServerConfig(recording_mb=1, recording_hours=SHORT_S / 3_600),
        graph=GraphSettings(uri=NO_GRAPH["NEEDGRAPH_GRAPH__URI"]),
    )
    with running(settings, Models(voice=models.voice, decoder=decoder, intent=models.intent)) as found:
        yield found
        decoder.open.set()


@pytest.fixture
async def client(taking: Scripted, decoder: HeldDecoder) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {taking.token()}"}
    async with httpx.AsyncClient(base_url=taking.url, headers=headers, timeout=WAIT_S) as found:
        yield found
    decoder.open.set()


def recorded(*channels: int) -> bytes:
    """A WAV file of the spoken block; each channel has so many of them, then silence."""
    longest = max(channels)
    sound = np.zeros((len(channels), longest * len(spoken()) // 2), dtype=np.int16)
    for number, blocks in enumerate(channels):
        sound[number, : blocks * len(spoken()) // 2] = np.frombuffer(spoken() * blocks, dtype="<i2")
    return wav(np.ascontiguousarray(sound.T))


async def upload(client: httpx.AsyncClient, content: bytes, people: object = None, **more: str) -> httpx.Response:
    query = {"channels": json.dumps(PEOPLE if people is None else people), "language": "en", **more}
    return await client.post("/v1/recordings", params=query, content=content)


async def over(client: httpx.AsyncClient, call_id: str) -> Event:
    """How it went, once it is over."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = (await client.get(f"/v1/recordings/{call_id}")).json()
            if found["state"] != "reading":
                return found
            await asyncio.sleep(0.05)


def uploads_open() -> list[str]:
    """Files of uploads that this process, which is the service, holds open, and those that have a name."""
    targets = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return [str(target) for target in targets if "/uploads/" in str(target)]


async def test_a_recording_is_a_call_like_any_other(taking: Scripted, client: httpx.AsyncClient) -> None:
    async with line(taking.url, taking.token()) as screen:
        answer = await upload(client, recorded(2, 3), account="Quellmeister Werke")
        assert answer.status_code == 202
        progress = answer.json()
        assert progress["state"] == "reading"
        call_id = progress["call_id"]
        watched = Screen(screen)
        await watched.watch(call_id)
        if watched.picture["ended"] is None:
            await watched.follow("call_ended")
    assert await over(client, call_id) == {"call_id": call_id, "state": "done", "progress": 1.0, "message": ""}
    call = (await client.get(f"/v1/calls/{call_id}")).json()
    assert (call["ended"]["reason"], call["ended"]["end_ms"]) == ("ended", 9_600)
    assert call["call"]["host"] == "Kim"
    assert [(one["role"], one["speaker"]) for one in call["call"]["channels"]] == [
        (one["role"], one["speaker"]) for one in PEOPLE
    ]
    assert sorted((one["channel"], one["text"]) for one in call["utterances"]) == sorted(
        [("1", text) for text in SAID[DANA][:2]] + [("2", text) for text in SAID[INES]]
    )
    assert call["needs"]
    # Faster than life, and slower where it waited: neither is a fault of its sound.
    health = [one["event"]["message"] for one in screen.seen if one.get("event", {}).get("type") == "health"]
    assert [message for message in health if "also carries" not in message] == []
    (started,) = journalled(taking, call_id, "call_started")
    assert isinstance(started, CallStarted)
    assert (started.account, started.language, started.host) == ("Quellmeister Werke", "en", "Kim")
    assert uploads_open() == []


async def test_a_mono_recording_with_consent_is_kept(taking: Scripted, client: httpx.AsyncClient) -> None:
    consent = {"given": ["transcript", "audio"], "wording": WORDING}
    answer = await upload(client, recorded(4), [{**PEOPLE[1], "consent": consent}])
    call_id = answer.json()["call_id"]
    assert (await over(client, call_id))["state"] == "done"
    assert await kept(client, call_id) == {"1": [(0, 0, 10_000), (1, 10_000, 12_800)]}
    (given,) = journalled(taking, call_id, "consent_recorded")
    assert isinstance(given, ConsentRecorded)
    assert given.wording == WORDING


BAD: dict[str, tuple[bytes, object, int, str, str]] = {
    "empty": (b"", None, 400, "bad_request", "empty"),
    "not audio": (b"Dear Dana, here is the recording. " * 90, None, 400, "unreadable_recording", "decoded"),
    "no samples": (wav(np.zeros((0, 2), dtype=np.int16)), None, 400, "unreadable_recording", "no samples"),
    "too long": (recorded(6), PEOPLE[1:], 400, "bad_request", "cut it into parts"),
    "too large": (bytes((1 << 20) + 1), None, 413, "too_large", "1 MB"),
    "mono for two": (recorded(1), None, 400, "bad_request", "a mono recording is one channel"),
    "three for two": (recorded(1, 1, 1), None, 400, "bad_request", "one person for each channel"),
    "nobody named": (recorded(1), [], 400, "bad_request", "channels"),
    "people not in JSON": (recorded(1), "Dana", 400, "bad_request", "channels"),
    "unknown role": (recorded(1), [{"role": "boss", "speaker": "Dana"}], 400, "bad_request", "0.role"),
    "too many people": (recorded(1), [PEOPLE[1]] * 9, 400, "unknown_channel", "at most 8"),
}


@pytest.mark.parametrize(("content", "people", "status", "code", "says"), BAD.values(), ids=list(BAD))
async def test_a_bad_file_says_why(
    client: httpx.AsyncClient, content: bytes, people: object, status: int, code: str, says: str
) -> None:
    before = (await client.get("/v1/calls")).json()["calls"]
    answer = await upload(client, content, people)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), error
    assert says in error["message"]
    assert uploads_open() == []
    assert (await client.get("/v1/calls")).json()["calls"] == before
    # Nothing is left of it that would refuse the next one.
    assert (await upload(client, recorded(1), [PEOPLE[1]], language="xx")).json()["error"]["code"] == "unknown_language"


async def test_a_body_that_is_larger_than_it_said_is_stopped(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(1 << 16)

    answer = await client.post("/v1/recordings", params={"channels": json.dumps(PEOPLE)}, content=endless())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert uploads_open() == []


@pytest.mark.parametrize("size", [100, 200_000], ids=["found when it is written out", "found at once"])
async def test_a_full_disk_is_told_and_the_next_one_is_taken(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    def on_a_full_disk(dir: Path) -> BinaryIO:  # noqa: A002 - as in tempfile
        assert dir.name == "uploads"
        return Path("/dev/full").open("r+b")

    before = (await client.get("/v1/calls")).json()["total"]
    with monkeypatch.context() as full:
        full.setattr(recordings, "tempfile", SimpleNamespace(TemporaryFile=on_a_full_disk))
        answer = await upload(client, bytes(size), [PEOPLE[1]])
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_space")
    assert (await client.get("/v1/calls")).json()["total"] == before
    call_id = (await upload(client, recorded(1), [PEOPLE[1]])).json()["call_id"]
    assert (await over(client, call_id))["state"] == "done"


async def test_a_recording_that_breaks_off_keeps_what_was_read(client: httpx.AsyncClient) -> None:
    whole = recorded(3, 3)
    answer = await upload(client, whole[: len(whole) // 2])
    call_id = answer.json()["call_id"]
    assert (await over(client, call_id))["state"] in ("done", "failed")
    call = (await client.get(f"/v1/calls/{call_id}")).json()
    assert SAID[INES][0] in [one["text"] for one in call["utterances"]]
    assert call["ended"] is not None


def test_a_file_that_does_not_tell_its_length(tmp_path: Path) -> None:
    """As a browser's own recordings do not: progress is by bytes, and the longest length holds all the same."""
    path = tmp_path / "live.webm"
    with av.open(str(path), "w", format="webm", options={"live": "1"}) as container:
        stream = container.add_stream("libopus", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.frombuffer(spoken() * 4, dtype="<i2").reshape(1, -1), "s16", "mono")
        frame.sample_rate = 16_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    for longest_ms, whole in ((20_000, True), (5_000, False)):
        source = RecordingSource(path.open("rb"), path.stat().st_size)
        source.begin(1, longest_ms)
        samples, progress = 0, [source.progress]
        try:
            while (block := source.next(longest_ms)) is not None:
                samples += block.shape[1]
                progress.append(source.progress)
        except BadRequestError:
            assert not whole
        finally:
            source.close()
        assert progress == sorted(progress)
        assert (samples == pytest.approx(4 * 51_200, abs=2_000)) == whole
        assert (progress[-1] == 1.0) == whole or not whole


async def test_one_at_a_time_and_it_can_be_cancelled(
    taking: Scripted, client: httpx.AsyncClient, decoder: HeldDecoder
) -> None:
    decoder.open.clear()
    first = (await upload(client, recorded(5, 5))).json()["call_id"]
    second = await upload(client, recorded(1, 1))
    assert (second.status_code, second.json()["error"]["code"]) == (409, "conflict")
    assert len(uploads_open()) == 1
    # It has no name, so it cannot outlive the service.
    assert list((taking.service.settings.data / "uploads").iterdir()) == []
    other = {"Authorization": f"Bearer {taking.token(tenant='other')}"}
    assert (await client.get(f"/v1/recordings/{first}", headers=other)).status_code == 404
    assert (await client.delete(f"/v1/recordings/{first}", headers=other)).status_code == 404
    assert (await client.get(f"/v1/recordings/{first}")).json()["progress"] < 1
    cancelling = asyncio.create_task(client.delete(f"/v1/recordings/{first}"))
    await asyncio.sleep(0.2)
    decoder.open.set()
    assert (await cancelling).json()["state"] == "cancelled"
    call = (await client.get(f"/v1/calls/{first}")).json()
    assert call["ended"]["end_ms"] < 5 * 3_200
    assert uploads_open() == []
    third = (await upload(client, recorded(1, 1))).json()["call_id"]
    assert (await over(client, third))["state"] == "done"


async def test_live_calls_come_first(taking: Scripted, client: httpx.AsyncClient, decoder: CountingDecoder) -> None:
    """Beside a live call a recording has one final at most out, so a live one finds a worker soon."""
    async with caller(taking.url, taking.token()) as live:
        await live.start()
        decoder.open.clear()
        call_id = (await upload(client, recorded(5, 5))).json()["call_id"]
        most = 0
        until = time.monotonic() + 2
        while time.monotonic() < until:
            most = max(most, taking.service.recognition.waiting[0] + len(decoder.finals))
            await asyncio.sleep(0.02)
        assert most == 1
        assert 0 < (await client.get(f"/v1/recordings/{call_id}")).json()["progress"] < 0.5
        decoder.open.set()
        await live.utterance(INES, 0)
        await live.end()
    assert (await over(client, call_id))["state"] == "done"


async def test_a_call_of_a_recording_that_is_ended_from_outside(
    client: httpx.AsyncClient, decoder: HeldDecoder
) -> None:
    decoder.open.clear()
    call_id = (await upload(client, recorded(5, 5))).json()["call_id"]
    ending = asyncio.create_task(client.post(f"/v1/calls/{call_id}/end"))
    await asyncio.sleep(0.2)
    decoder.open.set()
    assert (await ending).status_code == 200
    assert (await over(client, call_id))["state"] == "cancelled"


async def test_rights(taking: Scripted, client: httpx.AsyncClient) -> None:
    watching = {"Authorization": f"Bearer {taking.token('supervisor')}"}
    query = {"channels": json.dumps(PEOPLE)}
    for refused in (
        await client.post("/v1/recordings", params=query, content=recorded(1, 1), headers=watching),
        await client.delete("/v1/recordings/x", headers=watching),
    ):
        assert refused.status_code == 403
    assert (await client.get("/v1/recordings/x", headers=watching)).status_code == 404
    assert (await client.post("/v1/recordings", content=b"x")).status_code == 400
