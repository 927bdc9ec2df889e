"""The same model without a clock: whole recordings in 30 s windows, the mark that the streaming policy is held against.

Only measured with, never served; `eval` calls it.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

from asr.config import AsrConfig
from asr.errors import MissingModelError

BEAM_SIZE = 5


class OfflineWhisper:
    """faster-whisper's own `transcribe`: it hears a recording to its end before the first word is final."""

    def __init__(self, models_dir: Path, config: AsrConfig) -> None:
        """Load the model of `config`, on as many threads as the service's workers have together.

        Raises:
            MissingModelError: the directory does not hold it, or it cannot be loaded.
        """
        path = models_dir / config.model
        if not all((path / name).is_file() for name in ("model.bin", "tokenizer.json")):
            raise MissingModelError(f"no recognition model in {path}; run `needgraph models fetch`")
        try:
            self._whisper = WhisperModel(
                str(path),
                device=config.device,
                compute_type=config.compute_type,
                cpu_threads=config.cpu_threads * config.workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise MissingModelError(f"{path} cannot be loaded ({error}); run `needgraph models verify`") from error

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
