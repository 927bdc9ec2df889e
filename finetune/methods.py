"""Compares recipes on one split: `python -m finetune.methods --models DIR RUN.toml …`.

Every recipe learns from the same train calls and is read on the development and held-out calls. These are cut in two
halves by call; confidences and the threshold are fitted on one half and the other is scored, both ways, so no figure
is of turns that anything was fitted on. The test part is not touched. Needs the extra `train`.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from eval.report import provenance, table, write_report
from eval.signals.labelled import Example, Line, examples, fingerprint
from eval.signals.scoring import score
from eval.signals.tally import Read
from finetune.calibrate import calibrate
from finetune.candidate import require_extra
from finetune.config import RunConfig, SpanHead, read_run
from finetune.dataset import corpus, corpus_file
from finetune.floor import Floor
from finetune.progress import shown
from intent.encode import TurnEncoder
from intent.labels import LABEL_VERSION, LABELS
from intent.manifest import decoding_of
from intent.spans import Window, decode

if TYPE_CHECKING:
    from finetune.train import Progress

SPLIT_SEED = 5
FAR = 20.0
"""Logits outside a run of edges: never inside."""
COLUMNS = ("kind_f1", "type_macro_f1", "span_f1", "strength_within_one", "ece", "quiet_fired")
HEAD = ("recipe", "turns", "kind F1", "type F1", "span F1", "strength ±1", "ECE", "quiet fired", "seconds")

Fit = Callable[[Sequence[int]], Callable[[Sequence[int]], Read]]
"""Turns to fit on → a reader of other turns; turns by their number."""


def main() -> None:
    """Train every recipe, print the table, write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="run files")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--share", type=float, nargs="+", default=[1.0], help="of the train calls; one row for each")
    parser.add_argument("--json", type=Path, default=Path("methods.json"))
    given = parser.parse_args()
    require_extra()
    judged = examples([*corpus("dev"), *corpus("held_out")])
    rows: list[dict[str, Any]] = []
    for share in given.share:
        lines = part_of(corpus("train"), share)
        learnt = examples(lines)
        rows.append(_row("floor", learnt, judged, _floor(learnt, judged), 0.0))
        for path in given.runs:
            config = read_run(path)
            began = time.perf_counter()
            with shown("bar") as progress:
                fit = _trained(given.models, config, learnt, judged, progress)
            row = _row(path.stem, learnt, judged, fit, time.perf_counter() - began)
            rows.append(row | {"run": config.model_dump(), "lines_sha256": fingerprint(lines)})
            write_report(given.json, _report(rows, judged))
    print(table(HEAD, [_cells(one) for one in rows]))  # noqa: T201 - a script's result


def part_of(lines: Sequence[Line], share: float) -> list[Line]:
    """A share of the calls, always the same ones; a smaller share is part of a larger one."""
    calls = sorted({line["call_id"] for line in lines})
    random.Random(SPLIT_SEED).shuffle(calls)
    kept = set(calls[: round(len(calls) * share)])
    return [line for line in lines if line["call_id"] in kept]


def crossed(judged: Sequence[Example], fit: Fit) -> dict[str, Any]:
    """Figures over all turns, each read by what was fitted on the other half of the calls."""
    calls = {call_id: number for number, call_id in enumerate(sorted({one.call_id for one in judged}))}
    halves = [[n for n, one in enumerate(judged) if calls[one.call_id] % 2 == half] for half in (0, 1)]
    turns: list[Example] = []
    read: list[Any] = []
    for fitted, scored in (halves, halves[::-1]):
        read += fit(fitted)(scored)
        turns += [judged[number] for number in scored]
    return score(turns, read, LABELS)


def _trained(
    models_dir: Path, config: RunConfig, learnt: Sequence[Example], judged: Sequence[Example], progress: "Progress"
) -> Fit:
    from finetune.train import Trainer

    trainer = Trainer(models_dir, LABELS, config)
    trainer.fit(learnt, config.epochs, progress)
    encoder = TurnEncoder(models_dir)
    offsets = [encoder.encode(one.turn)[0].offsets for one in judged]
    logits = trainer.logits([one.turn for one in judged])
    windows = [
        Window(places, _tags(tokens, config.span_head), pooled)
        for places, (tokens, pooled) in zip(offsets, logits, strict=True)
    ]

    def fit(fitted: Sequence[int]) -> Callable[[Sequence[int]], Read]:
        reading = calibrate([judged[n] for n in fitted], [windows[n] for n in fitted], LABELS)
        decoding = decoding_of(LABEL_VERSION, reading)
        return lambda scored: [decode(judged[n].turn.text, windows[n], decoding) for n in scored]

    return fit


def _tags(tokens: Any, head: SpanHead) -> Any:  # noqa: ANN401 - arrays of torch's logits
    return edges_as_tags(np.asarray(tokens), len(LABELS.types)) if head == "edges" else tokens


def edges_as_tags(tokens: npt.NDArray[np.float32], classes: int) -> npt.NDArray[np.float32]:
    """Columns of a head with edges → columns of tags: positive in the best run from a first to a last token.

    Shapes: tokens (n, 3 * classes + 3) → (n, classes + 3).
    """
    tags, first, last = (tokens[:, at * classes : (at + 1) * classes] for at in range(3))
    found = np.concatenate([tags, tokens[:, 3 * classes :]], axis=1)
    for number in range(classes):
        pairs = np.triu(first[:, number, None] + last[None, :, number])
        pairs[np.tril_indices(len(tokens), -1)] = -np.inf
        start, end = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
        # The run's mean stays what the tags say; only its ends are the edges'.
        mean = float(tags[start : end + 1, number].mean())
        found[:, number] = min(mean, 0.0) - FAR
        found[start : end + 1, number] = mean
    return found


def _floor(learnt: Sequence[Example], judged: Sequence[Example]) -> Fit:
    def fit(fitted: Sequence[int]) -> Callable[[Sequence[int]], Read]:
        floor = Floor(LABELS)
        floor.fit(learnt, [judged[n] for n in fitted])
        return lambda scored: floor.read([judged[n] for n in scored])

    return fit


def _row(name: str, learnt: Sequence[Example], judged: Sequence[Example], fit: Fit, took_s: float) -> dict[str, Any]:
    return {"recipe": name, "turns": len(learnt), "seconds": round(took_s), "figures": crossed(judged, fit)}


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    figures = row["figures"]
    shown_figures = [figures[name] for name in COLUMNS[:-1]]
    return (
        row["recipe"],
        row["turns"],
        *shown_figures,
        f"{figures['quiet_fired']} of {figures['quiet']}",
        row["seconds"],
    )


def _report(rows: Sequence[dict[str, Any]], judged: Sequence[Example]) -> dict[str, Any]:
    files = [corpus_file(part) for part in ("train", "dev", "held_out")]
    return {"benchmark": "methods", "judged_turns": len(judged), "rows": list(rows), **provenance(files)}


if __name__ == "__main__":
    main()
