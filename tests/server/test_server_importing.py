"""Importing twice, again and completely: what the journal, the index and the counts say."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from graph.config import JournalConfig
from graph.imports.rows import Rejected
from graph.imports.tickets import read_tickets
from graph.index import ItemIndex
from graph.keys import KeyStore
from graph.messages import Item, ItemRemoved
from graph.tenants import TenantFolder
from server.importing import Importer
from server.tenant import Tenant
from tests.graph.graph_samples import TENANT
from tests.graph.graph_search_samples import BagEncoder, query
from tests.server.server_child import verb

TICKET = {"id": "T-1", "title": "Split", "body": "By cost centre.", "status": "open", "created_at": "2026-01-02"}


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    folder = TenantFolder(tmp_path, TENANT)
    keys = KeyStore(folder.keys)
    opened = Tenant(folder, keys, JournalConfig())
    yield opened
    opened.close()
    keys.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ItemIndex]:
    opened = ItemIndex(tmp_path / "index", BagEncoder())
    yield opened
    opened.close()


def file_of(folder: Path, *rows: object) -> Path:
    path = folder / "tickets.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def tickets(folder: Path, *rows: object) -> tuple[list[Item], list[Rejected]]:
    found = list(read_tickets(file_of(folder, *rows), TENANT))
    return [one for one in found if isinstance(one, Item)], [one for one in found if isinstance(one, Rejected)]


def several(*ids: str) -> list[dict[str, str]]:
    return [{**TICKET, "id": one} for one in ids]


def held(index: ItemIndex) -> set[str]:
    return {id for _, id, _ in index.held("ticket")}


def test_the_same_source_twice_changes_nothing(tmp_path: Path, tenant: Tenant, index: ItemIndex) -> None:
    items, rejected = tickets(tmp_path, TICKET, *several("T-2"), "{broken", *several("T-2"))
    importer = Importer(tenant, index)
    importer.take(items)
    assert importer.counts == {"added": 2, "changed": 0, "unchanged": 1, "removed": 0}
    assert len(rejected) == 1
    last = tenant.journal.last_seq()
    again = Importer(tenant, index)
    again.take(items)
    assert (again.counts["unchanged"], tenant.journal.last_seq()) == (3, last)
    again.take(tickets(tmp_path, {**TICKET, "title": "Newer"})[0])
    assert again.counts["changed"] == 1
    assert [event.actor for event in tenant.journal.read(kinds=["item"])] == ["import"] * 3


def test_of_one_id_twice_in_a_file_the_last_counts(tmp_path: Path, tenant: Tenant, index: ItemIndex) -> None:
    Importer(tenant, index).take(tickets(tmp_path, TICKET, {**TICKET, "title": "Second"})[0])
    found = index.get("ticket", "T-1")
    assert found is not None
    assert found.title == "Second"
    assert tenant.journal.last_seq() == 1


def test_a_recycled_id_gets_the_new_text(tmp_path: Path, tenant: Tenant, index: ItemIndex) -> None:
    Importer(tenant, index).take(tickets(tmp_path, TICKET)[0])
    Importer(tenant, index).take(tickets(tmp_path, {**TICKET, "title": "Forklift", "body": "Pairing fails."})[0])
    best = index.candidates(query("forklift pairing"))["ticket"][0]
    assert (best.item.text, best.words_share) == ("Pairing fails.", 1.0)
    assert index.candidates(query("cost centre"))["ticket"][0].overlap == 0.0


def completed(
    tenant: Tenant, index: ItemIndex, items: Sequence[Item], rejected: Sequence[Rejected] = (), sure: bool = False
) -> tuple[str | None, int]:
    importer = Importer(tenant, index)
    importer.take(items)
    refusal = importer.complete("ticket", rejected, sure=sure)
    return refusal, importer.counts["removed"]


def test_a_complete_source_removes_what_it_no_longer_holds(tmp_path: Path, tenant: Tenant, index: ItemIndex) -> None:
    Importer(tenant, index).take(tickets(tmp_path, *several("A", "B", "C"))[0])
    assert completed(tenant, index, tickets(tmp_path, *several("A", "C", "D"))[0]) == (None, 1)
    assert held(index) == {"A", "C", "D"}
    gone = [event.message for event in tenant.journal.read(kinds=["item_removed"])]
    assert [(one.kind, one.id, one.author) for one in gone if isinstance(one, ItemRemoved)] == [
        ("ticket", "B", "import")
    ]
    assert completed(tenant, index, tickets(tmp_path, *several("A", "B", "C", "D"))[0]) == (None, 0)
    assert held(index) == {"A", "B", "C", "D"}


def test_a_source_cut_short_removes_nothing_unless_somebody_is_sure(
    tmp_path: Path, tenant: Tenant, index: ItemIndex
) -> None:
    Importer(tenant, index).take(tickets(tmp_path, *several(*"ABCDEF"))[0])
    few = tickets(tmp_path, *several("A", "B"))[0]
    refusal, removed = completed(tenant, index, few)
    assert "4 of 6" in str(refusal)
    assert (removed, len(held(index))) == (0, 6)
    most, broken = tickets(tmp_path, *several(*"ABCDE"), '{"id": "F", "ti')
    refusal, removed = completed(tenant, index, most, broken)
    assert "could not be read" in str(refusal)
    assert removed == 0
    assert completed(tenant, index, few, sure=True) == (None, 4)
    assert held(index) == {"A", "B"}
    refusal, removed = completed(tenant, index, (), sure=True)
    assert "no item" in str(refusal)
    assert held(index) == {"A", "B"}


def test_a_rejected_record_is_still_in_its_source(tmp_path: Path, tenant: Tenant, index: ItemIndex) -> None:
    Importer(tenant, index).take(tickets(tmp_path, *several(*"ABCDE"))[0])
    items, rejected = tickets(tmp_path, *several("A", "B", "C"), {**TICKET, "id": "D", "title": ""})
    assert completed(tenant, index, items, rejected) == (None, 1)
    assert held(index) == {"A", "B", "C", "D"}


@pytest.mark.model
def test_the_verb_imports_completely_and_removes_by_id(tmp_path: Path, models_dir: Path) -> None:
    places = ("--data", tmp_path / "data", "--models", models_dir, "--json")
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "rival.md").write_text("# Rival\n## Pricing\nA fee.\n## Support\nChat.\n")
    assert verb("import", "documents", documents, *places).returncode == 0
    assert verb("import", "tickets", file_of(tmp_path, *several("A", "B", "C")), *places).returncode == 0
    short = file_of(tmp_path, *several("A"))
    done = verb("import", "tickets", short, "--complete", *places)
    assert (done.returncode, json.loads(done.stdout)["removed"]) == (1, 0)
    assert "--yes" in done.stderr
    done = verb("import", "tickets", short, "--complete", "--yes", *places)
    assert (done.returncode, json.loads(done.stdout)["removed"]) == (0, 2)
    done = verb("import", "remove", "documents", "rival", "unheard-of", *places)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"removed": 2, "unknown": ["unheard-of"]})
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    done = verb("import", "tickets", empty, "--complete", *places)
    assert (done.returncode, json.loads(done.stdout)["removed"]) == (2, 0)
    assert "nothing was removed" in done.stderr
