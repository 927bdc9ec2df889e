"""Whether a new signal voices a need that its account has voiced before (pure).

Two nodes for one want are a nuisance, one node for two wants is wrong: when unsure, nothing is merged.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.encoder import Vectors
from graph.messages import NeedId
from graph.words import negated, numbers, stems
from intent.messages import Kind

MERGER_VERSION = "merger-1"

WEIGHTS: Mapping[str, float] = {"bias": 0.0}
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced:
    """One voicing of a want: its span's words, its setting (the turn before and the clause), and their vectors.

    text_vector, setting_vector: Shape: (384,), float32, length one.
    """

    kind: Kind
    type: str
    text: str
    setting: str
    text_vector: Vectors
    setting_vector: Vectors


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


def features(new: Voiced, known: Voiced) -> dict[str, float]:
    """Return the numbers that the calibration weighs."""
    ours, theirs = set(stems(new.text)), set(stems(known.text))
    either = ours | theirs
    return {
        "bias": 1.0,
        "cosine_text": float(new.text_vector @ known.text_vector),
        "cosine_setting": float(new.setting_vector @ known.setting_vector),
        "same_type": float(new.type == known.type),
        "shared_words": len(ours & theirs) / len(either) if either else 0.0,
        "one_sided_words": min(len(ours - theirs), len(theirs - ours), 3) / 3,
        "numbers_differ": float(numbers(new.text) != numbers(known.text)),
        "negation_differs": float(negated(new.text) != negated(known.text)),
        "nothing_said": float(not ours or not theirs),
    }


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
