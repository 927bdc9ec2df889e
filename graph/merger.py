"""Whether a new signal voices a need that its account has voiced before.

Two nodes for one want are a nuisance, one node for two wants is wrong: when unsure, nothing is merged.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graph.candidates import Query
from graph.encoder import Encoder, Vectors
from graph.messages import NeedId
from graph.words import NUMBER_WORDS, STOP_WORDS, opposed, proper_names, quantities, stem, words
from intent.messages import Kind

MERGER_VERSION = "merger-1"

WEIGHTS: Mapping[str, float] = {"bias": -5.30, "cosine": 1.78, "same_type": 2.95, "words_agree": 4.03}
"""Logistic regression, L2 0.3, no negative weights, on 194 pairs of `eval/development` and 2,376 of unrelated wants
(`python -m eval.development.fit`, 2026-11-25, MiniLM-L6 fp32)."""

THRESHOLD = 0.71
"""Lowest that merges at most 2 % of left-out pairs that are two wants: 1 of 88 written to be mistaken for one, 1 of
2,376 unrelated ones; it merges 24 % of those that are one, nearly all that repeat their words and few that do not."""

PARTICLES = frozenset(("down", "off", "out", "up", "before", "after", "without"))
"""Small words that carry the want: a cloud that was down is not one that was hacked."""

ASSENT_WORDS = """
absolutely definitely exactly course true important essential necessary great good must need needed matter problem
point issue question deal breaker use used useful day help show sign work please
"""
ASSENT = frozenset(stem(word) for word in ASSENT_WORDS.split())
"""What people say to agree; a voicing of nothing but these means what was asked."""

POINTING = frozenset(("that", "that's", "those", "one", "ones"))
MAX_POINTING_WORDS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced:
    """One voicing of a want; `voiced` makes it.

    text: its span's words. setting: the turn before and the clause. meaning: the span's words or, for a short answer
    that only agrees, the question before it.
    text_vector, setting_vector: the meaning's and the setting's vector. Shape: (384,), float32, length one.
    words, word_vectors: content words of the meaning. Shape: (words, 384), float32.
    """

    kind: Kind
    type: str
    text: str
    setting: str
    text_vector: Vectors
    setting_vector: Vectors
    meaning: str
    words: tuple[str, ...]
    word_vectors: Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNeed:
    """A need of the account with its voicings so far."""

    need_id: NeedId
    voiced: tuple[Voiced, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeChoice:
    """The need a signal belongs to and how likely; None for a new need."""

    need_id: NeedId | None
    score: float | None


def voiced(query: Query, encoder: Encoder) -> Voiced:
    """Measure a voicing. Words come again and again, so an encoder that remembers (`Remembered`) saves most work."""
    meaning = meant(query)
    held = content(meaning)
    vectors = encoder.embed([meaning, query.setting, *held])
    return Voiced(
        kind=query.kind,
        type=query.type,
        text=query.text,
        setting=query.setting,
        text_vector=vectors[0],
        setting_vector=vectors[1],
        meaning=meaning,
        words=held,
        word_vectors=vectors[2:],
    )


def meant(query: Query) -> str:
    """Return the words that say the want: "yes, that one is a must" means the question before it."""
    if not query.context:
        return query.text
    said = words(query.text)
    left = [word for word in content(query.text) if stem(word) not in ASSENT]
    points = len(left) <= 1 and len(said) <= MAX_POINTING_WORDS and any(word in POINTING for word in said)
    return query.context[-1] if points or not left else query.text


def content(text: str) -> tuple[str, ...]:
    """Return a text's content words, each once, with the particles and numbers that carry a want."""
    kept = (word for word in words(text) if word not in STOP_WORDS or word in PARTICLES or word in NUMBER_WORDS)
    return tuple(dict.fromkeys(kept))


def features(new: Voiced, known: Voiced) -> dict[str, float]:
    """Return the numbers that the calibration weighs."""
    text, setting = new.text_vector @ known.text_vector, new.setting_vector @ known.setting_vector
    return {
        "bias": 1.0,
        "cosine": float(text + setting) / 2,
        "same_type": float(new.type == known.type),
        "words_agree": 0.0 if contradicts(new.meaning, known.meaning) else words_agree(new, known),
    }


def contradicts(one: str, other: str) -> bool:
    """Tell whether both texts name amounts, names or directions, and they are not the same ones."""
    ours, theirs = quantities(one), quantities(other)
    our_names, their_names = proper_names(one), proper_names(other)
    amounts = bool(ours and theirs) and not (ours <= theirs or theirs <= ours)
    return amounts or (bool(our_names and their_names) and not our_names & their_names) or opposed(one, other)


def words_agree(new: Voiced, known: Voiced) -> float:
    """Say how near the words that only one side used are to words of the other, in [-1, 1].

    Taken from the side that leaves less open, since a second voicing is often shorter; 1.0 when one side's words are
    all among the other's, 0.0 when a side has none.
    """
    if not new.words or not known.words:
        return 0.0
    near = new.word_vectors @ known.word_vectors.T
    ours, theirs = [stem(word) for word in new.words], [stem(word) for word in known.words]
    open_ours = [best for word, best in zip(ours, near.max(axis=1), strict=True) if word not in theirs]
    open_theirs = [best for word, best in zip(theirs, near.max(axis=0), strict=True) if word not in ours]
    return float(max(np.mean(left) if left else 1.0 for left in (open_ours, open_theirs)))


def likeness(new: Voiced, known: Voiced) -> float:
    """Probability that two voicings are one want."""
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in features(new, known).items())))


class Merger:
    """Decides which need a signal belongs to."""

    version = MERGER_VERSION

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self._threshold = threshold

    def decide(self, new: Voiced, known: Sequence[KnownNeed]) -> MergeChoice:
        """Choose the likeliest need of the same kind, or a new one."""
        scored = [
            (max(likeness(new, one) for one in need.voiced if one.kind == new.kind), need.need_id)
            for need in known
            if any(one.kind == new.kind for one in need.voiced)
        ]
        best = max(scored, default=None)
        if best is None or best[0] < self._threshold:
            return MergeChoice(need_id=None, score=None)
        return MergeChoice(need_id=best[1], score=best[0])
