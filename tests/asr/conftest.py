from pathlib import Path

import pytest

from asr.config import AsrConfig
from asr.whisper import WhisperDecoder


@pytest.fixture(scope="session")
def whisper(models_dir: Path) -> WhisperDecoder:
    return WhisperDecoder(models_dir, AsrConfig())
