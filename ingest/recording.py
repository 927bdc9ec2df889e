"""Recordings as channels of float32 at 16 kHz, by FFmpeg (PyAV): WAV, FLAC, Opus, MP3, AAC and more."""

from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt

from ingest.errors import UnreadableRecordingError
from ingest.messages import SAMPLE_RATE_HZ

Audio = npt.NDArray[np.float32]


def read_recording(path: Path) -> tuple[Audio, ...]:
    """Decode a file into its channels, resampled to 16 kHz. Shape of each: (n,), float32.

    Raises:
        UnreadableRecordingError: no such file, or no audio in it.
    """
    if not path.is_file():
        raise UnreadableRecordingError(f"{path}: no such file")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise UnreadableRecordingError(f"{path}: no audio in this file")
            stream = container.streams.audio[0]
            layout = stream.codec_context.layout
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE_HZ)
            blocks = [
                frame.to_ndarray() for decoded in container.decode(stream) for frame in resampler.resample(decoded)
            ]
            blocks += [frame.to_ndarray() for frame in resampler.resample(None)]
    except av.error.FFmpegError as error:
        raise UnreadableRecordingError(f"{path}: not a recording that can be decoded ({error.strerror})") from error
    if not blocks:
        raise UnreadableRecordingError(f"{path}: holds no samples")
    planes = np.concatenate(blocks, axis=1).astype(np.float32)
    return tuple(np.ascontiguousarray(plane) for plane in planes)
