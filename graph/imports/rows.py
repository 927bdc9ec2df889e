"""Files of records, read one by one with their line: JSON Lines, a JSON array, or CSV. Broken ones are reported.

What is too long, not UTF-8 or no record becomes a `Rejected`; the good ones around it are read on.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError

Format = Literal["jsonl", "json", "csv"]
SUFFIXES: Mapping[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv"}

WRAPPERS = ("tickets", "issues", "results", "result", "records", "items", "features", "data")
"""Names under which Zendesk, Jira, Freshdesk, ServiceNow and others put a page of records."""

JSON_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A record that was not taken, and why; `line` counts from 1, `field` is None where no single one is wrong.

    id: the item's id where it could be read: such an item is still in its source.
    """

    file: str
    line: int
    field: str | None
    reason: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a file and the line it begins on."""

    line: int
    fields: Mapping[str, object]


def records(path: Path, form: Format | None, config: ImportConfig) -> Iterator[Record | Rejected]:
    """Read a file's records in order.

    Args:
        path: The file.
        form: Its form; None to tell by the name's ending.
        config: Bounds.

    Raises:
        UnreadableSourceError: when the file is not there, too large for its form, or of no known form.
    """
    found = form or SUFFIXES.get(path.suffix.lower())
    if found is None:
        endings = ", ".join(SUFFIXES)
        raise UnreadableSourceError(f"{path}: cannot tell its form by its name; use {endings}, or say --format")
    try:
        if found == "json" and not _is_array(path):
            wrapped = _wrapped(path, config)
            if wrapped is not None:
                yield from wrapped
                return
            found = "jsonl"
        if found == "jsonl":
            yield from _lines(path, config)
        elif found == "csv":
            yield from _table(path, config)
        else:
            yield from _array(path, config)
    except OSError as error:
        raise UnreadableSourceError(f"{path}: {error.strerror or error}") from error


def bounded_text(path: Path, config: ImportConfig) -> str:
    """Read a whole file of text.

    Raises:
        UnreadableSourceError: when it is not there, too large, or not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > config.max_file_bytes:
            raise UnreadableSourceError(f"{path}: {size} bytes, at most {config.max_file_bytes} are read at once")
        return decoded(str(path), path.read_bytes())
    except OSError as error:
        raise UnreadableSourceError(f"{path}: {error.strerror or error}") from error


def decoded(file: str, content: bytes) -> str:
    """A file's bytes as text.

    Raises:
        UnreadableSourceError: when they are not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSourceError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _is_array(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"[")


def _lines(path: Path, config: ImportConfig) -> Iterator[Record | Rejected]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(config.max_line_bytes + 1):
            number += 1
            too_long = len(line) > config.max_line_bytes
            while too_long and line and not line.endswith(b"\n"):
                line = file.readline(config.max_line_bytes)
            if too_long:
                yield _rejected(path, number, f"longer than {config.max_line_bytes} bytes")
            elif line.strip():
                yield _parsed(path, number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _parsed(path: Path, number: int, line: bytes) -> Record | Rejected:
    try:
        found = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return _rejected(path, number, "not UTF-8")
    except RecursionError:
        return _rejected(path, number, "nested too deeply")
    except ValueError as error:
        return _rejected(path, number, f"not JSON: {error}")
    return _record(path, number, found)


def _record(path: Path, number: int, found: object) -> Record | Rejected:
    if not isinstance(found, dict):
        return _rejected(path, number, "not a JSON object")
    return Record(line=number, fields={str(name): value for name, value in found.items()})


def _array(path: Path, config: ImportConfig) -> Iterator[Record | Rejected]:
    text = bounded_text(path, config)
    place, line, decoder = text.index("[") + 1, 1, json.JSONDecoder()
    counted = 0
    while True:
        place = _past(text, place, JSON_SPACE + ",")
        line, counted = line + text.count("\n", counted, place), place
        if text[place : place + 1] == "]":
            return
        try:
            found, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            yield _rejected(path, line, f"not JSON, the rest is not read: {error}")
            return
        yield _record(path, line, found)


def _wrapped(path: Path, config: ImportConfig) -> list[Record | Rejected] | None:
    """The records of an object that holds nothing else of interest, as interfaces answer; None for another file."""
    try:
        held = json.loads(bounded_text(path, config))
    except (ValueError, RecursionError, UnreadableSourceError):
        return None
    rows = next((held[name] for name in WRAPPERS if isinstance(held.get(name), list)), None)
    if rows is None:
        return None
    # Confluence tells the address that its links are relative to once, beside the records.
    links = held.get("_links")
    base = links.get("base") if isinstance(links, dict) else None
    return [_record(path, 1, {"_base": base, **row} if base and isinstance(row, dict) else row) for row in rows]


def _past(text: str, place: int, skipped: str) -> int:
    while place < len(text) and text[place] in skipped:
        place += 1
    return place


def _table(path: Path, config: ImportConfig) -> Iterator[Record | Rejected]:
    # Broken bytes become lone surrogates here, so that one bad cell does not end the file; the rows' models refuse it.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        # Cells of more than a line's bound are told below; a quote that never ends must not swallow the file.
        csv.field_size_limit(config.max_line_bytes * 10)
        reader = csv.DictReader(file, restkey="", strict=True)
        last = 1
        while True:
            line = last + 1 if reader.line_num else 2
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                last = reader.line_num
                yield _rejected(path, line, f"not CSV: {error}")
                continue
            last = reader.line_num
            if "" in row:
                yield _rejected(path, line, "more cells than columns")
                continue
            if sum(len(cell or "") for cell in row.values()) > config.max_line_bytes:
                yield _rejected(path, line, f"longer than {config.max_line_bytes} characters")
                continue
            yield Record(line=line, fields={name.strip(): cell for name, cell in row.items() if cell is not None})


def _rejected(path: Path, line: int, reason: str) -> Rejected:
    return Rejected(file=str(path), line=line, field=None, reason=reason)


def _listed(value: object) -> object:
    """A CSV cell holds several tags with a comma, a semicolon or a bar between them."""
    if not isinstance(value, str):
        return value
    parts = value.replace(";", ",").replace("|", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200_000)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Tags = Annotated[tuple[Word, ...], BeforeValidator(_listed)]


def _is_a_date(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError("not a date such as 2026-03-02 or 2026-03-02T12:00:00Z") from error
    return value


Moment = Annotated[Word, AfterValidator(_is_a_date)]


class SourceRow(BaseModel):
    """What the records of all sources share; unknown fields are ignored, numbers may stand for ids."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    may_say: bool | None = None
    url: Text | None = None
    updated_at: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unknown(cls, fields: Mapping[str, object]) -> dict[str, object]:
        """A cell or a field left empty says nothing, unless the field must be there."""
        wanted = {name for name, field in cls.model_fields.items() if field.is_required()}
        return {name: value for name, value in fields.items() if value != "" or name in wanted}


RowT = TypeVar("RowT", bound=SourceRow)


def checked(file: str, record: Record, model: type[RowT]) -> RowT | Rejected:
    """Check a record's fields; the first one that is wrong names the reason."""
    try:
        return model.model_validate(dict(record.fields))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else None
        reason = first["msg"].removeprefix("Value error, ")
        return Rejected(file=file, line=record.line, field=field, reason=reason, id=_stated_id(record))


def _stated_id(record: Record) -> str | None:
    """The id that a record gives itself, whatever else is wrong with it."""
    found = record.fields.get("doc_id", record.fields.get("id"))
    return str(found).strip() or None if isinstance(found, str | int) else None
