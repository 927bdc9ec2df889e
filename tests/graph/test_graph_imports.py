import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError
from graph.imports.roadmap import read_roadmap
from graph.imports.rows import Rejected
from graph.imports.tickets import read_tickets
from graph.messages import Item
from tests.graph.graph_samples import TENANT

TICKET = {"id": "T-1", "title": "Split", "body": "By cost centre.", "status": "open", "created_at": "2026-01-02"}
FULL = {
    **TICKET,
    "customer": "Hill Foods",
    "tags": ["billing", "split"],
    "resolution": "Done in May.",
    "competitor": "Tillwise",
    "updated_at": "2026-02-03T10:00:00Z",
    "may_say": False,
    "url": "https://example.org/T-1",
    "votes": 7,
}
SMALL = ImportConfig(max_line_bytes=1_000)


def split(read: Iterator[Item | Rejected]) -> tuple[list[Item], list[Rejected]]:
    found = list(read)
    return [one for one in found if isinstance(one, Item)], [one for one in found if isinstance(one, Rejected)]


def written(path: Path, *rows: object) -> Path:
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def test_a_ticket_with_everything(tmp_path: Path) -> None:
    items, rejected = split(read_tickets(written(tmp_path / "t.jsonl", FULL), TENANT))
    assert rejected == []
    item = items[0]
    assert (item.kind, item.id, item.section, item.title) == ("ticket", "T-1", None, "Split")
    assert item.text == "By cost centre.\n\nResolution: Done in May."
    assert (item.status, item.tags, item.competitor, item.may_say) == ("open", ("billing", "split"), "Tillwise", False)
    assert (item.created_at, item.updated_at, item.url) == ("2026-01-02", "2026-02-03T10:00:00Z", FULL["url"])


def test_the_version_is_of_the_content(tmp_path: Path) -> None:
    rows = (TICKET, {**TICKET, "unknown": 1}, {**TICKET, "title": "Other"})
    same, also, other = split(read_tickets(written(tmp_path / "t.jsonl", *rows), TENANT))[0]
    assert same.version == also.version != other.version
    assert len(same.version) == 64


@pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson", "t.json", "array.json", "t.csv"])
def test_every_form_gives_the_same_item(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "array.json":
        path.write_text(json.dumps([TICKET], indent=2), encoding="utf-8-sig")
    elif name == "t.csv":
        path.write_text(f"{','.join(TICKET)}\n{','.join(TICKET.values())}\n", encoding="utf-8-sig")
    else:
        path.write_text(json.dumps(TICKET), encoding="utf-8-sig")
    items, rejected = split(read_tickets(path, TENANT))
    assert rejected == []
    expected = split(read_tickets(written(tmp_path / "plain.jsonl", TICKET), TENANT))[0]
    assert items == expected


def test_csv_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "id,title,body,status,created_at,tags,may_say\r\n"
        '7,"A ""quoted"" title","two\r\nlines",open,2026-01-02,"a; b|c",false\r\n'
        "8,Empty cells,,open,2026-01-02,,\r\n",
        encoding="utf-8",
    )
    items, rejected = split(read_tickets(path, TENANT))
    assert rejected == []
    assert (items[0].id, items[0].title, items[0].tags, items[0].may_say) == (
        "7",
        'A "quoted" title',
        ("a", "b", "c"),
        False,
    )
    assert (items[1].text, items[1].tags, items[1].may_say) == ("", (), None)


def test_csv_errors_name_their_line_and_the_rest_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    head = "id,title,body,status,created_at\n"
    rows = ["1,a,b,open,2026-01-02", "2,a,b,open,2026-01-02,more", "3,a,b,open,soon", "4,\xff,b,open,2026-01-02"]
    path.write_bytes((head + "\n".join(rows) + "\n5,a,b,open,2026-01-02\n").encode("latin-1"))
    items, rejected = split(read_tickets(path, TENANT))
    assert [item.id for item in items] == ["1", "5"]
    assert [(one.line, one.field) for one in rejected] == [(3, None), (4, "created_at"), (5, "title")]


def test_broken_lines_are_reported_and_the_good_ones_taken(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.jsonl",
        TICKET,
        "{not json",
        "[1, 2]",
        {**TICKET, "id": "T-2", "created_at": "yesterday"},
        {name: value for name, value in TICKET.items() if name != "title"},
        {**TICKET, "id": ""},
        "",
        {**TICKET, "id": "T-3", "may_say": "perhaps"},
        {**TICKET, "id": 9},
    )
    items, rejected = split(read_tickets(path, TENANT))
    assert [item.id for item in items] == ["T-1", "9"]
    assert [(one.line, one.field) for one in rejected] == [
        (2, None),
        (3, None),
        (4, "created_at"),
        (5, "title"),
        (6, "id"),
        (8, "may_say"),
    ]
    assert all(one.file == str(path) and one.reason for one in rejected)
    assert "2026-03-02" in rejected[2].reason


def test_too_long_not_utf8_and_nested_too_deep(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    good = json.dumps(TICKET).encode()
    lines = [good, b'{"id": "' + b"x" * 5_000 + b'"}', b'{"id": "\xff"}', b"[" * 900, good.replace(b"T-1", b"T-2")]
    path.write_bytes(b"\n".join(lines))
    items, rejected = split(read_tickets(path, TENANT, config=SMALL))
    assert [item.id for item in items] == ["T-1", "T-2"]
    assert [one.line for one in rejected] == [2, 3, 4]
    assert "longer than 1000 bytes" in rejected[0].reason
    assert rejected[1].reason == "not UTF-8"


@pytest.mark.parametrize("name", ["deep.jsonl", "deep.json"])
def test_nesting_without_end_is_no_crash(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    deep = '{"id": ' + "[" * 200_000 + "]" * 200_000 + "}"
    path.write_text(f"[{deep}]" if name == "deep.json" else f"{deep}\n{json.dumps(TICKET)}\n")
    items, rejected = split(read_tickets(path, TENANT))
    assert len(rejected) == 1
    assert [item.id for item in items] == ([] if name == "deep.json" else ["T-1"])


def test_an_array_is_read_up_to_where_it_breaks(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(f"[\n{json.dumps(TICKET)},\n7,\n{{broken\n]")
    items, rejected = split(read_tickets(path, TENANT))
    assert [item.id for item in items] == ["T-1"]
    assert [one.line for one in rejected] == [3, 4]


def test_an_array_without_end_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(f"[{json.dumps(TICKET)}")
    items, rejected = split(read_tickets(path, TENANT))
    assert len(items) == len(rejected) == 1


def test_a_text_that_cannot_be_stored_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(TICKET).replace("Split", "\\ud800") + "\n" + json.dumps({**TICKET, "id": "T-2"}))
    items, rejected = split(read_tickets(path, TENANT))
    assert [item.id for item in items] == ["T-2"]
    assert [(one.line, one.field) for one in rejected] == [(1, "title")]


@pytest.mark.parametrize("name", ["t.txt", "nothing.jsonl", "folder.json"])
def test_what_cannot_be_read_at_all(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.txt").write_text("{}")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(UnreadableSourceError, match=name.replace(".", r"\.")):
        list(read_tickets(tmp_path / name, TENANT))


def test_a_stated_form_goes_before_the_name(tmp_path: Path) -> None:
    assert len(split(read_tickets(written(tmp_path / "t.txt", TICKET), TENANT, "jsonl"))[0]) == 1


def test_a_file_read_at_once_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps([TICKET] * 30))
    with pytest.raises(UnreadableSourceError, match="at most"):
        list(read_tickets(path, TENANT, config=ImportConfig(max_file_bytes=1_000)))


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.csv"])
def test_a_body_of_five_megabytes_is_refused_by_its_length(tmp_path: Path, name: str) -> None:
    path, huge = tmp_path / name, {**TICKET, "body": "two\nlines " * 500_000}
    after = {**TICKET, "id": "T-2"}
    if name == "t.csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, TICKET)
            writer.writeheader()
            writer.writerows((huge, after))
    else:
        path.write_text(json.dumps([huge, after]) if name == "t.json" else f"{json.dumps(huge)}\n{json.dumps(after)}\n")
    items, rejected = split(read_tickets(path, TENANT))
    assert [item.id for item in items] == ["T-2"]
    (one,) = rejected
    assert re.search(r"longer than 1000000|at most 200000 characters", one.reason)


@pytest.mark.parametrize("body", ["", "   \n", "<p></p><br/>", "<script>alert(1)</script>"])
def test_an_item_without_text_is_taken_by_its_title(tmp_path: Path, body: str) -> None:
    items, rejected = split(read_tickets(written(tmp_path / "t.jsonl", {**TICKET, "body": body}), TENANT))
    assert rejected == []
    assert [(one.title, one.text) for one in items] == [("Split", "")]


@pytest.mark.parametrize(
    "title", ['title:foo AND (bar*) ~"x" ]', "'}) DETACH DELETE (n) //", "\u202e\u05e9\u05dc\u05d5\u05dd", "拆分发票"]
)
def test_titles_stay_as_they_are_written(tmp_path: Path, title: str) -> None:
    items, _ = split(read_tickets(written(tmp_path / "t.jsonl", {**TICKET, "title": title}), TENANT))
    assert [one.title for one in items] == [title]


def test_roadmap(tmp_path: Path) -> None:
    row = {"id": "R-1", "title": "Export", "description": "To the ledger.", "status": "planned", "quarter": "2026-Q3"}
    path = written(tmp_path / "r.jsonl", row, {**row, "id": "R-2", "may_say": False}, {"id": "R-3"})
    items, rejected = split(read_roadmap(path, TENANT))
    assert [(one.kind, one.id, one.quarter, one.may_say) for one in items] == [
        ("roadmap", "R-1", "2026-Q3", None),
        ("roadmap", "R-2", "2026-Q3", False),
    ]
    assert [(one.line, one.field) for one in rejected] == [(3, "title")]
