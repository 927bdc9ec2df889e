"""What merging, linking and needs' lives were fitted on: vendors, families of wants, episodes; and the test part.

The test part has the same forms; nothing is fitted on it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asr.ordinary import ordinary_words
from graph.candidates import Query
from graph.encoder import Remembered
from graph.gazetteer import gazetteer
from graph.imports.documents import read_documents
from graph.imports.roadmap import read_roadmap
from graph.imports.tickets import read_tickets
from graph.messages import Item
from graph.reference import meant
from ingest.messages import TenantId
from intent.config import IntentConfig
from intent.messages import Kind
from intent.model import IntentModel, LinkingEncoder

DEVELOPMENT = Path(__file__).parent
TEST_PART = DEVELOPMENT.parent / "test_part"
TENANT = TenantId("made-up")
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, the names of all items a careful person would show, and of some that only look right."""

    query: Query
    relevant: frozenset[str]
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One voicing of a want."""

    query: Query

    @property
    def texts(self) -> tuple[str, ...]:
        """It with the turn before, and its own words."""
        return self.query.setting, self.query.text


def linking_encoder(models_dir: Path) -> Remembered:
    """The encoder as merging and linking use it, with room for all texts of both parts."""
    return Remembered(LinkingEncoder(IntentModel(models_dir, IntentConfig(threads=2))), REMEMBERED)


def worlds(part: Path) -> tuple[Path, ...]:
    """The folders of a part's vendors."""
    return tuple(sorted((part / "worlds").iterdir()))


def world(folder: Path, tenant_id: TenantId = TENANT) -> tuple[Item, ...]:
    """Read the items of a vendor's tickets, roadmap and documents."""
    read = (
        *read_tickets(folder / "tickets.jsonl", tenant_id),
        *read_roadmap(folder / "roadmap.jsonl", tenant_id),
        *read_documents(folder / "documents", tenant_id),
    )
    return tuple(one for one in read if isinstance(one, Item))


def queries(folder: Path) -> tuple[Asked, ...]:
    """Read a vendor's `queries.jsonl`; which competitor a query means is told by the rules that calls are told by."""
    competitors = {item.competitor for item in world(folder) if item.competitor}
    known = gazetteer(competitors, (), (), {}, None, ordinary_words())
    read = [(_query(row, row["kind"]), row) for row in rows(folder / "queries.jsonl")]
    return tuple(
        Asked(
            replace(query, rivals=meant(query.utterance, query.context, known)),
            frozenset(row["relevant"]),
            tuple(row.get("near", ())),
        )
        for query, row in read
    )


def families() -> Iterator[tuple[tuple[Said, ...], ...]]:
    """Families of wants that a careless reader could take for one another: wants of voicings."""
    for row in rows(DEVELOPMENT / "families.jsonl"):
        yield tuple(tuple(Said(_query(one, row["kind"])) for one in want["voicings"]) for want in row["wants"])


def rows(path: Path) -> list[dict[str, Any]]:
    """Lines of a file of JSON objects."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _query(row: Mapping[str, Any], kind: Kind) -> Query:
    context: Sequence[Mapping[str, str]] = row.get("context", ())
    return Query(
        text=row["words"],
        utterance=row["text"],
        context=tuple(turn["text"] for turn in context),
        kind=kind,
        type=row["type"],
    )
