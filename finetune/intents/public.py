"""Public sets in the form they are published in → texts with their intents. For measuring only."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from finetune.errors import MissingSetError


@dataclass(frozen=True, slots=True)
class Said:
    """A text with its intents (one, several or none), what was said before it, and the dialogue it is from."""

    text: str
    intents: frozenset[str]
    before: str = ""
    group: str = ""


def banking77(root: Path) -> list[Said]:
    """The train part: 77 intents of bank customers, one a text."""
    with _open(root / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        return [Said(row["text"].strip(), frozenset({row["category"]})) for row in csv.DictReader(file)]


@dataclass(frozen=True, slots=True)
class Clinc:
    """CLINC150: 150 intents, and texts that hold none of them."""

    train: list[Said]
    val: list[Said]
    out_of_scope: list[Said]


def clinc150(root: Path) -> Clinc:
    """Train and validation parts; out-of-scope texts of both together, since each has only a hundred."""
    rows = json.loads(_open(root / "clinc150" / "data_train_val.json").read_text(encoding="utf-8"))
    parts = {name: [Said(text, frozenset({intent})) for text, intent in of] for name, of in rows.items()}
    return Clinc(parts["train"], parts["val"], [*parts["oos_val"], *parts["oos_train"]])


def nlupp(root: Path, domain: str) -> list[Said]:
    """Spoken requests of one domain with several intents each; `group` is the published fold."""
    found: list[Said] = []
    for number in range(10):
        rows = json.loads(_open(root / "nlupp" / domain / f"fold{number}.json").read_text(encoding="utf-8"))
        found += [Said(row["text"], frozenset(row.get("intents", ())), group=str(number)) for row in rows]
    return found


def casino(root: Path) -> list[Said]:
    """Turns of the annotated camp-site negotiations, with the turn before each."""
    dialogues = json.loads(_open(root / "casino" / "casino_train.json").read_text(encoding="utf-8"))
    found: list[Said] = []
    for dialogue in dialogues:
        before = ""
        for text, labels in dialogue["annotations"]:
            found.append(Said(text, frozenset(labels.split(",")), before, str(dialogue["dialogue_id"])))
            before = text
    return found


def swda(root: Path) -> list[Said]:
    """Utterances of telephone conversations; the dialogue act is the intent."""
    return list(_swda(_open(root / "swda" / "train.jsonl.gz")))


def _swda(path: Path) -> Iterator[Said]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            conversation = json.loads(line)
            before = ""
            for turn in conversation["turns"]:
                yield Said(turn["text"], frozenset({turn["da"]}), before, conversation["conv"])
                before = turn["text"]


def _open(path: Path) -> Path:
    if not path.is_file():
        raise MissingSetError(f"no {path}; `--sets DIR` names the folder that holds the public sets")
    return path
