from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import UnreadableSourceError
from graph.imports.documents import read_documents
from graph.imports.markdown import parsed, slug
from tests.graph.graph_samples import TENANT
from tests.graph.test_graph_imports import split, written

MARKDOWN = """---
competitor: Tillwise
updated_at: 2026-01-02
may_say: false
url: "https://example.org"
ignored: yes
---
# Tillwise at a glance #

A vendor of tills.

## What's new in 2.0?
Faster.
```
## not a heading
```
## Pricing
A fee.
## Pricing
Another one.
## Über uns & Kunden!
Viele.
## ???
Odd.
## Empty
"""


def test_markdown_sections(tmp_path: Path) -> None:
    (tmp_path / "Tillwise.md").write_text(MARKDOWN, encoding="utf-8")
    items, rejected = split(read_documents(tmp_path, TENANT))
    assert rejected == []
    assert [(one.id, one.section) for one in items] == [
        ("Tillwise", "introduction"),
        ("Tillwise", "whats-new-in-2-0"),
        ("Tillwise", "pricing"),
        ("Tillwise", "pricing-2"),
        ("Tillwise", "über-uns-kunden"),
        ("Tillwise", "section"),
        ("Tillwise", "empty"),
    ]
    assert [one.title for one in items[:2]] == ["Tillwise at a glance", "Tillwise at a glance · What's new in 2.0?"]
    assert items[0].text == "A vendor of tills."
    assert "## not a heading" in items[1].text
    assert {(one.competitor, one.may_say, one.updated_at) for one in items} == {("Tillwise", False, "2026-01-02")}
    assert items[0].url == "https://example.org"


@pytest.mark.parametrize(
    ("heading", "section_id"),
    [
        ("Pricing", "pricing"),
        ("  What\u2019s the  plan -- really?", "whats-the-plan-really"),
        ("a_b", "a-b"),
        ("R&D 24/7", "r-d-24-7"),
        ("--", "section"),
    ],
)
def test_section_ids(heading: str, section_id: str) -> None:
    assert slug(heading) == section_id


def test_repeated_headings_never_collide() -> None:
    text = "## Plan\n## Plan 2\n## Plan\n## Plan\n## Introduction\n"
    found = [one.section_id for one in parsed("before\n" + text).sections]
    assert found == ["introduction", "plan", "plan-2", "plan-3", "plan-4", "introduction-2"]


@given(st.text("#ab -`\n'", max_size=200))
def test_any_markdown_has_sections_of_distinct_ids(text: str) -> None:
    sections = parsed(text).sections
    assert len({one.section_id for one in sections}) == len(sections)
    assert all(1 <= one.line <= len(text.splitlines()) + 1 for one in sections)


def test_front_matter_errors_name_their_line_once(tmp_path: Path) -> None:
    path = tmp_path / "doc.md"
    path.write_text("---\ncompetitor: X\nmay_say: perhaps\n---\n# T\na\n## One\nb\n", encoding="utf-8")
    items, rejected = split(read_documents(path, TENANT))
    assert items == []
    assert [(one.file, one.line, one.field) for one in rejected] == [(str(path), 3, "may_say")]


def test_a_folder_goes_on_after_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"# \xff")
    (tmp_path / "b.md").write_text("No heading at all.")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.md").write_text("# Same stem\ntext")
    (tmp_path / "notes.txt").write_text("not read")
    items, rejected = split(read_documents(tmp_path, TENANT))
    assert [(one.id, one.section, one.title) for one in items] == [("b", "introduction", "b")]
    assert [Path(one.file).name for one in rejected] == ["a.md", "b.md"]
    assert "not UTF-8" in rejected[0].reason


def test_a_folder_without_markdown(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSourceError, match="no Markdown"):
        list(read_documents(tmp_path, TENANT))


def test_documents_as_json_lines(tmp_path: Path) -> None:
    row = {"doc_id": "d", "section_id": "s", "title": "T", "text": "x", "competitor": "Tillwise"}
    items, rejected = split(read_documents(written(tmp_path / "d.jsonl", row, {**row, "section_id": ""}), TENANT))
    assert [(one.id, one.section, one.competitor) for one in items] == [("d", "s", "Tillwise")]
    assert [(one.line, one.field) for one in rejected] == [(2, "section_id")]
