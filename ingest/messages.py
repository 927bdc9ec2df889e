"""What ingest emits: calls that start and end, and audio placed on the call's clock.

Every later room imports these names. Time is integer milliseconds since call start, by sample count;
wall time is aware UTC and ends in `_at`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

import numpy as np
import numpy.typing as npt

TenantId = NewType("TenantId", str)
CallId = NewType("CallId", str)
ChannelId = NewType("ChannelId", str)
PersonId = NewType("PersonId", str)

Role = Literal["rep", "customer"]
ConsentScope = Literal["transcript", "audio"]
CaptureFault = Literal["silent", "clipped", "echo", "delayed"]
EndReason = Literal["ended", "client_gone", "service_stopped", "failed"]

SAMPLE_RATE_HZ = 16_000
"""Rate of every `AudioChunk`; what Whisper and Silero VAD both take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One participant's audio channel; `person_id` is known once the tenant's journal named the speaker."""

    channel: ChannelId
    role: Role
    speaker: str
    person_id: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted:
    """A call was accepted. `language` is an ISO 639-1 code, None for automatic detection.

    host: the person whose token began it; None for a call that was read from a transcript.
    """

    tenant_id: TenantId
    call_id: CallId
    account: str
    language: str | None
    channels: tuple[Channel, ...]
    started_at: datetime
    host: str | None = None

    def __post_init__(self) -> None:
        names = [channel.channel for channel in self.channels]
        if not names or len(set(names)) != len(names):
            raise ValueError("a call needs at least one channel, each named once")
        if self.started_at.tzinfo is None:
            raise ValueError("started_at must carry a time zone")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AudioChunk:
    """Consecutive audio of one channel.

    samples: Shape: (n,), float32 in [-1, 1], 16 kHz.
    speech: whether voice activity (with hysteresis) covers this chunk.
    """

    tenant_id: TenantId
    call_id: CallId
    channel: ChannelId
    start_ms: int
    samples: npt.NDArray[np.float32]
    speech: bool

    @property
    def end_ms(self) -> int:
        """First millisecond after the chunk."""
        return self.start_ms + len(self.samples) * 1000 // SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted:
    """Voice activity began on a channel."""

    tenant_id: TenantId
    call_id: CallId
    channel: ChannelId
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded:
    """Voice activity ended on a channel; `end_ms` is where the voice stopped, not when that was noticed."""

    tenant_id: TenantId
    call_id: CallId
    channel: ChannelId
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureProblem:
    """Something is wrong with how a channel is captured, or is no longer wrong (`ended`).

    problem: nothing arrives but zeros; speech goes over full scale; another channel's voice is in it; or its audio
        arrives more than a second later than it was spoken.
    since_ms: where it began; with `ended`, where it was over.
    heard: of an echo, the channel whose voice it is; else None.
    """

    tenant_id: TenantId
    call_id: CallId
    channel: ChannelId
    problem: CaptureFault
    since_ms: int
    ended: bool
    heard: ChannelId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """A call is over; nothing of it follows."""

    tenant_id: TenantId
    call_id: CallId
    reason: EndReason
    end_ms: int
    ended_at: datetime
