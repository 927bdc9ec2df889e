"""A client of the call socket: sends recordings at their own pace and collects every event with its arrival time."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from eval.errors import ServiceUnreachableError
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
    """

    began_s: float
    speed: float
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
        ServiceUnreachableError: no service, a refused call, or a connection that broke.
    """
    async with _connection(url, token) as socket:
        await socket.send(start.model_dump_json(exclude_none=True))
        played = Played(began_s=time.monotonic(), speed=speed)
        reader = asyncio.create_task(_read(socket, played, seen))
        try:
            await _send(socket, channels, played)
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
        async with connect(address, additional_headers={"Authorization": f"Bearer {token}"}, max_size=None) as socket:
            yield socket
    except InvalidStatus as error:
        raise ServiceUnreachableError(f"{url} refused the call: HTTP {error.response.status_code}") from error
    except (OSError, InvalidHandshake) as error:
        raise ServiceUnreachableError(f"no service answers at {url}; start one with `needgraph serve`") from error


async def _send(socket: ClientConnection, channels: Sequence[Audio], played: Played) -> None:
    packet = SAMPLE_RATE_HZ * PACKET_MS // 1000
    for at in range(0, max(len(channel) for channel in channels), packet):
        # A packet leaves when its last sample would have been spoken.
        due_s = played.sent_s((at + packet) * 1000 // SAMPLE_RATE_HZ)
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        for number, channel in enumerate(channels):
            samples = channel[at : at + packet]
            if len(samples):
                await socket.send(audio_frame(number, at, to_s16le(samples)))
    await socket.send(json.dumps({"type": "end"}))


async def _read(socket: ClientConnection, played: Played, seen: Callable[[dict[str, Any]], None]) -> None:
    async for frame in socket:
        event: dict[str, Any] = json.loads(frame)
        played.events.append((time.monotonic(), event))
        seen(event)
