"""Errors of the room: a stable `code` for the wire, whether a retry can help, and the command's exit code."""

from typing import ClassVar


class FinetuneError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "finetune"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1
