"""Intents from few examples: the encoder as it is, a linear model on its embeddings, blended with a bag of words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union

from finetune.intents.public import Said

Array = npt.NDArray[Any]

FLOOR_C, EMBEDDED_C = 30.0, 100.0
"""Inverse regularisation; the best of 1, 10, 30, 100 on one seed of BANKING77."""
EMBEDDED_SHARE = 0.6
"""Of the embeddings in the geometric mean with the bag of words; .5 to .7 were alike."""
HALF = 0.5
NEIGHBOUR, CHANCE_WEIGHT = 5, 0.1
"""In scope is what lies near its fifth neighbour and is sure of its class; both on one seed of CLINC150."""


@dataclass(frozen=True, slots=True)
class Guesses:
    """Chances of each class, by the bag of words alone and blended, and how surely a text is in scope at all.

    Shapes: floor and blended (texts, classes); in_scope, in_scope_floor (texts,).
    """

    classes: Array
    floor: Array
    blended: Array
    in_scope: Array
    in_scope_floor: Array


def guess(
    learnt: Sequence[str], classes: Sequence[str], asked: Sequence[str], learnt_vectors: Array, asked_vectors: Array
) -> Guesses:
    """Learn from some texts and classify others; embeddings of both have length 1."""
    words, asked_words = bag_of_words(learnt, asked)
    floor, names = _chances(words, classes, asked_words, FLOOR_C)
    embedded, _ = _chances(learnt_vectors, classes, asked_vectors, EMBEDDED_C)
    blended = embedded**EMBEDDED_SHARE * floor ** (1 - EMBEDDED_SHARE)
    near = np.partition(asked_vectors @ learnt_vectors.T, -NEIGHBOUR, axis=1)[:, -NEIGHBOUR]
    sure = np.log((floor * embedded).max(axis=1))
    return Guesses(names, floor, blended, near + CHANCE_WEIGHT * sure, floor.max(axis=1))


def several(said: Sequence[Said], vectors: Array, learnt: Sequence[int], asked: Sequence[int]) -> tuple[float, float]:
    """Micro F1 where a text may hold several intents or none: of the bag of words alone, and blended."""
    names = sorted({name for number in learnt for name in said[number].intents})
    words, asked_words = bag_of_words([said[n].text for n in learnt], [said[n].text for n in asked])
    right, given = np.zeros(2), np.zeros(2)
    total = sum(len(said[n].intents) for n in asked)
    for name in names:
        wanted = np.array([name in said[n].intents for n in learnt])
        truth = np.array([name in said[n].intents for n in asked])
        if wanted.all():
            continue
        floor = _chances(words, wanted, asked_words, FLOOR_C)[0][:, 1]
        embedded = _chances(vectors[list(learnt)], wanted, vectors[list(asked)], EMBEDDED_C)[0][:, 1]
        for number, chance in enumerate((floor, embedded**EMBEDDED_SHARE * floor ** (1 - EMBEDDED_SHARE))):
            found = chance >= HALF
            right[number] += (found & truth).sum()
            given[number] += found.sum()
    floor_f1, blended_f1 = 2 * right / (given + total)
    return float(floor_f1), float(blended_f1)


def bag_of_words(learnt: Sequence[str], asked: Sequence[str]) -> tuple[Any, Any]:
    """TF-IDF of words and of characters: the floor's features of both."""
    union: Any = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
    )
    return union.fit_transform(learnt), union.transform(asked)


def _chances(features: Any, classes: Any, asked: Any, inverse: float) -> tuple[Array, Array]:  # noqa: ANN401 - sparse or dense
    model = LogisticRegression(C=inverse, max_iter=300)
    model.fit(features, classes)
    return model.predict_proba(asked), model.classes_
