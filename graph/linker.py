"""Which items answer a signal, how likely, and when to say nothing (pure).

Words and meaning are fused into one calibrated probability per candidate; below a floor nothing is shown, and no
link is a valid answer. No model runs here: the index has measured.
"""

import math
from collections.abc import Mapping, Sequence

from graph.candidates import Candidate, Query
from graph.encoder import Encoder
from graph.messages import Item, ItemKind, Link
from graph.needs import KIND_ORDER, MAX_LINKS_OF_A_KIND, JudgedLink, LinkKey
from graph.rivals import names
from graph.words import sentences, stems

LINKER_VERSION = "linker-3"

WEIGHTS: Mapping[str, float] = {
    "bias": -5.13,
    "cosine_utterance": 3.26,
    "cosine_setting": 2.29,
    "cosine_text": 0.0,
    "lead_utterance": 4.80,
    "lead_setting": 4.74,
    "lead_text": 1.29,
    "overlap": 2.54,
    "words_share": 1.34,
    "rival_named": 2.00,
    "rival_not_named": -3.10,
}
"""Logistic regression, L2 3, on 700 queries over the items of seven made-up vendors of `eval/development`, under a
linking adapter that had not seen these vendors (2026-11-26; how: `eval/development/README.md`)."""

FLOOR = 0.37
"""On vendors left out of the fit: 4.7 right and 1.4 wrong links shown in ten signals, of 10.8 that a careful person
would show; 87 % of the queries without an answer show none."""

TOLD_WEIGHT = 5.0
"""Log odds of a verdict on the very same words: a link of .9 falls to .06, one of .1 rises to .94. Set by hand; too
few verdicts exist to fit it."""

LIKE = 0.4
"""Cosine from which two voicings may be one matter: of two wants of one account 2.5 % lie above, of voicings of one
want 32 % (development calls, 2026-11-26)."""

MOST_TOLD = 300
"""Verdicts that are compared: some milliseconds, and their words stay within what the encoder remembers."""

MAX_RANKED = 20
Ranked = dict[ItemKind, tuple[tuple[str, float], ...]]
"""Items of each kind with their score, best first."""
MAX_EVIDENCE_CHARS = 240


def features(query: Query, candidate: Candidate) -> dict[str, float]:
    """Return the numbers that the calibration weighs."""
    rival = candidate.item.competitor
    named = rival is not None and _is_meant(rival, query)
    return {
        "bias": 1.0,
        "cosine_utterance": candidate.cosine_utterance,
        "cosine_setting": candidate.cosine_setting,
        "cosine_text": candidate.cosine_text,
        "lead_utterance": candidate.lead_utterance,
        "lead_setting": candidate.lead_setting,
        "lead_text": candidate.lead_text,
        "overlap": candidate.overlap,
        "words_share": candidate.words_share,
        "rival_named": float(named),
        "rival_not_named": float(rival is not None and not named),
    }


def _is_meant(rival: str, query: Query) -> bool:
    if query.rivals is not None:
        return rival in query.rivals
    return names(" ".join((*query.context, query.utterance)), rival)


def score(query: Query, candidate: Candidate, told: float = 0.0) -> float:
    """Probability that a careful person would call the item about this very signal or closely related.

    Args:
        query: the signal.
        candidate: the item as the index measured it.
        told: what people said of this item for like words, see `told_of`.
    """
    known = sum(WEIGHTS[name] * value for name, value in features(query, candidate).items())
    return 1 / (1 + math.exp(-known - TOLD_WEIGHT * told))


def told_of(text: str, judged: Sequence[JudgedLink], encoder: Encoder) -> dict[LinkKey, float]:
    """What people's verdicts on links say of each item for these words, in [-1, 1].

    A verdict counts as far as its words are like these: not at all below `LIKE`, whole when they are the same. Of a
    great many the newest count, which come last.
    """
    newest = judged[-MOST_TOLD:]
    texts = list(dict.fromkeys(said for one in newest for said in one.texts))
    if not texts:
        return {}
    vectors = encoder.embed([text, *texts])
    near = dict(zip(texts, vectors[1:] @ vectors[0], strict=True))
    found: dict[LinkKey, float] = {}
    for one in newest:
        like = (max(float(near[said]) for said in one.texts) - LIKE) / (1 - LIKE)
        if like > abs(found.get(one.item, 0.0)):
            found[one.item] = like if one.right else -like
    return found


class Linker:
    """Decides links of a signal among candidates."""

    version = LINKER_VERSION

    def __init__(self, floor: float = FLOOR) -> None:
        self._floor = floor

    def decide(
        self, query: Query, found: Mapping[ItemKind, Sequence[Candidate]], told: Mapping[LinkKey, float] | None = None
    ) -> tuple[Link, ...]:
        """Return what to show: best first within each kind, at most five of a kind, nothing below the floor."""
        return tuple(
            self._link(query, candidate.item, probability)
            for kind in sorted(found, key=lambda kind: KIND_ORDER[kind])
            for candidate, probability in self._scored(query, found[kind], told or {})[:MAX_LINKS_OF_A_KIND]
            if probability >= self._floor
        )

    def ranked(
        self, query: Query, found: Mapping[ItemKind, Sequence[Candidate]], told: Mapping[LinkKey, float] | None = None
    ) -> Ranked:
        """Return the best twenty of each kind before abstention, higher is better."""
        return {
            kind: tuple(
                (name_of(candidate.item), probability)
                for candidate, probability in self._scored(query, candidates, told or {})[:MAX_RANKED]
            )
            for kind, candidates in found.items()
        }

    def _scored(
        self, query: Query, candidates: Sequence[Candidate], told: Mapping[LinkKey, float]
    ) -> list[tuple[Candidate, float]]:
        scored = [(candidate, score(query, candidate, told.get(_key(candidate.item), 0.0))) for candidate in candidates]
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
            updated_at=item.updated_at or item.created_at,
        )


def _key(item: Item) -> LinkKey:
    return item.kind, item.id, item.section


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
