"""Errors of the room: a stable `code` for the wire, the close code, and the command's exit code.

Close codes follow HTTP's meaning in the range that RFC 6455 leaves to applications (4000-4999).
"""

from typing import ClassVar


class IngestError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "ingest"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 2
    close_code: ClassVar[int] = 4400


class MalformedFrameError(IngestError):
    """A text frame is no JSON of the protocol, or a binary frame is cut short or odd."""

    code = "malformed_frame"


class NotStartedError(IngestError):
    """Audio or a command came before `start`, or `start` came twice."""

    code = "out_of_order"
    close_code = 4409


class UnknownChannelError(IngestError):
    """A frame names a channel that `start` did not."""

    code = "unknown_channel"
    close_code = 4404


class UnknownEncodingError(IngestError):
    """The encoding or the sample rate is not spoken here."""

    code = "unknown_encoding"
    close_code = 4415


class FrameTooLargeError(IngestError):
    """A frame is larger than the limit."""

    code = "frame_too_large"
    close_code = 4413


class UnreadableRecordingError(IngestError):
    """A file holds no audio that can be decoded."""

    code = "unreadable_recording"
