"""Bytes of a known encoding to float32 at 16 kHz, one stream per channel."""

from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import soxr

from ingest.errors import MalformedFrameError, UnknownEncodingError
from ingest.g711 import g711_to_float
from ingest.messages import SAMPLE_RATE_HZ

Encoding = Literal["s16le", "f32le", "mulaw", "alaw"]
Audio = npt.NDArray[np.float32]

SAMPLE_BYTES: dict[Encoding, int] = {"s16le": 2, "f32le": 4, "mulaw": 1, "alaw": 1}
MIN_RATE_HZ, MAX_RATE_HZ = 8_000, 48_000


def check_format(encoding: str, rate_hz: int) -> Encoding:
    """Return the encoding if it and the rate are spoken here.

    Raises:
        UnknownEncodingError: otherwise, naming what is.
    """
    if encoding not in get_args(Encoding):
        raise UnknownEncodingError(f"unknown encoding {encoding!r}; one of {', '.join(get_args(Encoding))}")
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise UnknownEncodingError(f"sample rate {rate_hz} Hz is outside {MIN_RATE_HZ}-{MAX_RATE_HZ} Hz")
    return cast("Encoding", encoding)


def decode(payload: bytes, encoding: Encoding) -> Audio:
    """Samples in [-1, 1]. Shape: (n,), float32.

    Raises:
        MalformedFrameError: the payload does not hold whole samples, or holds floats that are no numbers.
    """
    if len(payload) % SAMPLE_BYTES[encoding]:
        raise MalformedFrameError(f"{len(payload)} bytes are no whole {encoding} samples")
    if encoding == "s16le":
        return np.frombuffer(payload, dtype="<i2").astype(np.float32) / 32768.0
    if encoding == "f32le":
        samples = np.frombuffer(payload, dtype="<f4").astype(np.float32)
        if not np.isfinite(samples).all():
            raise MalformedFrameError("f32le audio holds values that are no numbers")
        return np.clip(samples, -1.0, 1.0)
    return g711_to_float(payload, encoding)


class Resampler:
    """Streaming resampler to 16 kHz; keeps its filter state between calls."""

    def __init__(self, rate_hz: int) -> None:
        """Resample from `rate_hz`; 16 kHz passes through untouched."""
        self._soxr = None if rate_hz == SAMPLE_RATE_HZ else soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1)

    def push(self, samples: Audio, *, last: bool = False) -> Audio:
        """Resample the next samples; `last` drains the filter. Shape: (n,) → (m,)."""
        if self._soxr is None:
            return samples
        return cast("Audio", self._soxr.resample_chunk(samples, last=last))
