"""Kept audio: only with consent, on the call's clock, sealed, gone when it should be, never in a call's way."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from graph.keys import KeyStore
from graph.tenants import TenantFolder
from ingest.messages import SAMPLE_RATE_HZ, AudioChunk, CallId, Channel, ChannelId, PersonId, TenantId
from ingest.opus import opus
from ingest.socket import audio_frame
from server.consent import sweep
from server.kept_audio import SEGMENT_SAMPLES, AudioShelf, KeptSegment, Segmenter, Stretch
from tests.server.conftest import Scripted
from tests.server.server_audio import WORDING, agreeing, decoded, kept
from tests.server.server_calls import DANA, INES, NUMBER, OMAR, SAID, Caller, caller, spoken

CALL = CallId("..")
"""An id may be this; no path is made of it."""
PRIYA = Channel(channel=ChannelId("priya/../x"), role="customer", speaker="Priya", person_id=PersonId("p-priya"))
OLE = Channel(channel=ChannelId("ole"), role="rep", speaker="Ole", person_id=PersonId("p-ole"))


def chunk(start_ms: int, samples: list[float] | np.ndarray) -> AudioChunk:
    return AudioChunk(
        tenant_id=TenantId("acme"),
        call_id=CALL,
        channel=PRIYA.channel,
        start_ms=start_ms,
        samples=np.asarray(samples, dtype=np.float32),
        speech=False,
    )


def test_chunks_become_segments_on_the_clock() -> None:
    """Chunks of 32 ms do not divide ten seconds: what lies over the border opens the next segment."""
    segmenter = Segmenter()
    sound = np.random.default_rng(7).uniform(-1, 1, 25 * SAMPLE_RATE_HZ // 512 * 512).astype(np.float32)
    whole = [one for at in range(0, len(sound), 512) for one in segmenter.push(chunk(at // 16, sound[at : at + 512]))]
    whole += segmenter.finish()
    assert [(one.number, len(one.samples)) for one in whole] == [
        (0, SEGMENT_SAMPLES),
        (1, SEGMENT_SAMPLES),
        (2, len(sound) - 2 * SEGMENT_SAMPLES),
    ]
    assert np.abs(np.concatenate([one.samples for one in whole]) - sound * 32767).max() <= 0.5
    assert segmenter.finish() == ()


def test_what_was_not_kept_is_silence() -> None:
    segmenter = Segmenter()
    loud = np.full(512, 0.5, dtype=np.float32)
    # From within a segment on, after a pause within it, and again beyond the next one.
    assert segmenter.push(chunk(9_600, loud)) == segmenter.push(chunk(9_952, loud)) == ()
    (first,) = segmenter.push(chunk(32_000, loud))
    (last,) = segmenter.finish()
    assert [(one.number, len(one.samples)) for one in (first, last)] == [(0, SEGMENT_SAMPLES), (3, 2_032 * 16)]
    loud_ms = np.flatnonzero(first.samples.reshape(-1, 16).any(axis=1))
    assert list(loud_ms) == [*range(9_600, 9_632), *range(9_952, 9_984)]
    assert list(np.flatnonzero(last.samples.reshape(-1, 16).any(axis=1))) == list(range(2_000, 2_032))


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    found = KeyStore(tmp_path / "keys.db")
    yield found
    found.close()


@pytest.fixture
def shelf(tmp_path: Path, keys: KeyStore) -> AudioShelf:
    return AudioShelf(TenantFolder(tmp_path, "acme"), keys)


def tone(number: int, seconds: float = 10.0) -> Stretch:
    at = np.arange(int(seconds * SAMPLE_RATE_HZ))
    return Stretch(number=number, samples=(8_000 * np.sin(at * 440 * 2 * np.pi / SAMPLE_RATE_HZ)).astype(np.int16))


def files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "tenants/acme/audio").rglob("*") if path.is_file()]


def test_a_segment_comes_back_as_it_was(shelf: AudioShelf, tmp_path: Path) -> None:
    shelf.write(CALL, PRIYA, tone(3))
    shelf.write(CALL, PRIYA, tone(4, seconds=2.5))
    found = shelf.segments(CALL, PRIYA.channel)
    assert found == (KeptSegment(number=3, length_ms=10_000), KeptSegment(number=4, length_ms=2_500))
    assert [(one.start_ms, one.end_ms) for one in found] == [(30_000, 40_000), (40_000, 42_500)]
    ogg = shelf.read(CALL, PRIYA.channel, 3)
    assert ogg is not None
    heard, was = decoded(ogg), tone(3).samples / 32768
    assert len(heard) == SEGMENT_SAMPLES
    assert np.corrcoef(heard, was)[0, 1] > 0.9
    assert shelf.read(CALL, PRIYA.channel, 5) is None
    assert shelf.read(CALL, OLE.channel, 3) is None
    for path in files(tmp_path):
        # Sealed, this user's alone, and neither names nor ids in the path.
        assert b"OggS" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
        assert "priya" not in str(path.relative_to(tmp_path))


def test_without_the_key_nothing_is_left(shelf: AudioShelf, keys: KeyStore) -> None:
    for one in (PRIYA, OLE):
        shelf.write(CALL, one, tone(0))
    assert keys.destroy(TenantId("acme"), "p-priya")
    assert shelf.segments(CALL, PRIYA.channel) == ()
    assert shelf.read(CALL, PRIYA.channel, 0) is None
    assert len(shelf.segments(CALL, OLE.channel)) == 1


def test_a_segment_opens_only_in_its_place(shelf: AudioShelf, tmp_path: Path) -> None:
    shelf.write(CALL, PRIYA, tone(0))
    (path,) = files(tmp_path)
    moved = path.with_name("000001-10000.sealed")
    path.rename(moved)
    assert shelf.read(CALL, PRIYA.channel, 1) is None
    path.write_bytes(moved.read_bytes()[:-1] + b"x")
    assert shelf.read(CALL, PRIYA.channel, 0) is None


def test_what_is_removed_is_off_the_disk(shelf: AudioShelf, tmp_path: Path) -> None:
    for one in (PRIYA, OLE):
        shelf.write(CALL, one, tone(0))
    shelf.remove(CALL, PRIYA.channel)
    shelf.remove(CALL, ChannelId("nobody"))
    assert len(files(tmp_path)) == 1
    assert shelf.segments(CALL, PRIYA.channel) == ()


def test_a_sweep_leaves_what_is_agreed_to(shelf: AudioShelf, tmp_path: Path) -> None:
    for one in (PRIYA, OLE):
        shelf.write(CALL, one, tone(0))
    unfinished = files(tmp_path)[0].with_name("000001.fresh")
    unfinished.write_bytes(b"half")
    shelf.sweep([(CALL, PRIYA.channel)])
    assert [path.suffix for path in files(tmp_path)] == [".sealed"]
    assert len(shelf.segments(CALL, PRIYA.channel)) == 1


def test_an_hour_of_speech_is_small() -> None:
    """The demo call's voice: 24 kbit/s at most, 10.8 MB an hour."""
    samples = np.frombuffer(spoken() * 3, dtype="<i2")
    assert len(opus(samples)) * 8 / (len(samples) / SAMPLE_RATE_HZ) < 26_000
    assert len(opus(np.zeros(SEGMENT_SAMPLES, dtype=np.int16))) < 8_000


async def long_words(one: Caller, channel: str, seconds: int) -> None:
    """Speech of several segments, from the channel's beginning."""
    sound = np.frombuffer(spoken() * (seconds // 3 + 1), dtype="<i2")[: seconds * SAMPLE_RATE_HZ]
    for at in range(0, len(sound), 8_000):
        await one.socket.send(audio_frame(NUMBER[channel], at, sound[at : at + 8_000].tobytes()))


@pytest.mark.model
async def test_only_what_is_agreed_to_is_kept(scripted: Scripted, api: httpx.AsyncClient) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start(channels=agreeing({INES: ("transcript", "audio"), OMAR: ("transcript",)}))
        for channel in (DANA, INES, OMAR):
            await long_words(one, channel, 12)
        await one.end()
    assert await kept(api, one.call_id) == {INES: [(0, 0, 10_000), (1, 10_000, 12_000)]}
    answer = await api.get(f"/v1/calls/{one.call_id}/audio/{INES}/0")
    assert answer.headers["content-type"] == "audio/ogg"
    assert answer.headers["cache-control"].startswith("private")
    heard = decoded(answer.content)
    sent = np.frombuffer(spoken() * 4, dtype="<i2")[:SEGMENT_SAMPLES] / 32768
    loud = np.abs(sent) > 0.02
    assert np.corrcoef(heard[loud], sent[loud])[0, 1] > 0.8
    for path in (f"{OMAR}/0", f"{INES}/2", f"{DANA}/0"):
        assert (await api.get(f"/v1/calls/{one.call_id}/audio/{path}")).status_code == 404
    assert (await api.get("/v1/calls/no-such-call/audio")).status_code == 404
    rival = {"Authorization": f"Bearer {scripted.token(tenant='rival')}"}
    assert (await api.get(f"/v1/calls/{one.call_id}/audio/{INES}/0", headers=rival)).status_code == 404


async def give(api: httpx.AsyncClient, call_id: str, channel: str, *given: str) -> None:
    body = {"channel": channel, "given": given, "wording": WORDING}
    assert (await api.post(f"/v1/calls/{call_id}/consents", json=body)).status_code == 200


async def taken(one: Caller, channel: str, seconds: int) -> None:
    enough = seconds * SAMPLE_RATE_HZ
    await one.until(lambda event: event["type"] == "ack" and event["channel"] == channel and event["samples"] >= enough)


@pytest.mark.model
async def test_consent_in_mid_call_and_its_withdrawal(scripted: Scripted, api: httpx.AsyncClient) -> None:
    folder = TenantFolder(scripted.service.settings.data, "acme").audio
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        await long_words(one, INES, 4)
        await taken(one, INES, 4)
        await give(api, one.call_id, INES, "transcript", "audio")
        await long_words(one, INES, 14)
        await taken(one, INES, 14)
        assert await kept(api, one.call_id) == {INES: [(0, 0, 10_000)]}
        heard = decoded((await api.get(f"/v1/calls/{one.call_id}/audio/{INES}/0")).content)
        # What was said before is not kept.
        assert np.abs(heard[: 3_900 * 16]).max() < 0.01
        assert np.abs(heard[4_100 * 16 :]).max() > 0.05
        before = set(folder.rglob("*.sealed"))
        await give(api, one.call_id, INES, "transcript")
        assert await kept(api, one.call_id) == {}
        assert len(set(folder.rglob("*.sealed")) & before) == len(before) - 1
        await long_words(one, INES, 24)
        await one.end()
    assert await kept(api, one.call_id) == {}
    # The transcript went on.
    assert [event["text"] for event in one.seen if event["type"] == "utterance"] == list(SAID[INES])


@pytest.mark.model
async def test_withdrawal_after_the_call(scripted: Scripted, api: httpx.AsyncClient) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start(channels=agreeing({INES: ("transcript", "audio"), OMAR: ("transcript", "audio")}))
        for channel in (INES, OMAR):
            await long_words(one, channel, 3)
        await one.end()
    assert set(await kept(api, one.call_id)) == {INES, OMAR}
    await give(api, one.call_id, INES)
    assert set(await kept(api, one.call_id)) == {OMAR}


@pytest.mark.model
async def test_lost_packets_are_silence_in_what_is_kept(scripted: Scripted, api: httpx.AsyncClient) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start(channels=agreeing({INES: ("transcript", "audio")}))
        buzz = (8_000 * np.sin(np.arange(SAMPLE_RATE_HZ) / 5)).astype(np.int16)
        for second in (0, 25):
            await one.socket.send(audio_frame(NUMBER[INES], second * SAMPLE_RATE_HZ, buzz.tobytes()))
        await one.end()
    assert await kept(api, one.call_id) == {INES: [(0, 0, 10_000), (1, 10_000, 20_000), (2, 20_000, 26_016)]}
    heard = [decoded((await api.get(f"/v1/calls/{one.call_id}/audio/{INES}/{number}")).content) for number in range(3)]
    loud = np.flatnonzero(np.abs(np.concatenate(heard)[: 26 * SAMPLE_RATE_HZ]).reshape(-1, 160).max(axis=1) > 0.1)
    assert [int(loud[0]), int(loud[-1])] == pytest.approx([0, 2_599], abs=3)
    assert not [at for at in loud if 102 < at < 2_498]


@pytest.mark.model
async def test_a_disk_that_fails_is_told_and_the_call_goes_on(scripted: Scripted, api: httpx.AsyncClient) -> None:
    tenant = "full-disk"
    folder = TenantFolder(scripted.service.settings.data, tenant)
    folder.create()
    folder.audio.write_text("a file where the folder should be")
    token = scripted.token(tenant=tenant)
    async with caller(scripted.url, token) as one:
        await one.start(channels=agreeing({INES: ("transcript", "audio")}))
        await long_words(one, INES, 12)
        told = await one.until(lambda event: event["type"] == "health" and event["code"] == "not_stored")
        assert (told["part"], told["ok"]) == ("audio", False)
        folder.audio.unlink()
        await long_words(one, INES, 24)
        well = await one.until(lambda event: event["type"] == "health" and event["code"] == "not_stored")
        assert well["ok"]
        await one.end()
    assert [event["text"] for event in one.seen if event["type"] == "utterance"] == list(SAID[INES])
    headers = {"Authorization": f"Bearer {token}"}
    listed = (await api.get(f"/v1/calls/{one.call_id}/audio", headers=headers)).json()["channels"]
    # The lost segment is missing, the others are in their places.
    assert [found["number"] for found in listed[0]["segments"]] == [1, 2]


@pytest.mark.model
async def test_a_withdrawal_before_a_crash_is_carried_out_at_the_next_start(scripted: Scripted) -> None:
    """The journal holds the withdrawal and the files are still there."""
    async with caller(scripted.url, scripted.token(tenant="crashed")) as one:
        await one.start(channels=agreeing({INES: ("transcript", "audio"), OMAR: ("transcript", "audio")}))
        for channel in (INES, OMAR):
            await long_words(one, channel, 3)
        await one.end()
    tenant = await scripted.service.tenant(TenantId("crashed"))
    scripted.service.audio._executor.submit(lambda: None).result()  # type: ignore[attr-defined]
    aside = tenant.folder.path / "aside"
    shutil.copytree(tenant.folder.audio, aside)
    async with httpx.AsyncClient(base_url=scripted.url, timeout=20) as client:
        client.headers["Authorization"] = f"Bearer {scripted.token(tenant='crashed')}"
        await give(client, one.call_id, INES)
    shutil.rmtree(tenant.folder.audio)
    aside.rename(tenant.folder.audio)
    assert len(list(tenant.folder.audio.rglob("*.sealed"))) == 2
    sweep(tenant)
    shelf = AudioShelf(tenant.folder, tenant.keys)
    assert shelf.segments(CallId(one.call_id), ChannelId(INES)) == ()
    assert len(shelf.segments(CallId(one.call_id), ChannelId(OMAR))) == 1
