"""What partials showed before their final came (pure): since when each word stood, and how many were changed."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

Shown = tuple[float, Sequence[str]]
"""When it arrived, in seconds, and its normalised words."""


def standing_since(partials: Sequence[Shown], final: Shown) -> list[float]:
    """For each word of the final: arrival of the first partial that shows it, when all later ones keep it.

    A word that no partial showed, or that the last one had lost, stands since the final.
    """
    arrived_s, words = final
    since = [arrived_s] * len(words)
    standing = set(range(len(words)))
    for shown_s, partial in reversed(partials):
        standing &= _kept(words, partial)
        for place in standing:
            since[place] = shown_s
    return since


def changed_words(texts: Sequence[Sequence[str]]) -> int:
    """Words that a later text of the same utterance took back or replaced; words added at the end change nothing."""
    return sum(len(old) - len(_kept(old, new)) for old, new in pairwise(texts))


def _kept(words: Sequence[str], other: Sequence[str]) -> set[int]:
    """Places in `words` whose word the other text has too, in the same order."""
    blocks = SequenceMatcher(None, words, other, autojunk=False).get_matching_blocks()
    return {place for block in blocks for place in range(block.a, block.a + block.size)}
