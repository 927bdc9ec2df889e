"""A rare kind of utterance, found by the model that reads signals: LoRA on the encoder, with the turn before."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from eval.signals.labelled import Example, Label
from finetune.config import RunConfig
from finetune.floor import f1_of
from finetune.intents.frozen import bag_of_words
from finetune.intents.public import Said
from intent.encode import ContextTurn, Turn
from intent.labels import LabelSet, LabelType
from intent.messages import Span

if TYPE_CHECKING:
    from finetune.train import Progress

Scores = npt.NDArray[np.float64]

FLOOR_C = 3.0
THRESHOLDS = np.linspace(0.02, 0.98, 97)
INNER_SHARE = 0.15
"""Of the dialogues that are learnt from: only to choose the threshold on."""


@dataclass(frozen=True, slots=True)
class Found:
    """For each text asked about and each intent: was it found by the bag of words, by the model?

    Shapes: (texts, intents), bool.
    """

    floor: npt.NDArray[np.bool_]
    model: npt.NDArray[np.bool_]


def find(  # noqa: PLR0913 - a run has its facts
    models_dir: Path,
    config: RunConfig,
    intents: Sequence[str],
    learnt: Sequence[Said],
    asked: Sequence[Said],
    quiet_kept: int,
    progress: "Progress",
) -> Found:
    """Learn some intents from dialogues and find them in others.

    Args:
        models_dir: where the base weights lie.
        config: the recipe.
        intents: to find; each on its own.
        learnt: texts to learn from; thresholds are chosen on a part of their dialogues that nothing is learnt from.
        asked: texts to find them in.
        quiet_kept: so many of the learnt texts without any of the intents are kept.
        progress: told of the share done.
    """
    from finetune.train import Trainer

    source = random.Random(config.seed)
    groups = sorted({one.group for one in learnt})
    source.shuffle(groups)
    inner = set(groups[: round(len(groups) * INNER_SHARE)])
    chosen_on = [one for one in learnt if one.group in inner]
    used = _thinned([one for one in learnt if one.group not in inner], intents, quiet_kept, source)
    labels = LabelSet("public", tuple(LabelType(type=name, kind="need", title=name, hint="") for name in intents))
    trainer = Trainer(models_dir, labels, config)
    trainer.fit([_example(one, intents) for one in used], config.epochs, progress)
    read = [np.array([pooled for _, pooled in trainer.logits(list(map(_turn, of)))]) for of in (chosen_on, asked)]
    model = [1 / (1 + np.exp(-logits)) for logits in read]
    floor = _floor(used, chosen_on, asked, intents)
    wanted = _wanted(chosen_on, intents)
    return Found(floor=_cut(*floor, wanted), model=_cut(model[0], model[1], wanted))


def _thinned(learnt: Sequence[Said], intents: Sequence[str], quiet_kept: int, source: random.Random) -> list[Said]:
    holding = [one for one in learnt if one.intents & set(intents)]
    others = [one for one in learnt if not one.intents & set(intents)]
    return [*holding, *source.sample(others, min(quiet_kept, len(others)))]


def _floor(
    used: Sequence[Said], chosen_on: Sequence[Said], asked: Sequence[Said], intents: Sequence[str]
) -> tuple[Scores, Scores]:
    words, others = bag_of_words([one.text for one in used], [one.text for one in (*chosen_on, *asked)])
    columns: list[Any] = []
    for name in intents:
        model = LogisticRegression(C=FLOOR_C, class_weight="balanced", max_iter=300)
        model.fit(words, [name in one.intents for one in used])
        columns.append(model.predict_proba(others)[:, 1])
    scores = np.stack(columns, axis=1)
    return scores[: len(chosen_on)], scores[len(chosen_on) :]


def _cut(inner: Scores, asked: Scores, wanted: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Cut each intent's scores where its F1 on the inner part is best."""
    best = [
        max(THRESHOLDS, key=lambda cut, column=column: f1_of(inner[:, column] >= cut, wanted[:, column]))
        for column in range(inner.shape[1])
    ]
    return asked >= np.array(best)


def _wanted(said: Sequence[Said], intents: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.array([[name in one.intents for name in intents] for one in said])


def _turn(said: Said) -> Turn:
    return Turn(said.text, (ContextTurn("rep", said.before),) if said.before else ())


def _example(said: Said, intents: Sequence[str]) -> Example:
    whole = Span(start=0, end=len(said.text))
    labels = tuple(Label("need", name, whole, 2) for name in intents if name in said.intents)
    return Example(said.group, _turn(said), labels)
