"""Makes the adapter that ships in the package, from the shipped corpus: `python -m finetune.default_adapter`.

Trains on the train part, calibrates on the development part, reports on the held-out part and, beside the floor, on the
test part, and writes `intent/default_adapter`, with the bag of words that is read beside every adapter. Needs the extra
`train`; some five minutes an epoch on two quiet cores.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.signals.labelled import Example, Line, examples, fingerprint
from finetune.candidate import require_extra
from finetune.config import RunConfig, read_run
from finetune.dataset import TenantLabels, corpus
from finetune.export import PARITY_TURNS, Learnt, discard, export, parity, staged_folder, write_manifest
from finetune.judging import Judge, frozen_test, headlines, held_out, scores
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
    lines = corpus("train")
    learnt = examples(lines)
    start = None if given.start is None else read_adapter(given.start / ADAPTER_FILE)
    trainer = Trainer(given.models, LABELS, config, start)
    with shown("bar") as progress:
        trainer.fit(learnt, config.epochs, progress)
    staged = staged_folder()
    try:
        training = _origin(config, learnt, lines, given.start)
        manifest = _reported(given.models, staged, trainer, learnt, training)
        given.out.mkdir(parents=True, exist_ok=True)
        for name in (ADAPTER_FILE, MANIFEST_FILE):
            shutil.copy(staged / name, given.out / name)
    finally:
        discard(staged)
    test, floor = manifest.report["test"], manifest.report["test_floor"]
    print(json.dumps({"held out": manifest.report["after"], "test": test, "floor": floor}, indent=1))  # noqa: T201 - a script's result


def _origin(config: RunConfig, learnt: Sequence[Example], lines: Sequence[Line], start: Path | None) -> dict[str, Any]:
    return {
        "run": config.model_dump(),
        "start": None if start is None else read_manifest(start).training,
        "examples": len(learnt),
        "signals": sum(len(one.labels) for one in learnt),
        "quiet": sum(not one.labels for one in learnt),
        "lines_sha256": fingerprint(lines),
    }


def _reported(
    models_dir: Path, folder: Path, trainer: "Trainer", learnt: Sequence[Example], training: dict[str, Any]
) -> Manifest:
    """Write the adapter into a folder, with its figures on the held-out calls."""
    from finetune.floor import Floor

    floor = Floor(LABELS)
    floor.fit(learnt, examples(corpus("dev")))
    # The service reads it beside every adapter, and so must whoever calibrates one.
    floor.bag().save(default_folder())
    judge = Judge(models_dir, training["run"]["threads"])
    manifest = export(folder, Learnt(trainer.tensors()), judge, None, training)
    checked = [one.turn for one in learnt[:PARITY_TURNS]]
    difference = parity(models_dir, folder, checked, trainer.logits(checked))
    sets, tested = held_out(TenantLabels(LABELS, [])), frozen_test()
    figures = scores(sets, judge.read(folder, sets))
    report = {
        "after": headlines(figures),
        "after_full": figures,
        "held_out_sha256": dict(sets.hashes),
        "test": scores(tested, judge.read(folder, tested)),
        "test_floor": scores(tested, {name: floor.read(of) for name, of in tested.sets.items()}),
        "test_sha256": dict(tested.hashes),
        "parity": round(difference, 7),
    }
    manifest = manifest.model_copy(update={"report": report, "gate": "passed"})
    write_manifest(folder, manifest)
    return manifest


if __name__ == "__main__":
    main()
