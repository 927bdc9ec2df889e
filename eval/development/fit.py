"""Fit the weights of merger and linker on the development part and print them with figures on what was left out.

Run as `python -m eval.development.fit --models DIR`; what it prints is copied into `graph/merger.py` and
`graph/linker.py` by hand, with the date. Vendors that the linking adapter has learnt from look nearer than others will:
`README.md` says how the weights in use were made.
"""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.development.linking import answer, figures, fit_linker, scored
from eval.development.material import DEVELOPMENT, worlds
from eval.development.merging import fit_merger, read_pairs
from graph import linker, merger
from graph.encoder import Remembered
from intent.config import IntentConfig
from intent.model import IntentModel, LinkingEncoder

WRONG_SHARE = 0.02
"""Of pairs that are two wants, at most this share may be merged: precision first."""

FLOORS = (0.3, 0.37, 0.4, 0.45)


def main() -> None:
    """Fit both and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="directory of base weights")
    parser.add_argument("--without", nargs="*", default=[], help="vendors to leave out")
    parser.add_argument("--pairs", action="store_true", help="print every pair with its left-out probability")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    encoder = Remembered(LinkingEncoder(IntentModel(given.models, IntentConfig(threads=2))), size=50_000)
    _merging(encoder, every=given.pairs)
    _linking(encoder, given.without)


def _merging(encoder: Remembered, *, every: bool) -> None:
    fit = fit_merger(read_pairs(DEVELOPMENT / "pairs.jsonl", encoder))
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


def _linking(encoder: Remembered, without: Sequence[str]) -> None:
    answered = answer([one for one in worlds(DEVELOPMENT) if one.name not in without], encoder)
    fit = fit_linker(answered)
    _say(f"linker: {len(fit.answered)} queries of {len(answered)} vendors")
    _say_weights(fit.weights)
    for floor in FLOORS:
        _say(f"  left out, floor {floor}: {_line(figures(fit.answered, fit.left_out, floor))}")
    everything = [one for of in answered.values() for one in of]
    in_use = figures(everything, scored(everything, linker.WEIGHTS), linker.FLOOR)
    _say(f"  weights in use, not left out: {_line(in_use)}")


def _say_weights(weights: Mapping[str, float]) -> None:
    for name, weight in weights.items():
        _say(f'    "{name}": {weight:.2f},')


def _line(numbers: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number:.3g}" for name, number in numbers.items())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
