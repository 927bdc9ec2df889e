"""Searches by words alone, beside which the linker is measured: BM25 and TF-IDF over the same stems (pure)."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from graph.words import stems

K1, B = 1.2, 0.75
"""Robertson and Zaragoza 2009, the usual values."""


class Bm25:
    """Okapi BM25."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the words of the texts."""
        self._counts = [Counter(stems(text)) for text in texts]
        self._holders = _holders(self._counts)
        lengths = np.array([count.total() for count in self._counts])
        self._norms = K1 * (1 - B + B * lengths / max(1.0, lengths.mean()))

    def best(self, query: str, count: int) -> list[int]:
        """Places of the best texts, best first."""
        scores = np.zeros(len(self._counts))
        for word in set(stems(query)):
            held = self._holders[word]
            rarity = math.log(1 + (len(scores) - len(held) + 0.5) / (len(held) + 0.5))
            for place in held:
                times = self._counts[place][word]
                scores[place] += rarity * times * (K1 + 1) / (times + self._norms[place])
        return [int(place) for place in np.argsort(-scores, kind="stable")[:count]]


class TfIdf:
    """Cosine of log frequency times inverse document frequency."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Weigh the words of the texts."""
        counts = [Counter(stems(text)) for text in texts]
        self._holders = _holders(counts)
        self._size = len(counts)
        self._weights = [self._weighed(count) for count in counts]

    def best(self, query: str, count: int) -> list[int]:
        """Places of the best texts, best first."""
        scores = np.zeros(self._size)
        for word, weight in self._weighed(Counter(stems(query))).items():
            for place in self._holders.get(word, ()):
                scores[place] += weight * self._weights[place][word]
        return [int(place) for place in np.argsort(-scores, kind="stable")[:count]]

    def _weighed(self, counts: Counter[str]) -> dict[str, float]:
        rarity = {word: math.log((1 + self._size) / (1 + len(self._holders.get(word, ())))) + 1 for word in counts}
        made = {word: (1 + math.log(times)) * rarity[word] for word, times in counts.items()}
        length = math.sqrt(sum(one * one for one in made.values())) or 1.0
        return {word: one / length for word, one in made.items()}


def _holders(counts: Sequence[Counter[str]]) -> defaultdict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, held in enumerate(counts):
        for word in held:
            found[word].append(place)
    return found
