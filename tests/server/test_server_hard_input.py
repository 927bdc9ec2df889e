"""Hard input over the real socket: what a line, a sound card or a client does to a call, and its words still come.

Held elsewhere: each bad frame with its code (`test_server_bad_input.py`); a client that reads nothing, or sends
nothing (`test_server_call_socket.py`); a line that breaks (`test_server_resume.py`); packets cut anywhere and every
rate in pure code (`tests/ingest/test_ingest_channel.py`); faults of capture at each strength
(`tests/ingest/test_ingest_capture.py`); four hours of a call (`test_server_long_call.py`).
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from threading import Event as Gate
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from asr.decoder import DecodeRequest, Hypothesis
from asr.messages import Word
from eval.client import to_s16le
from ingest.messages import SAMPLE_RATE_HZ, ChannelId
from ingest.pcm import Encoding, decode
from ingest.socket import audio_frame
from server import session
from server.contract import asyncapi
from server.service import Models
from server.settings import GraphSettings, Settings
from tests.fakes import ScriptedDecoder
from tests.server.conftest import Scripted, running
from tests.server.server_calls import (
    BLOCK_MS,
    CHANNELS,
    DANA,
    INES,
    LEAD_MS,
    NUMBER,
    SAID,
    WAIT_S,
    Caller,
    caller,
    of_type,
    spoken,
    start_frame,
)
from tests.server.server_child import NO_GRAPH

pytestmark = pytest.mark.model

Audio = npt.NDArray[np.float32]
Final = tuple[str, str, int, int]
Packets = list[bytes]

PACKET_MS = 20
BLOCK_PACKETS = BLOCK_MS // PACKET_MS


def sound(blocks: int = 3) -> Audio:
    """The spoken block, again and again."""
    return np.tile(np.frombuffer(spoken(), dtype="<i2").astype(np.float32) / 32_768, blocks)


def words(channel: str, blocks: Iterable[int] = range(3)) -> list[Final]:
    """The finals of these blocks: text and place on the clock."""
    starts = {block: block * BLOCK_MS + LEAD_MS for block in blocks}
    return [(channel, SAID[channel][block], at + 200, at + 900) for block, at in starts.items()]


def encoded(audio: Audio, encoding: Encoding) -> bytes:
    if encoding == "s16le":
        return to_s16le(audio)
    if encoding == "f32le":
        return audio.astype("<f4").tobytes()
    # G.711 maps 256 bytes to as many levels; each sample takes the level above it.
    levels = decode(bytes(range(256)), encoding)
    order = np.argsort(levels)
    return order[np.minimum(np.searchsorted(levels[order], audio), 255)].astype(np.uint8).tobytes()


def packets(channel: str, audio: Audio, encoding: Encoding = "s16le", rate_hz: int = SAMPLE_RATE_HZ) -> Packets:
    step = rate_hz * PACKET_MS // 1000
    return [
        audio_frame(NUMBER[channel], at, encoded(audio[at : at + step], encoding)) for at in range(0, len(audio), step)
    ]


def finals(one: Caller) -> list[Final]:
    """What was said, in the order it came, which is the order of its turns."""
    found = [event for event in one.seen if event["type"] == "utterance"]
    assert [event["turn"] for event in found] == list(range(1, len(found) + 1))
    return [(event["channel"], event["text"], event["start_ms"], event["end_ms"]) for event in found]


def sick(one: Caller) -> list[tuple[str, str]]:
    """Channel and message of what was said to be wrong with audio."""
    health = [event for event in one.seen if event["type"] == "health" and event["part"] == "audio"]
    return [(event["channel"], event["message"]) for event in health if not event["ok"]]


async def heard(scripted: Scripted, frames: Iterable[bytes], **start: object) -> Caller:
    """A call of these frames, from its start to its end."""
    async with caller(scripted.url, scripted.token()) as one:
        await one.start(**start)
        for frame in frames:
            await one.socket.send(frame)
        assert (await one.end())["reason"] == "ended"
    return one


def swapped_now_and_then(sent: Packets) -> Packets:
    """Every half second two neighbours change places; the place of the late one is silent already."""
    swaps = {at: at + 1 for at in range(0, len(sent) - 1, 25)}
    places = {**swaps, **{later: earlier for earlier, later in swaps.items()}}
    return [sent[places.get(at, at)] for at in range(len(sent))]


def early_in_a_pause(sent: Packets) -> Packets:
    """The last packet of the first block overtakes a fifth of a second of silence."""
    last = BLOCK_PACKETS - 1
    return [*sent[: last - 10], sent[last], *sent[last - 10 : last], *sent[last + 1 :]]


DISORDERS: dict[str, Callable[[Packets], Packets]] = {
    "each packet twice": lambda sent: [packet for packet in sent for _ in range(2)],
    "a second said again later": lambda sent: [*sent[:200], *sent[100:150], *sent[200:]],
    "all again from the start": lambda sent: [*sent, *sent],
    "swapped now and then": swapped_now_and_then,
    "early in a pause": early_in_a_pause,
    "one in 25 lost": lambda sent: [packet for at, packet in enumerate(sent) if at % 25 != 13],
    "the pauses lost": lambda sent: [packet for at, packet in enumerate(sent) if at % BLOCK_PACKETS < 140],
}


@pytest.mark.parametrize("disorder", DISORDERS.values(), ids=list(DISORDERS))
async def test_disordered_packets_change_no_final(scripted: Scripted, disorder: Callable[[Packets], Packets]) -> None:
    one = await heard(scripted, disorder(packets(INES, sound())))
    assert finals(one) == words(INES)


async def test_a_lost_word_is_silence_and_the_others_keep_their_place(scripted: Scripted) -> None:
    sent = packets(INES, sound())
    one = await heard(scripted, [*sent[:BLOCK_PACKETS], *sent[2 * BLOCK_PACKETS :]])
    assert finals(one) == words(INES, (0, 2))


async def test_packets_that_stop_in_mid_word_for_a_while_change_no_final(scripted: Scripted) -> None:
    sent = packets(INES, sound())
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        # Up to the middle of the first word; then a burst of all that was held up.
        for part in (sent[: (LEAD_MS + 550) // PACKET_MS], sent):
            for packet in part:
                await one.socket.send(packet)
            await asyncio.sleep(1.2)
        await one.end()
    assert finals(one) == words(INES)


def drifting(ppm: int, *, by_wall_clock: bool) -> Packets:
    """The same sound from a clock that is off: its positions are its own count, or the time when they were sent."""
    audio, rate = sound(), 1 + ppm / 1_000_000
    own = np.interp(np.arange(round(len(audio) * rate)) / rate, np.arange(len(audio)), audio).astype(np.float32)
    step = SAMPLE_RATE_HZ * PACKET_MS // 1000
    return [
        audio_frame(NUMBER[INES], round(at / rate) if by_wall_clock else at, to_s16le(own[at : at + step]))
        for at in range(0, len(own), step)
    ]


@pytest.mark.parametrize("by_wall_clock", [False, True], ids=["own count", "wall clock"])
@pytest.mark.parametrize("ppm", [-200, 200])
async def test_a_clock_that_drifts_changes_no_final(scripted: Scripted, ppm: int, by_wall_clock: bool) -> None:
    one = await heard(scripted, drifting(ppm, by_wall_clock=by_wall_clock))
    assert (finals(one), sick(one)) == (words(INES), [])
    # Every sample found its place at once: nothing piles up behind the clock.
    assert abs(one.seen[-1]["end_ms"] - 3 * BLOCK_MS) <= 64


@pytest.mark.parametrize(
    ("encoding", "rate_hz"),
    [
        *(("s16le", rate_hz) for rate_hz in (8_000, 16_000, 24_000, 44_100, 48_000)),
        ("f32le", 48_000),
        ("mulaw", 8_000),
        ("alaw", 8_000),
    ],
)
async def test_every_format_gives_the_same_finals(scripted: Scripted, encoding: Encoding, rate_hz: int) -> None:
    audio = soxr.resample(sound(), SAMPLE_RATE_HZ, rate_hz).astype(np.float32)
    sent = packets(INES, audio, encoding, rate_hz)
    assert finals(await heard(scripted, sent, encoding=encoding, sample_rate_hz=rate_hz)) == words(INES)


@pytest.mark.parametrize("offset", [-0.1, 0.05])
async def test_a_constant_offset_costs_no_word_and_is_no_fault(scripted: Scripted, offset: float) -> None:
    one = await heard(scripted, packets(INES, sound() + np.float32(offset)))
    assert (finals(one), sick(one)) == (words(INES), [])


async def test_overdriven_speech_is_told_and_understood(scripted: Scripted) -> None:
    one = await heard(scripted, packets(INES, np.clip(20 * sound(), -1, 1)))
    assert finals(one) == words(INES)
    ((channel, message),) = sick(one)
    assert channel == INES
    assert "too loud" in message


@pytest.mark.parametrize("channels", [CHANNELS[:2], CHANNELS], ids=["alone", "beside one that never sends"])
async def test_one_voice_on_two_channels_is_told_within_five_seconds(scripted: Scripted, channels: list[Any]) -> None:
    both = zip(packets(DANA, sound(2)), packets(INES, sound(2)), strict=True)
    async with caller(scripted.url, scripted.token()) as one:
        await one.start(channels=channels)
        for frame in chain.from_iterable(list(both)[: (LEAD_MS + 5_000) // PACKET_MS]):
            await one.socket.send(frame)
        told = await one.until(lambda event: event["type"] == "health" and event["part"] == "audio")
        assert (told["ok"], told["channel"]) == (False, INES)
        assert "Dana Zwölf" in told["message"]
        await one.end()
    assert words(DANA, [0])[0] in finals(one)


MANY = 40
MONOLOGUE = tuple(f"Point {number}." for number in range(MANY))


@dataclass
class HeldDecoder:
    """A `Decoder` of a script that answers while its gate is open, each time after a while."""

    script: ScriptedDecoder
    open: Gate = field(default_factory=Gate)
    takes_s: float = 0.0
    languages: tuple[str, ...] = ("en", "de")

    def batch_key(self, request: DecodeRequest) -> Hashable:
        return self.script.batch_key(request)

    def decode(self, requests: Sequence[DecodeRequest]) -> tuple[Hypothesis, ...]:
        self.open.wait(WAIT_S)
        time.sleep(self.takes_s)
        return self.script.decode(requests)


@dataclass(frozen=True)
class Held:
    """A service, and the decoder that holds it up."""

    scripted: Scripted
    decoder: HeldDecoder


def monologue(first_ms: int = 0) -> list[Word]:
    """A word in each block."""
    starts = [first_ms + block * BLOCK_MS + LEAD_MS for block in range(MANY)]
    return [Word(text=text, start_ms=at + 200, end_ms=at + 900) for text, at in zip(MONOLOGUE, starts, strict=True)]


LATER_MS = BLOCK_MS // 2
"""So much later a second speaker begins: one is in mid-word while the other one's words become final."""


@pytest.fixture(scope="module")
def hold(models: Models, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Held]]:
    """Makes services that have waited for nothing yet: one that was held up refuses calls for a while."""
    script = {ChannelId(DANA): monologue(), ChannelId(INES): monologue(LATER_MS)}
    graph = GraphSettings(uri=NO_GRAPH["NEEDGRAPH_GRAPH__URI"])
    with ExitStack() as stack:
        all_made: list[Held] = []

        def made() -> Held:
            decoder = HeldDecoder(ScriptedDecoder(script))
            own = Models(voice=models.voice, decoder=decoder, intent=models.intent)
            configured = Settings(data=tmp_path_factory.mktemp("held"), models=models_dir, graph=graph)
            all_made.append(Held(stack.enter_context(running(configured, own)), decoder))
            return all_made[-1]

        yield made
        # All at once, not one after the other.
        for one in all_made:
            one.scripted.leave()


@pytest.fixture
def held(hold: Callable[[], Held]) -> Iterator[Held]:
    """With a closed gate; it is open afterwards, so that nothing waits for it."""
    found = hold()
    yield found
    found.decoder.open.set()


async def send(one: Caller, frames: Iterable[bytes]) -> None:
    for frame in frames:
        await one.socket.send(frame)


async def listen(one: Caller, seconds: float) -> None:
    """Take whatever comes for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await one.next()


async def listening(one: Caller, sending: asyncio.Task[None]) -> None:
    """Let a client send the rest; one that reads nothing meanwhile answers no ping either, and is given up."""
    while not sending.done():
        await listen(one, 0.2)
    await sending


def taken_ms(one: Caller, channel: str) -> int:
    """Audio of a channel that the service said it took."""
    acks = [event["samples"] for event in one.seen if event["type"] == "ack" and event["channel"] == channel]
    return max(acks, default=0) * 1000 // SAMPLE_RATE_HZ


async def test_a_call_sent_as_fast_as_can_be_is_slowed_down_and_loses_nothing(held: Held) -> None:
    """While no final comes, the service takes the audio of a few more utterances, and not the call's."""
    async with caller(held.scripted.url, held.scripted.token()) as one:
        await one.start()
        sending = asyncio.create_task(send(one, packets(DANA, sound(MANY))))
        await one.until(lambda _: taken_ms(one, DANA) > (session.MOST_OWED - 1) * BLOCK_MS)
        await listen(one, 1.0)
        assert taken_ms(one, DANA) < (session.MOST_OWED + 2) * BLOCK_MS
        assert sum(held.scripted.service.recognition.waiting) <= session.MOST_OWED + 2
        assert finals(one) == []
        held.decoder.open.set()
        await listening(one, sending)
        await one.end()
    assert [text for _, text, _, _ in finals(one)] == list(MONOLOGUE)


async def test_who_is_slowed_down_in_mid_word_has_not_stopped_speaking(held: Held) -> None:
    """Nobody is heard while one speaker's finals are owed: the other's open word must not be ended as a stall."""
    later = np.concatenate([np.zeros(LATER_MS * SAMPLE_RATE_HZ // 1000, dtype=np.float32), sound(MANY // 2)])
    both = zip(packets(DANA, sound(MANY // 2)), packets(INES, later), strict=False)
    async with caller(held.scripted.url, held.scripted.token()) as one:
        # These two alone: of a third who sends nothing it would rightly be said, once all this takes long enough.
        await one.start(channels=CHANNELS[:2])
        sending = asyncio.create_task(send(one, chain.from_iterable(both)))
        await listen(one, 4.0)
        held.decoder.open.set()
        await listening(one, sending)
        await one.end()
    assert sick(one) == []
    for channel in (DANA, INES):
        said = [text for name, text, _, _ in finals(one) if name == channel]
        assert said[: MANY // 2 - 1] == list(MONOLOGUE[: MANY // 2 - 1])


async def test_flush_with_nothing_said_is_answered_at_once_while_others_wait_for_words(held: Held) -> None:
    url, token = held.scripted.url, held.scripted.token()
    async with caller(url, token) as busy, caller(url, token) as quiet:
        await busy.start()
        await quiet.start()
        await busy.say(DANA, 0)
        await quiet.say(DANA, 0, share=0.1)
        began = time.monotonic()
        await quiet.tell({"type": "flush"})
        await quiet.until(of_type("flushed"))
        assert time.monotonic() - began < 1.0
        await quiet.end()
        held.decoder.open.set()
        await busy.end()
    assert [text for _, text, _, _ in finals(busy)] == [MONOLOGUE[0]]


async def test_end_waits_for_a_slow_decoder_and_no_longer(held: Held) -> None:
    held.decoder.takes_s = 0.5
    held.decoder.open.set()
    async with caller(held.scripted.url, held.scripted.token()) as one:
        await one.start()
        await send(one, packets(DANA, sound(2)[:-SAMPLE_RATE_HZ]))
        began = time.monotonic()
        await one.end()
        assert time.monotonic() - began < 5.0
    assert [text for _, text, _, _ in finals(one)] == list(MONOLOGUE[:2])


async def test_end_does_not_wait_for_a_decoder_that_never_answers(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "SETTLE_S", 0.5)
    async with caller(held.scripted.url, held.scripted.token()) as one:
        await one.start()
        await send(one, packets(DANA, sound(2)[:-SAMPLE_RATE_HZ]))
        began = time.monotonic()
        assert (await one.end())["reason"] == "ended"
        assert time.monotonic() - began < 5.0
    assert [event["part"] for event in one.seen if event["type"] == "health" and not event["ok"]][-1] == "recognition"


DOCUMENTED = set(re.findall(r"(\d{4}) (\w+)", asyncapi()["info"]["description"]))
END = '{"type": "end"}'

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([*start_frame(), "call_id", "resume_token", "turn"])
OBJECTS = st.dictionaries(FIELDS | st.text(max_size=5), JSON, max_size=4)
CHANGED = st.builds(lambda changed: {**start_frame(), **changed}, st.dictionaries(FIELDS, JSON, max_size=2))
RESUMES = st.fixed_dictionaries({"type": st.just("resume"), "call_id": st.text(), "resume_token": st.text()})
TEXTS = st.text(max_size=40) | (JSON | OBJECTS | CHANGED | RESUMES).map(json.dumps) | st.sampled_from([END, "[" * 999])
BINARIES = st.binary(max_size=64) | st.builds(
    audio_frame, st.integers(0, 4), st.integers(0, 50_000) | st.integers(0, 2**64 - 1), st.binary(max_size=32)
)
FRAMES = st.lists(TEXTS | BINARIES, min_size=1, max_size=4)


async def check_answer(scripted: Scripted, frames: Sequence[str | bytes]) -> None:
    """Bad frames are told by one typed error and the close code that the contract gives it."""
    async with caller(scripted.url, scripted.token()) as one:
        with suppress(ConnectionClosed):
            # The last one is bad whatever came before.
            for frame in (*frames, b""):
                await one.socket.send(frame)
        code, reason = await one.closed()
    errors = [event["code"] for event in one.seen if event["type"] == "error"]
    if code == 1000:
        assert errors == []
        assert END in frames
    else:
        assert errors == [reason]
        assert (str(code), reason) in DOCUMENTED


def fuzz(scripted: Scripted) -> None:
    @settings(max_examples=120, deadline=None)
    @given(FRAMES, st.booleans())
    def any_frames(frames: list[str | bytes], started: bool) -> None:
        asyncio.run(check_answer(scripted, [json.dumps(start_frame()), *frames] if started else frames))

    any_frames()


# Hypothesis looks whether a strategy draws from `random`; the service's threads do meanwhile.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
async def test_any_frames_are_answered_and_harm_nobody(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token()) as beside:
        await beside.start()
        fuzzing = asyncio.create_task(asyncio.to_thread(fuzz, scripted))
        for block in range(3):
            await beside.utterance(INES, block)
            await asyncio.wait({fuzzing}, timeout=1.0)
        await fuzzing
        assert (await beside.end())["reason"] == "ended"
    assert finals(beside) == words(INES)
