"""Fits what follows the needs of a call: `python -m finetune.life --models DIR`; writes `graph/life.npz`.

Learns from `eval/development/episodes.jsonl`; prints figures of episodes left out of the fit (`needgraph eval graph`
has those of the test part). The second model learns from what the first says of turns that it did not learn from. Needs
the extra `train`.
"""

import argparse
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.development.lives import Moment, figures, moments
from eval.development.material import DEVELOPMENT, linking_encoder, rows
from eval.report import table
from finetune.candidate import require_extra
from graph.encoder import Encoder
from graph.life import HAPPENINGS, THRESHOLD, Happening, Life, Weights, nearness, turn_features
from ingest.messages import Role

FOLDS = 5
TURN_C, WANT_C = 10.0, 1.0
"""Inverse penalties; 3 and 30 were no better for turns."""
HEAD = ("fold", "there", "said", "precision", "recall")

Numbers = npt.NDArray[np.float32]


def fit(learnt: Sequence[Moment], encoder: Encoder) -> Weights:
    """Both models, from these moments."""
    folds = np.array([_fold(one) for one in learnt])
    features = np.stack([turn_features(one.heard, encoder) for one in learnt])
    turns: dict[Role, Numbers] = {}
    wants: dict[Happening, Numbers] = {}
    for role, happenings in HAPPENINGS.items():
        mine = np.array([one.heard.role == role for one in learnt])
        labels = np.array([_label(one, happenings) for one in learnt])
        turns[role] = _linear(features[mine], labels[mine], len(happenings))
        odds = np.zeros((len(learnt), len(happenings)), np.float32)
        for fold in range(FOLDS):
            known, left = mine & (folds != fold), mine & (folds == fold)
            scores = with_ones(features[left]) @ _linear(features[known], labels[known], len(happenings)).T
            odds[left] = scores[:, 1:] - scores[:, :1]
        for number, happening in enumerate(happenings):
            wants[happening] = _of_wants(learnt, np.flatnonzero(mine), odds[:, number], happening, encoder)
    return Weights(turns, wants)


def _fold(moment: Moment) -> int:
    return zlib.crc32(moment.episode.encode()) % FOLDS


def with_ones(features: Numbers) -> Numbers:
    """Rows of features with the intercept's column."""
    return np.concatenate([features, np.ones((len(features), 1), np.float32)], axis=1)


def _of_wants(
    learnt: Sequence[Moment],
    places: Sequence[int] | npt.NDArray[np.int64],
    odds: Numbers,
    of: Happening,
    encoder: Encoder,
) -> Numbers:
    from sklearn.linear_model import LogisticRegression

    values: list[Numbers] = []
    labels: list[bool] = []
    for place in places:
        one = learnt[place]
        for want, near in zip(one.wants, nearness(one.heard, one.wants, encoder), strict=True):
            values.append(np.append(odds[place], near))
            labels.append(one.happened.get(want.need_id) == of)
    model = LogisticRegression(C=WANT_C, max_iter=1000).fit(np.stack(values), labels)
    return np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)


def _linear(features: Numbers, labels: npt.NDArray[np.int64], happenings: int) -> Numbers:
    """Rows of a softmax: nothing, then each happening. Shape: (1 + happenings, features + 1)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=TURN_C, max_iter=1000).fit(features, labels)
    weights = np.concatenate([model.coef_, model.intercept_[:, None]], axis=1).astype(np.float32)
    # Of two classes scikit-learn keeps one row, which speaks for the second.
    return np.concatenate([np.zeros_like(weights), weights]) if happenings == 1 else weights


def _label(moment: Moment, happenings: Sequence[Happening]) -> int:
    found = [happenings.index(one) + 1 for one in moment.happened.values() if one in happenings]
    return found[0] if found else 0


def main() -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    given = parser.parse_args()
    require_extra()
    encoder = linking_encoder(given.models)
    learnt = list(moments(rows(DEVELOPMENT / "episodes.jsonl")))
    left_out: list[tuple[object, ...]] = []
    for fold in range(FOLDS):
        known = [one for one in learnt if _fold(one) != fold]
        left = [one for one in learnt if _fold(one) == fold]
        left_out.append(
            (fold, *(round(one, 3) for one in figures(left, Life(encoder, fit(known, encoder)))["all"].values()))
        )
    weights = fit(learnt, encoder)
    held: dict[str, Any] = {f"turns.{role}": one.astype(np.float16) for role, one in weights.turns.items()}
    held |= {f"wants.{happening}": one for happening, one in weights.wants.items()}
    np.savez_compressed(Path(__file__).parents[1] / "graph" / "life.npz", **held)
    print(f"{len(learnt)} turns, threshold {THRESHOLD}")  # noqa: T201 - a script's result
    print(table(HEAD, left_out))  # noqa: T201


if __name__ == "__main__":
    main()
