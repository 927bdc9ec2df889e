"""A client of the call socket: sends recordings at their own pace and collects every event with its arrival time."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from eval.errors import CallRefusedError, ServiceUnreachableError
from ingest.messages import SAMPLE_RATE_HZ
from ingest.socket import Resume, Start, audio_frame

Audio = npt.NDArray[np.float32]

PACKET_MS = 100
PACKET_SAMPLES = SAMPLE_RATE_HZ * PACKET_MS // 1000
RESUMES, RESUME_WAIT_S = 5, 0.5
"""A broken connection is tried so often again; the service keeps a call for two minutes."""
CLOSE_WAIT_S = 60.0
NORMAL_CLOSURE, BROKEN = 1000, 1006


@dataclass(slots=True)
class Played:
    """A call as its sender saw it: events with arrival times, in seconds of one monotonic clock.

    began_s: when sample 0 was sent; sample t of the recording was sent at began_s + t / speed.
    ended_s: when `end` was sent; None while it was not.
    resume: how to go on should the connection break; None while the call is not accepted.
    taken, resumed: samples of each channel that the service had when it went on, and that it said so.
    """

    began_s: float
    speed: float
    ended_s: float | None = None
    resume: Resume | None = None
    taken: dict[str, int] = field(default_factory=dict[str, int])
    resumed: asyncio.Event = field(default_factory=asyncio.Event)
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list[tuple[float, dict[str, Any]]])

    def sent_s(self, position_ms: int) -> float:
        """When the sample at this position left."""
        return self.began_s + position_ms / 1000 / self.speed


def to_s16le(samples: Audio) -> bytes:
    """Samples as the wire's 16-bit form."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()


async def play(
    url: str,
    token: str,
    start: Start,
    channels: Sequence[Audio],
    speed: float,
    seen: Callable[[dict[str, Any]], None],
) -> Played:
    """Send one call and wait until the service closed it; a connection that breaks is taken up again.

    Args:
        url: http(s) or ws(s) address of the service.
        token: who calls.
        start: the first frame; encoding s16le at 16 kHz.
        channels: one array per channel of `start`. Shape of each: (n,), float32, 16 kHz.
        speed: 1 is real time, larger is faster.
        seen: told of every event as it arrives.

    Raises:
        CallRefusedError: the service does not take the call.
        ServiceUnreachableError: no service, or a connection that broke.
    """
    packets = _packets(channels)
    played = Played(began_s=time.monotonic(), speed=speed)
    for attempt in range(RESUMES + 1):
        opening = played.resume or start
        if attempt:
            await asyncio.sleep(RESUME_WAIT_S)
        async with _connection(url, token, resumes=played.resume is not None) as socket:
            if attempt == 0:
                played.began_s = time.monotonic()
            await socket.send(opening.model_dump_json(exclude_none=True))
            await _converse(socket, packets, played, seen)
        if socket.close_code == NORMAL_CLOSURE:
            return played
        if socket.close_code != BROKEN or played.resume is None:
            raise ServiceUnreachableError(f"the service closed the call: {socket.close_code} {socket.close_reason}")
    raise ServiceUnreachableError(f"the connection broke {RESUMES + 1} times")


async def _converse(
    socket: ClientConnection,
    packets: Sequence[Sequence[bytes]],
    played: Played,
    seen: Callable[[dict[str, Any]], None],
) -> None:
    """Send what is left of the call, from where the service has it, and read until the connection is closed."""
    going_on = played.resume is not None
    reader = asyncio.create_task(_read(socket, played, seen))
    try:
        taken = await _resumed(played, reader) if going_on else 0
        await _send(socket, packets[taken // PACKET_SAMPLES :], played, taken // PACKET_SAMPLES)
        await asyncio.wait_for(asyncio.shield(reader), CLOSE_WAIT_S)
    except ConnectionClosed:
        await reader
    except TimeoutError as error:
        raise ServiceUnreachableError(f"the service did not end the call within {CLOSE_WAIT_S:.0f} s") from error
    finally:
        reader.cancel()


async def _resumed(played: Played, reader: asyncio.Task[None]) -> int:
    """Samples that the service has of every channel, once it said so."""
    played.resumed.clear()
    waiting = asyncio.create_task(played.resumed.wait())
    await asyncio.wait({waiting, reader}, timeout=CLOSE_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    return min(played.taken.values(), default=0)


@asynccontextmanager
async def _connection(url: str, token: str, *, resumes: bool) -> AsyncGenerator[ClientConnection]:
    address = "ws" + url.removeprefix("http").removeprefix("ws").rstrip("/") + "/v1/calls"
    address += "?resume=1" if resumes else ""
    try:
        # Uncompressed: speech hardly shrinks, and deflating it costs both sides time.
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(
            address, additional_headers=headers, max_size=None, compression=None, ping_timeout=None
        ) as socket:
            yield socket
    except InvalidStatus as error:
        status = error.response.status_code
        raise CallRefusedError(f"{url} refused the call: HTTP {status}", status) from error
    except (OSError, InvalidHandshake) as error:
        raise ServiceUnreachableError(f"no service answers at {url}; start one with `needgraph serve`") from error


def _packets(channels: Sequence[Audio]) -> list[list[bytes]]:
    """The audio frames of each 100 ms, made before the call so that sending many calls costs little."""
    return [
        [
            audio_frame(number, at, to_s16le(channel[at : at + PACKET_SAMPLES]))
            for number, channel in enumerate(channels)
            if at < len(channel)
        ]
        for at in range(0, max(len(channel) for channel in channels), PACKET_SAMPLES)
    ]


async def _send(socket: ClientConnection, packets: Sequence[Sequence[bytes]], played: Played, sent: int) -> None:
    for number, frames in enumerate(packets, sent + 1):
        # A packet leaves when its last sample would have been spoken.
        await asyncio.sleep(max(0.0, played.sent_s(number * PACKET_MS) - time.monotonic()))
        for frame in frames:
            await socket.send(frame)
    await socket.send(json.dumps({"type": "end"}))
    played.ended_s = time.monotonic()


async def _read(socket: ClientConnection, played: Played, seen: Callable[[dict[str, Any]], None]) -> None:
    # A connection that breaks is told by its close code.
    with suppress(ConnectionClosed):
        async for frame in socket:
            event: dict[str, Any] = json.loads(frame)
            played.events.append((time.monotonic(), event))
            remember(played, event)
            seen(event)


def remember(played: Played, event: dict[str, Any]) -> None:
    """Keep what is needed to go on should the connection break."""
    match event["type"]:
        case "call_started":
            played.resume = Resume(call_id=event["call_id"], resume_token=event["resume_token"])
        case "utterance" if played.resume is not None:
            # Corrected words of an earlier turn come as another revision of it.
            played.resume = played.resume.model_copy(update={"turn": max(played.resume.turn, event["turn"])})
        case "resumed":
            played.taken = event["samples"]
            played.resumed.set()
        case _:
            pass
