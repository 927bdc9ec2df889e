"""Labels that may be wrong: those that the default adapter, which never saw them, contradicts with certainty.

As in confident learning (Northcutt et al. 2021): a type is confidently there from the mean confidence it has where
people labelled it. Suspects are shown to be looked at again, never dropped in silence.
"""

from pathlib import Path
from typing import Any

import numpy as np

from eval.signals.labelled import Example, examples, within
from finetune.dataset import TenantLabels, corpus
from finetune.judging import Judge

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

    def confidences(example: Example) -> dict[str, float]:
        found = dict.fromkeys(labels.names, 0.0)
        for one in judge.model.read(example.turn, adapter, share=0.0):
            found[one.type] = max(found[one.type], one.confidence)
        return found

    known = within(examples(corpus("held_out")), labels)
    sure: dict[str, list[float]] = {name: [] for name in labels.names}
    for example in known:
        given = confidences(example)
        for label in example.labels:
            sure[label.type].append(given[label.type])
    least = {name: float(np.mean(of)) if of else 1.0 for name, of in sure.items()}
    rows: list[dict[str, Any]] = []
    for example in within(examples(own.lines), own.labels):
        given = confidences(example)
        labelled = {one.type for one in example.labels}
        for name in labels.names:
            if name in labelled or given[name] < least[name]:
                continue
            doubtful = [one for one in labelled if labels.kind_of(one) == labels.kind_of(name) and given[one] < DOUBT]
            if doubtful or not labelled:
                rows.append(
                    {
                        "call_id": example.call_id,
                        "turn": example.number,
                        "labelled": doubtful[0] if doubtful else None,
                        "instead": name,
                        "confidence": round(given[name], 3),
                    }
                )
    return sorted(rows, key=lambda row: -float(row["confidence"]))[:MOST]
