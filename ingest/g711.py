"""G.711 by FFmpeg's decoder (PyAV)."""

from typing import Literal

import av
import numpy as np
import numpy.typing as npt

CODEC = {"mulaw": "pcm_mulaw", "alaw": "pcm_alaw"}


def g711_to_float(payload: bytes, law: Literal["mulaw", "alaw"]) -> npt.NDArray[np.float32]:
    """Decode G.711 bytes, one sample each. Shape: (len(payload),), float32 in [-1, 1]."""
    if not payload:
        return np.zeros(0, dtype=np.float32)
    return _table(law)[np.frombuffer(payload, dtype=np.uint8)]


_tables: dict[str, npt.NDArray[np.float32]] = {}


def _table(law: Literal["mulaw", "alaw"]) -> npt.NDArray[np.float32]:
    # The law is a map of 256 values: FFmpeg is asked once, and a frame costs one look-up.
    if law not in _tables:
        codec = av.CodecContext.create(CODEC[law], "r")
        if not isinstance(codec, av.AudioCodecContext):
            raise TypeError(f"{CODEC[law]} is no audio codec")
        codec.sample_rate = 8_000
        codec.layout = "mono"
        frames = codec.decode(av.Packet(bytes(range(256))))
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
        _tables[law] = samples.astype(np.float32) / 32768.0
    return _tables[law]
