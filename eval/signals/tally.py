"""Counts of right and wrong readings, call by call, and the figures that follow from them (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.signals.labelled import Example
from intent.labels import LabelSet
from intent.spans import Finding

Read = Sequence[tuple[Finding, ...]]
"""Findings for each example, in order."""

Counted = npt.NDArray[np.float64]

KINDS = ("need", "hesitation")


@dataclass(frozen=True, slots=True)
class Tally:
    """What one adapter got right on each call. The last axis is true positives, false positives, false negatives.

    kinds, types: by utterance; shapes (calls, 2, 3) and (calls, types, 3).
    spans: by character with its type; shape (calls, 3).
    quiet: utterances without any label, and those of them that got a signal; shape (calls, 2).
    """

    kinds: Counted
    types: Counted
    spans: Counted
    quiet: Counted

    def weighed(self, weights: Counted) -> "Tally":
        """One row of sums for each row of weights. Shape of weights: (rows, calls)."""
        return Tally(
            np.einsum("rc,ckn->rkn", weights, self.kinds),
            np.einsum("rc,ctn->rtn", weights, self.types),
            weights @ self.spans,
            weights @ self.quiet,
        )

    @property
    def total(self) -> "Tally":
        """One row: all calls together."""
        return self.weighed(np.ones((1, len(self.quiet))))

    def figures(self) -> dict[str, Counted]:
        """The gated figures of each row; NaN where there was nothing to find and nothing was found."""
        return {
            "kind_f1": _mean(f1(self.kinds)),
            "type_macro_f1": _mean(f1(self.types)),
            "span_f1": f1(self.spans),
            "quiet_fired": self.quiet[:, 1],
        }


def tally(examples: Sequence[Example], read: Read, labels: LabelSet) -> Tally:
    """Count readings against labels, by call in the order in which calls first occur."""
    rows = {call_id: row for row, call_id in enumerate(dict.fromkeys(one.call_id for one in examples))}
    kinds, types = np.zeros((len(rows), len(KINDS), 3)), np.zeros((len(rows), len(labels.names), 3))
    spans, quiet = np.zeros((len(rows), 3)), np.zeros((len(rows), 2))
    for example, found in zip(examples, read, strict=True):
        row = rows[example.call_id]
        for field, names, counts in (("kind", KINDS, kinds), ("type", labels.names, types)):
            wanted = {getattr(one, field) for one in example.labels}
            given = {getattr(one, field) for one in found}
            counts[row] += [(n in wanted & given, n in given - wanted, n in wanted - given) for n in names]
        said = {(one.type, at) for one in example.labels for at in range(one.span.start, one.span.end)}
        heard = {(one.type, at) for one in found for at in range(one.span.start, one.span.end)}
        spans[row] += (len(said & heard), len(heard - said), len(said - heard))
        quiet[row] += (not example.labels, not example.labels and bool(found))
    return Tally(kinds, types, spans, quiet)


def f1(counts: Counted) -> Counted:
    """F1 over the last axis; NaN where nothing was to find and nothing was found."""
    wrong = 2 * counts[..., 0] + counts[..., 1] + counts[..., 2]
    return np.divide(2 * counts[..., 0], wrong, out=np.full(wrong.shape, np.nan), where=wrong > 0)


def _mean(values: Counted) -> Counted:
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(-1)
    return np.divide(total, known.sum(-1), out=np.full(total.shape, np.nan), where=known.any(-1))
