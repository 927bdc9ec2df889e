"""What is trained: the encoder with low-rank updates and two heads, as the ONNX graph computes them, in torch."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import BertModel
from transformers.utils import logging as transformers_logging

from finetune.config import RunConfig, SpanHead, Updates
from intent.encoder_graph import LAYERS, LINEARS, STRENGTHS, WIDTH, lora_name

Tensor = npt.NDArray[np.float32]
Tensors = dict[str, Tensor]

UPDATED: dict[Updates, str] = {
    "query_value": r".*attention\.self\.(query|value)",
    "attention": r".*attention\.(self\.(query|key|value)|output\.dense)",
    "all": r".*\.(query|key|value|dense)",
}
"""Linear layers that get a low-rank update, as peft's pattern."""

COLUMNS: dict[SpanHead, int] = {"tags": 1, "edges": 3}
"""Outputs of a token for each type: inside the span; with edges its first and last token as well."""


class SignalModel(nn.Module):
    """The encoder with low-rank updates and the two heads, as the ONNX graph computes them."""

    def __init__(self, models_dir: Path, classes: int, config: RunConfig) -> None:
        """Load the base and put zero updates and fresh heads on it."""
        super().__init__()
        # The checkpoint's unused pooler would be reported at length.
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        base = BertModel.from_pretrained(
            models_dir / "minilm-l6",
            add_pooling_layer=False,
            attn_implementation="eager",
            attention_probs_dropout_prob=0.0,
        )
        if config.updates == "none":
            self.encoder: Any = base.requires_grad_(requires_grad=False)
            self.rank = 1
        else:
            lora = LoraConfig(
                r=config.rank,
                lora_alpha=config.alpha,
                lora_dropout=config.dropout,
                target_modules=UPDATED[config.updates],
            )
            with warnings.catch_warnings():
                # peft asks transformers by a name that a later version drops; nothing for whoever trains.
                warnings.simplefilter("ignore", FutureWarning)
                self.encoder = get_peft_model(base, lora)
            self.rank = config.rank
        self.scale = config.alpha / config.rank
        self.token = nn.Linear(WIDTH, classes * COLUMNS[config.span_head] + STRENGTHS)
        self.pooled = nn.Linear(2 * WIDTH, classes)
        self.mix = nn.Parameter(torch.zeros(LAYERS)) if config.layer_mix else None
        _quicken(self, np.random.Generator(np.random.SFC64(config.seed)))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Token logits (rows, tokens, columns) and pooled logits (rows, classes)."""
        hidden = self._hidden(ids, mask, types)
        return self.token(hidden), self.pooled(torch.cat([hidden[:, 0], _mean(hidden, mask * types)], dim=-1))

    def mean(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """Mean of the customer's words. Shape: (rows, 384)."""
        return _mean(self._hidden(ids, mask, types), mask * types)

    def updates(self) -> list[nn.Parameter]:
        """The low-rank updates; none on a frozen encoder."""
        return [one for one in self.encoder.parameters() if one.requires_grad]

    def heads(self) -> list[nn.Parameter]:
        """The two heads."""
        mix = [] if self.mix is None else [self.mix]
        return [*self.token.parameters(), *self.pooled.parameters(), *mix]

    def tensors(self) -> Tensors:
        """The adapter as the graph's inputs; the scale goes into B. A layer without an update gets one of zeros."""
        found: Tensors = {}
        for layer in range(LAYERS):
            for linear, (checkpoint, wide_in, wide_out) in LINEARS.items():
                a, b = lora_name(layer, linear, "a"), lora_name(layer, linear, "b")
                module = self._updated(layer, checkpoint)
                if module is None:
                    found[a] = np.zeros((wide_in, self.rank), np.float32)
                    found[b] = np.zeros((self.rank, wide_out), np.float32)
                else:
                    found[a] = _array(module.lora_A["default"].weight.T)
                    found[b] = _array(module.lora_B["default"].weight.T * self.scale)
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
                    module = self._updated(layer, checkpoint)
                    if module is None:
                        continue
                    sides = (tensors[lora_name(layer, linear, side)] for side in "ab")
                    lora_a, lora_b = strongest(*sides, rank=module.lora_A["default"].weight.shape[0])
                    module.lora_A["default"].weight[: lora_a.shape[1]].copy_(torch.from_numpy(lora_a.T))
                    module.lora_B["default"].weight[:, : lora_b.shape[0]].copy_(torch.from_numpy(lora_b.T / self.scale))
            for name, head in (("token", self.token), ("pooled", self.pooled)):
                weight, bias = (torch.from_numpy(tensors[f"head.{name}.{part}"].T) for part in "wb")
                for mine, given in self._columns(name, len(bias)):
                    head.weight[mine].copy_(weight[given])
                    head.bias[mine].copy_(bias[given])

    def _columns(self, name: str, given: int) -> Iterator[tuple[slice, slice]]:
        """Which outputs of a head are which ones of the adapter it goes on from, that may know no edges."""
        classes = self.pooled.out_features
        if name == "pooled" or given == self.token.out_features:
            yield slice(None), slice(None)
            return
        yield slice(classes), slice(classes)
        yield slice(-STRENGTHS, None), slice(-STRENGTHS, None)

    def _hidden(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        found = self.encoder(
            input_ids=ids, attention_mask=mask, token_type_ids=types, output_hidden_states=self.mix is not None
        )
        if self.mix is None:
            return found.last_hidden_state
        return torch.einsum("l,lrtw->rtw", self.mix.softmax(0), torch.stack(found.hidden_states[1:]))

    def _updated(self, layer: int, checkpoint: str) -> Any:  # noqa: ANN401 - peft builds these classes
        """The layer with its update; None where the recipe puts none."""
        base = self.encoder if not self.updates() else self.encoder.base_model.model
        module = base.get_submodule(f"encoder.layer.{layer}.{checkpoint}")
        return module if hasattr(module, "lora_A") else None


class CheapDropout(nn.Module):
    """Dropout with a mask that numpy draws, a byte an element.

    torch's own draws on one thread and took 30 to 40 % of a step on two cores (2026-11-25).
    """

    def __init__(self, share: float, source: np.random.Generator) -> None:
        """Drop this share of the elements, to the next 1/256."""
        super().__init__()
        self.p = share
        self._least = round(share * 256)
        self._source = source

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Zero some elements and scale the others up; in evaluation nothing."""
        if not self.training or not self._least:
            return hidden
        drawn = torch.from_numpy(self._source.integers(0, 256, hidden.numel(), dtype=np.uint8)).view(hidden.shape)
        kept = (drawn >= self._least).to(hidden.device, hidden.dtype)
        return hidden * kept.mul_(256 / (256 - self._least))


def strongest(lora_a: Tensor, lora_b: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """The best update of at most this rank for A B. Shapes: lora_a (in, rank), lora_b (rank, out)."""
    if lora_a.shape[1] <= rank:
        return lora_a, lora_b
    basis_a, small_a = np.linalg.qr(lora_a)
    basis_b, small_b = np.linalg.qr(lora_b.T)
    left, sizes, right = np.linalg.svd(small_a @ small_b.T)
    # The sizes go into B alone, as in a fresh update: a direction of size 0 can still learn.
    return basis_a @ left[:, :rank], sizes[:rank, None] * (right[:rank] @ basis_b.T)


def _mean(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    kept = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * kept).sum(1) / kept.sum(1).clamp(min=1.0)


def _quicken(module: nn.Module, source: np.random.Generator) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.Dropout):
            setattr(module, name, CheapDropout(child.p, source))
        else:
            _quicken(child, source)


def _array(tensor: torch.Tensor) -> Tensor:
    return np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype=np.float32)
