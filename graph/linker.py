"""Which items answer a signal, how likely, and when to say nothing (pure).

Words and meaning are fused into one calibrated probability per candidate; below a floor nothing is shown, and no
link is a valid answer. No model runs here: the index has measured.
"""

import math
from collections.abc import Mapping, Sequence

from graph.candidates import Candidate, Query
from graph.messages import Item, ItemKind, Link
from graph.needs import KIND_ORDER, MAX_LINKS_OF_A_KIND
from graph.rivals import names
from graph.words import sentences, stems

LINKER_VERSION = "linker-2"

WEIGHTS: Mapping[str, float] = {
    "bias": -3.81,
    "cosine_utterance": 2.40,
    "cosine_setting": 2.43,
    "lead_utterance": 5.82,
    "lead_setting": 5.04,
    "overlap": 1.49,
    "words_place": 1.03,
    "rival_named": 0.47,
    "rival_not_named": -0.99,
}
"""Logistic regression, L2 0.3, on 92 queries over 54 items of `eval/development`, a third of them in words that their
items do not use (`python -m eval.development.fit`, 2026-11-25, MiniLM-L6 fp32)."""

FLOOR = 0.45
"""Left-out queries of the same world: of what is shown 76 % is right, 46 % of what should be shown is shown, and 19 of
27 queries without an answer get none."""

MAX_RANKED = 20
Ranked = dict[ItemKind, tuple[tuple[str, float], ...]]
"""Items of each kind with their score, best first."""
MAX_EVIDENCE_CHARS = 240


def features(query: Query, candidate: Candidate) -> dict[str, float]:
    """Return the numbers that the calibration weighs."""
    rival = candidate.item.competitor
    named = rival is not None and names(" ".join((*query.context, query.utterance)), rival)
    return {
        "bias": 1.0,
        "cosine_utterance": candidate.cosine_utterance,
        "cosine_setting": candidate.cosine_setting,
        "lead_utterance": candidate.lead_utterance,
        "lead_setting": candidate.lead_setting,
        "overlap": candidate.overlap,
        "words_place": 0.0 if candidate.words_place is None else 1 / (1 + candidate.words_place),
        "rival_named": float(named),
        "rival_not_named": float(rival is not None and not named),
    }


def score(query: Query, candidate: Candidate) -> float:
    """Probability that a careful person would call the item about this very signal or closely related."""
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in features(query, candidate).items())))


class Linker:
    """Decides links of a signal among candidates."""

    version = LINKER_VERSION

    def __init__(self, floor: float = FLOOR) -> None:
        self._floor = floor

    def decide(self, query: Query, found: Mapping[ItemKind, Sequence[Candidate]]) -> tuple[Link, ...]:
        """Return what to show: best first within each kind, at most five of a kind, nothing below the floor."""
        return tuple(
            self._link(query, candidate.item, probability)
            for kind in sorted(found, key=lambda kind: KIND_ORDER[kind])
            for candidate, probability in self._scored(query, found[kind])[:MAX_LINKS_OF_A_KIND]
            if probability >= self._floor
        )

    def ranked(self, query: Query, found: Mapping[ItemKind, Sequence[Candidate]]) -> Ranked:
        """Return the best twenty of each kind before abstention, higher is better."""
        return {
            kind: tuple(
                (name_of(candidate.item), probability)
                for candidate, probability in self._scored(query, candidates)[:MAX_RANKED]
            )
            for kind, candidates in found.items()
        }

    def _scored(self, query: Query, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
        scored = [(candidate, score(query, candidate)) for candidate in candidates]
        return sorted(scored, key=lambda one: (-one[1], name_of(one[0].item)))

    @staticmethod
    def _link(query: Query, item: Item, probability: float) -> Link:
        return Link(
            kind=item.kind,
            id=item.id,
            section=item.section,
            title=item.title,
            score=probability,
            evidence=evidence(query, item),
            may_say=item.may_say,
            source_version=item.version,
        )


def name_of(item: Item) -> str:
    """Name an item in one string: a section of a document as `doc_id#section_id`."""
    return item.id if item.section is None else f"{item.id}#{item.section}"


def evidence(query: Query, item: Item) -> str:
    """Return the sentence of the item that shares most words with what was said; the title when it has no text."""
    said, setting = set(stems(query.text)), set(stems(query.setting))
    best, most = item.title, -1.0
    for sentence in sentences(item.text):
        held = set(stems(sentence))
        shared = len(held & setting) + len(held & said)
        likeness = shared / math.sqrt(len(held) + 1)
        if likeness > most:
            best, most = sentence, likeness
    return best if len(best) <= MAX_EVIDENCE_CHARS else best[: MAX_EVIDENCE_CHARS - 1].rstrip() + "…"
