"""Speech as Opus in an Ogg file, by FFmpeg (PyAV): what kept audio is stored as."""

import io

import av
import numpy as np
import numpy.typing as npt

from ingest.messages import SAMPLE_RATE_HZ

Pcm = npt.NDArray[np.int16]

BIT_RATE = 24_000
"""Bits per second at most on average: wideband speech in one channel is transparent there (RFC 7587, section 3.1.1)."""
OPTIONS = {"application": "voip", "compression_level": "5"}
"""Effort 5 of 10: two thirds of the CPU of full effort for files of the same size (demo call, 2026-11-26)."""


def opus(samples: Pcm) -> bytes:
    """Encode one channel as a file of its own, as long as the samples are.

    Args:
        samples: Shape: (n,), int16, 16 kHz.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE_HZ, layout="mono", options=OPTIONS)
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()
