"""Measures, pure: percentiles, word errors, and how found signals match scripted ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

import jiwer


class Normaliser(Protocol):
    """Text → words that differ only where the wording differs."""

    def __call__(self, text: str) -> str:
        """Normalise one text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """p50 and p95 of `n` values in milliseconds; None where there are none."""

    p50: int | None
    p95: int | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordErrors:
    """Counts over all texts compared; `rate` is (substitutions + deletions + insertions) / words."""

    words: int
    substitutions: int
    deletions: int
    insertions: int

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(
            words=self.words + other.words,
            substitutions=self.substitutions + other.substitutions,
            deletions=self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
        )

    @property
    def rate(self) -> float | None:
        """Word error rate; None without reference words."""
        if not self.words:
            return None
        return round((self.substitutions + self.deletions + self.insertions) / self.words, 4)


def percentiles(values_ms: Iterable[float]) -> Percentiles:
    """p50 and p95 by nearest rank."""
    ordered = sorted(values_ms)
    if not ordered:
        return Percentiles(p50=None, p95=None, n=0)

    def rank(share: float) -> int:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))])

    return Percentiles(p50=rank(0.5), p95=rank(0.95), n=len(ordered))


def word_errors(pairs: Sequence[tuple[str, str]], language: str | None = "en") -> WordErrors:
    """Pool the errors of (reference, hypothesis) pairs after Whisper's normaliser for the language on both sides."""
    normalise = normaliser(language)
    references, hypotheses = [], []
    insertions = 0
    for reference, hypothesis in pairs:
        wanted, found = normalise(reference).strip(), normalise(hypothesis).strip()
        if wanted:
            references.append(wanted)
            hypotheses.append(found)
        else:
            insertions += len(found.split())
    if not references:
        return WordErrors(words=0, substitutions=0, deletions=0, insertions=insertions)
    counts = jiwer.process_words(references, hypotheses)
    return WordErrors(
        words=counts.hits + counts.substitutions + counts.deletions,
        substitutions=counts.substitutions,
        deletions=counts.deletions,
        insertions=counts.insertions + insertions,
    )


def normaliser(language: str | None) -> Normaliser:
    """Whisper's normaliser: the English one also evens out spelling, numbers and contractions."""
    return _english() if language == "en" else _basic()


@cache
def _english() -> Normaliser:
    from whisper_normalizer.english import EnglishTextNormalizer

    return cast("Normaliser", EnglishTextNormalizer())


@cache
def _basic() -> Normaliser:
    from whisper_normalizer.basic import BasicTextNormalizer

    return cast("Normaliser", BasicTextNormalizer())
