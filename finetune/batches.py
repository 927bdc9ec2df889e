"""Examples → padded tensors."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch

from eval.signals.labelled import Example
from finetune.config import SpanHead
from finetune.network import COLUMNS
from intent.encode import Encoded, TurnEncoder
from intent.labels import LabelSet

STEP = 8
"""Rows are padded to a multiple of this: the kernels prepared for a shape are used again."""


@dataclass(slots=True)
class Batch:
    """Padded rows. Shapes: ids, mask, types (rows, tokens); tags (rows, tokens, columns); kinds (rows, classes)."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    tags: torch.Tensor
    kinds: torch.Tensor
    strengths: torch.Tensor
    weights: torch.Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same rows on another device."""
        return Batch(**{one.name: getattr(self, one.name).to(device) for one in fields(self)})


@dataclass(frozen=True, slots=True)
class Row:
    """An example and its tokens."""

    example: Example
    encoded: Encoded


class Collator:
    """Examples → padded tensors; a token belongs to a span when they overlap."""

    def __init__(self, encoder: TurnEncoder, labels: LabelSet, span_head: SpanHead) -> None:
        """Use the serving tokenizer and the classes' order; `edges` marks first and last tokens in further columns."""
        self._encoder = encoder
        self._span_head: SpanHead = span_head
        self._number = {name: number for number, name in enumerate(labels.names)}

    def encoded(self, examples: Sequence[Example]) -> list[Row]:
        """Tokens of each example; monologues are cut to their first window."""
        return [Row(one, self._encoder.encode(one.turn)[0]) for one in examples]

    def __call__(self, rows: Sequence[Row], masked: float = 0.0) -> Batch:
        """Pad a batch; hide this share of the customer's tokens."""
        classes = len(self._number)
        longest = max(len(row.encoded.ids) for row in rows)
        shape = (len(rows), -(-longest // STEP) * STEP)
        batch = Batch(
            ids=torch.zeros(shape, dtype=torch.long),
            mask=torch.zeros(shape, dtype=torch.long),
            types=torch.zeros(shape, dtype=torch.long),
            tags=torch.zeros((*shape, classes * COLUMNS[self._span_head])),
            kinds=torch.zeros((len(rows), classes)),
            strengths=torch.full(shape, -100, dtype=torch.long),
            weights=torch.tensor([row.example.weight for row in rows]),
        )
        for number, row in enumerate(rows):
            encoded, length = row.encoded, len(row.encoded.ids)
            batch.ids[number, :length] = torch.from_numpy(encoded.ids)
            batch.mask[number, :length] = 1
            batch.types[number, :length] = torch.from_numpy(encoded.types)
            for label in row.example.labels:
                inside = (encoded.offsets[:, 0] < label.span.end) & (encoded.offsets[:, 1] > label.span.start)
                places = torch.from_numpy(np.flatnonzero(inside)) + encoded.first
                column = self._number[label.type]
                batch.kinds[number, column] = 1.0
                batch.tags[number, places, column] = 1.0
                if self._span_head == "edges" and len(places):
                    batch.tags[number, places[0], classes + column] = 1.0
                    batch.tags[number, places[-1], 2 * classes + column] = 1.0
                batch.strengths[number, places] = label.strength - 1
        if masked:
            hidden = (torch.rand(shape) < masked) & (batch.types == 1) & (batch.ids != self._encoder.separator)
            batch.ids[hidden] = self._encoder.mask
        return batch
