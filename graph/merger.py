"""Whether a new signal voices a need that its account has voiced before.

Two nodes for one want are a nuisance, one node for two wants hides one of them: voicings that say the same of different
things are never merged, others when that is likely enough (`THRESHOLD`), and people can part what was joined.
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

MERGER_VERSION = "merger-3"

WEIGHTS: Mapping[str, float] = {
    "bias": -9.01,
    "cosine_text": 2.53,
    "cosine_setting": 2.44,
    "same_type": 5.09,
    "words_agree": 3.65,
}
"""Logistic regression, L2 0.3, no negative weights, on the voicings of 28 accounts (302 pairs of one want, 3,041 of
two) and 194 written pairs of `eval/development` (`python -m eval.development.fit`, 2026-11-26)."""

THRESHOLD = 0.35
"""On accounts left out of the fit, each with wants that look alike on purpose: 57 % of merged pairs are one want, 60 %
of those that are one are merged, B-cubed F1 .85 (.74 when nothing is merged). At .4 it is 61 and 49 %, .83; at .5 it
is 59 and 27 %; people can part and join needs by hand."""

SAME_WORDS = 0.3
"""From this share of common words on, another amount, name or direction makes another want. Below it people put one
want in other words, and "the EU" is no contradiction of "Europe": 36 of 302 pairs of one want in the development calls
name unequal things, one of them in so many common words."""

MOST_WORDS, UNMATCHED = 0.5, 0.45
"""Of voicings that share so many words and each have one that lies this far from all of the other's ("a text to the
patient", "a text to the dentist"), 48 are two wants and 27 are one in the development calls and pairs. Without the rule
twice as many of the written pairs that must not merge do: 24 of 88, 14 with it."""

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
        "cosine_text": float(text),
        "cosine_setting": float(setting),
        "same_type": float(new.type == known.type),
        "words_agree": words_agree(new, known),
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
    return float(max(np.mean(left) if left else 1.0 for left in _open(new, known)))


def _open(new: Voiced, known: Voiced) -> tuple[list[float], list[float]]:
    """For the words that only one side used, how near the nearest word of the other lies: ours, theirs."""
    near = new.word_vectors @ known.word_vectors.T
    ours, theirs = [stem(word) for word in new.words], [stem(word) for word in known.words]
    return (
        [float(best) for word, best in zip(ours, near.max(axis=1), strict=True) if word not in theirs],
        [float(best) for word, best in zip(theirs, near.max(axis=0), strict=True) if word not in ours],
    )


def likeness(new: Voiced, known: Voiced, weights: Mapping[str, float] = WEIGHTS) -> float:
    """Probability that two voicings are one want; 0 when they say the same of different things."""
    shared = _shared(new, known)
    if shared >= SAME_WORDS and contradicts(new.meaning, known.meaning):
        return 0.0
    if shared >= MOST_WORDS and _each_has_its_own(new, known):
        return 0.0
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in features(new, known).items())))


def _each_has_its_own(new: Voiced, known: Voiced) -> bool:
    return all(any(best < UNMATCHED for best in left) for left in _open(new, known))


def _shared(new: Voiced, known: Voiced) -> float:
    """Share of the shorter one's content words that the other has, too."""
    ours, theirs = {stem(word) for word in new.words}, {stem(word) for word in known.words}
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


class Merger:
    """Decides which need a signal belongs to."""

    version = MERGER_VERSION

    def __init__(self, threshold: float = THRESHOLD, weights: Mapping[str, float] = WEIGHTS) -> None:
        self._threshold = threshold
        self._weights = weights

    def decide(self, new: Voiced, known: Sequence[KnownNeed]) -> MergeChoice:
        """Choose the likeliest need of the same kind, or a new one."""
        scored = [
            (max(likeness(new, one, self._weights) for one in need.voiced if one.kind == new.kind), need.need_id)
            for need in known
            if any(one.kind == new.kind for one in need.voiced)
        ]
        best = max(scored, default=None)
        if best is None or best[0] < self._threshold:
            return MergeChoice(need_id=None, score=None)
        return MergeChoice(need_id=best[1], score=best[0])
