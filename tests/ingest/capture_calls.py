"""The demo call as chunks with speech flags, and faults laid into it, for the tests of capture health."""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from ingest.capture_health import CaptureHealth
from ingest.config import VadConfig
from ingest.messages import AudioChunk, CallId, CaptureProblem, ChannelId, TenantId
from ingest.vad import FRAME_MS, FRAME_SAMPLES, SileroSession, SileroVoice, SpeechGate
from tests.ingest.demo_call import CHANNELS, recording

Audio = npt.NDArray[np.float32]

TENANT, CALL = TenantId("acme"), CallId("c1")
FAULT_MS = 30_016
"""Where faults are laid in: nobody's turn ends near it, and the first thirty seconds are healthy."""


@cache
def flags(channel: str) -> tuple[bool, ...]:
    """Speech flags of the healthy channel, a frame each."""
    voice, gate = SileroVoice(SileroSession()), SpeechGate(VadConfig())
    samples = recording()[channel]
    frames = len(samples) // FRAME_SAMPLES
    return tuple(
        gate.push(voice.probability(samples[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES])) for at in range(frames)
    )


def heard(
    audio: Mapping[str, Audio] | None = None,
    *,
    arrival_ms: Callable[[str, int], int] = lambda _channel, end_ms: end_ms,
    until_ms: int | None = None,
) -> list[tuple[int, CaptureProblem]]:
    """Play the call; each problem with the end of the chunk at which it was said. `audio` replaces channels."""
    channels = {name: (audio or {}).get(name, recording()[name]) for name in CHANNELS}
    health = CaptureHealth((TENANT, CALL), [ChannelId(name) for name in CHANNELS])
    last = min(len(flags(name)) for name in CHANNELS)
    found: list[tuple[int, CaptureProblem]] = []
    for at in range(last if until_ms is None else min(last, until_ms // FRAME_MS)):
        for name, samples in channels.items():
            frame = samples[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES]
            end_ms = (at + 1) * FRAME_MS
            chunk = AudioChunk(
                tenant_id=TENANT,
                call_id=CALL,
                channel=ChannelId(name),
                start_ms=at * FRAME_MS,
                samples=frame,
                speech=flags(name)[at] and bool(np.any(frame)),
            )
            found += [(end_ms, one) for one in health.push(chunk, arrival_ms(name, end_ms))]
    return found
