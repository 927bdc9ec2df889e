"""Documents of competitors and of our own: a folder or an archive of files, one file, or JSON of sections or pages.

Files are Markdown, HTML, Word (.docx) and PDF, mixed as they come; a Confluence export is such a folder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError
from graph.imports.confluence import NO_BODY, is_listing, is_page, is_stored, page_id, read_page, read_stored
from graph.imports.files import ARCHIVE, PageFile, opened_files
from graph.imports.html import as_markdown
from graph.imports.items import versioned
from graph.imports.markdown import Document, Section, parsed
from graph.imports.rows import (
    Format,
    Identifier,
    Record,
    Rejected,
    SourceRow,
    Text,
    Title,
    Word,
    checked,
    decoded,
    records,
)
from graph.imports.trackers import FieldMapping, mapped
from graph.messages import Item
from ingest.messages import TenantId

HTML = (".html", ".htm")
DOCX, PDF = ".docx", ".pdf"
PAGES = (".md", ".markdown", *HTML, DOCX, PDF)


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
    if not path.is_dir() and path.suffix.lower() not in (*PAGES, ARCHIVE):
        for record in records(path, form, bounds):
            yield from (record,) if isinstance(record, Rejected) else _of_record(path, record, mapping, tenant_id)
        return
    with opened_files(path, PAGES, bounds) as files:
        seen: dict[str, str] = {}
        for file in _without_attachments(files):
            for one in _of_file(file, tenant_id, bounds):
                known = seen.setdefault(one.id, file.file) if one.id is not None else file.file
                if known != file.file:
                    yield _rejected(file, f"{known} has the same name; a document's id is its file's name", one.id)
                    break
                yield one


def _of_record(
    path: Path, record: Record, mapping: FieldMapping | None, tenant_id: TenantId
) -> Iterator[Item | Rejected]:
    """A section as a record, or a page of Confluence with all its sections."""
    found = mapped(record, mapping)
    if not is_stored(found.fields):
        yield _item(str(path), found, tenant_id)
        return
    stated = str(found.fields.get("id") or "")
    document = read_stored(found.fields)
    if document is None:
        yield Rejected(file=str(path), line=record.line, field="body", reason=NO_BODY, id=stated or None)
        return
    for section in document.sections:
        yield _item(str(path), replace(_record(stated, document, section), line=record.line), tenant_id)


def _without_attachments(files: Sequence[PageFile]) -> list[PageFile]:
    """Files without what a Confluence export puts beside its pages: the list of them, attachments, icons."""
    listings: set[PageFile] = set()
    for one in files:
        if one.stem == "index" and one.suffix in HTML:
            try:
                if is_listing(decoded(one.file, one.load())):
                    listings.add(one)
            except UnreadableSourceError:
                continue
    beside = [one.place.parent / name for one in listings for name in ("attachments", "images", "styles")]
    return [one for one in files if one not in listings and not any(part in one.place.parents for part in beside)]


def _of_file(file: PageFile, tenant_id: TenantId, bounds: ImportConfig) -> Iterator[Item | Rejected]:
    doc_id = file.stem
    try:
        content = file.load()
        if file.suffix in HTML and is_page(text := decoded(file.file, content)):
            doc_id, document = page_id(file.stem), read_page(text)
        else:
            document = _document(file, content, bounds)
    except UnreadableSourceError as error:
        # Unread, a page of Confluence cannot be told from another one, so neither can its id.
        unknown = file.suffix in HTML and page_id(doc_id) != doc_id
        yield _rejected(file, str(error), None if unknown else doc_id)
        return
    for section in document.sections:
        item = _item(file.file, _record(doc_id, document, section, file.stem), tenant_id)
        if isinstance(item, Rejected) and item.field is not None and item.field in document.front:
            yield replace(item, line=document.front[item.field][1])
            return
        yield item


def _document(file: PageFile, content: bytes, bounds: ImportConfig) -> Document:
    # Loaded when the first such file comes: few imports have one, and each takes a quarter of a second.
    if file.suffix == DOCX:
        from graph.imports.docx import read_docx

        return read_docx(content, bounds)
    if file.suffix == PDF:
        from graph.imports.pdf import read_pdf

        return read_pdf(content, bounds)
    text = decoded(file.file, content)
    return parsed(as_markdown(text) if file.suffix in HTML else text)


def _rejected(file: PageFile, reason: str, doc_id: str | None) -> Rejected:
    return Rejected(file=file.file, line=1, field=None, reason=reason, id=doc_id)


def _record(doc_id: str, document: Document, section: Section, name: str | None = None) -> Record:
    title = document.title or name or doc_id
    heading = title if section.heading is None else f"{title} · {section.heading}"
    front = {key: value for key, (value, _) in document.front.items() if value}
    own = {"doc_id": doc_id, "section_id": section.section_id, "title": heading, "text": section.text}
    return Record(line=section.line, fields={**front, **own})


def _item(file: str, record: Record, tenant_id: TenantId) -> Item | Rejected:
    row = checked(file, record, SectionRow)
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
