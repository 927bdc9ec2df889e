"""Labels that may be wrong: those that the default adapter, which never saw them, contradicts with certainty.

As in confident learning (Northcutt et al. 2021): a type is confidently there from the mean confidence it has where
people labelled it. Suspects are shown to be looked at again, never dropped in silence.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.signals.labelled import Example, examples, within
from finetune.dataset import TenantLabels, corpus
from finetune.judging import Judge
from intent.labels import LabelSet
from intent.model import Adapter
from intent.spans import decode

DOUBT = 0.02
"""A labelled type with less confidence is doubtful, if another one of its kind is confidently there instead."""
MOST = 50


def suspects(judge: Judge, base: Path, own: TenantLabels) -> list[dict[str, Any]]:
    """The tenant's turns whose labels should be looked at again, the most contradicted first.

    Each row has call_id, turn, `labelled` (a type or None) and `instead` (a type), and how sure the adapter is of it.
    Words stay in the journal.
    """
    adapter = judge.model.load_adapter(base)
    labels = adapter.decoding.labels
    sure: dict[str, list[float]] = {name: [] for name in labels.names}
    for example, given in _confidences(judge, adapter, within(examples(corpus("held_out")), labels)):
        for label in example.labels:
            sure[label.type].append(given[label.type])
    least = {name: float(np.mean(of)) if of else 1.0 for name, of in sure.items()}
    rows = [
        row
        for example, given in _confidences(judge, adapter, within(examples(own.lines), own.labels))
        for row in _contradicted(example, given, least, labels)
    ]
    return sorted(rows, key=lambda row: -float(row["confidence"]))[:MOST]


def _confidences(
    judge: Judge, adapter: Adapter, turns: Sequence[Example]
) -> Iterator[tuple[Example, dict[str, float]]]:
    """Each turn with the confidence of every type."""
    for example in turns:
        found = dict.fromkeys(adapter.decoding.labels.names, 0.0)
        for window in judge.model.logits(example.turn, adapter):
            for one in decode(example.turn.text, window, adapter.decoding, share=0.0):
                found[one.type] = max(found[one.type], one.confidence)
        yield example, found


def _contradicted(
    example: Example, given: Mapping[str, float], least: Mapping[str, float], labels: LabelSet
) -> Iterator[dict[str, Any]]:
    labelled = {one.type for one in example.labels}
    for name in labels.names:
        if name in labelled or given[name] < least[name]:
            continue
        # A type that the adapter does not know cannot be doubted by it.
        doubtful = [
            one for one in labelled if labels.kind_of(one) == labels.kind_of(name) and given.get(one, 1.0) < DOUBT
        ]
        if doubtful or not labelled:
            yield {
                "call_id": example.call_id,
                "turn": example.number,
                "labelled": doubtful[0] if doubtful else None,
                "instead": name,
                "confidence": round(given[name], 3),
            }
