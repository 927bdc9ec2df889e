"""An adapter read on frozen sets, by the serving model, and the figures side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.signals.labelled import Example, Line, examples, fingerprint, within
from eval.signals.scoring import score
from eval.signals.tally import Read, tally
from finetune.calibrate import calibrate
from finetune.chance import worse_share
from finetune.dataset import TenantLabels, corpus
from finetune.split import held_out_calls
from intent.config import IntentConfig
from intent.labels import LABELS, LabelSet
from intent.manifest import TypeReading
from intent.model import Adapter, IntentModel

CORPUS, OWN = "corpus", "own"
HEADLINES = {"kind_f1": "kind F1", "type_macro_f1": "type F1", "span_f1": "span F1"}
"""Figures that screens show, by their names in a score."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The sets an adapter is judged on: the shipped corpus's held-out calls, and the tenant's own if it has four.

    labels: the types in use; labels and findings of others do not count.
    """

    labels: LabelSet
    sets: Mapping[str, list[Example]]
    hashes: Mapping[str, str]


def held_out(own: TenantLabels) -> HeldOut:
    """The frozen sets for a tenant with these labels."""
    calls = held_out_calls(line["call_id"] for line in own.lines)
    lines: dict[str, list[Line]] = {CORPUS: list(corpus("held_out"))}
    kept = [line for line in own.lines if line["call_id"] in calls]
    if kept:
        lines[OWN] = kept
    labels = own.labels.active
    return HeldOut(
        labels,
        {name: within(examples(of), labels) for name, of in lines.items()},
        # The label set is part of what was judged on: retiring a type makes an earlier comparison old.
        {
            name: fingerprint(of) if labels == LABELS else f"{fingerprint(of)} {labels.version}"
            for name, of in lines.items()
        },
    )


def frozen_test() -> HeldOut:
    """The shipped corpus's test part, on which nothing is chosen; for reports only."""
    lines = corpus("test")
    return HeldOut(LABELS, {CORPUS: examples(lines)}, {CORPUS: fingerprint(lines)})


class Judge:
    """Scores adapters with the model that serves."""

    def __init__(self, models_dir: Path, threads: int) -> None:
        """Load the encoder as the service runs it."""
        self.model = IntentModel(models_dir, IntentConfig(threads=threads))
        self._read: dict[tuple[str, LabelSet, tuple[tuple[str, str], ...]], dict[str, Read]] = {}

    def read(self, folder: Path, sets: HeldOut) -> dict[str, Read]:
        """What an adapter finds on every set; the same adapter on the same sets is read once."""
        adapter = self.model.load_adapter(folder)
        key = (adapter.manifest.adapter_id, sets.labels, tuple(sorted(sets.hashes.items())))
        if key not in self._read:
            self._read[key] = self._found(adapter, sets)
        return self._read[key]

    def _found(self, adapter: Adapter, sets: HeldOut) -> dict[str, Read]:
        names = set(sets.labels.names)
        return {
            name: [
                tuple(found for found in read if found.type in names)
                for read in (self.model.read(one.turn, adapter) for one in of)
            ]
            for name, of in sets.sets.items()
        }

    def readings(self, adapter: Adapter, labels: LabelSet) -> tuple[TypeReading, ...]:
        """Confidences and thresholds of an adapter, fitted on the corpus's development calls."""
        dev = within(examples(corpus("dev")), labels)
        return calibrate(dev, [self.model.logits(one.turn, adapter)[0] for one in dev], labels)


def scores(sets: HeldOut, read: Mapping[str, Read]) -> dict[str, Any]:
    """Figures of one adapter's findings on every set."""
    return {name: score(of, read[name], sets.labels) for name, of in sets.sets.items()}


def worse_shares(sets: HeldOut, before: Mapping[str, Read], after: Mapping[str, Read]) -> dict[str, Any]:
    """For every set and figure, how often `after` is worse when the set's calls are drawn anew."""
    return {
        name: worse_share(tally(of, before[name], sets.labels), tally(of, after[name], sets.labels))
        for name, of in sets.sets.items()
    }


def headlines(figures: Mapping[str, Any]) -> dict[str, float | None]:
    """The few figures of a score that a screen shows; the tenant's own calls apart."""
    found: dict[str, float | None] = {}
    for name, of in figures.items():
        suffix = "" if name == CORPUS else ", own calls"
        for field, title in HEADLINES.items():
            found[title + suffix] = of[field]
        found["quiet turns fired" + suffix] = of["quiet_fired"]
    return found
