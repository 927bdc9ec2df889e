"""JSON Lines given on a command line, each checked by a model (pure)."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from server.errors import BadRequestError

ModelT = TypeVar("ModelT", bound=BaseModel)


def checked_rows(text: str, file: str, model: type[ModelT]) -> Iterator[tuple[int, dict[str, Any], ModelT]]:
    """Every line with its number, as it stands and checked; empty lines are passed over.

    Raises:
        BadRequestError: naming file, line and field of the first line that does not fit.
    """
    for number, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
            yield number, row, model.model_validate(row)
        except json.JSONDecodeError as error:
            raise BadRequestError(f"{file}:{number}: not JSON: {error.msg} at column {error.colno}") from error
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
            field = ".".join(map(str, problem["loc"])) or "line"
            raise BadRequestError(f"{file}:{number}: {field}: {problem['msg']}") from error
        except RecursionError as error:
            raise BadRequestError(f"{file}:{number}: JSON is nested too deeply") from error
