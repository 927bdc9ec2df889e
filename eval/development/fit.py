"""Fit the weights of merger and linker on the development world and print them with figures on left-out folds.

Run as `python -m eval.development.fit --models DIR`; what it prints is copied into `graph/merger.py` and
`graph/linker.py` by hand, with the date.
"""

import argparse
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from eval.development.linking import ask, figures, fit_linker, read_queries, scored, world
from eval.development.merging import fit_merger, read_pairs
from graph import linker, merger
from graph.encoder import Remembered
from intent.config import IntentConfig
from intent.model import IntentModel

HERE = Path(__file__).parent
WRONG_SHARE = 0.02
"""Of pairs that are two wants, at most this share may be merged: precision first."""

FLOORS = (0.3, 0.4, 0.45, 0.5)


def main() -> None:
    """Fit both and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="directory of base weights")
    parser.add_argument("--precision", choices=("int8", "fp32"), default="fp32", help="of the encoder")
    parser.add_argument("--pairs", action="store_true", help="print every pair with its left-out probability")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    encoder = Remembered(IntentModel(given.models, IntentConfig(precision=given.precision, threads=2)), size=20_000)
    _merging(encoder, every=given.pairs)
    _linking(encoder)


def _merging(encoder: Remembered, *, every: bool) -> None:
    fit = fit_merger(read_pairs(HERE / "pairs.jsonl", encoder))
    same = int(fit.labels.sum())
    _say(f"merger: {len(fit.pairs)} pairs, {same} of one want, and {len(fit.apart)} of unrelated wants")
    _say_weights(fit.weights)
    chosen = fit.threshold(WRONG_SHARE)
    for threshold in sorted({0.5, chosen, merger.THRESHOLD}):
        mark = " <- chosen" if threshold == chosen else ""
        _say(f"  left out: {_line(fit.figures(threshold))}{mark}")
    if every:
        for pair, probability in sorted(zip(fit.pairs, fit.left_out, strict=True), key=lambda one: -one[1]):
            _say(f"  {probability:.2f} {'same' if pair.same else 'DIFFERENT'}: {pair.a.text} | {pair.b.text}")


def _linking(encoder: Remembered) -> None:
    asked = ask(world(HERE), read_queries(HERE / "queries.jsonl"), encoder)
    fit = fit_linker(asked)
    _say(f"linker: {len(asked)} queries")
    _say_weights(fit.weights)
    for floor in FLOORS:
        _say(f"  left out: {_line(fit.figures(floor))}")
    _say(f"  weights in use, not left out: {_line(figures(asked, scored(asked, linker.WEIGHTS), linker.FLOOR))}")


def _say_weights(weights: Mapping[str, float]) -> None:
    for name, weight in weights.items():
        _say(f'    "{name}": {weight:.2f},')


def _line(numbers: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number:.3g}" for name, number in numbers.items())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
