"""Trained tensors → an adapter folder: the file in onnxruntime's form, parity with torch, calibration, manifest."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from finetune.errors import ParityError, UnservedRecipeError
from finetune.judging import Judge
from intent.config import IntentConfig
from intent.encode import Turn
from intent.encoder_graph import GRAPH_VERSION, STRENGTHS
from intent.labels import LABELS, LabelSet
from intent.manifest import ADAPTER_FILE, MANIFEST_FILE, Manifest, TypeReading, sha256_of
from intent.messages import AdapterId
from intent.model import BASE_SHA256, IntentModel, write_adapter

if TYPE_CHECKING:
    from finetune.network import Tensors

PARITY = 1e-3
"""Largest difference of a logit between torch and the fp32 graph; measured 2e-5 on the shipped adapter."""
PARITY_TURNS = 8


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training made: tensors named and shaped as the graph's inputs, and the types of the heads' columns.

    counts: labels of the tenant's own by type; kept for those types that the shipped set does not have.
    """

    tensors: "Tensors"
    labels: LabelSet = LABELS
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


def export(folder: Path, learnt: Learnt, judge: Judge, parent: Manifest | None, training: dict[str, Any]) -> Manifest:
    """Fill an empty folder with the adapter and its manifest; `report` and `gate` come later.

    Args:
        folder: where to write.
        learnt: what training made.
        judge: the serving model, to calibrate as it will be read.
        parent: the adapter training started from. Its thresholds stay: confidences are fitted anew, so they mean the
            same, and a threshold chosen anew would move more turns than ten corrections do.
        training: run file, counts and hashes for the manifest.

    Raises:
        UnservedRecipeError: the heads have columns that the service cannot read.
    """
    tensors, labels = learnt.tensors, learnt.labels
    if tensors["head.pooled.b"].shape[0] + STRENGTHS != tensors["head.token.b"].shape[0]:
        raise UnservedRecipeError("a span head with edges is there to be compared; the service does not read it")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ADAPTER_FILE
    write_adapter(path, tensors)
    digest = sha256_of(path)
    manifest = Manifest(
        adapter_id=AdapterId(f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{digest[:6]}"),
        parent=parent.adapter_id if parent else None,
        created_at=datetime.now(UTC),
        base_sha256=BASE_SHA256,
        graph_version=GRAPH_VERSION,
        sha256=digest,
        rank=tensors["lora.0.q.a"].shape[1],
        label_version=labels.version,
        types=_uncalibrated(labels),
        training=training,
        report={},
    )
    write_manifest(folder, manifest)
    readings = judge.readings(judge.model.load_adapter(folder), labels)
    kept = {one.type: one.threshold for one in parent.types} if parent else {}
    types = tuple(
        one.model_copy(
            update={
                "threshold": kept.get(one.type, one.threshold),
                "examples": None if LABELS.get(one.type) else learnt.counts.get(one.type, 0),
            }
        )
        for one in readings
    )
    manifest = manifest.model_copy(update={"types": types})
    write_manifest(folder, manifest)
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest beside the adapter."""
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")


def parity(models_dir: Path, folder: Path, turns: Sequence[Turn], expected: Sequence[Any]) -> float:
    """Largest difference between torch's logits and those of the fp32 graph with the written adapter.

    Args:
        models_dir: where the base weights lie.
        folder: the adapter.
        turns: what was read.
        expected: torch's (token logits of the customer's words, pooled logits) for each.

    Raises:
        ParityError: it is above the tolerance, or the adapter changes nothing.
    """
    model = IntentModel(models_dir, IntentConfig(precision="fp32", threads=2))
    adapter = model.load_adapter(folder)
    worst = 0.0
    for turn, (tokens, pooled) in zip(turns, expected, strict=True):
        window = model.logits(turn, adapter)[0]
        worst = max(worst, float(np.abs(window.tokens - tokens).max()), float(np.abs(window.pooled - pooled).max()))
        if not window.pooled.any():
            raise ParityError("the adapter changes nothing: its names are not the graph's inputs")
    if worst > PARITY:
        raise ParityError(f"torch and the graph differ by {worst:.4f}; the adapter is not used")
    return worst


def staged_folder() -> Path:
    """A fresh folder to build an adapter in; the caller moves or removes it."""
    return Path(tempfile.mkdtemp(prefix="needgraph-adapter-"))


def discard(folder: Path) -> None:
    """Remove a staged folder."""
    shutil.rmtree(folder, ignore_errors=True)


def _uncalibrated(labels: LabelSet) -> tuple[TypeReading, ...]:
    return tuple(
        TypeReading(
            type=one.type,
            kind=one.kind,
            title=one.title,
            hint=one.hint,
            slope_pooled=1.0,
            slope_span=0.0,
            intercept=0.0,
            threshold=0.5,
        )
        for one in labels.types
    )
