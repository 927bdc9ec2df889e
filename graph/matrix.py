"""Search by meaning: every item's passages in one matrix (pure).

Up to some ten thousand passages all are compared. Beyond, a coarse look at a part of the dimensions leaves few enough
to be compared exactly: with 100,000 passages the memory is read in a quarter of the time.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from graph.encoder import DIMENSIONS, Vectors

Places = npt.NDArray[np.int64]

COARSE_FROM = 8_000
"""Passages from which on a search looks coarsely first: comparing all of so many takes 2 ms (one thread, 2026-11)."""

COARSE_DIMENSIONS, COARSE_LEFT = 80, 700
"""Dimensions of the coarse look, those in which the passages differ most, and how many passages it leaves for each
query. Of the twenty nearest of 100,000 it loses one in a hundred; 96 and 600 lose half as many and take 2 ms longer, 64
and 800 lose twice as many (`eval search`, 2026-11-26)."""

SAMPLED = 5_000
"""Passages that the dimensions are taken from."""


@dataclass(frozen=True, slots=True)
class Near:
    """Items near some queries, with how near each is to each.

    numbers: Shape: (items,), rising. scores: likeness of the nearest passage. Shape: (queries, items), float32.
    """

    numbers: Places
    scores: Vectors

    @property
    def leads(self) -> Vectors:
        """By how much each item is nearer than the nearest other. Shape: (queries, items)."""
        if self.scores.shape[1] < 2:
            return np.zeros_like(self.scores)
        two = np.partition(self.scores, -2, axis=1)[:, -2:]
        second, first = two.min(axis=1, keepdims=True), two.max(axis=1, keepdims=True)
        return self.scores - np.where(self.scores == first, second, first)

    def best(self, query: int, count: int) -> list[int]:
        """Numbers of the items nearest to one query, nearest first."""
        return [int(self.numbers[place]) for place in _nearest(self.scores[query], count)]

    def place(self, number: int) -> int | None:
        """Column of an item in `scores`; None for one that was not compared."""
        place = int(np.searchsorted(self.numbers, number))
        return place if place < len(self.numbers) and self.numbers[place] == number else None


class Matrix:
    """Vectors of the items of one kind.

    Args:
        numbers: The items' numbers, rising. Shape: (items,).
        counts: How many passages each has, at least one. Shape: (items,).
        vectors: All passages, item after item. Shape: (passages, 384), float32.
        coarse_from: Passages from which on a search looks coarsely first.
    """

    def __init__(self, numbers: Places, counts: Places, vectors: Vectors, coarse_from: int = COARSE_FROM) -> None:
        self._numbers = numbers
        self._counts = counts
        self._starts = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
        self._vectors = vectors
        self._is_large = len(vectors) >= coarse_from

    def __len__(self) -> int:
        return len(self._numbers)

    def near(self, asked: Vectors, also: Collection[int] = ()) -> Near:
        """Compare queries with the items that may be nearest.

        Args:
            asked: Shape: (queries, 384).
            also: Numbers of items to compare in any case; those not held are passed over.
        """
        if not len(self):
            return Near(self._numbers, np.zeros((len(asked), 0), np.float32))
        if not self._is_large:
            return Near(self._numbers, np.maximum.reduceat(_likeness(asked, self._vectors), self._starts, axis=1))
        items = np.union1d(self._coarsely(asked), self._places(also))
        counts = self._counts[items]
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        # The passages of these items: each item's first one, counted on for as many as it has.
        passages = np.repeat(self._starts[items] - starts, counts) + np.arange(counts.sum())
        return Near(
            self._numbers[items], np.maximum.reduceat(_likeness(asked, self._vectors[passages]), starts, axis=1)
        )

    def _coarsely(self, asked: Vectors) -> Places:
        basis, coarse = self._coarse
        scores = _likeness(asked @ basis, coarse)
        passages = np.unique(np.concatenate([_most(row, COARSE_LEFT) for row in scores]))
        return np.unique(np.searchsorted(self._starts, passages, side="right") - 1)

    def _places(self, numbers: Collection[int]) -> Places:
        wanted = np.array(sorted(numbers), np.int64)
        places = np.searchsorted(self._numbers, wanted)
        there = places < len(self)
        return places[there][self._numbers[places[there]] == wanted[there]]

    @cached_property
    def _coarse(self) -> tuple[Vectors, Vectors]:
        """The dimensions in which the passages differ most, and the passages in them."""
        sample = self._vectors[:: max(1, len(self._vectors) // SAMPLED)]
        _, directions = np.linalg.eigh(sample.T @ sample)
        basis = np.ascontiguousarray(directions[:, -COARSE_DIMENSIONS:])
        return basis, self._vectors @ basis


def stacked(rows: Iterable[tuple[int, bytes]]) -> Matrix:
    """Make the matrix of stored rows: an item's number and its passages as float32 bytes."""
    numbers: list[int] = []
    counts: list[int] = []
    parts: list[bytes] = []
    for number, stored in rows:
        numbers.append(number)
        counts.append(len(stored) // (DIMENSIONS * 4))
        parts.append(stored)
    vectors = np.frombuffer(b"".join(parts), np.float32).reshape(-1, DIMENSIONS)
    return Matrix(np.array(numbers, np.int64), np.array(counts, np.int64), vectors)


def _likeness(asked: Vectors, held: Vectors) -> Vectors:
    """Products of queries and passages. Shape: (queries, passages)."""
    # This way round a few queries take half to a third of the time (OpenBLAS, one thread, 2026-11).
    return np.ascontiguousarray((held @ asked.T).T)


def _most(scores: npt.NDArray[np.float32], count: int) -> Places:
    """Places of the highest scores, in any order."""
    return np.argpartition(scores, -count)[-count:] if len(scores) > count else np.arange(len(scores))


def _nearest(scores: npt.NDArray[np.float32], count: int) -> Places:
    places = _most(scores, count)
    return places[np.argsort(-scores[places], kind="stable")]
