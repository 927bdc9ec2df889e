"""Logistic regression with signed weights, and folds that keep what belongs together (pure)."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

STEPS = 50
FREE_BIAS = 1e-6
"""The bias is not held down; the trace of a penalty keeps the matrix regular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Rows to learn from.

    values: Shape: (rows, features), the first feature being the bias. labels: Shape: (rows,), 0 or 1.
    counts: how much each row counts. Shape: (rows,).
    """

    names: tuple[str, ...]
    values: Numbers
    labels: Numbers
    counts: Numbers

    def where(self, mask: npt.NDArray[np.bool_]) -> "Sample":
        """Take some of the rows. mask: Shape: (rows,)."""
        return Sample(names=self.names, values=self.values[mask], labels=self.labels[mask], counts=self.counts[mask])


def sample(
    rows: Sequence[Mapping[str, float]], labels: Sequence[bool], counts: Sequence[float] | None = None
) -> Sample:
    """Put features into a matrix, in the order of the first row's names."""
    names = tuple(rows[0])
    return Sample(
        names=names,
        values=np.array([[row[name] for name in names] for row in rows], np.float64),
        labels=np.array(labels, np.float64),
        counts=np.array(counts if counts is not None else [1.0] * len(rows), np.float64),
    )


def joined(*samples: Sample) -> Sample:
    """Put samples of the same features one under the other."""
    return Sample(
        names=samples[0].names,
        values=np.concatenate([one.values for one in samples]),
        labels=np.concatenate([one.labels for one in samples]),
        counts=np.concatenate([one.counts for one in samples]),
    )


def fitted(data: Sample, signs: Mapping[str, int], l2: float) -> dict[str, float]:
    """Fit weights by Newton steps; a weight of the wrong sign is set to zero and the rest is fitted again.

    Args:
        data: What to learn from.
        signs: 1 or -1 for features that can only speak for or against, so that a quirk of the sample cannot turn them.
        l2: Penalty on every weight but the bias.
    """
    kept = list(range(len(data.names)))
    while True:
        weights = _newton(data.values[:, kept], data, l2)
        wrong = [
            (abs(weight), place)
            for weight, place in zip(weights, kept, strict=True)
            if weight * signs.get(data.names[place], 0) < 0
        ]
        if not wrong:
            break
        kept.remove(max(wrong)[1])
    return dict.fromkeys(data.names, 0.0) | {
        data.names[place]: float(weight) for weight, place in zip(weights, kept, strict=True)
    }


def predicted(data: Sample, weights: Mapping[str, float]) -> Numbers:
    """Probabilities of the rows. Shape: (rows,)."""
    return 1 / (1 + np.exp(-data.values @ np.array([weights[name] for name in data.names])))


def groups_of(members: Sequence[Sequence[Hashable]]) -> Places:
    """Number the groups of rows that share any member, in order of appearance. Shape: (rows,)."""
    parents: dict[Hashable, Hashable] = {}

    def root(one: Hashable) -> Hashable:
        while parents.setdefault(one, one) != one:
            one = parents[one]
        return one

    for row in members:
        for member in row[1:]:
            parents[root(member)] = root(row[0])
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(root(row[0]), len(numbers)) for row in members], np.int64)


def _newton(values: Numbers, data: Sample, l2: float) -> Numbers:
    penalty = np.eye(values.shape[1]) * l2
    penalty[0, 0] = FREE_BIAS
    weights = np.zeros(values.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(values @ weights, -30, 30)))
        slope = values.T @ (data.counts * (chance - data.labels)) + penalty @ weights
        bend = (values.T * (data.counts * chance * (1 - chance))) @ values + penalty
        step = np.linalg.solve(bend, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return weights
