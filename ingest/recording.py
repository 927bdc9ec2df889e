"""Recordings as channels of float32 at 16 kHz, by FFmpeg (PyAV): WAV, FLAC, Opus, MP3, AAC and more."""

from pathlib import Path
from typing import cast

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
            # PyAV says a stream always has a decoder; for a codec that FFmpeg does not know it is None.
            decoder = cast("av.AudioCodecContext | None", stream.codec_context)
            if decoder is None:
                raise UnreadableRecordingError(f"{path}: its audio is in a codec that is not known here")
            layout = decoder.layout
            # Packed, not planar: PyAV 18 reads past the planes of a frame of eight channels or more, and crashes.
            resampler = av.AudioResampler(format="flt", layout=layout, rate=SAMPLE_RATE_HZ)
            blocks = [
                frame.to_ndarray() for decoded in container.decode(stream) for frame in resampler.resample(decoded)
            ]
            blocks += [frame.to_ndarray() for frame in resampler.resample(None)]
    except av.error.FFmpegError as error:
        raise UnreadableRecordingError(f"{path}: not a recording that can be decoded ({error.strerror})") from error
    except ValueError as error:
        raise UnreadableRecordingError(f"{path}: changes its rate or its channels midway") from error
    if not blocks:
        raise UnreadableRecordingError(f"{path}: holds no samples")
    samples = np.concatenate(blocks, axis=1).astype(np.float32).reshape(-1, layout.nb_channels)
    return tuple(np.ascontiguousarray(channel) for channel in samples.T)
