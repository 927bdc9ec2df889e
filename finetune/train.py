"""The training loop of one adapter, by torch. Gives tensors named and shaped as the serving graph's inputs."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from eval.signals.labelled import Example
from finetune.batches import Batch, Collator, Row
from finetune.config import RunConfig
from finetune.contrast import contrastive_loss
from finetune.network import SignalModel, Tensor, Tensors
from finetune.noise import noisy
from intent.encode import Turn, TurnEncoder
from intent.labels import LabelSet

Progress = Callable[[float, str], None]

READ_BATCH = 32


class Trainer:
    """Learns one adapter; the same seed, data and machine give the same one."""

    def __init__(self, models_dir: Path, labels: LabelSet, config: RunConfig, start: Tensors | None = None) -> None:
        """Load the base; on the GPU where there is one.

        Args:
            models_dir: where the base weights lie.
            labels: classes in order.
            config: the recipe.
            start: an adapter to go on from; None for a fresh one.
        """
        torch.manual_seed(config.seed)
        torch.set_num_threads(config.threads)
        self._config = config
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._encoder = TurnEncoder(models_dir)
        self._collate = Collator(self._encoder, labels, config.span_head)
        self._model = SignalModel(models_dir, len(labels.types), config)
        if start is not None:
            self._model.load(start)
        self._model.to(self._device)
        self._start = [one.detach().clone() for one in self._learnt()]

    def fit(self, examples: Sequence[Example], epochs: int, progress: Progress) -> None:
        """Go over the examples, each time with other noise; `progress` is told of the share done and the loss."""
        source = random.Random(self._config.seed)
        warm = self._config.contrastive_epochs
        share = warm / (warm + epochs)
        if warm and self._model.updates():
            self._pass(examples, warm, source, contrastive_loss, lambda done, text: progress(share * done, text))
        self._pass(examples, epochs, source, signal_loss, lambda done, text: progress(share + (1 - share) * done, text))

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
        """Token logits of each turn's words and pooled logits. Shapes: (words tokens, columns), (classes,)."""
        self._model.eval()
        rows = [Row(Example("", turn, ()), self._encoder.encode(turn)[0]) for turn in turns]
        order = sorted(range(len(rows)), key=lambda number: len(rows[number].encoded.ids))
        found: dict[int, tuple[Tensor, Tensor]] = {}
        for at in range(0, len(order), READ_BATCH):
            numbers = order[at : at + READ_BATCH]
            batch = self._collate([rows[number] for number in numbers]).to(self._device)
            with torch.no_grad():
                tokens, pooled = self._model(batch.ids, batch.mask, batch.types)
            for place, number in enumerate(numbers):
                encoded = rows[number].encoded
                words = slice(encoded.first, encoded.first + len(encoded.offsets))
                found[number] = tokens[place, words].cpu().numpy(), pooled[place].cpu().numpy()
        return [found[number] for number in range(len(rows))]

    def _pass(
        self, examples: Sequence[Example], epochs: int, source: random.Random, loss_of: "Loss", progress: Progress
    ) -> None:
        config, model = self._config, self._model
        groups = [{"params": model.heads(), "lr": config.head_learning_rate}]
        if model.updates():
            groups.append({"params": model.updates(), "lr": config.learning_rate})
        optimiser = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
        steps = epochs * -(-len(examples) // config.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _slope(step, steps, config))
        mean = _Mean(self._learnt(), since=steps - round(steps * config.averaged))
        model.train()
        done = 0
        for _ in range(epochs):
            noised = self._collate.encoded([_seen(one, config, source) for one in examples])
            for rows in _batches(noised, config.batch_size, source):
                batch = self._collate(rows, config.masked).to(self._device)
                with self._narrow():
                    loss = loss_of(model, batch, config)
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self._learnt(), 1.0)
                optimiser.step()
                schedule.step()
                done += 1
                mean.add(done)
                progress(done / steps, f"loss {float(loss.detach()):.3f}")
        mean.put_in_place()
        model.eval()

    def _narrow(self) -> AbstractContextManager[object]:
        """bfloat16 for the products where the machine multiplies it faster: 2.3 times on a CPU that has it."""
        able = self._device.type == "cuda" or any(
            torch.cpu.get_capabilities().get(name) for name in ("avx512_bf16", "amx_bf16")
        )
        return torch.autocast(self._device.type, torch.bfloat16, enabled=able)

    def _learnt(self) -> list[nn.Parameter]:
        return [*self._model.updates(), *self._model.heads()]


Loss = Callable[[SignalModel, Batch, RunConfig], torch.Tensor]


def signal_loss(model: SignalModel, batch: Batch, config: RunConfig) -> torch.Tensor:
    """Binary cross entropy of tags and types, cross entropy of strengths inside the spans."""
    tokens, pooled = model(batch.ids, batch.mask, batch.types)
    tokens, pooled = tokens.float(), pooled.float()
    classes, columns = batch.kinds.shape[1], batch.tags.shape[2]
    words = (batch.mask * batch.types).float() * batch.weights[:, None]
    tags = functional.binary_cross_entropy_with_logits(
        tokens[..., :columns],
        batch.tags,
        reduction="none",
        pos_weight=torch.full((columns,), config.token_positive_weight, device=tokens.device),
    )
    token_loss = (tags.sum(-1) * words).sum() / words.sum()
    kinds = functional.binary_cross_entropy_with_logits(
        pooled,
        batch.kinds * (1 - config.smoothing) + config.smoothing / 2,
        reduction="none",
        pos_weight=torch.full((classes,), config.positive_weight, device=pooled.device),
    )
    pooled_loss = (kinds.sum(-1) * batch.weights).sum() / batch.weights.sum()
    loss = config.token_weight * token_loss + config.pooled_weight * pooled_loss
    if bool((batch.strengths >= 0).any()):
        strength = functional.cross_entropy(tokens[..., columns:].flatten(0, 1), batch.strengths.flatten())
        loss = loss + config.strength_weight * strength
    return loss


def _batches(rows: Sequence[Row], size: int, source: random.Random) -> Iterator[list[Row]]:
    """Batches of similar length in random order: less padding, same examples."""
    order = sorted(rows, key=lambda one: len(one.encoded.ids) + source.random() * 6)
    batches = [order[at : at + size] for at in range(0, len(order), size)]
    source.shuffle(batches)
    yield from batches


class _Mean:
    """The mean of the weights after each step from `since` on."""

    def __init__(self, weights: Sequence[nn.Parameter], since: int) -> None:
        self._weights, self._since = weights, since
        self._sums = [torch.zeros_like(one) for one in weights]
        self._count = 0

    def add(self, step: int) -> None:
        if step > self._since:
            self._count += 1
            with torch.no_grad():
                for total, weight in zip(self._sums, self._weights, strict=True):
                    total.add_(weight)

    def put_in_place(self) -> None:
        if self._count:
            with torch.no_grad():
                for total, weight in zip(self._sums, self._weights, strict=True):
                    weight.copy_(total / self._count)


def _seen(example: Example, config: RunConfig, source: random.Random) -> Example:
    """An example as one pass sees it."""
    found = noisy(example, config.noise, source)
    if source.random() < config.without_context:
        found = replace(found, turn=Turn(found.turn.text))
    return found


def _slope(step: int, steps: int, config: RunConfig) -> float:
    rising = max(1, round(steps * config.warmup_share))
    if step < rising:
        return (step + 1) / rising
    return 1.0 if config.averaged else max(0.0, (steps - step) / max(1, steps - rising))
