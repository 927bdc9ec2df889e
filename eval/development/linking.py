"""Fitting and judging the linker on queries over a made-up vendor's items."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.development.regression import Numbers, Sample, fitted, groups_of, predicted, sample
from graph.candidates import Candidate, Query
from graph.encoder import Encoder
from graph.imports.documents import read_documents
from graph.imports.roadmap import read_roadmap
from graph.imports.tickets import read_tickets
from graph.index import ItemIndex
from graph.linker import features, name_of
from graph.messages import Item, ItemKind
from graph.needs import MAX_LINKS_OF_A_KIND
from ingest.messages import TenantId

FOLDS = 10
L2 = 0.3
RANKED_DEPTH = 10
SIGNS = {
    "cosine_utterance": 1,
    "cosine_setting": 1,
    "lead_utterance": 1,
    "lead_setting": 1,
    "overlap": 1,
    "words_place": 1,
    "rival_named": 1,
    "rival_not_named": -1,
}
TENANT = TenantId("development")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the names of all items a careful person would show, and the candidates found for it."""

    query: Query
    relevant: frozenset[str]
    found: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class LinkFit:
    """Weights, and the probabilities that left-out folds gave each candidate of each query."""

    weights: dict[str, float]
    asked: tuple[Asked, ...]
    left_out: tuple[Numbers, ...]

    def figures(self, floor: float) -> dict[str, float]:
        """Tell what a floor shows, rightly and wrongly, and how often it is rightly silent."""
        return figures(self.asked, self.left_out, floor)


def world(folder: Path) -> tuple[Item, ...]:
    """Read the items of a folder of tickets, roadmap and documents."""
    read = (
        *read_tickets(folder / "tickets.jsonl", TENANT),
        *read_roadmap(folder / "roadmap.jsonl", TENANT),
        *read_documents(folder / "documents", TENANT),
    )
    return tuple(one for one in read if isinstance(one, Item))


def ask(items: Sequence[Item], queries: Sequence[tuple[Query, frozenset[str]]], encoder: Encoder) -> tuple[Asked, ...]:
    """Search each query among the items."""
    with tempfile.TemporaryDirectory() as folder:
        index = ItemIndex(Path(folder), encoder)
        index.upsert(items)
        found = tuple(
            Asked(query, relevant, tuple(one for of_kind in index.candidates(query).values() for one in of_kind))
            for query, relevant in queries
        )
        index.close()
    return found


def read_queries(path: Path) -> list[tuple[Query, frozenset[str]]]:
    """Read the queries of `queries.jsonl`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        (
            Query(
                text=row["words"],
                utterance=row["text"],
                context=tuple(turn["text"] for turn in row["context"]),
                kind=row["kind"],
                type=row["type"],
            ),
            frozenset(row["relevant"]),
        )
        for row in rows
    ]


def fit_linker(asked: Sequence[Asked]) -> LinkFit:
    """Fit on all queries; judge by folds that share no utterance."""
    groups = groups_of([(one.query.utterance,) for one in asked])
    folds = groups % FOLDS
    judged: dict[int, Numbers] = {}
    for fold in range(FOLDS):
        weights = fitted(_sample([one for one, its in zip(asked, folds, strict=True) if its != fold]), SIGNS, L2)
        for place in np.flatnonzero(folds == fold):
            judged[int(place)] = predicted(_sample([asked[int(place)]]), weights)
    return LinkFit(
        weights=fitted(_sample(asked), SIGNS, L2),
        asked=tuple(asked),
        left_out=tuple(judged[place] for place in range(len(asked))),
    )


def scored(asked: Sequence[Asked], weights: Mapping[str, float]) -> tuple[Numbers, ...]:
    """Probabilities of each query's candidates under given weights."""
    return tuple(predicted(_sample([one]), weights) for one in asked)


def figures(asked: Sequence[Asked], scores: Sequence[Numbers], floor: float) -> dict[str, float]:
    """Count what is shown above a floor against what should be shown."""
    shown = right = wanted = silent = unanswerable = ranked = 0
    for one, its in zip(asked, scores, strict=True):
        order = [label_of(one.found[place]) for place in np.argsort(-its, kind="stable")]
        above = _shown(one, its, floor)
        shown, right, wanted = shown + len(above), right + len(above & one.relevant), wanted + len(one.relevant)
        for kind in ("ticket", "document", "roadmap"):
            first = [name for name in order if name.startswith(kind)][:RANKED_DEPTH]
            ranked += len(one.relevant.intersection(first))
        unanswerable += not one.relevant
        silent += not one.relevant and not above
    return {
        "floor": floor,
        "shown": shown,
        "precision": right / shown if shown else 0.0,
        "recall": right / wanted,
        "recall_at_10": ranked / wanted,
        "silent": silent,
        "unanswerable": unanswerable,
    }


def label_of(candidate: Candidate) -> str:
    """Name a candidate as the files do: kind and name."""
    return f"{candidate.item.kind}:{name_of(candidate.item)}"


def _shown(one: Asked, scores: Numbers, floor: float) -> set[str]:
    taken: dict[ItemKind, int] = {}
    names: set[str] = set()
    for place in np.argsort(-scores, kind="stable"):
        candidate = one.found[place]
        taken[candidate.item.kind] = taken.get(candidate.item.kind, 0) + 1
        if scores[place] >= floor and taken[candidate.item.kind] <= MAX_LINKS_OF_A_KIND:
            names.add(label_of(candidate))
    return names


def _sample(asked: Sequence[Asked]) -> Sample:
    rows = [
        (features(one.query, candidate), label_of(candidate) in one.relevant)
        for one in asked
        for candidate in one.found
    ]
    return sample([row for row, _ in rows], [label for _, label in rows])
