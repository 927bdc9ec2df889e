"""Word, PDF and Confluence as sources of documents: what becomes a section, and what is refused by name."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError
from graph.imports.documents import read_documents
from graph.imports.docx import read_docx
from graph.imports.html import as_markdown
from graph.imports.pdf import read_pdf
from graph.imports.rows import Rejected
from tests.graph.graph_document_files import lying_archive, pdf_file, word_file
from tests.graph.graph_samples import TENANT
from tests.graph.test_graph_imports import split

BOUNDS = ImportConfig()
CORE_PROPERTIES = re.compile(rb"<Relationship [^>]*metadata/core-properties[^>]*/>")

WORDS = (
    ("Heading 1", "Tillwise at a glance"),
    (None, "A vendor of tills."),
    ("Heading 2", "Pricing"),
    (None, "## A fee for each till."),
    ("Heading 3", "Discounts"),
    (None, "None."),
)
HEAD = "Tillwise price list"
PAGES = (
    (
        HEAD,
        "Pricing",
        "Each branch pays a fee for every exam-",
        "ple till that it keeps. The cost-centre is billed.",
        "1",
    ),
    (HEAD, "It is due monthly and the cost-", "centre pays. Support", "Support", "Chat only.", "2"),
    (HEAD, "Phone costs more.", "3"),
    (HEAD, "The end.", "4"),
)


def sections(path: Path, bounds: ImportConfig = BOUNDS) -> list[tuple[str, str | None, str, str]]:
    items, rejected = split(read_documents(path, TENANT, config=bounds))
    assert rejected == []
    return [(one.id, one.section, one.title, one.text) for one in items]


def refused(path: Path, bounds: ImportConfig = BOUNDS) -> Rejected:
    items, rejected = split(read_documents(path, TENANT, config=bounds))
    assert items == []
    (one,) = rejected
    return one


# --- Word ------------------------------------------------------------------------------------------------------------


def test_a_word_document_has_its_title_sections_and_tables(tmp_path: Path) -> None:
    path = word_file(tmp_path / "tillwise.docx", WORDS, table=(("Plan", "Price"), ("Basic", "10 EUR")))
    assert sections(path) == [
        ("tillwise", "introduction", "Tillwise at a glance", "A vendor of tills."),
        ("tillwise", "pricing", "Tillwise at a glance · Pricing", "## A fee for each till."),
        ("tillwise", "discounts", "Tillwise at a glance · Discounts", "None.\nPlan | Price\nBasic | 10 EUR"),
    ]
    assert split(read_documents(path, TENANT))[0][0].updated_at == "2026-03-02T12:00:00+00:00"


def test_the_style_title_goes_before_headings(tmp_path: Path) -> None:
    parts = (
        ("Title", "Tillwise"),
        ("Heading 1", "Pricing"),
        (None, "A fee."),
        ("Heading 1", "Support"),
        (None, "Chat."),
    )
    found = [title for _, _, title, _ in sections(word_file(tmp_path / "t.docx", parts))]
    assert found == ["Tillwise · Pricing", "Tillwise · Support"]
    found = [title for _, _, title, _ in sections(word_file(tmp_path / "chapters.docx", parts[1:]))]
    assert found == ["chapters · Pricing", "chapters · Support"]


def test_without_properties_the_time_of_change_is_unknown(tmp_path: Path) -> None:
    whole, bare = word_file(tmp_path / "t.docx", WORDS), tmp_path / "u.docx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(bare, "w") as new:
        for one in old.infolist():
            if "docProps/core" not in one.filename:
                new.writestr(one.filename, CORE_PROPERTIES.sub(b"", old.read(one)))
    assert {one.updated_at for one in split(read_documents(bare, TENANT))[0]} == {None}


# --- PDF -------------------------------------------------------------------------------------------------------------


def test_a_pdf_without_bookmarks_has_a_section_for_each_page(tmp_path: Path) -> None:
    found = sections(pdf_file(tmp_path / "prices.pdf", PAGES, title="Microsoft Word - Prices"))
    assert [one[:3] for one in found] == [("prices", f"page-{n}", f"Prices · Page {n}") for n in (1, 2, 3, 4)]
    assert "every example till that it keeps. The cost-centre is billed." in found[0][3]
    assert "the cost-centre pays." in found[1][3]
    assert not any(HEAD in text or text.rstrip().endswith(str(n)) for n, (*_, text) in enumerate(found, 1))


def test_bookmarks_are_sections_where_their_headings_stand(tmp_path: Path) -> None:
    path = pdf_file(tmp_path / "p.pdf", PAGES, bookmarks=(("Pricing", 0), ("Support", 1), ("The small print", 3)))
    found = sections(path)
    assert [one[1] for one in found] == ["pricing", "support", "the-small-print"]
    assert found[0][3].endswith("the cost-centre pays. Support")
    assert found[1][3] == "Chat only.\nPhone costs more."
    assert found[2][3] == "The end."
    assert split(read_documents(path, TENANT))[0][0].updated_at == "2026-03-02T12:00:00+00:00"


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda path: pdf_file(path, ((), ())), "text recognition"),
        (lambda path: pdf_file(path, PAGES, password="secret"), "without one"),
        (lambda path: path.write_bytes(b"%PDF-1.7\n" + b"\x00\xff" * 500), "print it"),
        (lambda path: path.write_bytes(b""), "print it"),
    ],
    ids=["scanned", "password", "broken", "empty"],
)
def test_a_pdf_that_gives_no_text_says_what_to_do(make, remedy: str, tmp_path: Path) -> None:
    make(tmp_path / "p.pdf")
    one = refused(tmp_path / "p.pdf")
    assert remedy in one.reason
    assert one.id == "p"


def test_a_pdf_that_opens_without_asking_is_read(tmp_path: Path) -> None:
    assert len(sections(pdf_file(tmp_path / "p.pdf", PAGES, password=""))) == 4


# --- bounds and broken files -----------------------------------------------------------------------------------------


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    small = ImportConfig(max_unpacked_bytes=1_000_000)
    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 5_000_000)
    assert "unpacks to 5000000 bytes" in refused(bomb, small).reason
    (tmp_path / "liar.docx").write_bytes(lying_archive("word/document.xml", b"0" * 5_000_000, 100))
    assert "Word" in refused(tmp_path / "liar.docx", small).reason
    (tmp_path / "liar.zip").write_bytes(lying_archive("a.md", b"0" * 5_000_000, 100))
    assert "broken inside" in refused(tmp_path / "liar.zip", small).reason
    bomb.rename(tmp_path / "bomb.zip")
    with pytest.raises(UnreadableSourceError, match="unpacks to"):
        list(read_documents(tmp_path / "bomb.zip", TENANT, config=small))


def test_bounds_of_pages_and_bytes(tmp_path: Path) -> None:
    path = pdf_file(tmp_path / "p.pdf", PAGES)
    assert "4 pages, at most 3" in refused(path, ImportConfig(max_pages=3)).reason
    assert "at most 1000 are read" in refused(path, ImportConfig(max_file_bytes=1_000)).reason


def test_an_old_or_protected_word_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "old.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "password" in refused(tmp_path / "old.docx").reason
    (tmp_path / "old.docx").write_bytes(b"no archive")
    assert "broken" in refused(tmp_path / "old.docx").reason
    assert "no text" in refused(word_file(tmp_path / "old.docx", ())).reason


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), junk=st.binary(min_size=1, max_size=40), cut=st.booleans())
@pytest.mark.parametrize("name", ["w.docx", "p.pdf"])
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, name: str, at: int, junk: bytes, cut: bool) -> None:
    path = tmp_path / name
    if not path.exists():
        _ = word_file(path, WORDS) if name == "w.docx" else pdf_file(path, PAGES, bookmarks=(("Pricing", 0),))
    whole = path.read_bytes()
    place = at % len(whole)
    damaged = whole[:place] + junk + (b"" if cut else whole[place + len(junk) :])
    try:
        document = read_docx(damaged, BOUNDS) if name == "w.docx" else read_pdf(damaged, BOUNDS)
    except UnreadableSourceError as error:
        assert str(error)
    else:
        assert document.sections


def test_a_folder_may_mix_them_and_goes_on_after_a_broken_one(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", WORDS)
    pdf_file(tmp_path / "b.pdf", ((), ()))
    (tmp_path / "c.md").write_text("# C\n## One\ntext\n")
    (tmp_path / "~$a.docx").write_bytes(b"lock")
    pdf_file(tmp_path / "d.pdf", PAGES)
    (tmp_path / "c.html").write_text("<h1>C</h1><p>The same name.</p>")
    items, rejected = split(read_documents(tmp_path, TENANT))
    assert [one.id for one in items] == ["a"] * 3 + ["c"] + ["d"] * 4
    assert [(one.id, Path(one.file).name) for one in rejected] == [("b", "b.pdf"), ("c", "c.md")]


def test_the_service_loads_neither_word_nor_pdf() -> None:
    script = (
        "import server.app, server.service, server.verbs.imports, sys; print({'docx', 'pypdf'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- Confluence ------------------------------------------------------------------------------------------------------

EXPORTED = """<!DOCTYPE html>
<html><head><title>Sales : Price list</title></head>
<body class="theme-default aui-theme-default"><div id="page"><div id="main" class="aui-page-panel">
<div id="main-header"><div id="breadcrumb-section"><ol id="breadcrumbs">
<li class="first"><span><a href="index.html">Sales</a></span></li><li><span><a href="Home_1.html">Home</a></span></li>
</ol></div>
<h1 id="title-heading" class="pagetitle"><span id="title-text"> Sales : Price list </span></h1></div>
<div id="content" class="view"><div class="page-metadata">
Created by <span class='author'> Jo Doe</span>, last modified by <span class='editor'> Al Roe</span> on Mar 02, 2026
</div>
<div id="main-content" class="wiki-content group"><div class="toc-macro"><ul><li>Fees</li></ul></div>
<p>All prices &amp; terms.</p><h1 id="x">Fees</h1><div class="panel"><p>Each till costs.</p></div>
<table class="confluenceTable"><tr><th><p>Plan</p></th><th><p>Price</p></th></tr>
<tr><td><p>Basic<br/>plan</p></td><td>10</td></tr></table>
<pre># not a title
## no section</pre></div>
<div class="pageSection group"><div class="pageSectionHeader">
<h2 id="attachments" class="pageSectionTitle">Attachments:</h2></div>
<div class="greybox"><a href="attachments/1/2.pdf">offer.pdf</a> (application/pdf)<br/></div></div>
</div></div><div id="footer"><p>Document generated by Confluence on Mar 03, 2026</p></div></div></body></html>"""
INDEX = """<html><head><title>Sales</title></head><body><div id="content"><div id="main-content" class="pageSection">
<table><tr><th>Key</th><td>SAL</td></tr></table></div><div class="pageSection"><div class="pageSectionHeader">
<h2 class="pageSectionTitle">Available Pages:</h2></div><ul><li><a href="Price-list_65538.html">Price list</a></li></ul>
</div></div></body></html>"""
STORED = (
    '<p>All prices &amp; terms.</p><h2>Fees</h2><ac:structured-macro ac:name="info" ac:schema-version="1">'
    '<ac:parameter ac:name="title">Hidden</ac:parameter><ac:rich-text-body><p>Each till costs.</p></ac:rich-text-body>'
    '</ac:structured-macro><ac:structured-macro ac:name="code"><ac:parameter ac:name="language">sql</ac:parameter>'
    "<ac:plain-text-body><![CDATA[SELECT 1 < 2 -- <b>\n# no title]]></ac:plain-text-body></ac:structured-macro>"
    '<p><ac:link><ri:page ri:content-title="Other" /><ac:plain-text-link-body><![CDATA[see other]]>'
    "</ac:plain-text-link-body></ac:link></p><ac:task-list><ac:task><ac:task-id>7</ac:task-id>"
    "<ac:task-status>incomplete</ac:task-status><ac:task-body>Ask Ines</ac:task-body></ac:task></ac:task-list>"
)


@pytest.mark.parametrize("packed", [False, True])
def test_a_confluence_export_gives_its_pages_and_nothing_around_them(packed: bool, tmp_path: Path) -> None:
    folder = tmp_path / "SAL"
    (folder / "attachments" / "1").mkdir(parents=True)
    (folder / "Price-list_65538.html").write_text(EXPORTED)
    (folder / "index.html").write_text(INDEX)
    pdf_file(folder / "attachments" / "1" / "2.pdf", PAGES)
    path = folder
    if packed:
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for one in sorted(folder.rglob("*")):
                archive.write(one, one.relative_to(tmp_path))
    assert sections(path) == [
        ("65538", "introduction", "Price list", "All prices & terms."),
        (
            "65538",
            "fees",
            "Price list · Fees",
            "Each till costs.\nPlan | Price\nBasic plan | 10\n    # not a title\n    ## no section",
        ),
    ]
    assert split(read_documents(path, TENANT))[0][0].updated_at == "2026-03-02"


@pytest.mark.parametrize("version", [{"when": "2026-03-02T12:00:00.000Z"}, {"createdAt": "2026-03-02T12:00:00.000Z"}])
def test_pages_of_the_interface_in_storage_format(version: dict[str, str], tmp_path: Path) -> None:
    page = {
        "id": "65538",
        "title": "Price list",
        "body": {"storage": {"value": STORED, "representation": "storage"}},
        "version": version,
        "_links": {"webui": "/spaces/SAL/pages/65538"},
    }
    bare = {**page, "id": "2", "body": {}}
    path = tmp_path / "pages.json"
    path.write_text(json.dumps({"results": [page, bare], "_links": {"base": "https://x.example/wiki"}}))
    items, rejected = split(read_documents(path, TENANT))
    assert [(one.id, one.section, one.title) for one in items] == [
        ("65538", "introduction", "Price list"),
        ("65538", "fees", "Price list · Fees"),
    ]
    assert items[1].text == "Each till costs.\nSELECT 1 < 2 -- <b>\n    # no title\nsee other\nAsk Ines"
    assert {(one.updated_at, one.url) for one in items} == {
        ("2026-03-02T12:00:00.000Z", "https://x.example/wiki/spaces/SAL/pages/65538")
    }
    assert [(one.id, one.field) for one in rejected] == [("2", "body")]
    assert "body-format=storage" in rejected[0].reason


@given(st.text("<>/!abcdehipr1:[]CDAT-# \n|", max_size=200))
def test_any_markup_is_read(text: str) -> None:
    assert isinstance(as_markdown(text, sections_only=True), str)
