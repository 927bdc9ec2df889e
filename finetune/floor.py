"""The floor: what a bag of words knows. TF-IDF and logistic regression on the same turns; no spans, no strengths.

Stands beside every figure of an adapter: a model that does not beat it has learnt nothing about language.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline, make_union

from eval.signals.labelled import Example
from eval.signals.tally import Read
from intent.bag import Grams, WordBag
from intent.labels import LabelSet
from intent.messages import Span
from intent.spans import Finding

THRESHOLDS = np.arange(0.1, 0.9, 0.05)
CHARACTERS, LEAST_TURNS = (2, 4), 2
LEAST_WEIGHT = 0.25
"""Largest weight of a feature over all types, with its document frequency, below which serving does without it."""
REGULARISATION = 3.0
"""The best of 1, 3, 10 and 30 on the development calls."""


class Floor:
    """Words and characters of a turn, without the turns before it."""

    def __init__(self, labels: LabelSet) -> None:
        """Untrained."""
        self._labels = labels
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=LEAST_TURNS, sublinear_tf=True)
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=CHARACTERS, min_df=LEAST_TURNS, sublinear_tf=True)
        regression = LogisticRegression(C=REGULARISATION, class_weight="balanced", max_iter=1_000)
        self._model: Any = make_pipeline(make_union(words, characters), OneVsRestClassifier(regression))
        self._threshold = 0.5
        self._known = np.zeros(len(labels.types), dtype=bool)

    def fit(self, learnt: Sequence[Example], development: Sequence[Example]) -> None:
        """Learn, then choose the threshold with the best F1 over all types of the development turns."""
        wanted = self._wanted(learnt)
        # A type without an example is never found.
        self._known = wanted.any(axis=0)
        self._model.fit([one.turn.text for one in learnt], wanted[:, self._known])
        chances, there = self._chances(development), self._wanted(development)
        self._threshold = float(max(THRESHOLDS, key=lambda threshold: f1_of(chances >= threshold, there)))

    def read(self, turns: Sequence[Example]) -> Read:
        """Types of each turn; a finding covers the whole turn."""
        return [self._findings(one, row) for one, row in zip(turns, self._chances(turns), strict=True)]

    def logits(self, turns: Sequence[Example]) -> Any:  # noqa: ANN401 - scikit-learn ships no types
        """Log odds of each type; of one that was never seen, minus infinity. Shape: (turns, types)."""
        chances = self._chances(turns)
        with np.errstate(divide="ignore"):
            return np.log(chances) - np.log1p(-chances)

    def bag(self) -> WordBag:
        """What was learnt, for serving: features that hardly weigh are left out. Every type must have had examples."""
        union, classifier = self._model[0], self._model[1]
        weights = np.concatenate([one.coef_ for one in classifier.estimators_], axis=0).T
        biases = np.concatenate([one.intercept_ for one in classifier.estimators_])
        kept: list[tuple[list[str], Any, Any]] = []
        start = 0
        for _, vectorizer in union.transformer_list:
            names, idf = vectorizer.get_feature_names_out(), vectorizer.idf_
            own = weights[start : start + len(names)]
            start += len(names)
            # A feature with a line break cannot be one line of the file.
            places = [
                place
                for place in np.flatnonzero(np.abs(own).max(axis=1) * idf >= LEAST_WEIGHT)
                if "\n" not in names[place]
            ]
            kept.append(([str(names[place]) for place in places], idf[places], own[places]))
        words, characters = (
            Grams({name: number for number, name in enumerate(names)}, idf.astype(np.float32)) for names, idf, _ in kept
        )
        return WordBag(
            self._labels.names,
            words,
            characters,
            np.concatenate([own for _, _, own in kept]).astype(np.float32),
            biases.astype(np.float32),
        )

    def _findings(self, example: Example, chances: Sequence[float]) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                kind=label.kind,
                type=label.type,
                span=Span(start=0, end=len(example.turn.text)),
                strength=2,
                confidence=float(chance),
            )
            for label, chance in zip(self._labels.types, chances, strict=True)
            if chance >= self._threshold
        )

    def _chances(self, turns: Sequence[Example]) -> Any:  # noqa: ANN401 - scikit-learn ships no types
        chances = np.zeros((len(turns), len(self._known)))
        chances[:, self._known] = self._model.predict_proba([one.turn.text for one in turns])
        return chances

    def _wanted(self, turns: Sequence[Example]) -> Any:  # noqa: ANN401 - scikit-learn ships no types
        return np.array(
            [[name in {label.type for label in one.labels} for name in self._labels.names] for one in turns]
        )


def f1_of(shown: Any, wanted: Any) -> float:  # noqa: ANN401 - scikit-learn ships no types
    """F1 of what was found; 0 where nothing was to find and nothing was found."""
    hits = float((shown & wanted).sum())
    return 2 * hits / max(1.0, float(shown.sum() + wanted.sum()))
