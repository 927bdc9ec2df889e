"""Speech that is scripted, and clients of the call socket and the screen socket."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Self

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from asr.messages import Word
from eval.client import to_s16le
from ingest.messages import SAMPLE_RATE_HZ, ChannelId
from ingest.socket import audio_frame
from tests.ingest.demo_call import between, turns

Event = dict[str, Any]

WAIT_S = 20.0
"""For one event; a busy machine is given time, and nothing ever waits this long when it is right."""
TURN = turns()[6]
LEAD_MS, BLOCK_MS = 400, 3_200
DANA, INES, OMAR = "dana", "ines", "omar"
CHANNELS = [
    {"channel": DANA, "role": "rep", "speaker": "Dana Zwölf"},
    {"channel": INES, "role": "customer", "speaker": "Ines Quellmeister"},
    {"channel": OMAR, "role": "customer", "speaker": "Omar Xaverius"},
]
NUMBER = {one["channel"]: number for number, one in enumerate(CHANNELS)}
SAID = {
    DANA: ("What should be better than it is now?", "I see."),
    INES: ("We need exports to Käsebuch every Monday 🧀", "It must work offline", "That is all for today"),
    OMAR: ("Is my data safe with you?", "Fine by me"),
}
"""What the scripted decoder hears on each channel, one utterance for each block."""
SCRIPT = {
    ChannelId(channel): [
        Word(
            text=text,
            start_ms=block * BLOCK_MS + LEAD_MS + 200,
            end_ms=block * BLOCK_MS + LEAD_MS + 900,
            confidence=0.9,
        )
        for block, text in enumerate(texts)
    ]
    for channel, texts in SAID.items()
}
NAMES = [one["speaker"] for one in CHANNELS]


@cache
def spoken() -> bytes:
    """A sentence of the demo call between silences; two seconds of voice in a block."""
    block = np.zeros(BLOCK_MS * SAMPLE_RATE_HZ // 1000, dtype=np.float32)
    voice = between(TURN.channel, TURN.start_ms, TURN.end_ms)
    start = LEAD_MS * SAMPLE_RATE_HZ // 1000
    block[start : start + len(voice)] = voice
    return to_s16le(block)


def start_frame(**other: object) -> Event:
    frame = {
        "type": "start",
        "account": "Quellmeister Werke",
        "language": "en",
        "channels": CHANNELS,
        "encoding": "s16le",
        "sample_rate_hz": SAMPLE_RATE_HZ,
    }
    return {key: value for key, value in {**frame, **other}.items() if value is not None}


def headers(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


class Line:
    """One socket: frames out, and every frame that came in until the one that is waited for."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[Event] = []

    async def tell(self, frame: Event) -> None:
        await self.socket.send(json.dumps(frame))

    async def next(self) -> Event:
        frame: Event = json.loads(await asyncio.wait_for(self.socket.recv(), WAIT_S))
        self.seen.append(frame)
        return frame

    async def until(self, wanted: Callable[[Event], bool]) -> Event:
        while True:
            frame = await self.next()
            if wanted(frame):
                return frame

    async def closed(self) -> tuple[int | None, str | None]:
        """Read to the end; the close code and its reason."""
        while True:
            try:
                await self.next()
            except TimeoutError:
                raise
            except Exception:
                await asyncio.wait_for(self.socket.wait_closed(), WAIT_S)
                return self.socket.close_code, self.socket.close_reason


class Caller(Line):
    """The client of one call."""

    call_id: str

    async def start(self, **other: object) -> Self:
        await self.tell(start_frame(**other))
        self.call_id = (await self.until(of_type("call_started")))["call_id"]
        return self

    async def say(self, channel: str, block: int, *, share: float = 1.0) -> None:
        """The channel's utterance of this block, or the first part of it."""
        first = block * BLOCK_MS * SAMPLE_RATE_HZ // 1000
        samples = spoken()[: int(len(spoken()) * share) // 2 * 2]
        for at in range(0, len(samples), 32_000):
            await self.socket.send(audio_frame(NUMBER[channel], first + at // 2, samples[at : at + 32_000]))

    async def begin_to_say(self, channel: str, block: int, share: float) -> None:
        """The first part of an utterance, bit by bit as people speak.

        A pass begins when more is said, so one that hears no whole word is followed by another.
        """
        for part in np.arange(0.3, share + 0.01, 0.05):
            await self.say(channel, block, share=float(part))
            await asyncio.sleep(0.1)

    async def utterance(self, channel: str, block: int) -> Event:
        """Say it, and wait until it is final."""
        await self.say(channel, block)
        return await self.until(lambda event: event["type"] == "utterance" and event["text"] == SAID[channel][block])

    async def end(self) -> Event:
        await self.tell({"type": "end"})
        ended = await self.until(of_type("call_ended"))
        assert (await self.closed())[0] == 1000
        return ended


def of_type(name: str) -> Callable[[Event], bool]:
    return lambda event: event["type"] == name


@asynccontextmanager
async def line(url: str, token: str | None, path: str = "/v1/screen", **options: Any) -> AsyncGenerator[Line]:
    async with connect("ws" + url.removeprefix("http") + path, additional_headers=headers(token), **options) as socket:
        yield Line(socket)


@asynccontextmanager
async def caller(url: str, token: str, query: str = "") -> AsyncGenerator[Caller]:
    address = "ws" + url.removeprefix("http") + "/v1/calls" + query
    # As our own client: a service that is busy is not gone, and WAIT_S bounds every wait.
    async with connect(address, additional_headers=headers(token), ping_timeout=None) as socket:
        yield Caller(socket)
