"""Settings of audio intake. Arguments, never read from the environment here."""

from pydantic import BaseModel, ConfigDict, Field


class VadConfig(BaseModel):
    """When a voice counts as begun and as ended.

    start_threshold, end_threshold: Silero's own defaults (.5 and .35), also what peers run live.
    start_ms: voiced time before speech is announced; shorter clicks are dropped.
    hangover_ms: voice must be away this long before `speech` turns false. Silero's probability dips inside
    words for one or two 32 ms frames; measured on the demo call, two frames cover them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_threshold: float = Field(default=0.5, gt=0, lt=1)
    end_threshold: float = Field(default=0.35, gt=0, lt=1)
    start_ms: int = Field(default=64, ge=32)
    hangover_ms: int = Field(default=64, ge=0)


class IngestConfig(BaseModel):
    """Limits of the call socket, checked before anything is read, and voice activity.

    max_frame_bytes: one second of 48 kHz float32 and the header; peers send 20-100 ms.
    max_text_bytes: a start frame of 32 channels with long names is under 8 kB.
    max_gap_ms: missing audio up to here becomes silence, so that the clock never drifts; a longer jump is an error. A
    laptop may sleep until its connection counts as lost (a minute) and for as long as its call then waits (two), and
    needs some time to come back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vad: VadConfig = VadConfig()
    max_frame_bytes: int = 192_012
    max_text_bytes: int = 65_536
    max_channels: int = Field(default=8, ge=1, le=32)
    max_gap_ms: int = 240_000
