"""From a tenant's labels to a candidate adapter with its report: data set, training, export, figures, gate.

The only part that needs the extra `train`; torch is imported when training begins.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.signals.labelled import Example, examples, fingerprint, within
from finetune.columns import with_types
from finetune.config import RunConfig
from finetune.dataset import TenantLabels, corpus, file_lines, journal_labels
from finetune.errors import MissingExtraError, NothingToLearnError
from finetune.export import PARITY_TURNS, Learnt, discard, export, parity, staged_folder, write_manifest
from finetune.judging import OWN, Judge, headlines, held_out, scores, worse_shares
from finetune.promote import gate
from finetune.split import held_out_calls
from finetune.suspects import suspects
from graph.tenants import TenantFolder
from intent.adapters import AdapterStore
from intent.labels import LABELS, LabelSet
from intent.manifest import ADAPTER_FILE, Manifest, read_manifest
from intent.messages import AdapterId
from intent.model import read_adapter
from intent.young import LEAST_EXAMPLES

if TYPE_CHECKING:
    from finetune.train import Progress, Trainer

EXTRA = ("torch", "transformers", "peft", "sklearn")
INSTALL = "make setup-train"
INSTALL_SIZE = "about 6 GB"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A training run of a tenant: directories, whose, labels beside the journal's, and the recipe."""

    data_dir: Path
    models_dir: Path
    tenant: str
    labels: Path | None
    config: RunConfig


def require_extra() -> None:
    """Check that training is installed, importing nothing.

    Raises:
        MissingExtraError: with the one command that adds it.
    """
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise MissingExtraError(f"training needs {', '.join(missing)}; `{INSTALL}` adds them ({INSTALL_SIZE})")


def own_labels(data_dir: Path, tenant: str, labels: Path | None) -> TenantLabels:
    """The tenant's labels: the journal's, and a file's for calls that the journal does not label."""
    kept = journal_labels(data_dir, tenant)
    calls = {line["call_id"] for line in kept.lines}
    further = () if labels is None else file_lines(labels, kept.labels)
    return replace(kept, lines=[*kept.lines, *(line for line in further if line["call_id"] not in calls)])


def make_candidate(wanted: Wanted, progress: "Progress") -> Manifest:
    """Train from the default adapter on the tenant's labels and a share of the shipped corpus; store the candidate.

    Raises:
        MissingExtraError: training is not installed.
        NothingToLearnError: the tenant has no labels.
        ParityError: what was written is not what was trained.
    """
    require_extra()
    own = own_labels(wanted.data_dir, wanted.tenant, wanted.labels)
    learnt = to_learn(own, wanted.config)
    store = AdapterStore(TenantFolder(wanted.data_dir, wanted.tenant).adapters)
    parent = store.folder_of(store.default_id())
    trainer = _trained(wanted, own.labels.active, learnt, parent, progress)
    progress(0.85, "calibrating and comparing on held-out calls")
    judge = Judge(wanted.models_dir, wanted.config.threads)
    staged = staged_folder()
    try:
        training = {"run": wanted.config.model_dump(), "examples": len(learnt), "lines_sha256": fingerprint(own.lines)}
        learning = Learnt(trainer.tensors(), own.labels.active, counts(own))
        manifest = export(staged, learning, judge, read_manifest(parent), training)
        checked = [one.turn for one in learnt[:PARITY_TURNS]]
        difference = parity(wanted.models_dir, staged, checked, trainer.logits(checked))
        champion = store.champion()
        report = compare(judge, store.folder_of(champion), staged, own)
        progress(0.95, "the floor, and labels to look at again")
        report |= beside(judge, parent, learnt, own)
        report |= {"suspects": suspects(judge, parent, own), "warnings": warnings(own)}
        manifest = judged(manifest, report | {"compared_with": champion, "parity": round(difference, 7)})
        write_manifest(staged, manifest)
        store.add(staged, manifest.adapter_id)
    finally:
        discard(staged)
    progress(1.0, "done")
    return manifest


def compare(judge: Judge, champion: Path, candidate: Path, own: TenantLabels) -> dict[str, Any]:
    """Figures of two adapters on the frozen held-out calls."""
    sets = held_out(own)
    read_before, read_after = judge.read(champion, sets), judge.read(candidate, sets)
    before, after = scores(sets, read_before), scores(sets, read_after)
    return {
        "before": headlines(before),
        "after": headlines(after),
        "before_full": before,
        "after_full": after,
        "worse_share": worse_shares(sets, read_before, read_after),
        "held_out_sha256": dict(sets.hashes),
        "own_calls_held_out": len({one.call_id for one in sets.sets.get(OWN, ())}),
    }


def judged(manifest: Manifest, report: dict[str, Any]) -> Manifest:
    """The manifest with its report and what the gate said."""
    reasons = gate(report["before_full"], report["after_full"], report["worse_share"])
    return manifest.model_copy(
        update={"report": report, "gate": "refused" if reasons else "passed", "gate_reasons": reasons}
    )


def beside(judge: Judge, base: Path, learnt: Sequence[Example], own: TenantLabels) -> dict[str, Any]:
    """Figures of the adapter that training began from, and of the floor: a bag of words that learnt the same turns."""
    from finetune.floor import Floor

    sets = held_out(own)
    floor = Floor(sets.labels)
    floor.fit(learnt, within(examples(corpus("dev")), sets.labels))
    return {
        "base": headlines(scores(sets, judge.read(base, sets))),
        "floor": headlines(scores(sets, {name: floor.read(of) for name, of in sets.sets.items()})),
    }


def counts(own: TenantLabels) -> dict[str, int]:
    """How many labels of each type the tenant has outside its held-out calls."""
    apart = held_out_calls(line["call_id"] for line in own.lines)
    return Counter(signal["type"] for line in own.lines if line["call_id"] not in apart for signal in line["signals"])


def warnings(own: TenantLabels) -> list[str]:
    """What about the tenant's labels makes a poor teacher, in words for people."""
    found: list[str] = []
    given = counts(own)
    for one in own.labels.active.types:
        if LABELS.get(one.type) is None and given.get(one.type, 0) < LEAST_EXAMPLES:
            found.append(f"{one.title} has {given.get(one.type, 0)} labels; {LEAST_EXAMPLES} to ten are needed")
    alone = [name for name, count in given.items() if count == 1 and LABELS.get(name) is not None]
    if alone:
        found.append(f"one label each, which hardly teaches anything: {', '.join(sorted(alone))}")
    if len(given) == 1 and sum(given.values()) >= LEAST_EXAMPLES:
        found.append(f"every label is {next(iter(given))}: label turns of other types and quiet ones, too")
    retired = sorted(name for name in given if name not in own.labels.active.names)
    if retired:
        found.append(f"labels of retired types are left out: {', '.join(retired)}")
    return found


def outdated(manifest: Manifest, own: TenantLabels, champion: AdapterId) -> bool:
    """Whether a candidate's comparison is of another champion or other held-out calls than today's."""
    report = manifest.report
    return report.get("compared_with") != champion or report.get("held_out_sha256") != dict(held_out(own).hashes)


def to_learn(tenant: TenantLabels, config: RunConfig) -> list[Example]:
    """The tenant's own turns, repeated to be heard, among a share of the corpus; held-out calls stay out.

    Raises:
        NothingToLearnError: there are none of the tenant's own.
    """
    lines = tenant.lines
    apart = held_out_calls(line["call_id"] for line in lines)
    own = examples((line for line in lines if line["call_id"] not in apart), weight=config.own_weight)
    if not own:
        raise NothingToLearnError("no labels to learn from; correct some signals on the page, or give --labels FILE")
    mixed = examples(corpus("train"))
    kept = random.Random(config.seed).sample(mixed, min(len(mixed), config.corpus_turns))
    repeats = max(1, round(config.own_share * len(kept) / len(own) / (1 - config.own_share)))
    return within([*(own * min(repeats, config.own_repeats)), *kept], tenant.labels)


def _trained(
    wanted: Wanted, labels: LabelSet, learnt: Sequence[Example], parent: Path, progress: "Progress"
) -> "Trainer":
    from finetune.train import Trainer

    progress(0.0, "loading the encoder")
    config = wanted.config.for_tenant()
    start = with_types(read_adapter(parent / ADAPTER_FILE), read_manifest(parent).decoding.labels, labels, config.seed)
    trainer = Trainer(wanted.models_dir, labels, config, start)
    trainer.fit(learnt, wanted.config.own_epochs, lambda share, text: progress(0.85 * share, text))
    trainer.step_back(wanted.config.own_step)
    return trainer
