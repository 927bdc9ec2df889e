"""A tenant's own label set: types are added, renamed, described anew, retired and taken back into use."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from graph.labels import labelled_words
from intent.labels import LABELS, LabelType
from intent.messages import Kind, LabelTypeChanged
from intent.young import GROWN_EXAMPLES, LEAST_EXAMPLES
from server.errors import BadRequestError, NotFoundError
from server.tenant import Tenant

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
MOST_TYPES = 60
"""Of a label set: a picker with more is no longer read, and every type is a column of the adapter."""

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Hint = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class NewType(BaseModel):
    """A type to add; its key is lower case and stays for ever."""

    model_config = ConfigDict(extra="forbid")

    type: str
    kind: Kind
    title: Title
    hint: Hint = ""


class TypeChange(BaseModel):
    """What is to be different about a type; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    hint: Hint | None = None
    retired: bool | None = None


def added(tenant: Tenant, new: NewType, author: str) -> LabelTypeChanged:
    """Add a type.

    Raises:
        BadRequestError: the key is taken or unfit, the title is taken, or there are too many.
    """
    labels = tenant.labels
    if not KEY.fullmatch(new.type):
        raise BadRequestError(f"type {new.type!r}: two to forty lower-case letters, digits and _, a letter first")
    if labels.get(new.type) is not None:
        raise BadRequestError(f"there is a type {new.type!r} already; change it instead")
    if len(labels.active.types) >= MOST_TYPES:
        raise BadRequestError(f"{MOST_TYPES} types are the most; retire one first")
    _refuse_title(tenant, new.type, new.title)
    wanted = LabelType(type=new.type, kind=new.kind, title=new.title, hint=new.hint)
    return _appended(tenant, wanted, author)


def changed(tenant: Tenant, name: str, change: TypeChange, author: str) -> LabelTypeChanged:
    """Rename, describe, retire a type or take it back into use.

    Raises:
        NotFoundError: there is no such type.
        BadRequestError: the title is another type's, or no type of the kind would be left.
    """
    labels = tenant.labels
    before = labels.get(name)
    if before is None:
        raise NotFoundError(f"no type {name!r}; there are {', '.join(labels.names)}")
    wanted = LabelType(
        type=name,
        kind=before.kind,
        title=before.title if change.title is None else change.title,
        hint=before.hint if change.hint is None else change.hint,
        retired=before.retired if change.retired is None else change.retired,
    )
    _refuse_title(tenant, name, wanted.title)
    others = [one for one in labels.active.types if one.kind == before.kind and one.type != name]
    if wanted.retired and not others:
        raise BadRequestError(f"{name} is the last {before.kind} type; add another one first")
    return _appended(tenant, wanted, author)


def listed(tenant: Tenant) -> dict[str, Any]:
    """The label set with what is known of each type: how many wordings people labelled, and whether it is young."""
    labels = tenant.labels
    with tenant.lock:
        own = {one.type for one in tenant.graph.label_types} - set(LABELS.names)
        words = labelled_words(tenant.graph, own)
    rows: list[dict[str, Any]] = []
    for one in labels.types:
        row = {"type": one.type, "kind": one.kind, "title": one.title, "hint": one.hint, "retired": one.retired}
        count = len(words[one.type]) if one.type in words else None
        rows.append(row | {"examples": count, "young": count is not None and count < GROWN_EXAMPLES})
    return {"version": labels.version, "least_examples": LEAST_EXAMPLES, "types": rows}


def _refuse_title(tenant: Tenant, name: str, title: str) -> None:
    taken = next((one for one in tenant.labels.active.types if one.title.casefold() == title.casefold()), None)
    if taken is not None and taken.type != name:
        raise BadRequestError(f"{taken.type} is called {title!r} already")


def _appended(tenant: Tenant, wanted: LabelType, author: str) -> LabelTypeChanged:
    message = LabelTypeChanged(
        tenant_id=tenant.tenant_id,
        type=wanted.type,
        kind=wanted.kind,
        title=wanted.title,
        hint=wanted.hint,
        retired=wanted.retired,
        author=author,
        at=datetime.now(UTC),
    )
    tenant.append([message], author)
    return message
