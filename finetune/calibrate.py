"""Logits on the development calls → confidences and the threshold below which nothing is shown.

All types share the slopes: a type has some twenty positives on the development calls, too few for a fit of its own.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eval.signals.labelled import Example
from intent.labels import LABELS, LabelSet
from intent.manifest import TypeReading
from intent.spans import Window, evidence

Array = npt.NDArray[np.float64]

EVIDENCE = 5
"""Numbers that `spans.evidence` gives."""
STEPS, RIDGE = 50, 1e-2
GRID = np.arange(0.25, 0.9, 0.025)
BETA = 1.0
"""Of the F-measure the threshold is best at. Leaning to precision (0.7) was tried on the development calls and lost
more than it saved: kind F1 .75 instead of .79, 3 instead of 5 of 122 quiet turns fired (2026-11-25)."""
PLATEAU = 0.025
"""Thresholds whose F lies this close to the best are as good: the middle of the upper half is taken. The peak itself
jumps by .1 between two nearly equal adapters, and with it every figure that the gate compares; and of two as good ones
the more cautious shows less that is not there."""


def calibrate(examples: Sequence[Example], windows: Sequence[Window], labels: LabelSet) -> tuple[TypeReading, ...]:
    """Fit the confidence and choose the threshold.

    Args:
        examples: development turns.
        windows: logits of their (first) windows, in order.
        labels: classes in order.
    """
    features, hits = _table(examples, windows, labels)
    weights = _logistic(features.reshape(-1, EVIDENCE), hits.reshape(-1))
    confidences = _sigmoid(features @ weights[:EVIDENCE] + weights[EVIDENCE])
    threshold = _threshold(confidences, hits)
    return tuple(
        TypeReading(
            type=one.type,
            kind=one.kind,
            title=one.title,
            hint=one.hint,
            slope_pooled=round(float(weights[0]), 5),
            slope_span=round(float(weights[1]), 5),
            slope_peak=round(float(weights[2]), 5),
            slope_mass=round(float(weights[3]), 5),
            # The bag of words knows the shipped types alone.
            slope_words=round(float(weights[4]), 5) if LABELS.get(one.type) else 0.0,
            intercept=round(float(weights[EVIDENCE]), 5),
            threshold=threshold,
        )
        for one in labels.types
    )


def _table(examples: Sequence[Example], windows: Sequence[Window], labels: LabelSet) -> tuple[Array, Array]:
    """Evidence (turns, classes, 5) and whether the type is there (turns, classes)."""
    features = np.zeros((len(examples), len(labels.types), EVIDENCE))
    hits = np.zeros((len(examples), len(labels.types)))
    for row, (example, window) in enumerate(zip(examples, windows, strict=True)):
        for number, name in enumerate(labels.names):
            features[row, number] = evidence(window, number)
            hits[row, number] = any(one.type == name for one in example.labels)
    return features, hits


def _logistic(features: Array, hits: Array) -> Array:
    """Logistic regression by Newton's method with a small ridge: the slopes, then the intercept."""
    columns = np.hstack([features, np.ones((len(features), 1))])
    weights = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        chance = _sigmoid(columns @ weights)
        gradient = columns.T @ (chance - hits) + RIDGE * weights
        curvature = (columns * (chance * (1 - chance))[:, None]).T @ columns + RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, gradient)
    return weights


def _sigmoid(logits: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))


def _threshold(confidences: Array, hits: Array) -> float:
    def f_beta(threshold: float) -> float:
        shown = confidences >= threshold
        tp = float((shown & (hits > 0)).sum())
        precision, recall = tp / max(1.0, float(shown.sum())), tp / max(1.0, float(hits.sum()))
        square = BETA**2
        return (1 + square) * precision * recall / max(1e-9, square * precision + recall)

    reached = np.array([f_beta(float(one)) for one in GRID])
    good = GRID[reached >= reached.max() - PLATEAU]
    return round(float(good[len(good) // 2 :].mean()), 3)
