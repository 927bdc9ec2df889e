"""Makes the pair adapter: `python -m finetune.merging --models DIR --out FOLDER`.

A low-rank update and one output that says how likely two voicings, read side by side, are one want. Learns from the
families of `eval/development`: voicings of one want against voicings of wants that look like it, and against some of
anything else. Needs the extra `train`.
"""

import argparse
import hashlib
import itertools
import json
import random
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn import functional
from torch.optim import AdamW

from eval.development.material import Said, families
from finetune.config import RunConfig, read_run
from finetune.linking import write
from finetune.network import SignalModel, Tensors
from finetune.progress import shown
from graph.candidates import Query
from graph.merger import meant
from graph.pairs import told
from intent.encode import Encoded, TurnEncoder, side_by_side

RUN = Path(__file__).parent / "runs" / "merging.toml"
HARD, EASY = 2, 0.5
"""Pairs with another want of the family, and with any other want, for each voicing in an epoch."""
LEFT_OUT = 10
"""One family in so many judges and does not teach."""
WARMUP = 0.1

Family = tuple[tuple[Said, ...], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two voicings and whether they are one want."""

    one: Said
    other: Said
    same: bool


def pairs(known: Sequence[Family], draw: random.Random) -> Iterator[Pair]:
    """One epoch: every pair of one want, and for each voicing some of other wants."""
    everything = [(place, said) for place, family in enumerate(known) for want in family for said in want]
    for place, family in enumerate(known):
        for want in family:
            others = [said for other in family if other is not want for said in other]
            for one, other in itertools.combinations(want, 2):
                yield Pair(*draw.sample([one, other], 2), same=True)
            for said in want:
                for other in draw.sample(others, min(HARD, len(others))):
                    yield Pair(said, other, same=False)
                if draw.random() < EASY:
                    far, other = draw.choice(everything)
                    if far != place and other.query.kind == said.query.kind:
                        yield Pair(said, other, same=False)


def train(models_dir: Path, config: RunConfig, known: Sequence[Family], left: Sequence[Family]) -> Tensors:
    """Tensors of the adapter, as the graph's inputs; tells how well it parts the families left out."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    draw = random.Random(config.seed)
    model, encoder = SignalModel(models_dir, 1, config), TurnEncoder(models_dir)
    groups = [(model.updates(), config.learning_rate), (model.heads(), config.head_learning_rate)]
    optimizer = AdamW([{"params": of, "lr": rate} for of, rate in groups], weight_decay=config.weight_decay)
    epochs = [draw.sample(of, len(of)) for of in (list(pairs(known, draw)) for _ in range(config.epochs))]
    taught = list(itertools.chain.from_iterable(epochs))
    batches = [taught[at : at + config.batch_size] for at in range(0, len(taught), config.batch_size)]
    model.train()
    with shown("lines") as progress:
        for step, batch in enumerate(batches):
            rising, falling = min(1.0, (step + 1) / (WARMUP * len(batches))), max(0.02, 1 - step / len(batches))
            for group, (_, rate) in zip(optimizer.param_groups, groups, strict=True):
                group["lr"] = rate * rising * falling
            optimizer.zero_grad()
            labels = torch.tensor([float(one.same) for one in batch])
            loss = functional.binary_cross_entropy_with_logits(_logits(model, encoder, batch), labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            progress((step + 1) / len(batches), f"loss {loss.item():.2f}")
    _judge(model, encoder, list(pairs(left, draw)))
    return model.tensors()


def _judge(model: SignalModel, encoder: TurnEncoder, asked: Sequence[Pair]) -> None:
    model.eval()
    with torch.no_grad():
        logits = [_logits(model, encoder, asked[at : at + 64]) for at in range(0, len(asked), 64)]
    scores, same = torch.cat(logits).numpy(), np.array([one.same for one in asked])
    sys.stdout.write(f"left out: {len(asked)} pairs, AUC {roc_auc_score(same, scores):.3f}\n")


def _logits(model: SignalModel, encoder: TurnEncoder, batch: Sequence[Pair]) -> torch.Tensor:
    rows = [encoder.encode(side_by_side(_told(one.one.query), _told(one.other.query)))[0] for one in batch]
    ids, mask, types = (_padded(rows, name) for name in ("ids", "mask", "types"))
    with torch.autocast("cpu", torch.bfloat16):
        _, pooled = model(ids, mask, types)
    return pooled[:, 0].float()


def _told(query: Query) -> str:
    return told(query.type, meant(query), query.setting)


def _padded(rows: Sequence[Encoded], name: str) -> torch.Tensor:
    parts = [torch.from_numpy(row.types if name == "types" else row.ids) for row in rows]
    if name == "mask":
        parts = [torch.ones_like(part) for part in parts]
    return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--run", type=Path, default=RUN)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    config, every = read_run(given.run), list(families())
    texts = [[[said.query.text for said in want] for want in family] for family in every]
    folds = [zlib.crc32(json.dumps(of).encode()) % LEFT_OUT for of in texts]
    known = [family for family, fold in zip(every, folds, strict=True) if fold]
    left = [family for family, fold in zip(every, folds, strict=True) if not fold]
    digest = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
    training = {"run": config.model_dump(), "families": len(known), "data_sha256": digest}
    write(given.out, train(given.models, config, known, left), training, name="pairs")


if __name__ == "__main__":
    main()
