"""What a call is told of its health: each with a code that names it, and the same code once it is over."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from asr.config import AsrConfig
from asr.messages import Utterance
from asr.vocabulary import Vocabulary
from ingest.channel import ChannelInlet
from ingest.config import IngestConfig
from ingest.messages import (
    SAMPLE_RATE_HZ,
    AudioChunk,
    CallEnded,
    CallId,
    CallStarted,
    CaptureFault,
    CaptureProblem,
    Channel,
    ChannelId,
    SpeechEnded,
    SpeechStarted,
    TenantId,
)
from ingest.socket import AudioFrame
from server import present, session, wire
from server.feed import CallFeed
from server.recognition import Recognition
from server.session import CallSession
from server.telemetry import Telemetry
from tests.fakes import LevelVoice, ScriptedDecoder
from tests.server.server_calls import INES, SCRIPT, spoken

CALL, TENANT = CallId("c1"), TenantId("acme")
CHANNELS = {
    ChannelId("a"): Channel(channel=ChannelId("a"), role="rep", speaker="Jonas"),
    ChannelId("b"): Channel(channel=ChannelId("b"), role="customer", speaker="Ines"),
}


def problem(fault: CaptureFault, heard: str | None = None) -> CaptureProblem:
    return CaptureProblem(
        tenant_id=TENANT,
        call_id=CALL,
        channel=ChannelId("b"),
        problem=fault,
        since_ms=1_000,
        ended=False,
        heard=None if heard is None else ChannelId(heard),
    )


@pytest.mark.parametrize("fault", get_args(CaptureFault))
def test_a_capture_fault_has_its_name(fault: CaptureFault) -> None:
    begun = present.capture(problem(fault, "a" if fault == "echo" else None), CHANNELS)
    assert (begun.ok, begun.code, begun.channel) == (False, fault, "b")
    assert begun.heard == ("a" if fault == "echo" else None)
    over = present.capture(replace(problem(fault), ended=True), CHANNELS)
    assert (over.ok, over.code) == (True, fault)


def test_two_faults_of_a_channel_stand_beside_each_other() -> None:
    feed = CallFeed()
    for fault in ("echo", "clipped"):
        feed.publish(present.capture(problem(fault), CHANNELS))
    feed.publish(present.capture(replace(problem("echo"), ended=True), CHANNELS))
    assert [(one.code, one.ok) for one in feed.health.values()] == [("clipped", False), ("echo", True)]


class BusyRecognition(Recognition):
    """Recognition that is behind when a test says so."""

    late = False

    @property
    def behind(self) -> bool:
        return self.late


@dataclass
class Host:
    """A `CallHost` that keeps nothing, and fails to when a test says so."""

    recognition: Recognition
    told: list[wire.CallEvent] = field(default_factory=list[wire.CallEvent])
    edges: list[SpeechStarted | SpeechEnded] = field(default_factory=list[SpeechStarted | SpeechEnded])
    clock_ms: list[int] = field(default_factory=list[int])
    news: asyncio.Event = field(default_factory=asyncio.Event)
    recorded: int = 0
    full: bool = False

    async def record(self, utterance: Utterance) -> None:
        self.recorded += 1
        if self.full:
            raise OSError("no room")

    async def understand(self, utterance: Utterance) -> None:
        pass

    async def close_call(self, ended: CallEnded) -> None:
        pass

    def heard(self, edge: SpeechStarted | SpeechEnded) -> None:
        self.edges.append(edge)

    def tick(self, now_ms: int) -> None:
        self.clock_ms.append(now_ms)

    def keep(self, chunk: AudioChunk) -> None:
        pass

    def show(self, event: wire.CallEvent) -> None:
        self.told.append(event)
        self.news.set()

    @property
    def health(self) -> list[tuple[str, bool]]:
        return [(str(one.code), one.ok) for one in self.told if isinstance(one, wire.HealthEvent)]


class Call:
    """A session on its own, with one channel that says what is scripted for Ines."""

    def __init__(self, language: str = "en") -> None:
        self.recognition = BusyRecognition(ScriptedDecoder(SCRIPT), 1, 4, Telemetry())
        self.host = Host(self.recognition)
        one = Channel(channel=ChannelId(INES), role="customer", speaker="Ines")
        started = CallStarted(
            tenant_id=TENANT,
            call_id=CALL,
            account="a",
            language=language,
            channels=(one,),
            started_at=datetime.now(UTC),
        )
        inlet = ChannelInlet((TENANT, CALL), one, ("s16le", SAMPLE_RATE_HZ), LevelVoice(), IngestConfig())
        self.session = CallSession(started, {one.channel: inlet}, AsrConfig(), Vocabulary(()), self.host)
        self.block = 0

    async def say(self) -> None:
        """One utterance, until it was recorded or given up."""
        first, samples = self.block * len(spoken()) // 2, spoken()
        for at in range(0, len(samples), 32_000):
            self.session.push(AudioFrame(channel=INES, start_sample=first + at // 2, payload=samples[at : at + 32_000]))
        self.block += 1
        await self.session.flush()

    async def until(self, told: tuple[str, bool]) -> None:
        async with asyncio.timeout(10):
            while self.host.health[-1:] != [told]:
                self.host.news.clear()
                await self.host.news.wait()


@contextmanager
def begun(language: str = "en") -> Generator[Call]:
    call = Call(language)
    call.session.begin(SAMPLE_RATE_HZ)
    yield call


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    with begun() as made:
        yield made
        await made.session.end("ended")
        await made.host.recognition.close()


async def test_words_that_come_late(call: Call) -> None:
    call.recognition.late = True
    await call.until(("words_late", False))
    call.recognition.late = False
    await call.until(("words_late", True))


async def test_words_that_could_not_be_stored(call: Call) -> None:
    call.host.full = True
    await call.say()
    await call.until(("not_stored", False))
    call.host.full = False
    await call.say()
    await call.until(("not_stored", True))
    await call.say()
    assert call.host.recorded == 3
    assert call.host.health == [("not_stored", False), ("not_stored", True)]


async def test_words_that_could_not_be_recognised() -> None:
    with begun(language="xx") as call:
        await call.say()
        await call.session.end("ended")
        await call.host.recognition.close()
    assert ("words_lost", False) in call.host.health


async def test_last_words_that_never_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "SETTLE_S", 0.1)
    with begun() as call:
        await call.host.recognition.close()
        await call.say()
        assert call.host.health[-1] == ("last_words_lost", False)
        await call.session.end("ended")


async def test_a_session_tells_voices_and_its_clock(call: Call) -> None:
    await call.say()
    await asyncio.sleep(0.6)
    assert [type(one) for one in call.host.edges] == [SpeechStarted, SpeechEnded]
    clock: list[Any] = call.host.clock_ms
    assert clock == sorted(clock)
    # What was heard counts, and after it the time that passes.
    assert 3_200 <= clock[-1] < 3_200 + 2_000
