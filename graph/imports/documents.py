"""Documents of competitors and of our own: a folder of Markdown or HTML files, one file, or JSON Lines of sections."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError
from graph.imports.html import as_markdown
from graph.imports.items import versioned
from graph.imports.markdown import Section, parsed
from graph.imports.rows import (
    Format,
    Identifier,
    Record,
    Rejected,
    SourceRow,
    Text,
    Title,
    Word,
    bounded_text,
    checked,
    records,
)
from graph.imports.trackers import FieldMapping, mapped
from graph.messages import Item
from ingest.messages import TenantId

HTML = (".html", ".htm")
PAGES = (".md", ".markdown", *HTML)


class SectionRow(SourceRow):
    """One section of a document as its source writes it."""

    doc_id: Identifier
    section_id: Identifier
    title: Title
    text: Text
    competitor: Word | None = None


def read_documents(
    path: Path,
    tenant_id: TenantId,
    form: Format | None = None,
    config: ImportConfig | None = None,
    mapping: FieldMapping | None = None,
) -> Iterator[Item | Rejected]:
    """Read sections, file by file in the order of their names, and what could not be read.

    Raises:
        UnreadableSourceError: when there is nothing to read.
    """
    bounds = config or ImportConfig()
    if not path.is_dir() and path.suffix.lower() not in PAGES:
        for record in records(path, form, bounds):
            yield record if isinstance(record, Rejected) else _item(path, mapped(record, mapping), tenant_id)
        return
    files = _page_files(path)
    seen: dict[str, Path] = {}
    for file in files:
        if file.stem in seen:
            reason = f"{seen[file.stem]} has the same name; a document's id is its file's name"
            yield Rejected(file=str(file), line=1, field="doc_id", reason=reason)
            continue
        seen[file.stem] = file
        yield from _sections(file, tenant_id, bounds)


def _page_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(one for one in path.rglob("*") if one.suffix.lower() in PAGES and one.is_file())
    if not files:
        raise UnreadableSourceError(f"{path}: no Markdown or HTML file in it")
    return files


def _sections(file: Path, tenant_id: TenantId, bounds: ImportConfig) -> Iterator[Item | Rejected]:
    try:
        text = bounded_text(file, bounds)
        document = parsed(as_markdown(text) if file.suffix.lower() in HTML else text)
    except UnreadableSourceError as error:
        yield Rejected(file=str(file), line=1, field=None, reason=str(error))
        return
    title = document.title or file.stem
    front = {name: value for name, (value, _) in document.front.items() if value}
    for section in document.sections:
        item = _item(file, _record(file.stem, title, section, front), tenant_id)
        if isinstance(item, Rejected) and item.field is not None and item.field in document.front:
            yield replace(item, line=document.front[item.field][1])
            return
        yield item


def _record(doc_id: str, title: str, section: Section, front: dict[str, str]) -> Record:
    heading = title if section.heading is None else f"{title} · {section.heading}"
    own = {"doc_id": doc_id, "section_id": section.section_id, "title": heading, "text": section.text}
    return Record(line=section.line, fields={**front, **own})


def _item(path: Path, record: Record, tenant_id: TenantId) -> Item | Rejected:
    row = checked(path, record, SectionRow)
    if isinstance(row, Rejected):
        return row
    return versioned(
        Item(
            tenant_id=tenant_id,
            kind="document",
            id=row.doc_id,
            section=row.section_id,
            title=row.title,
            text=row.text,
            version="",
            competitor=row.competitor or None,
            may_say=row.may_say,
            url=row.url or None,
            updated_at=row.updated_at,
        )
    )
