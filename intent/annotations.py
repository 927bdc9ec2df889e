"""Label files: our JSON Lines, and the forms of Label Studio, doccano, Prodigy and IOB2, there and back (pure).

Offsets are half-open and in Unicode code points everywhere, except in Label Studio, whose page counts UTF-16 units.
A label is written `kind:type`. IOB2 holds neither overlaps nor strength; `lost` says what a file in it leaves out.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator

from ingest.messages import Role
from intent.errors import BrokenLabelsError
from intent.labels import LABELS, LabelSet
from intent.messages import Kind, Strength

LabelForm = Literal["jsonl", "label-studio", "doccano", "prodigy", "iob2"]
FORMS: tuple[LabelForm, ...] = ("jsonl", "label-studio", "doccano", "prodigy", "iob2")

DEFAULT_STRENGTH: Strength = 2
"""Where a form holds none: "clearly stated", the middle of rule 9."""
TOKEN = re.compile(r"\w+(?:['\u2019]\w+)*|[^\w\s]")
ORIGIN = ("call_id", "utterance_id", "revision", "turn", "role", "speaker", "annotator", "at", "adapter_id")

Row = Mapping[str, Any]


class LabelledSpan(BaseModel):
    """A signal on the words of its line."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    type: str
    start: int
    end: int
    strength: Strength = DEFAULT_STRENGTH

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> "LabelledSpan":
        labels: LabelSet = (info.context or {}).get("labels", LABELS)
        if labels.kind_of(self.type) != self.kind:
            raise ValueError(f"{self.kind}:{self.type} is no label")
        if not 0 <= self.start < self.end:
            raise ValueError(f"span [{self.start}, {self.end}) is empty or negative")
        return self


class LabelLine(BaseModel):
    """One utterance and all its signals; no signals means somebody looked and found none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    call_id: str
    turn: int
    role: Role
    speaker: str
    text: str
    signals: tuple[LabelledSpan, ...] = ()
    utterance_id: str | None = None
    revision: int | None = None
    annotator: str | None = None
    at: str | None = None
    prelabelled: bool | None = None
    judged: bool | None = None
    """False on a customer's turn that nobody looked at: it is context only."""
    adapter_id: str | None = None

    @model_validator(mode="after")
    def _inside(self) -> "LabelLine":
        for one in self.signals:
            if one.end > len(self.text):
                raise ValueError(f"end {one.end} lies outside the {len(self.text)} characters of the text")
        if self.role == "rep" and self.signals:
            raise ValueError("the rep's own words are never signals")
        return self


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not taken: where, which field, and why."""

    line: int
    field: str
    reason: str


class _Refused(Exception):
    """A row that reads but must not be taken."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def write_labels(lines: Sequence[LabelLine], form: LabelForm) -> str:
    """Write lines in a form."""
    return _WRITERS[form](lines)


def read_labels(
    text: str, form: LabelForm, labels: LabelSet = LABELS
) -> tuple[tuple[tuple[int, LabelLine], ...], tuple[RejectedLine, ...]]:
    """Read a file; broken lines are reported, the good ones are taken, each with its number in the file.

    Args:
        text: of the file.
        form: of the file.
        labels: whose types may occur; retired ones too, since old labels keep them.

    Raises:
        BrokenLabelsError: it is not of this form at all.
    """
    taken: list[tuple[int, LabelLine]] = []
    rejected: list[RejectedLine] = []
    for number, row in _READERS[form](text.replace("\r\n", "\n")):
        try:
            if isinstance(row, RejectedLine):
                rejected.append(row)
            else:
                taken.append((number, LabelLine.model_validate(row, context={"labels": labels})))
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
            rejected.append(RejectedLine(number, ".".join(map(str, problem["loc"])) or "signals", problem["msg"]))
    return tuple(taken), tuple(rejected)


def lost(lines: Sequence[LabelLine], form: LabelForm) -> tuple[str, ...]:
    """What a file of this form cannot hold."""
    if form != "iob2":
        return ()
    hidden = sum(len(line.signals) - len(_apart(line.signals)) for line in lines)
    strengths = sum(one.strength != DEFAULT_STRENGTH for line in lines for one in line.signals)
    return tuple(
        message
        for count, message in ((hidden, f"{hidden} overlapping signals"), (strengths, f"{strengths} strengths"))
        if count
    )


def _label(one: LabelledSpan) -> str:
    return f"{one.kind}:{one.type}"


def _span(label: str, start: int, end: int, strength: Any = None) -> dict[str, Any]:  # noqa: ANN401 - from a file
    kind, _, type_ = label.partition(":")
    found = {"kind": kind, "type": type_, "start": start, "end": end}
    return found if strength is None else {**found, "strength": strength}


def _origin(line: LabelLine) -> dict[str, Any]:
    return line.model_dump(include=set(ORIGIN), exclude_none=True)


def _each(text: str, make: Callable[[Row], dict[str, Any]]) -> Iterable[tuple[int, dict[str, Any] | RejectedLine]]:
    """JSON Lines through one maker of rows. Texts may hold U+2028 and the like, where `splitlines` would cut."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield number, make(row) if isinstance(row, dict) else RejectedLine(number, "", "no JSON object")
        except json.JSONDecodeError as error:
            yield number, RejectedLine(number, "", f"no JSON: {error.msg} at column {error.colno}")
        except _Refused as error:
            yield number, RejectedLine(number, error.field, error.reason)
        except (KeyError, TypeError, AttributeError) as error:
            yield number, RejectedLine(number, str(error).strip("'"), "missing or of the wrong form")


def _json_lines(rows: Iterable[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_own(lines: Sequence[LabelLine]) -> str:
    return _json_lines(line.model_dump(exclude_none=True, mode="json") for line in lines)


def _read_own(text: str) -> Iterable[tuple[int, dict[str, Any] | RejectedLine]]:
    return _each(text, lambda row: dict(row))


def _write_doccano(lines: Sequence[LabelLine]) -> str:
    return _json_lines(
        {
            "text": line.text,
            "entities": [
                {
                    "id": number,
                    "label": _label(one),
                    "start_offset": one.start,
                    "end_offset": one.end,
                    "strength": one.strength,
                }
                for number, one in enumerate(line.signals, 1)
            ],
            "relations": [],
            **_origin(line),
        }
        for line in lines
    )


def _read_doccano(text: str) -> Iterable[tuple[int, dict[str, Any] | RejectedLine]]:
    def row(found: Row) -> dict[str, Any]:
        _distinct("entities", [one.get("id") for one in found["entities"]])
        spans = [
            _span(one["label"], one["start_offset"], one["end_offset"], one.get("strength"))
            for one in found["entities"]
        ]
        return {**found, "signals": spans}

    return _each(text, row)


def _write_prodigy(lines: Sequence[LabelLine]) -> str:
    return _json_lines(_prodigy_row(line) for line in lines)


def _prodigy_row(line: LabelLine) -> dict[str, Any]:
    tokens = [(match.start(), match.end()) for match in TOKEN.finditer(line.text)]
    spans: list[dict[str, Any]] = []
    for one in line.signals:
        inside = [number for number, (start, end) in enumerate(tokens) if start < one.end and end > one.start]
        spans.append(
            {
                "start": one.start,
                "end": one.end,
                "token_start": inside[0] if inside else 0,
                "token_end": inside[-1] if inside else 0,
                "label": _label(one),
                "strength": one.strength,
            }
        )
    return {
        "text": line.text,
        "tokens": [
            {"text": line.text[start:end], "start": start, "end": end, "id": number}
            for number, (start, end) in enumerate(tokens)
        ],
        "spans": spans,
        "answer": "accept",
        "meta": _origin(line),
    }


def _read_prodigy(text: str) -> Iterable[tuple[int, dict[str, Any] | RejectedLine]]:
    def row(found: Row) -> dict[str, Any]:
        if found.get("answer", "accept") != "accept":
            raise _Refused("answer", f"{found['answer']}: nobody said what is right here")
        spans = [_span(one["label"], one["start"], one["end"], one.get("strength")) for one in found["spans"]]
        return {**found["meta"], "text": found["text"], "signals": spans}

    return _each(text, row)


def _write_label_studio(lines: Sequence[LabelLine]) -> str:
    tasks = [
        {
            "data": {"text": line.text, **_origin(line)},
            "annotations": [{"result": _label_studio_result(line), "was_cancelled": False, "ground_truth": False}],
        }
        for line in lines
    ]
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def _label_studio_result(line: LabelLine) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for number, one in enumerate(line.signals, 1):
        place = {
            "start": _utf16(line.text[: one.start]),
            "end": _utf16(line.text[: one.end]),
            "text": line.text[one.start : one.end],
        }
        region = {"id": f"s{number}", "to_name": "text", "origin": "manual"}
        result.append({**region, "from_name": "label", "type": "labels", "value": {**place, "labels": [_label(one)]}})
        result.append({**region, "from_name": "strength", "type": "number", "value": {**place, "number": one.strength}})
    return result


def _read_label_studio(text: str) -> Iterable[tuple[int, dict[str, Any] | RejectedLine]]:
    try:
        tasks = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenLabelsError(f"no JSON: {error.msg} at line {error.lineno}") from error
    if not isinstance(tasks, list):
        raise BrokenLabelsError("a Label Studio file is a list of tasks")
    for number, task in enumerate(tasks, 1):
        try:
            yield number, _label_studio_row(task)
        except _Refused as error:
            yield number, RejectedLine(number, error.field, error.reason)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            yield number, RejectedLine(number, str(error).strip("'"), "missing or of the wrong form")


def _label_studio_row(task: Row) -> dict[str, Any]:
    text: str = task["data"]["text"]
    kept = next((one for one in task["annotations"] if not one.get("was_cancelled")), None)
    if kept is None:
        if task["data"].get("role") == "rep":
            return {**task["data"], "signals": []}
        raise _Refused("annotations", "skipped: nobody judged it")
    strengths = {one["id"]: one["value"]["number"] for one in kept["result"] if one["type"] == "number"}
    regions = [one for one in kept["result"] if one["type"] == "labels"]
    _distinct("annotations", [one["id"] for one in regions])
    spans: list[dict[str, Any]] = []
    for one in regions:
        value = one["value"]
        start, end = _code_points(text, value["start"]), _code_points(text, value["end"])
        if value.get("text", text[start:end]) != text[start:end]:
            raise _Refused("value.text", f"{value['text']!r} is not what stands at [{value['start']}, {value['end']})")
        spans.append(_span(value["labels"][0], start, end, strengths.get(one["id"])))
    return {**task["data"], "signals": spans}


def _distinct(field: str, ids: Sequence[Any]) -> None:
    known = [one for one in ids if one is not None]
    if len(set(known)) < len(known):
        raise _Refused(field, "an id stands twice")


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _code_points(text: str, units: int) -> int:
    if not 0 <= units <= _utf16(text):
        raise _Refused("value", f"offset {units} lies outside the text")
    return len(text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore"))


def _apart(signals: Sequence[LabelledSpan]) -> list[LabelledSpan]:
    """Signals that do not overlap; of two that do, the first and longer one stays."""
    kept: list[LabelledSpan] = []
    for one in sorted(signals, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _write_iob2(lines: Sequence[LabelLine]) -> str:
    blocks: list[str] = []
    for line in lines:
        rows = [f"# {json.dumps({**_origin(line), 'text': line.text}, ensure_ascii=False)}"]
        signals = _apart(line.signals)
        before = None
        for match in TOKEN.finditer(line.text):
            holder = next((one for one in signals if match.start() < one.end and match.end() > one.start), None)
            tag = "O" if holder is None else f"{'I' if holder is before else 'B'}-{_label(holder)}"
            rows.append(f"{match.group()}\t{tag}")
            before = holder
        blocks.append("\n".join(rows) + "\n")
    return "\n".join(blocks)


def _read_iob2(text: str) -> Iterable[tuple[int, dict[str, Any] | RejectedLine]]:
    number = 1
    for block in text.split("\n\n"):
        rows = [row for row in block.split("\n") if row.strip()]
        if rows:
            try:
                yield number, _iob2_row(rows)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                yield number, RejectedLine(number, "", "needs a `# {…}` line with the text, then token TAB tag")
        number += block.count("\n") + 2


def _iob2_row(rows: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rows[0].removeprefix("#"))
    text: str = found["text"]
    spans: list[dict[str, Any]] = []
    at, before = 0, "O"
    for row in rows[1:]:
        token, tag = row.split("\t")
        start = text.index(token, at)
        at = start + len(token)
        if tag.startswith("B-"):
            spans.append(_span(tag[2:], start, at))
        elif tag.startswith("I-"):
            if tag[2:] != before[2:]:
                raise ValueError("I- does not go on the label before it")
            spans[-1]["end"] = at
        before = tag
    return {**found, "signals": spans}


_WRITERS: dict[LabelForm, Callable[[Sequence[LabelLine]], str]] = {
    "jsonl": _write_own,
    "label-studio": _write_label_studio,
    "doccano": _write_doccano,
    "prodigy": _write_prodigy,
    "iob2": _write_iob2,
}
_READERS: dict[LabelForm, Callable[[str], Iterable[tuple[int, dict[str, Any] | RejectedLine]]]] = {
    "jsonl": _read_own,
    "label-studio": _read_label_studio,
    "doccano": _read_doccano,
    "prodigy": _read_prodigy,
    "iob2": _read_iob2,
}
