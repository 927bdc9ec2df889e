"""Exports of trackers and help desks as these programs write them, in our fields."""

import csv
import json
from pathlib import Path

import pytest

from graph.errors import UnreadableSourceError
from graph.imports.documents import read_documents
from graph.imports.html import as_markdown, plain_text
from graph.imports.roadmap import read_roadmap
from graph.imports.rows import Rejected
from graph.imports.tickets import read_tickets
from graph.imports.trackers import FieldMapping
from graph.messages import Item
from tests.graph.graph_samples import TENANT

ADF = {
    "type": "doc",
    "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "Every branch wants its own bill."}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "Since May."}]},
    ],
}
JIRA = {
    "key": "ACC-7",
    "fields": {
        "summary": "Split invoices",
        "description": ADF,
        "status": {"name": "In Progress"},
        "created": "2026-03-02T12:00:00.000+0100",
        "labels": ["billing"],
        "resolution": None,
    },
}
GITHUB = {
    "number": 12,
    "title": "Split invoices",
    "body": None,
    "state": "OPEN",
    "createdAt": "2026-03-02T12:00:00Z",
    "labels": [{"name": "billing"}],
    "url": "https://example.org/12",
}
ZENDESK = {
    "id": 35,
    "subject": "Split invoices",
    "description": "<p>Every branch wants<br>its own bill.</p><script>alert(1)</script>",
    "status": "open",
    "created_at": "2026-03-02T12:00:00Z",
    "tags": ["billing"],
}
FRESHDESK = {**ZENDESK, "status": 4, "description_text": "Every branch wants its own bill."}
SERVICE_NOW = {
    "number": "INC0010001",
    "short_description": "Split invoices",
    "description": {"display_value": "Every branch wants its own bill.", "value": "x"},
    "state": "New",
    "sys_created_on": "2026-03-02 12:00:00",
    "close_notes": "Done.",
}


def tickets(path: Path, mapping: FieldMapping | None = None) -> list[Item]:
    found = list(read_tickets(path, TENANT, mapping=mapping))
    assert not [one for one in found if isinstance(one, Rejected)], found
    return [one for one in found if isinstance(one, Item)]


@pytest.mark.parametrize(
    ("record", "id", "status", "text"),
    [
        (JIRA, "ACC-7", "In Progress", "Every branch wants its own bill.\nSince May."),
        (GITHUB, "#12", "open", ""),
        (ZENDESK, "35", "open", "Every branch wants\nits own bill."),
        (FRESHDESK, "35", "resolved", "Every branch wants its own bill."),
        (SERVICE_NOW, "INC0010001", "New", "Every branch wants its own bill.\n\nResolution: Done."),
    ],
    ids=["jira", "github", "zendesk", "freshdesk", "servicenow"],
)
def test_json_of_an_interface(record: dict[str, object], id: str, status: str, text: str, tmp_path: Path) -> None:
    for name, content in (
        ("lines.jsonl", json.dumps(record)),
        ("array.json", json.dumps([record])),
        ("page.json", json.dumps({"total": 1, "issues": [record]}, indent=1)),
    ):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        (item,) = tickets(path)
        assert (item.id, item.title, item.status, item.text) == (id, "Split invoices", status, text)
        assert item.created_at is not None
        assert item.created_at.startswith("2026-03-02T12:00") or item.created_at == "2026-03-02 12:00:00"


@pytest.mark.parametrize(
    ("row", "id"),
    [
        (
            {
                "Issue key": "ACC-7",
                "Summary": "Split",
                "Description": "Own bills",
                "Status": "Done",
                "Created": "02/Mar/26 12:00 PM",
            },
            "ACC-7",
        ),
        (
            {
                "ID": "35",
                "Subject": "Split",
                "Description": "Own bills",
                "Status": "Open",
                "Created at": "2026-03-02 12:00",
            },
            "35",
        ),
        (
            {
                "Ticket ID": "9",
                "Subject": "Split",
                "Description": "Own bills",
                "Status": "Open",
                "Created time": "2026-03-02 12:00:00",
            },
            "9",
        ),
    ],
    ids=["jira", "zendesk", "freshdesk"],
)
def test_tables(row: dict[str, str], id: str, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    (item,) = tickets(path)
    assert (item.id, item.title, item.text) == (id, "Split", "Own bills")


def test_roadmaps_of_linear_productboard_and_jira(tmp_path: Path) -> None:
    linear = {
        "ID": "N-1",
        "Team": "Core",
        "Title": "Split",
        "Description": "d",
        "Status": "Planned",
        "Created": "2026-01-02",
    }
    board = {"id": "77", "name": "Split", "description": "<b>d</b>", "status": "Planned", "timeframe": "2026-Q2"}
    path = tmp_path / "r.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in (linear, board, JIRA)), encoding="utf-8")
    found = list(read_roadmap(path, TENANT))
    assert [(one.id, one.quarter) for one in found if isinstance(one, Item)] == [
        ("N-1", None),
        ("77", "2026-Q2"),
        ("ACC-7", None),
    ]


def test_a_mapping_file_names_the_fields_of_anything_else(tmp_path: Path) -> None:
    names = tmp_path / "names.toml"
    names.write_text('id = "Nr"\ntitle = "Betreff"\nbody = "inhalt.text"\nstatus = "Stand"\ncreated_at = "am"\n')
    row = {"Nr": 5, "Betreff": "Split", "inhalt": {"text": "Own bills"}, "Stand": "offen", "am": "2026-01-02"}
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    (item,) = tickets(path, FieldMapping.read(names))
    assert (item.id, item.title, item.text, item.status) == ("5", "Split", "Own bills", "offen")
    for text in ("id = 5", "id = "):
        names.write_text(text)
        with pytest.raises(UnreadableSourceError, match=r"TOML|Subject"):
            FieldMapping.read(names)
    with pytest.raises(UnreadableSourceError):
        FieldMapping.read(tmp_path / "no.toml")


def test_our_own_records_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    own = {
        "id": "T-1",
        "title": "A < B and B > C",
        "body": "x",
        "status": "open",
        "created_at": "2026-01-02",
        "subject": None,
    }
    path.write_text(json.dumps(own), encoding="utf-8")
    assert tickets(path)[0].title == "A < B and B > C"


def test_a_known_form_without_its_fields_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"number": 3, "title": "", "state": "open"}), encoding="utf-8")
    (found,) = read_tickets(path, TENANT)
    assert isinstance(found, Rejected)
    assert found.field in ("title", "created_at")


def test_pages_of_html_are_documents(tmp_path: Path) -> None:
    (tmp_path / "rival.html").write_text(
        "<html><head><title>Tillwise</title><style>p {}</style></head><body><h2>Pricing</h2><p>A fee &amp; more.</p>"
        "<h2>Support</h2><p>Chat only.</p></body></html>"
    )
    found = [one for one in read_documents(tmp_path, TENANT) if isinstance(one, Item)]
    assert [(one.id, one.section, one.text) for one in found] == [
        ("rival", "pricing", "A fee & more."),
        ("rival", "support", "Chat only."),
    ]


def test_html_is_read_and_nothing_else_is() -> None:
    assert plain_text("a <b>bold</b> word<p>and more</p>") == "a bold word\nand more"
    assert plain_text("1 < 2 and <unknown> stays") == "1 < 2 and <unknown> stays"
    assert plain_text("<p>") == ""
    assert as_markdown("<h1>T</h1><h2>S</h2>x") == "# T\n## S\nx"
