"""One participant's way in: bytes → samples on the clock → 32 ms chunks with a speech flag."""

import numpy as np
import numpy.typing as npt

from ingest.clock import SampleClock
from ingest.config import IngestConfig
from ingest.messages import AudioChunk, CallId, Channel, SpeechEnded, SpeechStarted, TenantId
from ingest.pcm import Encoding, Resampler, decode
from ingest.vad import FRAME_MS, FRAME_SAMPLES, SpeechGate, VoiceModel

Audio = npt.NDArray[np.float32]
STEP_S = 5
"""Seconds of silence at once: 10 ms of the event loop (2026-11-26)."""
ChannelOut = AudioChunk | SpeechStarted | SpeechEnded


class ChannelInlet:
    """State of one channel between packets."""

    def __init__(
        self,
        call: tuple[TenantId, CallId],
        channel: Channel,
        audio_format: tuple[Encoding, int],
        voice: VoiceModel,
        config: IngestConfig,
    ) -> None:
        """Begin at sample 0. `audio_format` is the encoding and its rate in Hz."""
        self.channel = channel
        self._tenant_id, self._call_id = call
        self._encoding: Encoding = audio_format[0]
        rate_hz = audio_format[1]
        self._clock = SampleClock(rate_hz=rate_hz, max_gap_ms=config.max_gap_ms)
        self._resampler = Resampler(rate_hz)
        self._voice = voice
        self._config = config
        self._gate = SpeechGate(config.vad)
        self._rest: Audio = np.zeros(0, dtype=np.float32)
        self._frames = 0
        self._speech_from_ms: int | None = None
        self.muted = False
        """Whether what arrives is taken as silence: its speaker does not want to be heard."""

    @property
    def samples_taken(self) -> int:
        """Samples placed so far, at the sender's rate: what an `ack` names."""
        return self._clock.position

    @property
    def position_ms(self) -> int:
        """End of the audio that was chunked, on the call's clock."""
        return self._frames * FRAME_MS

    def push(self, payload: bytes, start_sample: int) -> tuple[ChannelOut, ...]:
        """Take one packet; overlap with what was already taken is cut, a gap becomes silence."""
        samples = decode(payload, self._encoding)
        gap, skip = self._clock.place(start_sample, len(samples))
        samples = np.zeros(len(samples) - skip, dtype=np.float32) if self.muted else samples[skip:]
        if gap:
            samples = np.concatenate([np.zeros(gap, dtype=np.float32), samples])
        return self._chunks(self._resampler.push(samples))

    def steps_to(self, start_sample: int) -> range:
        """Positions that fill the gap before a packet bit by bit, each to be pushed with nothing.

        Raises:
            MalformedFrameError: the packet lies too far ahead.
        """
        self._clock.check(start_sample)
        step = self._clock.rate_hz * STEP_S
        return range(self._clock.position + step, start_sample, step)

    def finish(self) -> tuple[ChannelOut, ...]:
        """Drain the resampler, pad the last frame with silence, and close open speech."""
        tail = self._resampler.push(np.zeros(0, dtype=np.float32), last=True)
        padding = -(len(self._rest) + len(tail)) % FRAME_SAMPLES
        outs = self._chunks(np.concatenate([tail, np.zeros(padding, dtype=np.float32)]))
        if self._speech_from_ms is None:
            return outs
        started_ms, self._speech_from_ms = self._speech_from_ms, None
        return (*outs, self._ended(started_ms, self.position_ms))

    def _chunks(self, samples: Audio) -> tuple[ChannelOut, ...]:
        pending = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        whole = len(pending) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = pending[whole:].copy()
        outs: list[ChannelOut] = []
        for at in range(0, whole, FRAME_SAMPLES):
            outs.extend(self._frame(pending[at : at + FRAME_SAMPLES]))
        return tuple(outs)

    def _frame(self, frame: Audio) -> list[ChannelOut]:
        start_ms = self.position_ms
        speech = self._gate.push(self._voice.probability(frame))
        self._frames += 1
        outs: list[ChannelOut] = []
        if speech and self._speech_from_ms is None:
            self._speech_from_ms = max(0, start_ms + FRAME_MS - self._config.vad.start_ms)
            outs.append(
                SpeechStarted(
                    tenant_id=self._tenant_id,
                    call_id=self._call_id,
                    channel=self.channel.channel,
                    start_ms=self._speech_from_ms,
                )
            )
        elif not speech and self._speech_from_ms is not None:
            started_ms, self._speech_from_ms = self._speech_from_ms, None
            outs.append(self._ended(started_ms, max(started_ms, start_ms - self._config.vad.hangover_ms)))
        outs.append(
            AudioChunk(
                tenant_id=self._tenant_id,
                call_id=self._call_id,
                channel=self.channel.channel,
                start_ms=start_ms,
                samples=frame,
                speech=speech,
            )
        )
        return outs

    def _ended(self, start_ms: int, end_ms: int) -> SpeechEnded:
        return SpeechEnded(
            tenant_id=self._tenant_id,
            call_id=self._call_id,
            channel=self.channel.channel,
            start_ms=start_ms,
            end_ms=end_ms,
        )
