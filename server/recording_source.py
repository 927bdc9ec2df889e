"""An uploaded recording, decoded bit by bit for whoever plays it."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

import numpy as np
import numpy.typing as npt

from ingest.errors import UnreadableRecordingError
from ingest.messages import SAMPLE_RATE_HZ
from ingest.recording import Recording, open_recording
from server.errors import BadRequestError

Audio = npt.NDArray[np.float32]

NAME = "the recording"
BLOCK_SAMPLES = SAMPLE_RATE_HZ // 2
"""Half a second of every channel at once: some 10 ms of the event loop."""


class RecordingSource:
    """The uploaded file. Blocking: in a thread, one call at a time."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        """Read a file of so many bytes, and close it with `close`."""
        self._file = file
        self._size = size
        self._open = ExitStack()
        self._blocks: Iterator[Audio] = iter(())
        self._first: Audio | None = None
        self._samples = 0
        self._duration_ms: int | None = None

    def begin(self, channels: int, longest_ms: int) -> None:
        """Open it, and read enough to know that it can be read.

        Raises:
            UnreadableRecordingError, BadRequestError: it cannot, or does not fit what was said of it.
        """
        self._file.seek(0)
        recording = self._open.enter_context(open_recording(self._file, NAME))
        _check_channels(recording, channels)
        self._duration_ms = recording.duration_ms
        _check_length(self._duration_ms or 0, longest_ms)
        self._blocks = recording.blocks()
        self._first = next(self._blocks, None)
        if self._first is None:
            raise UnreadableRecordingError(f"{NAME}: holds no samples")

    def next(self, longest_ms: int) -> Audio | None:
        """At least half a second, or what is left; None at the end. Shape: (channels, n), float32, 16 kHz."""
        parts = [] if self._first is None else [self._first]
        self._first = None
        while sum(part.shape[1] for part in parts) < BLOCK_SAMPLES and (block := next(self._blocks, None)) is not None:
            parts.append(block)
        if not parts:
            return None
        block = np.concatenate(parts, axis=1)
        self._samples += block.shape[1]
        _check_length(self._samples * 1000 // SAMPLE_RATE_HZ, longest_ms)
        return block

    @property
    def progress(self) -> float:
        """The share that was read, by time, or by bytes where the file does not tell its length."""
        if self._duration_ms:
            return min(1.0, self._samples * 1000 / SAMPLE_RATE_HZ / self._duration_ms)
        return min(1.0, self._file.tell() / self._size)

    def close(self) -> None:
        """Let the file go."""
        self._open.close()
        self._file.close()


def _check_channels(recording: Recording, named: int) -> None:
    found = recording.channels
    if found != named:
        has = f"{found} channel{'s' if found > 1 else ''}"
        remedy = "name one person for each channel" if found > 1 else "a mono recording is one channel: name one person"
        raise BadRequestError(f"the recording has {has}, and {named} named; {remedy}")


def _check_length(length_ms: int, longest_ms: int) -> None:
    if length_ms > longest_ms:
        hours = longest_ms / 3_600_000
        raise BadRequestError(
            f"the recording is longer than {hours:g} hours; cut it into parts, or raise recording_hours"
        )
