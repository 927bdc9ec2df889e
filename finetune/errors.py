"""Errors of the room: a stable `code`, whether a retry can help, and the command's exit code."""

from typing import ClassVar


class FinetuneError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "finetune"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class MissingExtraError(FinetuneError):
    """The extra `train` is not installed."""

    code = "missing_extra"
    exit_code = 3


class BadRunFileError(FinetuneError):
    """The TOML run file does not read, or a value does not fit."""

    code = "bad_run_file"
    exit_code = 2


class NothingToLearnError(FinetuneError):
    """The tenant has no labels, or the labels cannot be split."""

    code = "nothing_to_learn"
    exit_code = 2


class MissingSetError(FinetuneError):
    """A public set is not where it should be."""

    code = "missing_set"
    exit_code = 2


class UnservedRecipeError(FinetuneError):
    """A recipe that is there to be compared; the serving graph cannot compute what it learns."""

    code = "unserved_recipe"
    exit_code = 2


class GateRefusedError(FinetuneError):
    """The candidate is worse than the champion where it counts."""

    code = "gate"
    exit_code = 1


class ParityError(FinetuneError):
    """The written adapter does not compute what was trained."""

    code = "parity"
