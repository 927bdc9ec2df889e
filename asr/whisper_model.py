"""Loads a Whisper model for the machine it finds: the device, and the arithmetic that suits it."""

from pathlib import Path

import ctranslate2
from faster_whisper import WhisperModel

from asr.config import AsrConfig
from asr.errors import MissingModelError

PREFERRED = {"cuda": ("int8_float16", "float16", "int8"), "cpu": ("int8", "float32")}
"""First choice first. On two CPU cores int8 takes half the time of float32; on a GPU it halves the memory."""


def load_whisper(models_dir: Path, config: AsrConfig, threads: int, workers: int) -> WhisperModel:
    """Load the model that the settings name.

    Args:
        models_dir: holds a directory for each model.
        config: which model, on what, in which arithmetic; `auto` looks at the machine.
        threads: of each worker, on a CPU.
        workers: runs at once.

    Raises:
        MissingModelError: the directory does not hold it, or it cannot be loaded so.
    """
    path = models_dir / config.model
    # Without its tokenizer faster-whisper would ask the hub for one.
    if not all((path / name).is_file() for name in ("model.bin", "tokenizer.json")):
        raise MissingModelError(f"no recognition model in {path}; run `needgraph models fetch`")
    device = _device(config)
    try:
        return WhisperModel(
            str(path),
            device=device,
            compute_type=_compute_type(config, device),
            cpu_threads=threads,
            num_workers=workers,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise MissingModelError(f"{path} cannot be loaded ({error}); run `needgraph models verify`") from error


def _device(config: AsrConfig) -> str:
    if config.device != "auto":
        return config.device
    return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"


def _compute_type(config: AsrConfig, device: str) -> str:
    if config.compute_type != "auto":
        return config.compute_type
    known = ctranslate2.get_supported_compute_types(device)
    return next((one for one in PREFERRED[device] if one in known), "default")
