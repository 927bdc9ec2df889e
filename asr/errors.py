"""Errors of the room: a stable `code` for the wire, whether a retry can help, and the command's exit code."""

from typing import ClassVar


class AsrError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "asr"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class MissingModelError(AsrError):
    """The recognition model is not in the models directory, or cannot be loaded."""

    code = "missing_model"
    exit_code = 3


class DecodeFailedError(AsrError):
    """One window could not be decoded; other windows are not touched."""

    code = "decode_failed"
    retryable = True
