"""The training loop: LoRA on every linear layer of the encoder and two heads, by torch, transformers and peft.

Gives adapter tensors named and shaped as the serving graph's inputs. The only module that imports torch.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from torch.nn import functional
from transformers import BertModel

from eval.signals.labelled import Example
from finetune.config import RunConfig
from finetune.noise import noisy
from intent.encode import Turn, TurnEncoder
from intent.encoder_graph import LAYERS, LINEARS, STRENGTHS, WIDTH, lora_name
from intent.labels import LabelSet

Tensor = npt.NDArray[np.float32]
Tensors = dict[str, Tensor]
Progress = Callable[[float, str], None]


@dataclass(slots=True)
class Batch:
    """Padded rows. Shapes: ids, mask, types (rows, tokens); tags (rows, tokens, classes); kinds (rows, classes)."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    tags: torch.Tensor
    kinds: torch.Tensor
    strengths: torch.Tensor
    weights: torch.Tensor


class SignalModel(nn.Module):
    """The encoder with low-rank updates and the two heads, as the ONNX graph computes them."""

    def __init__(self, models_dir: Path, classes: int, config: RunConfig) -> None:
        """Load the base and put zero updates and fresh heads on it."""
        super().__init__()
        base = BertModel.from_pretrained(models_dir / "minilm-l6", add_pooling_layer=False, attn_implementation="eager")
        lora = LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=["query", "key", "value", "dense"],
        )
        self.encoder: Any = get_peft_model(base, lora)
        self.scale = config.alpha / config.rank
        self.token = nn.Linear(WIDTH, classes + STRENGTHS)
        self.pooled = nn.Linear(2 * WIDTH, classes)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Token logits (rows, tokens, classes + 3) and pooled logits (rows, classes)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        words = (mask * types).unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * words).sum(1) / words.sum(1).clamp(min=1.0)
        return self.token(hidden), self.pooled(torch.cat([hidden[:, 0], mean], dim=-1))

    def tensors(self) -> Tensors:
        """The adapter as the graph's inputs; the scale goes into B."""
        found: Tensors = {}
        for layer in range(LAYERS):
            for linear, (checkpoint, _, _) in LINEARS.items():
                module = self._module(layer, checkpoint)
                found[lora_name(layer, linear, "a")] = _array(module.lora_A["default"].weight.T)
                found[lora_name(layer, linear, "b")] = _array(module.lora_B["default"].weight.T * self.scale)
        for name, head in (("token", self.token), ("pooled", self.pooled)):
            found[f"head.{name}.w"], found[f"head.{name}.b"] = _array(head.weight.T), _array(head.bias)
        return found

    def load(self, tensors: Tensors) -> None:
        """Go on from an adapter of the same classes.

        Of a higher rank the strongest directions are kept; with a lower one the others begin fresh, changing nothing.
        """
        with torch.no_grad():
            for layer in range(LAYERS):
                for linear, (checkpoint, _, _) in LINEARS.items():
                    module = self._module(layer, checkpoint)
                    sides = (tensors[lora_name(layer, linear, side)] for side in "ab")
                    lora_a, lora_b = strongest(*sides, rank=module.lora_A["default"].weight.shape[0])
                    module.lora_A["default"].weight[: lora_a.shape[1]].copy_(torch.from_numpy(lora_a.T))
                    module.lora_B["default"].weight[:, : lora_b.shape[0]].copy_(torch.from_numpy(lora_b.T / self.scale))
            for name, head in (("token", self.token), ("pooled", self.pooled)):
                head.weight.copy_(torch.from_numpy(tensors[f"head.{name}.w"].T))
                head.bias.copy_(torch.from_numpy(tensors[f"head.{name}.b"]))

    def _module(self, layer: int, checkpoint: str) -> Any:  # noqa: ANN401 - peft builds these classes
        return self.encoder.base_model.model.get_submodule(f"encoder.layer.{layer}.{checkpoint}")


class Trainer:
    """Learns one adapter; the same seed, data and machine give the same one."""

    def __init__(self, models_dir: Path, labels: LabelSet, config: RunConfig, start: Tensors | None = None) -> None:
        """Load the base.

        Args:
            models_dir: where the base weights lie.
            labels: classes in order.
            config: the recipe.
            start: an adapter to go on from; None for a fresh one.
        """
        torch.manual_seed(config.seed)
        torch.set_num_threads(config.threads)
        self._config = config
        self._encoder = TurnEncoder(models_dir)
        self._collate = Collator(self._encoder, labels)
        self._classes = len(labels.types)
        self._model = SignalModel(models_dir, self._classes, config)
        if start is not None:
            self._model.load(start)
        self._start = [one.detach().clone() for one in self._learnt()]

    def fit(self, examples: Sequence[Example], epochs: int, progress: Progress) -> None:
        """Go over the examples, each time with other noise; `progress` is told of the share done and the loss."""
        config, model = self._config, self._model
        source = random.Random(config.seed)
        updates, heads = self._updates(), self._heads()
        optimiser = torch.optim.AdamW(
            [{"params": updates, "lr": config.learning_rate}, {"params": heads, "lr": config.head_learning_rate}],
            weight_decay=config.weight_decay,
        )
        steps = epochs * -(-len(examples) // config.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _slope(step, steps, config.warmup_share))
        model.train()
        done = 0
        for _ in range(epochs):
            noised = [noisy(one, config.noise, source) for one in examples]
            for rows in _batches(noised, config.batch_size, source):
                loss = _loss(model, self._collate(rows), config)
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_([*updates, *heads], 1.0)
                optimiser.step()
                schedule.step()
                done += 1
                progress(done / steps, f"loss {float(loss.detach()):.3f}")
        model.eval()

    def step_back(self, share: float) -> None:
        """Keep this share of the way from the start: nearly all of what was learnt, and less of it forgotten.

        A straight line between the two sets of weights, as in WiSE-FT (Wortsman et al. 2022).
        """
        with torch.no_grad():
            for weight, start in zip(self._learnt(), self._start, strict=True):
                weight.lerp_(start, 1.0 - share)

    def tensors(self) -> Tensors:
        """The adapter as it is now."""
        return self._model.tensors()

    def logits(self, turns: Sequence[Turn]) -> list[tuple[Tensor, Tensor]]:
        """Token logits of each turn's words and pooled logits. Shapes: (words tokens, classes + 3), (classes,)."""
        found: list[tuple[Tensor, Tensor]] = []
        for turn in turns:
            row = self._encoder.encode(turn)[0]
            ids, types = torch.from_numpy(row.ids)[None], torch.from_numpy(row.types)[None]
            with torch.no_grad():
                tokens, pooled = self._model(ids, torch.ones_like(ids), types)
            words = slice(row.first, row.first + len(row.offsets))
            found.append((_array(tokens[0, words]), _array(pooled[0])))
        return found

    def _updates(self) -> list[nn.Parameter]:
        return [one for one in self._model.encoder.parameters() if one.requires_grad]

    def _heads(self) -> list[nn.Parameter]:
        return [*self._model.token.parameters(), *self._model.pooled.parameters()]

    def _learnt(self) -> list[nn.Parameter]:
        return [*self._updates(), *self._heads()]


class Collator:
    """Examples → padded tensors; a token belongs to a span when they overlap."""

    def __init__(self, encoder: TurnEncoder, labels: LabelSet) -> None:
        """Use the serving tokenizer and the classes' order."""
        self._encoder = encoder
        self._number = {name: number for number, name in enumerate(labels.names)}

    def __call__(self, examples: Sequence[Example]) -> Batch:
        """Pad a batch; monologues are cut to their first window."""
        rows = [self._encoder.encode(one.turn)[0] for one in examples]
        shape = (len(rows), max(len(row.ids) for row in rows))
        batch = Batch(
            ids=torch.zeros(shape, dtype=torch.long),
            mask=torch.zeros(shape, dtype=torch.long),
            types=torch.zeros(shape, dtype=torch.long),
            tags=torch.zeros((*shape, len(self._number))),
            kinds=torch.zeros((len(rows), len(self._number))),
            strengths=torch.full(shape, -100, dtype=torch.long),
            weights=torch.tensor([one.weight for one in examples]),
        )
        for number, (row, example) in enumerate(zip(rows, examples, strict=True)):
            length = len(row.ids)
            batch.ids[number, :length] = torch.from_numpy(row.ids)
            batch.mask[number, :length] = 1
            batch.types[number, :length] = torch.from_numpy(row.types)
            for label in example.labels:
                inside = (row.offsets[:, 0] < label.span.end) & (row.offsets[:, 1] > label.span.start)
                places = torch.from_numpy(np.flatnonzero(inside)) + row.first
                batch.tags[number, places, self._number[label.type]] = 1.0
                batch.kinds[number, self._number[label.type]] = 1.0
                batch.strengths[number, places] = label.strength - 1
        return batch


def strongest(lora_a: Tensor, lora_b: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """The best update of at most this rank for A B. Shapes: lora_a (in, rank), lora_b (rank, out)."""
    if lora_a.shape[1] <= rank:
        return lora_a, lora_b
    basis_a, small_a = np.linalg.qr(lora_a)
    basis_b, small_b = np.linalg.qr(lora_b.T)
    left, sizes, right = np.linalg.svd(small_a @ small_b.T)
    # The sizes go into B alone, as in a fresh update: a direction of size 0 can still learn.
    return basis_a @ left[:, :rank], sizes[:rank, None] * (right[:rank] @ basis_b.T)


def _loss(model: SignalModel, batch: Batch, config: RunConfig) -> torch.Tensor:
    tokens, pooled = model(batch.ids, batch.mask, batch.types)
    classes = batch.kinds.shape[1]
    weight = torch.full((classes,), config.positive_weight)
    words = (batch.mask * batch.types).float() * batch.weights[:, None]
    tags = functional.binary_cross_entropy_with_logits(
        tokens[..., :classes], batch.tags, reduction="none", pos_weight=weight
    )
    token_loss = (tags.sum(-1) * words).sum() / words.sum()
    kinds = functional.binary_cross_entropy_with_logits(pooled, batch.kinds, reduction="none", pos_weight=weight)
    pooled_loss = (kinds.sum(-1) * batch.weights).sum() / batch.weights.sum()
    loss = config.token_weight * token_loss + config.pooled_weight * pooled_loss
    if bool((batch.strengths >= 0).any()):
        strength = functional.cross_entropy(tokens[..., classes:].flatten(0, 1), batch.strengths.flatten())
        loss = loss + config.strength_weight * strength
    return loss


def _batches(examples: Sequence[Example], size: int, source: random.Random) -> Iterator[list[Example]]:
    """Batches of similar length in random order: less padding, same examples."""
    order = sorted(examples, key=lambda one: len(one.turn.text) + source.random() * 20)
    batches = [order[at : at + size] for at in range(0, len(order), size)]
    source.shuffle(batches)
    yield from batches


def _slope(step: int, steps: int, warmup: float) -> float:
    rising = max(1, round(steps * warmup))
    return (step + 1) / rising if step < rising else max(0.0, (steps - step) / max(1, steps - rising))


def _array(tensor: torch.Tensor) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)
