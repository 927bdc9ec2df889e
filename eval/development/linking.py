"""Fitting the linker on queries over made-up vendors, and judging it on others."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.development.material import Asked, queries, world
from eval.development.regression import Numbers, Sample, fitted, predicted, sample
from graph.candidates import Candidate
from graph.encoder import Encoder
from graph.index import ItemIndex
from graph.linker import features, name_of
from graph.messages import Item
from graph.needs import MAX_LINKS_OF_A_KIND

L2 = 3.0
SIGNS = {
    "cosine_utterance": 1,
    "cosine_setting": 1,
    "cosine_text": 1,
    "lead_utterance": 1,
    "lead_setting": 1,
    "lead_text": 1,
    "overlap": 1,
    "words_share": 1,
    "rival_named": 1,
    "rival_not_named": -1,
}
SHOWN = 5
"""A screen shows so many items of all kinds before anybody scrolls."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A query with the candidates that were found for it."""

    asked: Asked
    found: tuple[Candidate, ...]

    @property
    def right(self) -> list[bool]:
        """Which candidates a careful person would show."""
        return [label_of(one) in self.asked.relevant for one in self.found]


@dataclass(frozen=True, slots=True)
class LinkFit:
    """Weights, and what left-out vendors' candidates got from weights that did not know them."""

    weights: dict[str, float]
    answered: tuple[Answered, ...]
    left_out: tuple[Numbers, ...]


def answer(folders: Sequence[Path], encoder: Encoder) -> dict[str, tuple[Answered, ...]]:
    """Search each vendor's queries among its items."""
    return {folder.name: tuple(_answered(world(folder), queries(folder), encoder)) for folder in folders}


def fit_linker(answered: Mapping[str, Sequence[Answered]]) -> LinkFit:
    """Fit on all vendors; judge each by weights fitted on the others."""
    judged: list[Answered] = []
    left_out: list[Numbers] = []
    for name, its in answered.items():
        others = [one for other, of in answered.items() if other != name for one in of]
        weights = fitted(_sample(others), SIGNS, L2)
        judged += its
        left_out += scored(its, weights)
    everything = [one for of in answered.values() for one in of]
    return LinkFit(fitted(_sample(everything), SIGNS, L2), tuple(judged), tuple(left_out))


def scored(answered: Sequence[Answered], weights: Mapping[str, float]) -> list[Numbers]:
    """Probabilities of each query's candidates under given weights."""
    return [predicted(_sample([one]), weights) for one in answered]


def figures(answered: Sequence[Answered], scores: Sequence[Numbers], floor: float) -> dict[str, float]:
    """Tell what is found and what a floor shows.

    hit_at_5: of the answerable queries, those with a right item among the best five of all kinds.
    auc: how often the best score of an answerable query is above that of an unanswerable one.
    right_per_10, wrong_per_10, wanted_per_10: links shown, and that should be shown, in ten signals.
    silent: share of the unanswerable queries that show nothing.
    """
    best: dict[bool, list[float]] = {True: [], False: []}
    hits = right = wrong = wanted = silent = 0
    for one, its in zip(answered, scores, strict=True):
        order = np.argsort(-its, kind="stable")
        truth = np.array(one.right, dtype=bool)
        answerable = bool(one.asked.relevant)
        best[answerable].append(float(its.max(initial=0.0)))
        hits += bool(truth[order[:SHOWN]].any())
        shown = [place for place in order if its[place] >= floor]
        kept = _of_each_kind(one.found, shown)
        right += int(truth[kept].sum())
        wrong += int((~truth[kept]).sum())
        wanted += len(one.asked.relevant)
        silent += not answerable and not kept
    ten = len(answered) / 10
    return {
        "queries": len(answered),
        "unanswerable": len(best[False]),
        "hit_at_5": hits / max(1, len(best[True])),
        "auc": _auc(best[True], best[False]),
        "right_per_10": right / ten,
        "wrong_per_10": wrong / ten,
        "wanted_per_10": wanted / ten,
        "silent": silent / max(1, len(best[False])),
    }


def label_of(candidate: Candidate) -> str:
    """Name a candidate as the files do: kind and name."""
    return f"{candidate.item.kind}:{name_of(candidate.item)}"


def _answered(items: Sequence[Item], asked: Sequence[Asked], encoder: Encoder) -> Iterator[Answered]:
    with tempfile.TemporaryDirectory() as folder:
        index = ItemIndex(Path(folder), encoder)
        index.upsert(items)
        for one in asked:
            found = index.candidates(one.query)
            yield Answered(one, tuple(candidate for of_kind in found.values() for candidate in of_kind))
        index.close()


def _of_each_kind(found: Sequence[Candidate], places: Sequence[int]) -> list[int]:
    taken: dict[str, int] = {}
    kept: list[int] = []
    for place in places:
        kind = found[place].item.kind
        taken[kind] = taken.get(kind, 0) + 1
        if taken[kind] <= MAX_LINKS_OF_A_KIND:
            kept.append(place)
    return kept


def _auc(above: Sequence[float], below: Sequence[float]) -> float:
    if not above or not below:
        return 1.0
    difference = np.array(above)[:, None] - np.array(below)[None, :]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def _sample(answered: Sequence[Answered]) -> Sample:
    rows = [
        (features(one.asked.query, candidate), right)
        for one in answered
        for candidate, right in zip(one.found, one.right, strict=True)
    ]
    return sample([row for row, _ in rows], [label for _, label in rows])
