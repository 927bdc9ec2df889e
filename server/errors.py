"""Errors of the room: a stable `code`, the HTTP status and close code, and the command's exit code."""

from typing import ClassVar


class ServerError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "server"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500
    close_code: ClassVar[int] = 1011


class SettingsError(ServerError):
    """A setting is unknown or does not fit."""

    code = "settings"
    exit_code = 2


class UnauthorisedError(ServerError):
    """No token, a wrong one, or a foreign origin."""

    code = "unauthorised"
    status = 401
    close_code = 4401


class TokenExpiredError(UnauthorisedError):
    """The token was good until a while ago."""

    code = "token_expired"


class ForbiddenError(ServerError):
    """The principal's role does not allow this."""

    code = "forbidden"
    status = 403
    close_code = 4403


class NotFoundError(ServerError):
    """A call, an item, an annotation or an adapter that is not there."""

    code = "not_found"
    status = 404
    exit_code = 2
    close_code = 4404


class CallLiveError(ServerError):
    """A call of this id is running."""

    code = "call_live"
    status = 409
    close_code = 4409


class NoResumeError(ServerError):
    """No call of this id and token waits to go on: it ended, or the service was started anew."""

    code = "no_resume"
    status = 404
    close_code = 4410


class TakenUpError(ServerError):
    """Another connection goes on with this call."""

    code = "taken_up"
    status = 409
    close_code = 4411


class ConflictError(ServerError):
    """The request does not fit the state: a second training run, a gate that said no."""

    code = "conflict"
    status = 409


class GateError(ConflictError):
    """A gate said no."""

    code = "gate"


class BadRequestError(ServerError):
    """The request's content is wrong."""

    code = "bad_request"
    status = 400
    exit_code = 2


class TooLargeError(BadRequestError):
    """A file is larger than the limit."""

    code = "too_large"
    status = 413


class NoSpaceError(ServerError):
    """The disk has no room for a file."""

    code = "no_space"
    status = 507


class UnknownLanguageError(ServerError):
    """Recognition does not speak the language that `start` names."""

    code = "unknown_language"
    status = 400
    close_code = 4415


class BusyError(ServerError):
    """No room for another call."""

    code = "busy"
    retryable = True
    status = 503
    close_code = 1013


class StartupError(ServerError):
    """The service cannot start: port taken, another service on this data directory."""

    code = "startup"
