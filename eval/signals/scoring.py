"""How good an adapter is on labelled lines, in counts and rates (pure)."""

import math
from collections.abc import Sequence
from typing import Any

from eval.signals.labelled import Example, Label
from eval.signals.tally import KINDS, Counted, Read, f1, tally
from intent.labels import LabelSet
from intent.spans import Finding

BINS = 10
"""Bins of the expected calibration error."""


def score(examples: Sequence[Example], read: Read, labels: LabelSet) -> dict[str, Any]:
    """All figures of one adapter on one set.

    kind_f1: per utterance, mean of need and hesitation. type_macro_f1: per utterance, mean over types that occur.
    span_f1: over characters with their type. strength_within_one: on types found. ece: of finding confidences.
    quiet_fired: utterances without any label that got a signal.
    """
    counts = tally(examples, read, labels).total
    figures = {name: _rounded(float(value[0])) for name, value in counts.figures().items()}
    strengths = [gap for example, found in zip(examples, read, strict=True) for gap in _strength_gaps(example, found)]
    return {
        "utterances": len(examples),
        "signals": sum(len(one.labels) for one in examples),
        **{name: figures[name] for name in ("kind_f1", "type_macro_f1", "span_f1")},
        "strength_within_one": _rounded(sum(gap <= 1 for gap in strengths) / len(strengths) if strengths else None),
        "strength_exact": _rounded(sum(gap == 0 for gap in strengths) / len(strengths) if strengths else None),
        "ece": _rounded(_calibration_error(examples, read)),
        "quiet": int(counts.quiet[0, 0]),
        "quiet_fired": int(counts.quiet[0, 1]),
        "kinds": _rows(KINDS, counts.kinds[0]),
        "types": _rows(labels.names, counts.types[0]),
    }


def _rows(names: Sequence[str], counts: Counted) -> dict[str, dict[str, float | None]]:
    rows = zip(names, counts, f1(counts), strict=True)
    return {
        name: {"tp": int(one[0]), "fp": int(one[1]), "fn": int(one[2]), "f1": _rounded(float(rate))}
        for name, one, rate in rows
    }


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


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 4)
