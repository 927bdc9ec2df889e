"""Labelled lines → customer turns with the turns before them, and the spans that hold ."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.errors import BadLabelsError
from ingest.messages import Role
from intent.annotations import read_labels
from intent.encode import ContextTurn, Turn
from intent.labels import LABELS, LabelSet
from intent.messages import Kind, Span, Strength

Line = Mapping[str, Any]
"""A row of `signals.md`: call_id, turn, role, speaker, text, signals."""

CONTEXT_TURNS = 2
"""As many as the service reads (`IntentConfig.context_turns`)."""


@dataclass(frozen=True, slots=True)
class Label:
    """A signal that a person put on the words."""

    kind: Kind
    type: str
    span: Span
    strength: Strength


@dataclass(frozen=True, slots=True)
class Example:
    """One customer turn. `weight` lifts a tenant's own labels over the mixed-in corpus."""

    call_id: str
    turn: Turn
    labels: tuple[Label, ...]
    weight: float = 1.0
    number: int = 0
    """Of the turn in its call."""


def read_lines(path: Path, labels: LabelSet = LABELS) -> list[Line]:
    """Lines of a label file in our own form, call after call, each in the order of its turns.

    Raises:
        BadLabelsError: it does not read, or a line of it is wrong; labels are never dropped in silence.
    """
    try:
        taken, rejected = read_labels(path.read_text(encoding="utf-8-sig"), "jsonl", labels)
    except (OSError, UnicodeDecodeError) as error:
        raise BadLabelsError(f"{path}: {error}") from error
    if rejected:
        first = rejected[0]
        raise BadLabelsError(f"{path}:{first.line}: {first.field}: {first.reason}")
    calls = {line.call_id: number for number, line in reversed(taken)}
    return [line.model_dump() for _, line in sorted(taken, key=lambda one: (calls[one[1].call_id], one[1].turn))]


def examples(lines: Iterable[Line], weight: float = 1.0) -> list[Example]:
    """Customer turns of each call with the turns before them; lines of a call stand in its order."""
    found: list[Example] = []
    before: list[ContextTurn] = []
    call_id = ""
    for line in lines:
        if line["call_id"] != call_id:
            call_id, before = line["call_id"], []
        role: Role = line["role"]
        # A line whose signals nobody judged, or without a word to read, is context only.
        if role == "customer" and line.get("judged") is not False and any(map(str.isalnum, line["text"])):
            turn = Turn(line["text"], tuple(before[-CONTEXT_TURNS:]))
            found.append(Example(call_id, turn, tuple(_label(one) for one in line["signals"]), weight, line["turn"]))
        before.append(ContextTurn(role, line["text"]))
    return found


def within(examples: Iterable[Example], labels: LabelSet) -> list[Example]:
    """The same turns with only those labels whose types are in use."""
    names = set(labels.active.names)
    return [replace(one, labels=tuple(label for label in one.labels if label.type in names)) for one in examples]


def fingerprint(lines: Sequence[Line]) -> str:
    """Hash of what a model learns from."""
    kept = [[line["call_id"], line["role"], line["text"], list(line["signals"])] for line in lines]
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _label(row: Mapping[str, Any]) -> Label:
    return Label(row["kind"], row["type"], Span(start=row["start"], end=row["end"]), row["strength"])
