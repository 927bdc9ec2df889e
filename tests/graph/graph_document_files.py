"""Word and PDF files for the tests of imports, made anew each time."""

import struct
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import docx
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

CHANGED = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def word_file(path: Path, parts: Sequence[tuple[str | None, str]], table: Sequence[Sequence[str]] = ()) -> Path:
    """A document of paragraphs with their styles (None of plain text), and a table at its end."""
    document = docx.Document()
    for style, text in parts:
        document.add_paragraph(text, style=style)
    if table:
        made = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(made.add_row().cells, row, strict=True):
                cell.text = text
    document.core_properties.modified = CHANGED.replace(tzinfo=None)
    document.core_properties.title = ""
    document.save(str(path))
    return path


def pdf_file(
    path: Path,
    pages: Sequence[Sequence[str]],
    bookmarks: Sequence[tuple[str, int]] = (),
    title: str = "",
    password: str | None = None,
) -> Path:
    """Pages of lines, and bookmarks by the page counted from 0."""
    writer = PdfWriter()
    font = DictionaryObject()
    for name, value in (("/Type", "/Font"), ("/Subtype", "/Type1"), ("/BaseFont", "/Helvetica")):
        font[NameObject(name)] = NameObject(value)
    resources = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})
    for lines in pages:
        page = writer.add_blank_page(width=595, height=842)
        page[NameObject("/Resources")] = resources
        shown = " ".join(f"({_escaped(line)}) Tj 0 -14 Td" for line in lines)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 11 Tf 50 790 Td {shown} ET".encode("latin-1") if lines else b"")
        page[NameObject("/Contents")] = writer._add_object(stream)  # pyright: ignore[reportPrivateUsage]
    for name, number in bookmarks:
        writer.add_outline_item(title=name, page_number=number)
    writer.add_metadata({"/ModDate": "D:20260302120000Z", **({"/Title": title} if title else {})})
    if password is not None:
        writer.encrypt(password, algorithm="AES-256")
    writer.write(str(path))
    return path


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def lying_archive(name: str, content: bytes, stated: int) -> bytes:
    """A zip archive whose directory states another size of its member than it unpacks to."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    size, wrong = struct.pack("<L", len(content)), struct.pack("<L", stated)
    return made.getvalue().replace(size, wrong)
