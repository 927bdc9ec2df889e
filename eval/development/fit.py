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
from eval.development.material import DEVELOPMENT, linking_encoder, worlds
from eval.development.merging import accounts, fit_merger, read_pairs
from eval.development.merging import figures as merge_figures
from graph import linker, merger
from graph.encoder import Remembered

THRESHOLDS = (0.3, 0.4, 0.5, 0.6)
FLOORS = (0.3, 0.37, 0.4, 0.45)


def main() -> None:
    """Fit both and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="directory of base weights")
    parser.add_argument("--without", nargs="*", default=[], help="vendors to leave out")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    encoder = linking_encoder(given.models)
    _merging(encoder)
    _linking(encoder, given.without)


def _merging(encoder: Remembered) -> None:
    known = accounts(DEVELOPMENT / "calls.jsonl", encoder)
    pairs = read_pairs(DEVELOPMENT / "pairs.jsonl", encoder)
    fit = fit_merger(known, pairs)
    _say(f"merger: {len(known)} accounts, {len(pairs)} written pairs")
    _say_weights(fit.weights)
    for threshold in sorted({*THRESHOLDS, merger.THRESHOLD}):
        found = merge_figures(known, lambda name, at=threshold: merger.Merger(at, fit.left_out[name]))
        _say(f"  left out, threshold {threshold}: {_line(found)}")


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
