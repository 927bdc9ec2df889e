"""Exact search by meaning: every item's passages in one matrix (pure)."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from graph.encoder import DIMENSIONS, Vectors


class Matrix:
    """Vectors of the items of one kind.

    Args:
        numbers: The items' numbers, rising. Shape: (items,).
        counts: How many passages each has, at least one. Shape: (items,).
        vectors: All passages, item after item. Shape: (passages, 384), float32.
    """

    def __init__(self, numbers: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], vectors: Vectors) -> None:
        self._numbers = numbers
        self._starts = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
        self._vectors = vectors
        self._places = {int(number): place for place, number in enumerate(numbers)}

    def __len__(self) -> int:
        return len(self._numbers)

    def scores(self, asked: Vectors) -> Vectors:
        """Likeness of each item's nearest passage. asked: Shape: (queries, 384). Returns shape: (queries, items)."""
        if not len(self):
            return np.zeros((len(asked), 0), np.float32)
        return np.maximum.reduceat(asked @ self._vectors.T, self._starts, axis=1)

    @staticmethod
    def leads(scores: Vectors) -> Vectors:
        """By how much each item is nearer than the nearest other. scores and result: Shape: (queries, items)."""
        if scores.shape[1] < 2:
            return np.zeros_like(scores)
        two = np.partition(scores, -2, axis=1)[:, -2:]
        second, first = two.min(axis=1, keepdims=True), two.max(axis=1, keepdims=True)
        return scores - np.where(scores == first, second, first)

    def best(self, scores: npt.NDArray[np.float32], count: int) -> list[int]:
        """Numbers of the best items, best first. scores: Shape: (items,)."""
        if len(scores) > count:
            nearest = np.argpartition(-scores, count)[:count]
            nearest = nearest[np.argsort(-scores[nearest], kind="stable")]
        else:
            nearest = np.argsort(-scores, kind="stable")
        return [int(number) for number in self._numbers[nearest]]

    def place(self, number: int) -> int | None:
        """Column of an item in `scores`; None for one that was added since."""
        return self._places.get(number)


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
