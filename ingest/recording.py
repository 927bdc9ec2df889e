"""Recordings as channels of float32 at 16 kHz, by FFmpeg (PyAV): WAV, FLAC, Opus, MP3, AAC and more."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from ingest.errors import UnreadableRecordingError
from ingest.messages import SAMPLE_RATE_HZ

Audio = npt.NDArray[np.float32]

AV_TIME_HZ = 1_000_000
"""FFmpeg counts the length of a file in microseconds (`AV_TIME_BASE`)."""


class Recording:
    """An open recording, decoded bit by bit, so that hours of it take no memory."""

    def __init__(self, container: InputContainer, name: str) -> None:
        """Look at the first audio stream; `name` stands in errors."""
        self.name = name
        self._container = container
        if not container.streams.audio:
            raise UnreadableRecordingError(f"{name}: no audio in this file")
        self._stream = container.streams.audio[0]
        # PyAV says a stream always has a decoder; for a codec that FFmpeg does not know it is None.
        decoder = cast("av.AudioCodecContext | None", self._stream.codec_context)
        if decoder is None:
            raise UnreadableRecordingError(f"{name}: its audio is in a codec that is not known here")
        self._layout = decoder.layout

    @property
    def channels(self) -> int:
        """How many channels it has."""
        return self._layout.nb_channels

    @property
    def duration_ms(self) -> int | None:
        """How long it says to be; None where it says nothing, as a browser's own recordings do."""
        if self._stream.duration is not None and self._stream.time_base is not None:
            return round(self._stream.duration * self._stream.time_base * 1000)
        return None if self._container.duration is None else self._container.duration * 1000 // AV_TIME_HZ

    def blocks(self) -> Iterator[Audio]:
        """Decode from the beginning. Shape of each block: (channels, n), float32, 16 kHz.

        Raises:
            UnreadableRecordingError: it cannot be decoded.
        """
        with _decoding(self.name):
            # Packed, not planar: PyAV 18 reads past the planes of a frame of eight channels or more, and crashes.
            resampler = av.AudioResampler(format="flt", layout=self._layout, rate=SAMPLE_RATE_HZ)
            for decoded in self._container.decode(self._stream):
                for frame in resampler.resample(decoded):
                    yield self._apart(frame)
            for frame in resampler.resample(None):
                yield self._apart(frame)

    def _apart(self, frame: av.AudioFrame) -> Audio:
        return np.ascontiguousarray(frame.to_ndarray().astype(np.float32).reshape(-1, self.channels).T)


@contextmanager
def open_recording(file: Path | IO[bytes], name: str) -> Generator[Recording]:
    """Open a recording: a path, or a file that can be read and searched.

    Raises:
        UnreadableRecordingError: no audio in it.
    """
    with _decoding(name):
        container = av.open(str(file) if isinstance(file, Path) else file, "r")
    with container:
        yield Recording(container, name)


def read_recording(path: Path) -> tuple[Audio, ...]:
    """Decode a file into its channels, resampled to 16 kHz. Shape of each: (n,), float32.

    Raises:
        UnreadableRecordingError: no such file, or no audio in it.
    """
    if not path.is_file():
        raise UnreadableRecordingError(f"{path}: no such file")
    with open_recording(path, str(path)) as recording:
        blocks = list(recording.blocks())
    if not blocks:
        raise UnreadableRecordingError(f"{path}: holds no samples")
    return tuple(np.concatenate([block[number] for block in blocks]) for number in range(len(blocks[0])))


@contextmanager
def _decoding(name: str) -> Generator[None]:
    try:
        yield
    except av.error.FFmpegError as error:
        raise UnreadableRecordingError(f"{name}: not a recording that can be decoded ({error.strerror})") from error
    except ValueError as error:
        raise UnreadableRecordingError(f"{name}: changes its rate or its channels midway") from error
