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
from ingest.socket import Start, audio_frame

Audio = npt.NDArray[np.float32]

PACKET_MS = 100
CLOSE_WAIT_S = 60.0
NORMAL_CLOSURE = 1000


@dataclass(slots=True)
class Played:
    """A call as its sender saw it: events with arrival times, in seconds of one monotonic clock.

    began_s: when sample 0 was sent; sample t of the recording was sent at began_s + t / speed.
    ended_s: when `end` was sent; None while it was not.
    """

    began_s: float
    speed: float
    ended_s: float | None = None
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
    """Send one call and wait until the service closed it.

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
    async with _connection(url, token) as socket:
        await socket.send(start.model_dump_json(exclude_none=True))
        played = Played(began_s=time.monotonic(), speed=speed)
        reader = asyncio.create_task(_read(socket, played, seen))
        try:
            await _send(socket, packets, played)
            await asyncio.wait_for(asyncio.shield(reader), CLOSE_WAIT_S)
        except ConnectionClosed:
            await reader
        except TimeoutError as error:
            raise ServiceUnreachableError(f"the service did not end the call within {CLOSE_WAIT_S:.0f} s") from error
        finally:
            reader.cancel()
        if socket.close_code != NORMAL_CLOSURE:
            raise ServiceUnreachableError(f"the service closed the call: {socket.close_code} {socket.close_reason}")
        return played


@asynccontextmanager
async def _connection(url: str, token: str) -> AsyncGenerator[ClientConnection]:
    address = "ws" + url.removeprefix("http").removeprefix("ws").rstrip("/") + "/v1/calls"
    try:
        # Uncompressed: speech hardly shrinks, and deflating it costs both sides time.
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(address, additional_headers=headers, max_size=None, compression=None) as socket:
            yield socket
    except InvalidStatus as error:
        status = error.response.status_code
        raise CallRefusedError(f"{url} refused the call: HTTP {status}", status) from error
    except (OSError, InvalidHandshake) as error:
        raise ServiceUnreachableError(f"no service answers at {url}; start one with `needgraph serve`") from error


def _packets(channels: Sequence[Audio]) -> list[list[bytes]]:
    """The audio frames of each 100 ms, made before the call so that sending many calls costs little."""
    packet = SAMPLE_RATE_HZ * PACKET_MS // 1000
    return [
        [
            audio_frame(number, at, to_s16le(channel[at : at + packet]))
            for number, channel in enumerate(channels)
            if at < len(channel)
        ]
        for at in range(0, max(len(channel) for channel in channels), packet)
    ]


async def _send(socket: ClientConnection, packets: Sequence[Sequence[bytes]], played: Played) -> None:
    for number, frames in enumerate(packets, 1):
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
            seen(event)
