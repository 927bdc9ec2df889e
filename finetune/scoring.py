"""How good an adapter is on labelled lines, in counts and rates (pure)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from finetune.dataset import Example, Label
from intent.labels import LabelSet
from intent.spans import Finding

BINS = 10
"""Bins of the expected calibration error."""

Read = Sequence[tuple[Finding, ...]]
"""Findings for each example, in order."""


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives, false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def f1(self) -> float | None:
        """None where there was nothing to find and nothing was found."""
        total = 2 * self.tp + self.fp + self.fn
        return None if total == 0 else 2 * self.tp / total


def score(examples: Sequence[Example], read: Read, labels: LabelSet) -> dict[str, Any]:
    """All figures of one adapter on one set.

    kind_f1: per utterance, mean of need and hesitation. type_macro_f1: per utterance, mean over types that occur.
    span_f1: over characters with their type. strength_within_one: on types found. ece: of finding confidences.
    quiet_fired: utterances without any label that got a signal.
    """
    kinds = {kind: _utterance_counts(examples, read, "kind", kind) for kind in ("need", "hesitation")}
    types = {name: _utterance_counts(examples, read, "type", name) for name in labels.names}
    quiet = [found for example, found in zip(examples, read, strict=True) if not example.labels]
    strengths = [gap for example, found in zip(examples, read, strict=True) for gap in _strength_gaps(example, found)]
    return {
        "utterances": len(examples),
        "signals": sum(len(one.labels) for one in examples),
        "kind_f1": _mean([one.f1 for one in kinds.values()]),
        "type_macro_f1": _mean([one.f1 for one in types.values()]),
        "span_f1": _rounded(_span_counts(examples, read).f1),
        "strength_within_one": _rounded(sum(gap <= 1 for gap in strengths) / len(strengths) if strengths else None),
        "strength_exact": _rounded(sum(gap == 0 for gap in strengths) / len(strengths) if strengths else None),
        "ece": _rounded(_calibration_error(examples, read)),
        "quiet": len(quiet),
        "quiet_fired": sum(bool(found) for found in quiet),
        "kinds": {name: asdict(one) | {"f1": _rounded(one.f1)} for name, one in kinds.items()},
        "types": {name: asdict(one) | {"f1": _rounded(one.f1)} for name, one in types.items()},
    }


def _utterance_counts(examples: Sequence[Example], read: Read, field: str, value: str) -> Counts:
    tp = fp = fn = 0
    for example, found in zip(examples, read, strict=True):
        wanted = any(getattr(one, field) == value for one in example.labels)
        given = any(getattr(one, field) == value for one in found)
        tp, fp, fn = tp + (wanted and given), fp + (given and not wanted), fn + (wanted and not given)
    return Counts(tp, fp, fn)


def _span_counts(examples: Sequence[Example], read: Read) -> Counts:
    tp = fp = fn = 0
    for example, found in zip(examples, read, strict=True):
        wanted = {(one.type, at) for one in example.labels for at in range(one.span.start, one.span.end)}
        given = {(one.type, at) for one in found for at in range(one.span.start, one.span.end)}
        tp, fp, fn = tp + len(wanted & given), fp + len(given - wanted), fn + len(wanted - given)
    return Counts(tp, fp, fn)


def _strength_gaps(example: Example, found: tuple[Finding, ...]) -> list[int]:
    return [
        abs(one.strength - label.strength)
        for label in example.labels
        for one in found
        if one.type == label.type and _overlap(one, label)
    ]


def _calibration_error(examples: Sequence[Example], read: Read) -> float | None:
    pairs = [
        (one.confidence, any(one.type == label.type for label in example.labels))
        for example, found in zip(examples, read, strict=True)
        for one in found
    ]
    if not pairs:
        return None
    error = 0.0
    for number in range(BINS):
        bin_ = [pair for pair in pairs if number == min(BINS - 1, int(pair[0] * BINS))]
        if bin_:
            sure = sum(confidence for confidence, _ in bin_) / len(bin_)
            right = sum(hit for _, hit in bin_) / len(bin_)
            error += abs(sure - right) * len(bin_) / len(pairs)
    return error


def _overlap(finding: Finding, label: Label) -> bool:
    return finding.span.start < label.span.end and label.span.start < finding.span.end


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(sum(known) / len(known)) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
