"""Fitting and judging the merger on pairs of voicings."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.development.regression import Numbers, Places, Sample, fitted, groups_of, joined, predicted, sample
from graph.candidates import Query
from graph.encoder import Encoder
from graph.merger import Voiced, features, voiced

FOLDS = 10
L2 = 0.3
APART_COUNT = 0.05
"""How much a pair of unrelated wants counts: there are about 2,400, so that together they weigh as the written ones."""

SIGNS = {"cosine": 1, "same_type": 1, "words_agree": 1}
"""Written pairs that must not merge share words on purpose; without signs the fit would hold that against merging."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two voicings, and whether they are one want."""

    a: Voiced
    b: Voiced
    same: bool


@dataclass(frozen=True, slots=True)
class MergeFit:
    """Weights, and what left-out folds gave: probabilities of the written pairs and of unrelated wants."""

    weights: dict[str, float]
    pairs: tuple[Pair, ...]
    labels: Numbers
    left_out: Numbers
    apart: Numbers

    def figures(self, threshold: float) -> dict[str, float]:
        """Tell what a threshold merges, rightly and wrongly."""
        merged = self.left_out >= threshold
        return {
            "threshold": threshold,
            "same_merged": float(merged[self.labels == 1].mean()),
            "different_merged": float(merged[self.labels == 0].mean()),
            "unrelated_merged": float((self.apart >= threshold).mean()),
        }

    def threshold(self, wrong_share: float) -> float:
        """Find the lowest threshold, in hundredths, that merges at most this share of pairs that are two wants."""
        for hundredths in range(50, 100):
            figures = self.figures(hundredths / 100)
            if max(figures["different_merged"], figures["unrelated_merged"]) <= wrong_share:
                return hundredths / 100
        return 1.0


def read_pairs(path: Path, encoder: Encoder) -> tuple[Pair, ...]:
    """Read and measure the pairs of `pairs.jsonl`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(
        Pair(_voiced(row["kind"], row["a"], encoder), _voiced(row["kind"], row["b"], encoder), row["same"])
        for row in rows
    )


def fit_merger(pairs: Sequence[Pair]) -> MergeFit:
    """Fit on all pairs; judge by folds in which no want of a left-out pair was learnt from."""
    groups = groups_of([(_name(pair.a), _name(pair.b)) for pair in pairs])
    written = sample([features(pair.a, pair.b) for pair in pairs], [pair.same for pair in pairs])
    apart, owners = _unrelated(pairs, groups)
    left_out, unrelated = _left_out(written, groups, apart, owners)
    return MergeFit(
        weights=fitted(joined(written, apart), SIGNS, L2),
        pairs=tuple(pairs),
        labels=written.labels,
        left_out=left_out,
        apart=unrelated,
    )


def _left_out(written: Sample, groups: Places, apart: Sample, owners: Places) -> tuple[Numbers, Numbers]:
    pairs, unrelated = np.zeros(len(groups)), np.zeros(len(owners))
    for fold in range(FOLDS):
        learnt = groups % FOLDS != fold
        learnt_apart = (owners % FOLDS != fold).all(axis=1)
        weights = fitted(joined(written.where(learnt), apart.where(learnt_apart)), SIGNS, L2)
        judged = owners[:, 0] % FOLDS == fold
        pairs[~learnt] = predicted(written.where(~learnt), weights)
        unrelated[judged] = predicted(apart.where(judged), weights)
    return pairs, unrelated


def _unrelated(pairs: Sequence[Pair], groups: Places) -> tuple[Sample, Places]:
    """Pair the first voicing of each group with those of all others of its kind. Places: Shape: (rows, 2)."""
    firsts: dict[int, Voiced] = {}
    for pair, group in zip(pairs, groups, strict=True):
        firsts.setdefault(int(group), pair.a)
    crossed = [
        (one, other) for one, other in itertools.combinations(firsts, 2) if firsts[one].kind == firsts[other].kind
    ]
    rows = [features(firsts[one], firsts[other]) for one, other in crossed]
    made = sample(rows, [False] * len(rows), [APART_COUNT] * len(rows))
    return made, np.array(crossed, np.int64)


def _voiced(kind: Any, side: Mapping[str, str], encoder: Encoder) -> Voiced:  # noqa: ANN401 - a row of JSON
    query = Query(
        text=side["text"],
        utterance=side.get("utterance", side["text"]),
        context=(side["context"],) if "context" in side else (),
        kind=kind,
        type=side["type"],
    )
    return voiced(query, encoder)


def _name(side: Voiced) -> tuple[str, str]:
    return side.text.casefold(), side.setting.casefold()
