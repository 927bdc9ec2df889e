"""Makes the linking adapter: `python -m finetune.linking --models DIR --out FOLDER`.

A low-rank update under which what customers say lies near the items that answer it, and voicings of one want near each
other. Learns from the made-up vendors and families of `eval/development`, in batches whose other rows are the wrong
answers, beside near misses that people wrote (multiple negatives ranking, Henderson et al. 2017). Half of what was
learnt is kept: `KEPT`. Needs the extra `train`.
"""

import argparse
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from torch.optim import AdamW

from eval.development.material import DEVELOPMENT, families, queries, world, worlds
from finetune.config import RunConfig, read_run
from finetune.network import SignalModel, Tensors
from finetune.progress import shown
from graph.linker import name_of
from graph.passages import passages
from intent.encode import TurnEncoder
from intent.encoder_graph import GRAPH_VERSION
from intent.manifest import ADAPTER_FILE, MANIFEST_FILE, LinkingManifest, sha256_of
from intent.model import BASE_SHA256, write_adapter

RUN = Path(__file__).parent / "runs" / "linking.toml"
SCALE = 20.0
"""Cosines are multiplied so before the softmax, as sentence-transformers does."""
MAX_TOKENS = 64
KEPT = 0.5
"""Share of the update that ships. On vendors it had not seen, all of it and half of it find equally much more than the
base (hit@5 .94 against .93, AUC .80 against .78, 2026-11-26); all of it costs up to five points of hit@5 on public sets
of another style, half of it at most one and a half."""
WARMUP = 0.1


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts that mean one thing, texts that are right answers to it, and near misses."""

    asked: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]


def lessons() -> Iterator[Lesson]:
    """Every query with each of its items, and every voicing with another one of its want."""
    for folder in worlds(DEVELOPMENT):
        items = {f"{one.kind}:{name_of(one)}": one for one in world(folder)}
        for asked in queries(folder):
            near = tuple(passages(items[name])[0] for name in asked.near if name in items)
            texts = (asked.query.setting, asked.query.utterance, asked.query.text)
            for name in sorted(asked.relevant & items.keys()):
                yield Lesson(texts, passages(items[name]), near)
    for family in families():
        for want in family:
            others = tuple(text for other in family if other is not want for one in other for text in one.texts)
            for number, voicing in enumerate(want):
                same = tuple(text for place, one in enumerate(want) if place != number for text in one.texts)
                yield Lesson(voicing.texts, same, others)


def train(models_dir: Path, config: RunConfig, learnt: Sequence[Lesson]) -> Tensors:
    """Tensors of the adapter, as the graph's inputs."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    draw = random.Random(config.seed)
    model, encoder = SignalModel(models_dir, 1, config), TurnEncoder(models_dir)
    optimizer = AdamW(model.updates(), lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = config.epochs * len(learnt) // config.batch_size
    model.train()
    with shown("bar") as progress:
        for step, batch in enumerate(_batches(learnt, config, draw, steps)):
            rising, falling = min(1.0, (step + 1) / (WARMUP * steps)), max(0.02, 1 - step / steps)
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * rising * falling
            optimizer.zero_grad()
            loss = _loss(model, encoder, batch, draw)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.updates(), 1.0)
            optimizer.step()
            progress((step + 1) / steps, f"loss {loss.item():.2f}")
    tensors = model.tensors()
    return {
        name: one * KEPT if name.startswith("lora") and name.endswith(".b") else one for name, one in tensors.items()
    }


def _batches(learnt: Sequence[Lesson], config: RunConfig, draw: random.Random, steps: int) -> Iterator[list[Lesson]]:
    waiting: list[Lesson] = []
    for _ in range(steps):
        if len(waiting) < config.batch_size:
            waiting = draw.sample(list(learnt), len(learnt))
        yield [waiting.pop() for _ in range(config.batch_size)]


def _loss(model: SignalModel, encoder: TurnEncoder, batch: Sequence[Lesson], draw: random.Random) -> torch.Tensor:
    asked = [draw.choice(one.asked) for one in batch]
    right = [draw.choice(one.right) for one in batch]
    wrong = [draw.choice(one.wrong) for one in batch if one.wrong]
    vectors = _embedded(model, encoder, [*asked, *right, *wrong])
    scores = SCALE * vectors[: len(batch)] @ vectors[len(batch) :].T
    # An answer to another row may answer this one as well.
    also = torch.tensor([[text in one.right for text in (*right, *wrong)] for one in batch])
    also[range(len(batch)), range(len(batch))] = False
    return functional.cross_entropy(scores.masked_fill(also, -torch.inf), torch.arange(len(batch)))


def _embedded(model: SignalModel, encoder: TurnEncoder, texts: Sequence[str]) -> torch.Tensor:
    rows = [torch.from_numpy(encoder.plain(text)[:MAX_TOKENS]) for text in texts]
    ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.encoder(
            input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids)
        ).last_hidden_state
    kept = mask.unsqueeze(-1).float()
    return functional.normalize((hidden.float() * kept).sum(1) / kept.sum(1), dim=-1)


def write(folder: Path, tensors: Tensors, training: dict[str, Any]) -> None:
    """The adapter with its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    write_adapter(folder / ADAPTER_FILE, tensors)
    sha256 = sha256_of(folder / ADAPTER_FILE)
    manifest = LinkingManifest(
        adapter_id=f"linking-{sha256[:8]}",
        base_sha256=BASE_SHA256,
        graph_version=GRAPH_VERSION,
        sha256=sha256,
        training=training,
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--run", type=Path, default=RUN)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    config, learnt = read_run(given.run), tuple(lessons())
    digest = hashlib.sha256(json.dumps([(one.asked, one.right, one.wrong) for one in learnt]).encode()).hexdigest()
    tensors = train(given.models, config, learnt)
    write(given.out, tensors, {"run": config.model_dump(), "lessons": len(learnt), "data_sha256": digest, "kept": KEPT})


if __name__ == "__main__":
    main()
