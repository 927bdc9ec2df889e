"""Errors of the room: a stable `code` for the wire, whether a retry can help, and the command's exit code."""

from typing import ClassVar


class IntentError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "intent"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class MissingEncoderError(IntentError):
    """The encoder's weights are not in the models directory, or are not the right ones."""

    code = "missing_encoder"
    exit_code = 3


class BrokenAdapterError(IntentError):
    """An adapter file is truncated, tampered with, or made for another encoder."""

    code = "broken_adapter"
    exit_code = 2


class UnknownAdapterError(IntentError):
    """The tenant has no adapter of this id, or none to go back to."""

    code = "unknown_adapter"
    exit_code = 2


class BrokenLabelsError(IntentError):
    """A label file cannot be read at all, or nothing in it could be taken."""

    code = "broken_labels"
    exit_code = 2
