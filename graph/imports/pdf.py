"""PDF files: sections by their bookmarks, else by the page. Sole importer of pypdf."""

import logging
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError
from graph.imports.markdown import Block, Document, sections_of

BROKEN = (
    PyPdfError,
    DependencyError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pypdf raises on broken files; it checks little before it reads."""

# It reports oddities of files, which may quote them.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

EDGE_LINES = 2
"""Lines at the top and at the foot of a page where running heads and page numbers stand."""
REPEATED_SHARE, REPEATED_PAGES = 0.5, 3
"""What stands there on more than half of the pages, and on three at least, is no text of the document."""

FULL_LINE = 0.7
"""A line of this share of the longest one goes on in the next, unless a sentence ends with it."""
CLOSED = (".", "!", "?", ":", ";")
NEW_ITEM = re.compile(r"[\u2022\u2023\u25aa\u25cf\u2013\u2014*-]\s|\(?\w{1,3}[.)]\s")
HYPHENATED = re.compile(r"([^\W\d_]+)-\n([^\W\d_]+)")
NUMBER = re.compile(r"\d+")
NO_LETTER = re.compile(r"[\W_]+")
MAKER_PREFIX = re.compile(r"^Microsoft \w+ - ")
NUMBERING_CHARS = 6
"""Of a heading in the text before the words that its bookmark has: "2.1.3 "."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    page: int
    text: str


def read_pdf(content: bytes, bounds: ImportConfig) -> Document:
    """Read a document's text.

    Raises:
        UnreadableSourceError: it is broken, has a password, no text, or more pages than are read.
    """
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableSourceError("has a password; save a copy without one")
        if len(reader.pages) > bounds.max_pages:
            raise UnreadableSourceError(f"{len(reader.pages)} pages, at most {bounds.max_pages} are read; split it")
        pages = [(page.extract_text() or "").replace("\u00ad", "").splitlines() for page in reader.pages]
    except BROKEN as error:
        raise UnreadableSourceError("no whole PDF; open it in a viewer and print it to a new PDF") from error
    lines = [_Line(page=number, text=text) for number, page in enumerate(_without_edges(pages)) for text in page]
    if not lines:
        raise UnreadableSourceError("no text in it, a scan perhaps; run text recognition over it, ocrmypdf does")
    title, modified = _properties(reader)
    blocks = _by_bookmark(lines, _bookmarks(reader)) or _by_page(lines)
    joined = _Joined(lines)
    front = {} if modified is None else {"updated_at": (modified, 1)}
    sections = sections_of((heading, line, [joined.text(texts)]) for heading, line, texts in blocks)
    return Document(title=title, front=front, sections=sections)


def _properties(reader: PdfReader) -> tuple[str | None, str | None]:
    """Title and time of the last change as the file states them; either may be nonsense."""
    try:
        said = reader.metadata
        title = None if said is None else MAKER_PREFIX.sub("", str(said.title or "")).strip() or None
    except BROKEN:
        return None, None
    try:
        changed = None if said is None else said.modification_date or said.creation_date
    except BROKEN:
        changed = None
    return title, None if changed is None else changed.isoformat()


def _bookmarks(reader: PdfReader) -> list[tuple[int, str]]:
    """Page and title of each, in the order of the pages; none when they are broken."""
    try:
        found = [
            (page, " ".join(str(one.title).split()))
            for one in _flat(reader.outline)
            if (page := reader.get_destination_page_number(one)) is not None and str(one.title).strip()
        ]
    except BROKEN:
        return []
    return sorted((one for one in found if one[0] >= 0), key=lambda one: one[0])


def _flat(outline: Any) -> Iterator[Any]:  # noqa: ANN401 - pypdf's lists of bookmarks hold lists of bookmarks
    for one in outline:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one


def _without_edges(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Pages without empty lines and without the heads and feet that most of them repeat."""
    full = [[line for text in page if (line := " ".join(text.split()))] for page in pages]
    seen = Counter(mark for page in full for mark in {_mark(page[place]) for place in _edges(page)})
    enough = max(REPEATED_PAGES, REPEATED_SHARE * len(full) + 1)
    running = {mark for mark, count in seen.items() if count >= enough}
    kept: list[list[str]] = []
    for page in full:
        dropped = {place for place in _edges(page) if _mark(page[place]) in running}
        kept.append([line for place, line in enumerate(page) if place not in dropped])
    return kept


def _edges(page: Sequence[str]) -> set[int]:
    last = len(page)
    return {*range(min(EDGE_LINES, last)), *range(max(last - EDGE_LINES, 0), last)}


def _mark(line: str) -> str:
    """A line without what changes from page to page."""
    return NUMBER.sub("#", line.casefold())


def _by_page(lines: Sequence[_Line]) -> list[Block]:
    blocks: list[Block] = []
    for line in lines:
        if not blocks or blocks[-1][1] != line.page + 1:
            blocks.append((f"Page {line.page + 1}", line.page + 1, []))
        blocks[-1][2].append(line.text)
    return blocks


def _by_bookmark(lines: Sequence[_Line], bookmarks: Sequence[tuple[int, str]]) -> list[Block]:
    """Lines from each bookmark's heading on, from the top of its page where the heading is not found in the text."""
    if not bookmarks:
        return []
    blocks: list[Block] = []
    heading: str | None = None
    page, start, first = 0, 0, 0
    for to_page, title in bookmarks:
        top = next((place for place, line in enumerate(lines) if line.page >= to_page), len(lines))
        found = _heading_place(lines, max(top, first), to_page, title)
        end = max(top, first) if found is None else found
        blocks.append((heading, page + 1, [line.text for line in lines[start:end]]))
        heading, page = title, to_page
        start = first = end if found is None else end + 1
    blocks.append((heading, page + 1, [line.text for line in lines[start:]]))
    return blocks


def _heading_place(lines: Sequence[_Line], first: int, page: int, title: str) -> int | None:
    wanted = _letters(title)
    for place in range(first, len(lines)):
        if lines[place].page != page:
            return None
        said = _letters(lines[place].text)
        if said == wanted or (said.endswith(wanted) and 0 < len(said) - len(wanted) <= NUMBERING_CHARS):
            return place
    return None


def _letters(text: str) -> str:
    return NO_LETTER.sub("", text.casefold())


class _Joined:
    """Lines as running text: sentences are quoted as evidence, so none may end with the line."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._longest = max(len(line.text) for line in lines)
        self._written = {word for line in lines for word in line.text.casefold().split()}

    def text(self, lines: Sequence[str]) -> str:
        """Words broken at a line's end are whole again, and lines of a paragraph are one."""
        parts: list[str] = []
        for before, line in zip(["", *lines], lines, strict=False):
            if parts:
                parts.append(self._between(before, line))
            parts.append(line)
        return HYPHENATED.sub(self._whole, "".join(parts))

    def _between(self, before: str, line: str) -> str:
        if before.endswith("-") or NEW_ITEM.match(line):
            return "\n"
        goes_on = not before.endswith(CLOSED) and (len(before) >= FULL_LINE * self._longest or line[0].islower())
        return " " if goes_on or (before.endswith(CLOSED) and len(before) >= FULL_LINE * self._longest) else "\n"

    def _whole(self, found: re.Match[str]) -> str:
        left, right = found[1], found[2]
        hyphenated = f"{left}-{right}".casefold()
        if not right[0].islower() or any(word.startswith(hyphenated) for word in self._written):
            return f"{left}-{right}"
        return left + right
