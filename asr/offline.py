"""The same model without a clock: whole recordings in 30 s windows, the mark that the streaming policy is held against.

Only measured with, never served; `eval` calls it.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from asr.config import AsrConfig
from asr.whisper_model import load_whisper

BEAM_SIZE = 5


class OfflineWhisper:
    """faster-whisper's own `transcribe`: it hears a recording to its end before the first word is final."""

    def __init__(self, models_dir: Path, config: AsrConfig) -> None:
        """Load the model of `config`, on as many threads as the service's workers have together.

        Raises:
            MissingModelError: the directory does not hold it, or it cannot be loaded.
        """
        self._whisper = load_whisper(models_dir, config, config.cpu_threads * config.workers, 1)

    def text(self, samples: npt.NDArray[np.float32], language: str | None) -> str:
        """What is said in one channel; "" where nothing is.

        Args:
            samples: Shape: (n,), float32, 16 kHz, of any length.
            language: ISO 639-1; None detects it in the first 30 s.
        """
        segments, _ = self._whisper.transcribe(
            samples, language=language, beam_size=BEAM_SIZE, condition_on_previous_text=False, vad_filter=True
        )
        return " ".join(segment.text.strip() for segment in segments)
