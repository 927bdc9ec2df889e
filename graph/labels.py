"""What people said of signals: as rows to review, as label lines to learn from, and label lines brought back (pure).

Lines have the form of `signals.md`. An utterance counts as labelled when a person reviewed it whole, or when a verdict
on one of its signals stands; its label is then every signal that stands on its newest words.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asr.messages import Utterance
from graph.annotated import Review
from graph.call_record import CallRecord
from graph.messages import UtteranceReviewed
from graph.view import NeedGraph
from ingest.messages import CallId, Role
from intent.messages import Kind, Signal, SignalAnnotation, SignalId, Span, Strength, Verdict

Row = dict[str, object]


class LabelledSpan(Protocol):
    """A signal on the words of a label line."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def strength(self) -> Strength: ...  # noqa: D102


class LabelLine(Protocol):
    """One utterance with all its signals; none means that somebody looked and found none."""

    @property
    def call_id(self) -> str: ...  # noqa: D102
    @property
    def utterance_id(self) -> str | None: ...  # noqa: D102
    @property
    def turn(self) -> int: ...  # noqa: D102
    @property
    def role(self) -> Role: ...  # noqa: D102
    @property
    def speaker(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def signals(self) -> Sequence[LabelledSpan]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A label line that fits no utterance of the journal. `place` is its index among the lines given."""

    place: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChanges:
    """What brings the journal to the lines' labels.

    messages: verdicts and reviews to append, in order; none when nothing differs.
    changed, unchanged: how many utterances differ from their line, and how many do not.
    """

    messages: tuple[SignalAnnotation | UtteranceReviewed, ...]
    changed: int
    unchanged: int
    refused: tuple[RefusedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Who gives the verdicts of an import, when, and in which version of the label set."""

    author: str
    at: datetime
    label_version: str


def review_rows(graph: NeedGraph, call_id: CallId | None = None) -> list[Row]:
    """Write every verdict on signals, of all calls or of one, newest first.

    `before` and `after` are the signal around the verdict, None where there was none; `undone` when it was taken back.
    """
    calls = graph.annotated_calls() if call_id is None else (call_id,)
    found = [(review, call) for call in calls for review in graph.reviews(call)]
    found.reverse()
    # Sorting is stable: of one moment's verdicts the later one stays ahead.
    found.sort(key=lambda one: one[0].annotation.at, reverse=True)
    return [_review_row(graph, review, call) for review, call in found]


def labelled_lines(graph: NeedGraph, *, whole_calls: bool = False) -> list[Row]:
    """Write the labelled utterances as label lines, call after call in the order of their turns.

    Args:
        graph: The tenant's calls.
        whole_calls: False for an export: labelled utterances, each after the rep's last turn. True for training: every
            turn of a call that has a labelled one; customer turns that nobody judged carry `judged: false`, as they
            are context only.
    """
    lines: list[Row] = []
    for call_id in graph.annotated_calls():
        record = graph.record(call_id)
        if record is None:
            continue
        turns = _turns(record)
        labelled = [one for one in turns if is_labelled(record, one)]
        wanted = turns if whole_calls and labelled else [*labelled, *_questions(turns, labelled)]
        names = {one.utterance_id for one in labelled}
        kept = {one.utterance_id for one in wanted}
        lines += [_line(record, one, one.utterance_id in names) for one in turns if one.utterance_id in kept]
    return lines


def labelled_words(graph: NeedGraph, types: Collection[str]) -> dict[str, list[str]]:
    """The words that people labelled with each of these types, as the labels stand; each wording once."""
    found: dict[str, dict[str, None]] = {name: {} for name in types}
    for call_id in graph.annotated_calls():
        record = graph.record(call_id)
        for annotated in record.signals.values() if record else ():
            signal = annotated.current()
            if signal is None or signal.type not in found or all(one.undone for one in annotated.reviews()):
                continue
            spoken = graph.utterance(call_id, signal.utterance_id, signal.revision)
            if spoken is not None:
                found[signal.type][spoken.text[signal.span.start : signal.span.end]] = None
    return {name: list(words) for name, words in found.items()}


def is_labelled(record: CallRecord, spoken: Utterance) -> bool:
    """Tell whether a person reviewed an utterance in its newest words, or a verdict on one of its signals stands."""
    if spoken.role != "customer":
        return False
    reviewed = record.reviewed.get(spoken.utterance_id)
    if reviewed is not None and _is_on(record, reviewed, spoken):
        return True
    return any(
        not review.undone and _is_on(record, review.annotation, spoken)
        for one in record.signals.values()
        for review in one.reviews()
    )


def annotations_from(graph: NeedGraph, lines: Sequence[LabelLine], verdicts: Verdicts) -> LabelChanges:
    """Work out the verdicts that bring the journal to these labels; lines of an export give none.

    A line names its utterance by `utterance_id`, else by its turn. The rep's lines are context and say nothing. Of
    several lines for one utterance the last counts.
    """
    found: dict[tuple[str, str], tuple[int, CallRecord, Utterance]] = {}
    refused: list[RefusedLine] = []
    for place, line in enumerate(lines):
        if line.role != "customer":
            continue
        record = graph.record(CallId(line.call_id))
        spoken = None if record is None else _named(record, line)
        reason = _misfit(line, spoken)
        if record is None or spoken is None or reason is not None:
            refused.append(RefusedLine(place=place, reason=reason or "no such utterance"))
            continue
        former = found.pop((line.call_id, spoken.utterance_id), None)
        if former is not None:
            refused.append(RefusedLine(place=former[0], reason="a later line labels the same utterance"))
        found[line.call_id, spoken.utterance_id] = (place, record, spoken)
    messages: list[SignalAnnotation | UtteranceReviewed] = []
    changed = 0
    for place, record, spoken in found.values():
        made = _verdicts_for(record, spoken, lines[place].signals, verdicts)
        messages += made
        changed += bool(made)
    return LabelChanges(
        messages=tuple(messages), changed=changed, unchanged=len(found) - changed, refused=tuple(refused)
    )


def _verdicts_for(
    record: CallRecord, spoken: Utterance, wanted: Sequence[LabelledSpan], verdicts: Verdicts
) -> list[SignalAnnotation | UtteranceReviewed]:
    standing = _standing(record, spoken)
    missing = list(wanted)
    extra = [signal for signal in standing if not _taken(missing, signal)]
    made: list[SignalAnnotation | UtteranceReviewed] = []
    for signal in extra:
        meant = next((one for one in missing if one.kind == signal.kind and _overlap(one, signal)), None)
        if meant is not None:
            missing.remove(meant)
        made.append(_verdict(spoken, signal, meant, verdicts))
    made += [_verdict(spoken, None, one, verdicts) for one in missing]
    if made or not is_labelled(record, spoken):
        made.append(_reviewed(spoken, verdicts))
    return made


def _taken(missing: list[LabelledSpan], signal: Signal) -> bool:
    """Take the label that a signal already equals out of those still missing."""
    for one in missing:
        if _label_of(one) == _label_of_signal(signal):
            missing.remove(one)
            return True
    return False


def _label_of(one: LabelledSpan) -> tuple[str, str, int, int, int]:
    return one.kind, one.type, one.start, one.end, one.strength


def _label_of_signal(one: Signal) -> tuple[str, str, int, int, int]:
    return one.kind, one.type, one.span.start, one.span.end, one.strength


def _overlap(one: LabelledSpan, signal: Signal) -> bool:
    return one.start < signal.span.end and signal.span.start < one.end


def _verdict(
    spoken: Utterance, signal: Signal | None, meant: LabelledSpan | None, verdicts: Verdicts
) -> SignalAnnotation:
    verdict: Verdict = "add" if signal is None else "refuse" if meant is None else "correct"
    return SignalAnnotation(
        tenant_id=spoken.tenant_id,
        call_id=spoken.call_id,
        utterance_id=spoken.utterance_id,
        revision=spoken.revision,
        annotation_id=f"a-{secrets.token_hex(8)}",
        signal_id=signal.signal_id if signal else SignalId(f"{spoken.utterance_id}:h-{secrets.token_hex(4)}"),
        verdict=verdict,
        author=verdicts.author,
        at=verdicts.at,
        label_version=verdicts.label_version,
        kind=meant.kind if meant else None,
        type=meant.type if meant else None,
        span=Span(start=meant.start, end=meant.end) if meant else None,
        strength=meant.strength if meant else None,
        adapter_id=signal.adapter_id if signal else None,
    )


def _reviewed(spoken: Utterance, verdicts: Verdicts) -> UtteranceReviewed:
    return UtteranceReviewed(
        tenant_id=spoken.tenant_id,
        call_id=spoken.call_id,
        utterance_id=spoken.utterance_id,
        revision=spoken.revision,
        author=verdicts.author,
        at=verdicts.at,
        label_version=verdicts.label_version,
    )


def _named(record: CallRecord, line: LabelLine) -> Utterance | None:
    for one in record.utterances.values():
        if one.utterance_id == line.utterance_id or (line.utterance_id is None and one.turn == line.turn):
            return one
    return None


def _misfit(line: LabelLine, spoken: Utterance | None) -> str | None:
    where = f"turn {line.turn}" if line.utterance_id is None else line.utterance_id
    if spoken is None:
        return f"call {line.call_id} has no {where} in the journal"
    if spoken.role != "customer":
        return f"{where} of call {line.call_id} is the rep's in the journal"
    if spoken.text != line.text:
        return f"the words of {where} of call {line.call_id} are others in the journal; export again"
    return None


def _turns(record: CallRecord) -> list[Utterance]:
    return sorted(record.utterances.values(), key=lambda one: (one.turn, one.start_ms))


def _questions(turns: Sequence[Utterance], labelled: Iterable[Utterance]) -> list[Utterance]:
    """Find the rep's last turn before each labelled utterance."""
    found: list[Utterance] = []
    for one in labelled:
        before = [turn for turn in turns[: turns.index(one)] if turn.role == "rep"]
        found += before[-1:]
    return found


def _is_on(record: CallRecord, named: Signal | SignalAnnotation | UtteranceReviewed, spoken: Utterance) -> bool:
    if named.utterance_id != spoken.utterance_id:
        return False
    return record.stands_on(named.utterance_id, named.revision) == spoken.revision


def _standing(record: CallRecord, spoken: Utterance) -> list[Signal]:
    found = [signal for one in record.signals.values() if (signal := one.current()) and _is_on(record, signal, spoken)]
    return sorted(found, key=lambda one: (one.span.start, one.span.end, one.type))


def _line(record: CallRecord, spoken: Utterance, labelled: bool) -> Row:
    row: Row = {
        "call_id": spoken.call_id,
        "utterance_id": spoken.utterance_id,
        "revision": spoken.revision,
        "turn": spoken.turn,
        "role": spoken.role,
        "speaker": spoken.speaker,
        "text": spoken.text,
        "signals": [_signal_row(one) for one in _standing(record, spoken)] if labelled else [],
    }
    if not labelled:
        return row if spoken.role == "rep" else {**row, "judged": False}
    return {**row, **_judged_by(record, spoken)}


def _judged_by(record: CallRecord, spoken: Utterance) -> Row:
    """Say who judged last, and whether a model had marked the words before."""
    reviews = [
        (review.annotation.at, review.annotation.author)
        for one in record.signals.values()
        for review in one.reviews()
        if not review.undone and _is_on(record, review.annotation, spoken)
    ]
    reviewed = record.reviewed.get(spoken.utterance_id)
    if reviewed is not None and _is_on(record, reviewed, spoken):
        reviews.append((reviewed.at, reviewed.author))
    at, author = max(reviews)
    models = [
        one.original.adapter_id
        for one in record.signals.values()
        if one.original and _is_on(record, one.original, spoken)
    ]
    told: Row = {"annotator": author, "at": at.isoformat(), "prelabelled": bool(models)}
    return {**told, "adapter_id": models[0]} if models else told


def _signal_row(signal: Signal) -> Row:
    return {
        "kind": signal.kind,
        "type": signal.type,
        "start": signal.span.start,
        "end": signal.span.end,
        "strength": signal.strength,
    }


def _review_row(graph: NeedGraph, review: Review, call_id: CallId) -> Row:
    given = review.annotation
    spoken = graph.utterance(call_id, given.utterance_id, given.revision)
    return {
        "annotation_id": given.annotation_id,
        "call_id": call_id,
        "account": graph.account_of(call_id),
        "utterance_id": given.utterance_id,
        "revision": given.revision,
        "turn": spoken.turn if spoken else None,
        "speaker": spoken.speaker if spoken else None,
        "text": spoken.text if spoken else None,
        "signal_id": given.signal_id,
        "verdict": given.verdict,
        "author": given.author,
        "at": given.at.isoformat(),
        "adapter_id": given.adapter_id,
        "before": _signal_row(review.before) if review.before else None,
        "after": _signal_row(review.after) if review.after else None,
        "undone": review.undone,
    }
