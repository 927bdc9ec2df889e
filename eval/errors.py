"""Errors of the room: a stable `code`, whether a retry can help, and the command's exit code."""

from typing import ClassVar


class EvalError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "eval"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class ServiceUnreachableError(EvalError):
    """No service answers, or it refused the call."""

    code = "service_unreachable"
    retryable = True
    exit_code = 1


class BadManifestError(EvalError):
    """Files, roles or a transcript that do not fit together."""

    code = "bad_manifest"
    exit_code = 2
