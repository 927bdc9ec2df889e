"""Voice activity by the Silero model that ships inside faster-whisper; one state per channel.

The graph takes frames of 32 ms at 16 kHz with 64 samples of context before them and carries an LSTM state; its first
axis is time, so streams cannot share a run. 0.1 ms of CPU a frame (measured, one thread), none in silence.
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from ingest.config import VadConfig
from ingest.messages import SAMPLE_RATE_HZ

Audio = npt.NDArray[np.float32]

FRAME_SAMPLES = 512
"""Silero's only frame length at 16 kHz: 32 ms."""
FRAME_MS = FRAME_SAMPLES * 1000 // SAMPLE_RATE_HZ
CONTEXT_SAMPLES = 64
STATE_SIZE = 128
QUIET_PEAK = 0.001
"""Nobody speaks below -60 dBFS: a muted microphone, a line between two turns of a gated codec."""
QUIET_FRAMES = 64
"""So many quiet frames (2 s) the graph still sees: by then it finds the next voice where one without rest finds it."""


class VoiceModel(Protocol):
    """Scores frames of one channel, in order."""

    def probability(self, frame: Audio) -> float:
        """How likely the next frame holds a voice. Shape: (512,), float32."""
        ...


class SileroSession:
    """The graph, loaded once and shared by all channels."""

    def __init__(self) -> None:
        """Load the model from the faster-whisper package."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        asset = files("faster_whisper").joinpath("assets", "silero_vad_v6.onnx")
        self._session = ort.InferenceSession(asset.read_bytes(), options, providers=["CPUExecutionProvider"])

    def run(self, window: Audio, h: Audio, c: Audio) -> tuple[float, Audio, Audio]:
        """One step. Shapes: window (1, 576); h and c (1, 1, 128)."""
        outputs = cast("Sequence[Audio]", self._session.run(None, {"input": window, "h": h, "c": c}))
        return float(outputs[0].reshape(-1)[0]), outputs[1], outputs[2]


class SileroVoice:
    """State of one channel on the shared graph, which rests while the channel is quiet."""

    def __init__(self, session: SileroSession) -> None:
        """Begin in silence."""
        self._session = session
        self._quiet_frames = 0
        self._h = np.zeros((1, 1, STATE_SIZE), dtype=np.float32)
        self._c = np.zeros((1, 1, STATE_SIZE), dtype=np.float32)
        self._window = np.zeros((1, CONTEXT_SAMPLES + FRAME_SAMPLES), dtype=np.float32)

    def probability(self, frame: Audio) -> float:
        """How likely the next frame holds a voice. Shape: (512,), float32."""
        self._window[0, :CONTEXT_SAMPLES] = self._window[0, -CONTEXT_SAMPLES:]
        self._window[0, CONTEXT_SAMPLES:] = frame
        quiet = bool(np.max(np.abs(frame)) < QUIET_PEAK)
        self._quiet_frames = self._quiet_frames + 1 if quiet else 0
        if self._quiet_frames > QUIET_FRAMES:
            return 0.0
        probability, self._h, self._c = self._session.run(self._window, self._h, self._c)
        return probability


class SpeechGate:
    """Frame probabilities → is this frame speech, with hysteresis in level and time (pure)."""

    def __init__(self, config: VadConfig) -> None:
        """Begin in silence."""
        self._config = config
        self._speech = False
        self._run_ms = 0

    def push(self, probability: float) -> bool:
        """Whether the next frame counts as speech."""
        config = self._config
        threshold = config.end_threshold if self._speech else config.start_threshold
        contrary = (probability >= threshold) != self._speech
        self._run_ms = self._run_ms + FRAME_MS if contrary else 0
        if self._run_ms >= (config.hangover_ms + FRAME_MS if self._speech else config.start_ms):
            self._speech = not self._speech
            self._run_ms = 0
        return self._speech
