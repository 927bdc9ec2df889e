"""Options that several verbs of the service share, and how they print."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from server.settings import Settings

data_option = click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Where journals, keys and adapters lie."
)
models_option = click.option(
    "--models", "models_dir", type=click.Path(path_type=Path), required=True, help="Where weights lie."
)
tenant_option = click.option("--tenant", default="demo", show_default=True, help="Whose.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress.")
file_argument = click.argument("file", type=click.Path(path_type=Path))
out_option = click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")


def placed(settings: "Settings", data: Path, models_dir: Path | None = None) -> "Settings":
    """The settings with the directories that the options name."""
    update: dict[str, Any] = {"data": data} if models_dir is None else {"data": data, "models": models_dir}
    return settings.model_copy(update=update)


def read_file(path: Path) -> str:
    """A text file given on the command line.

    Raises:
        BadRequestError: it is not there or is not UTF-8.
    """
    from server.errors import BadRequestError

    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadRequestError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadRequestError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error


def write_file(path: Path, text: str) -> None:
    """Write a result whole or not at all.

    Raises:
        BadRequestError: the place cannot be written.
    """
    from server.errors import BadRequestError

    staged = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(text, encoding="utf-8")
        staged.replace(path)
    except OSError as error:
        raise BadRequestError(f"{path}: {error.strerror}") from error


def json_lines(rows: list[dict[str, Any]]) -> str:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
