"""Makes the adapter that ships in the package, from the shipped corpus: `python -m finetune.default_adapter`.

Trains on the train part, calibrates on the development part, reports on the held-out part, and writes
`intent/default_adapter`. Needs the extra `train`; some ten minutes on two quiet cores.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.signals.labelled import Example, examples, fingerprint
from finetune.candidate import require_extra
from finetune.config import RunConfig, read_run
from finetune.dataset import corpus
from finetune.export import PARITY_TURNS, discard, export, parity, staged_folder, write_manifest
from finetune.judging import Judge, headlines, held_out, scores
from finetune.progress import shown
from intent.adapters import default_folder
from intent.labels import LABELS
from intent.manifest import ADAPTER_FILE, MANIFEST_FILE, Manifest, read_manifest
from intent.model import read_adapter

if TYPE_CHECKING:
    from finetune.train import Trainer


def main() -> None:
    """Train, export, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--start", type=Path, help="folder of an adapter to go on from")
    parser.add_argument("--out", type=Path, default=default_folder())
    given = parser.parse_args()
    require_extra()
    from finetune.train import Trainer

    config = read_run(given.run)
    learnt = examples(corpus("train"))
    start = None if given.start is None else read_adapter(given.start / ADAPTER_FILE)
    trainer = Trainer(given.models, LABELS, config, start)
    with shown("bar") as progress:
        trainer.fit(learnt, config.epochs, progress)
    staged = staged_folder()
    try:
        training = _origin(config, learnt, given.start)
        manifest = _reported(given.models, staged, trainer, learnt, training)
        given.out.mkdir(parents=True, exist_ok=True)
        for name in (ADAPTER_FILE, MANIFEST_FILE):
            shutil.copy(staged / name, given.out / name)
    finally:
        discard(staged)
    print(json.dumps(manifest.report["after"], indent=1))  # noqa: T201 - a script's result


def _origin(config: RunConfig, learnt: Sequence[Example], start: Path | None) -> dict[str, Any]:
    return {
        "run": config.model_dump(),
        "start": None if start is None else read_manifest(start).training,
        "examples": len(learnt),
        "signals": sum(len(one.labels) for one in learnt),
        "quiet": sum(not one.labels for one in learnt),
        "lines_sha256": fingerprint(corpus("train")),
    }


def _reported(
    models_dir: Path, folder: Path, trainer: "Trainer", learnt: Sequence[Example], training: dict[str, Any]
) -> Manifest:
    """Write the adapter into a folder, with its figures on the held-out calls."""
    judge = Judge(models_dir, training["run"]["threads"])
    manifest = export(folder, trainer.tensors(), judge, None, training)
    checked = [one.turn for one in learnt[:PARITY_TURNS]]
    difference = parity(models_dir, folder, checked, trainer.logits(checked))
    sets = held_out([])
    figures = scores(sets, judge.read(folder, sets))
    report = {
        "after": headlines(figures),
        "after_full": figures,
        "held_out_sha256": dict(sets.hashes),
        "parity": round(difference, 7),
    }
    manifest = manifest.model_copy(update={"report": report, "gate": "passed"})
    write_manifest(folder, manifest)
    return manifest


if __name__ == "__main__":
    main()
