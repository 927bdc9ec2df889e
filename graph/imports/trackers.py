"""Exports of trackers and help desks, each record told by its fields and put into ours (pure).

Jira, GitHub, Zendesk, Freshdesk, ServiceNow, Linear and Productboard, as JSON of their interfaces or as CSV of their
pages. Anything else goes through a mapping file. A record of our own form stays as it is.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

from graph.errors import UnreadableSourceError
from graph.imports.html import plain_text
from graph.imports.rows import Record

Fields = Mapping[str, object]
Source = Literal["ticket", "roadmap"]

DATE_FORMS = (
    "%d/%b/%y %H:%M",
    "%d/%b/%y %I:%M %p",
    "%d/%b/%Y %H:%M",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%a %b %d %Y",
)
"""How these programs write dates beside RFC 3339: Jira's CSV, ServiceNow, Freshdesk, Jira's JSON, Linear's CSV."""

OWN = frozenset(("id", "title", "status"))
"""A record with these is of our own form."""

FRESHDESK_STATUS = {"2": "open", "3": "pending", "4": "resolved", "5": "closed"}
"""Freshdesk's interface gives numbers (developers.freshdesk.com, ticket properties)."""


class FieldMapping:
    """A file that says which field of a foreign record is which of ours: `title = "Subject"`, dots lead inside."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    @classmethod
    def read(cls, path: Path) -> "FieldMapping":
        """Read it.

        Raises:
            UnreadableSourceError: it is not there, is no TOML, or maps to something that is no name.
        """
        try:
            names = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UnreadableSourceError(f"{path}: {error.strerror or error}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UnreadableSourceError(f"{path}: not TOML: {error}") from error
        wrong = [name for name, value in names.items() if not isinstance(value, str)]
        if wrong:
            raise UnreadableSourceError(f'{path}: {wrong[0]} must be a field\'s name, as in title = "Subject"')
        return cls(cast("Mapping[str, str]", names))

    def applied(self, fields: Fields) -> Fields:
        """The record in our fields; those that the file does not name are left out."""
        return {name: found for name, path in self._names.items() if (found := inside(fields, path)) is not None}


def mapped(record: Record, mapping: FieldMapping | None) -> Record:
    """A record with its fields named by the mapping, where there is one."""
    return record if mapping is None else Record(line=record.line, fields=mapping.applied(record.fields))


def translated(record: Record, source: Source, mapping: FieldMapping | None) -> Record:
    """A record in our fields, of a known program or by the mapping."""
    return Record(line=record.line, fields=in_our_fields(mapped(record, mapping).fields, source))


def in_our_fields(fields: Fields, source: Source) -> Fields:
    """A record of a known program in our fields, with plain text and dates; another one as it is."""
    if fields.keys() >= OWN:
        return _tidied(fields, source)
    lower = {name.casefold().strip(): value for name, value in fields.items()}
    for told, put in FORMS:
        if told(lower):
            return _tidied(put(lower), source)
    return _tidied(fields, source)


def inside(fields: Fields, path: str) -> object:
    """The value at a dotted path; None where it leads nowhere. A name with dots of its own comes first."""
    if path in fields:
        return fields[path]
    value: object = fields
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _jira(fields: Fields) -> Fields:
    of = cast("Fields", fields["fields"])
    return {
        "id": fields["key"],
        "title": of.get("summary"),
        "body": _document_text(of.get("description")),
        "status": inside(of, "status.name"),
        "created_at": of.get("created"),
        "updated_at": of.get("updated"),
        "tags": of.get("labels"),
        "resolution": inside(of, "resolution.name"),
    }


def _jira_table(fields: Fields) -> Fields:
    named = {"id": "issue key", "title": "summary", "body": "description", "created_at": "created"}
    more = {"updated_at": "updated", "tags": "labels", "resolution": "resolution", "status": "status"}
    return _renamed(fields, named | more)


def _github(fields: Fields) -> Fields:
    labels = fields.get("labels")
    names = [one.get("name") if isinstance(one, dict) else one for one in labels] if isinstance(labels, list) else []
    return {
        "id": f"#{fields['number']}",
        "title": fields.get("title"),
        "body": fields.get("body") or "",
        "status": str(fields.get("state", "")).casefold(),
        "created_at": fields.get("created_at") or fields.get("createdat"),
        "updated_at": fields.get("updated_at") or fields.get("updatedat"),
        "tags": [name for name in names if name],
        "url": fields.get("html_url") or fields.get("url"),
    }


def _help_desk(fields: Fields) -> Fields:
    """Zendesk and Freshdesk, as JSON or CSV."""
    status = str(fields.get("status", ""))
    return {
        "id": fields.get("id") or fields.get("ticket id"),
        "title": fields.get("subject"),
        "body": fields.get("description_text") or fields.get("description") or "",
        "status": FRESHDESK_STATUS.get(status, status),
        "created_at": fields.get("created_at") or fields.get("created at") or fields.get("created time"),
        "updated_at": fields.get("updated_at") or fields.get("updated at") or fields.get("last update time"),
        "tags": fields.get("tags"),
        "url": fields.get("url"),
    }


def _service_now(fields: Fields) -> Fields:
    said = {
        name: inside(value, "display_value") if isinstance(value, dict) else value for name, value in fields.items()
    }
    named = {"id": "number", "title": "short_description", "body": "description", "status": "state"}
    more = {"created_at": "sys_created_on", "updated_at": "sys_updated_on", "resolution": "close_notes"}
    return _renamed(said, named | more)


def _linear(fields: Fields) -> Fields:
    named = {"id": "id", "title": "title", "body": "description", "status": "status", "created_at": "created"}
    return _renamed(fields, named | {"updated_at": "updated", "tags": "labels", "quarter": "target date"})


def _productboard(fields: Fields) -> Fields:
    named = {"id": "id", "title": "name", "body": "description", "status": "status", "quarter": "timeframe"}
    return _renamed(fields, named | {"url": "url", "tags": "tags", "created_at": "created at"})


def _renamed(fields: Fields, names: Mapping[str, str]) -> Fields:
    return {ours: fields[theirs] for ours, theirs in names.items() if theirs in fields}


FORMS: tuple[tuple[Callable[[Fields], bool], Callable[[Fields], Fields]], ...] = (
    (lambda of: "key" in of and isinstance(of.get("fields"), dict), _jira),
    (lambda of: {"issue key", "summary"} <= of.keys(), _jira_table),
    (lambda of: {"number", "title", "state"} <= of.keys(), _github),
    (lambda of: {"number", "short_description"} <= of.keys(), _service_now),
    (lambda of: "subject" in of and ("id" in of or "ticket id" in of), _help_desk),
    (lambda of: {"id", "title", "status", "team"} <= of.keys() and "created" in of, _linear),
    (lambda of: {"id", "name", "status"} <= of.keys() and "title" not in of, _productboard),
)
"""How each program's record is told, and what becomes of it; the first that fits counts."""


def _tidied(fields: Fields, source: Source) -> Fields:
    found = {name: value for name, value in fields.items() if value is not None}
    if source == "roadmap" and "description" not in found and "body" in found:
        found["description"] = found["body"]
    for name in ("title", "body", "description", "resolution"):
        if isinstance(text := found.get(name), str):
            found[name] = plain_text(text)
    for name in ("created_at", "updated_at"):
        if isinstance(text := found.get(name), str):
            found[name] = _dated(text)
    return found


def _dated(text: str) -> str:
    """RFC 3339 of a date as one of these programs writes it; what no form fits is left for the check to refuse."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return text
    for form in DATE_FORMS:
        try:
            return datetime.strptime(text.strip(), form).isoformat()
        except ValueError:
            continue
    return text


def _document_text(found: object) -> str:
    """Jira's descriptions are text, or a tree of nodes (Atlassian Document Format)."""
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return "".join(_document_text(one) for one in cast("list[object]", found))
    if not isinstance(found, dict):
        return ""
    node = cast("Fields", found)
    text = str(node.get("text", "")) + _document_text(node.get("content"))
    return f"{text}\n" if node.get("type") in ("paragraph", "heading", "listItem", "codeBlock") else text
