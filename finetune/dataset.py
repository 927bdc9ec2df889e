"""Where labelled lines come from: the shipped corpus, a tenant's journal, a file."""

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from eval.errors import BadLabelsError
from eval.signals.labelled import Line, read_lines
from finetune.errors import NothingToLearnError
from graph.history import folded
from graph.journal import Journal
from graph.keys import KeyStore
from graph.labels import labelled_lines
from graph.tenants import TenantFolder
from intent.labels import LABELS, LabelSet

Part = Literal["train", "dev", "held_out", "test"]


def corpus_file(part: Part) -> Path:
    """The file of a part of the shipped corpus."""
    return Path(str(files("intent"))) / "corpus" / f"{part}.jsonl"


def corpus(part: Part) -> list[dict[str, Any]]:
    """Lines of the shipped corpus."""
    text = corpus_file(part).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


@dataclass(frozen=True, slots=True)
class TenantLabels:
    """A tenant's label set and every turn of its calls that hold labels."""

    labels: LabelSet
    lines: list[Line]


def journal_labels(data_dir: Path, tenant: str) -> TenantLabels:
    """What the journal says; the shipped set and no lines for a tenant without one."""
    folder = TenantFolder(data_dir, tenant)
    if not folder.journal.is_file():
        return TenantLabels(LABELS, [])
    keys = KeyStore(folder.keys)
    journal = Journal(folder.journal, keys, folder.tenant_id)
    try:
        graph, _ = folded(journal, journal.last_seq())
        return TenantLabels(LABELS.changed(graph.label_types), list(labelled_lines(graph, whole_calls=True)))
    finally:
        journal.close()
        keys.close()


def file_lines(path: Path, labels: LabelSet) -> list[Line]:
    """Lines of a label file in our own form, call after call, each in the order of its turns.

    Args:
        path: of the file.
        labels: whose types may occur.

    Raises:
        NothingToLearnError: it does not read, or a line of it is wrong.
    """
    try:
        return read_lines(path, labels)
    except BadLabelsError as error:
        raise NothingToLearnError(str(error)) from error
