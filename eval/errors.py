"""Errors of the room: a stable `code`, whether a retry can help, and the command's exit code."""

from typing import ClassVar


class EvalError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "eval"
    retryable: ClassVar[bool] = False
    exit_code: int = 1


class ServiceUnreachableError(EvalError):
    """No service answers, or it refused the call."""

    code = "service_unreachable"
    retryable = True

    def __init__(self, message: str, exit_code: int = 1) -> None:
        """`exit_code` of a child that said more."""
        super().__init__(message)
        self.exit_code = exit_code


class CallRefusedError(ServiceUnreachableError):
    """The service answers and does not take this call; 503 says that no other call fits."""

    code = "call_refused"

    def __init__(self, message: str, http_status: int) -> None:
        """`http_status` of the refusal."""
        super().__init__(message)
        self.http_status = http_status


class DemoWorldError(EvalError):
    """The demo's tickets, documents or roadmap could not be imported."""

    code = "demo_world"

    def __init__(self, message: str, exit_code: int = 1) -> None:
        """`exit_code` of the import that failed."""
        super().__init__(message)
        self.exit_code = exit_code


class RebuildFailedError(EvalError):
    """A tenant's graph could not be made again."""

    code = "rebuild_failed"

    def __init__(self, message: str, exit_code: int = 1) -> None:
        """`exit_code` of the rebuild."""
        super().__init__(message)
        self.exit_code = exit_code


class FailedImportError(EvalError):
    """The import that was to be measured failed; its own message is on stderr."""

    code = "failed_import"

    def __init__(self, message: str, exit_code: int = 1) -> None:
        """`exit_code` of the import."""
        super().__init__(message)
        self.exit_code = exit_code


class BadManifestError(EvalError):
    """Files, roles or a transcript that do not fit together."""

    code = "bad_manifest"
    exit_code = 2


class BadLabelsError(EvalError):
    """A file of labelled lines does not read, or a line of it is wrong."""

    code = "bad_labels"
    exit_code = 2
