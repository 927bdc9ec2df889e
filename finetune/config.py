"""A run file: everything that decides what a training run makes, besides the data."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from finetune.errors import BadRunFileError

Updates = Literal["none", "query_value", "attention", "all"]
SpanHead = Literal["tags", "edges"]


class RunConfig(BaseModel):
    """Recipe of a run; the defaults made the shipped adapter.

    updates: which linear layers learn; `none` leaves the encoder frozen (compared in `finetune/README.md`).
    rank, alpha, dropout, learning_rate: the pilot's recipe with half its rank, so that the file stays near a megabyte.
    noise: share of lines given a recogniser's look each epoch.
    token_weight, pooled_weight, strength_weight: parts of the loss; chosen on the development calls.
    positive_weight, token_positive_weight: a positive type or token counts this often, since most are negative.
    smoothing: how far targets of types stay from 0 and 1.
    span_head: `tags` says of each token whether it is inside; `edges` adds first and last tokens.
    layer_mix: the heads read a learnt mean of all layers.
    masked, without_context: share of the customer's tokens that are hidden, and of turns read without those before.
    averaged: of the steps, counted from the end, whose weights are averaged; the pace then stays level (as in SWA,
        Izmailov et al. 2018).
    contrastive_epochs: passes of a warm-up that draws turns of one type together.
    span_head edges and layer_mix are there to be compared; the serving graph has neither, so `export` refuses them.
    corpus_turns: of the shipped corpus mixed into a tenant's run, so that it forgets nothing; with own_epochs it bounds
        a tenant's run to about a minute on two quiet cores. One pass over much of it forgets less than three over a
        third.
    own_weight: how much more a tenant's own line counts than a corpus line.
    own_share, own_repeats: own lines are repeated until they make up this share of an epoch, at most so often: ten
        corrections among five hundred corpus lines would not be heard.
    own_learning_rate, own_head_learning_rate: a tenant's run goes on from a trained adapter; at 5e-4 and 1e-3 ten
        one-sided corrections already cost .03 type F1 on the held-out calls (2026-11-25).
    own_averaged: as `averaged`, in a tenant's run.
    own_step: share of the way from the default adapter that is kept at the end; at .6 a name taught ten times is read
        with a confidence of .5, at 1 with .9, and the held-out type F1 falls by .01 and .025 (2026-11-25).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 7
    updates: Updates = "all"
    rank: int = Field(default=8, ge=1, le=64)
    alpha: int = 16
    dropout: float = Field(default=0.1, ge=0, lt=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    head_learning_rate: float = Field(default=3e-3, gt=0)
    weight_decay: float = 0.01
    epochs: int = Field(default=8, ge=1)
    batch_size: int = Field(default=32, ge=1)
    warmup_share: float = 0.1
    noise: float = Field(default=0.35, ge=0, le=1)
    token_weight: float = 1.0
    pooled_weight: float = 1.0
    strength_weight: float = 0.3
    positive_weight: float = 3.0
    token_positive_weight: float = 2.0
    smoothing: float = Field(default=0.03, ge=0, lt=0.5)
    span_head: SpanHead = "tags"
    layer_mix: bool = False
    contrastive_epochs: int = Field(default=0, ge=0)
    masked: float = Field(default=0.1, ge=0, lt=1)
    without_context: float = Field(default=0.15, ge=0, lt=1)
    averaged: float = Field(default=0.0, ge=0, lt=1)
    corpus_turns: int = Field(default=1_000, ge=0)
    own_weight: float = 2.0
    own_share: float = Field(default=0.2, gt=0, lt=1)
    own_repeats: int = Field(default=12, ge=1)
    own_epochs: int = Field(default=1, ge=1)
    own_learning_rate: float = Field(default=2.5e-4, gt=0)
    own_head_learning_rate: float = Field(default=5e-4, gt=0)
    own_averaged: float = Field(default=0.7, ge=0, lt=1)
    own_step: float = Field(default=0.8, gt=0, le=1)
    threads: int = Field(default=2, ge=1)

    def for_tenant(self) -> "RunConfig":
        """The same recipe at the pace of a tenant's run."""
        pace = {
            "learning_rate": self.own_learning_rate,
            "head_learning_rate": self.own_head_learning_rate,
            "averaged": self.own_averaged,
        }
        return self.model_copy(update=pace)


def read_run(path: Path | None) -> RunConfig:
    """A run file's recipe; the default one without a file.

    Raises:
        BadRunFileError: it does not read, names an unknown setting, or a value does not fit.
    """
    if path is None:
        return RunConfig()
    try:
        return RunConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadRunFileError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadRunFileError(f"{path}: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadRunFileError(f"{path}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error
