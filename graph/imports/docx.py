"""Word documents (.docx): title, sections by headings, tables as lines of text. Sole importer of python-docx."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast

import docx
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError
from graph.imports.files import check_archive, unpacked
from graph.imports.markdown import Block, Document, sections_of

BROKEN = (
    OpcError,
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What reading a broken package raises; lxml's errors of syntax are SyntaxErrors."""

COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
"""Begins old .doc files and .docx files with a password (MS-CFB 2.2)."""

TITLE, TOP = 0, 1
"""Levels: of the style Title, and of Heading 1."""
HEADING = re.compile(r"heading (\d)$", re.IGNORECASE)
CONTENTS = re.compile(r"toc( \d|$| heading)", re.IGNORECASE)
"""Styles of a table of contents, which repeats every heading."""

PARAGRAPH, TABLE, ROW, CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
WRAPPERS = frozenset((qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:smartTag"), qn("w:ins")))
SPACES = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
WORDS = qn("w:t")
UNSEEN = frozenset(
    (
        qn("w:del"),
        qn("w:moveFrom"),
        qn("w:tabs"),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    )
)
"""Deleted words whose deletion is tracked, tab stops, and the older copy of a text box."""

Element = Any
"""lxml ships no types."""
Line = tuple[int | None, str]
"""A paragraph or a table's row: its level, None of plain text, and its words."""


def read_docx(content: bytes, bounds: ImportConfig) -> Document:
    """Read a document; the title is the style Title, else the only Heading 1, else what its properties say.

    Raises:
        UnreadableSourceError: it is no whole .docx, has a password, no text, or more than its bounds.
    """
    if content.startswith(COMPOUND_FILE):
        raise UnreadableSourceError("has a password or is an old .doc; save it as .docx without a password")
    with unpacked(content) as archive:
        check_archive(archive, bounds)
    try:
        word = docx.Document(BytesIO(content))
        lines = [one for one in _Lines(word).of(cast("Element", word.element.body)) if one[1]]
        stated, modified = _properties(word)
    except BROKEN as error:
        raise UnreadableSourceError("no whole Word document; open it in Word and save it as .docx anew") from error
    if not lines:
        raise UnreadableSourceError("no text in it; a document of pictures needs text recognition first")
    title, blocks = _blocks(lines)
    front = {} if modified is None else {"updated_at": (modified, 1)}
    return Document(title=title or stated, front=front, sections=sections_of(blocks))


def _blocks(lines: list[Line]) -> tuple[str | None, list[Block]]:
    wanted = TITLE if any(level == TITLE for level, _ in lines) else TOP
    named = [number for number, (level, _) in enumerate(lines) if level == wanted]
    # Several headings of the first level are chapters, and none of them names the whole.
    place = named[0] if wanted == TITLE or len(named) == 1 else None
    blocks: list[Block] = [(None, 1, [])]
    for number, (level, text) in enumerate(lines):
        if number == place:
            continue
        if level is None:
            blocks[-1][2].append(text)
        else:
            blocks.append((" ".join(text.split()), number + 1, []))
    return None if place is None else " ".join(lines[place][1].split()), blocks


def _properties(word: WordDocument) -> tuple[str | None, str | None]:
    """Title and time of the last change as the file states them."""
    package = word.part.package
    if package is None or all(one.reltype != RELATIONSHIP_TYPE.CORE_PROPERTIES for one in package.rels.values()):
        # Without them python-docx makes up its own, changed just now.
        return None, None
    said = word.core_properties
    return said.title.strip() or None, None if said.modified is None else said.modified.isoformat()


class _Lines:
    def __init__(self, word: WordDocument) -> None:
        self._word = word
        self._levels: dict[str | None, int | None] = {}

    def of(self, parent: Element) -> Iterator[Line]:
        """Paragraphs and rows in the order of the document; a table of contents is left out."""
        for child in parent.iterchildren():
            if child.tag == PARAGRAPH:
                level = self._level(child)
                if level is None or level >= 0:
                    yield level, _words(child)
            elif child.tag == TABLE:
                yield from ((None, row) for row in _rows(child))
            elif child.tag in WRAPPERS:
                yield from self.of(child)

    def _level(self, paragraph: Element) -> int | None:
        """0 of a title, 1 to 9 of a heading, None of text, -1 of a table of contents."""
        name: str | None = paragraph.style
        if name not in self._levels:
            self._levels[name] = _level_of(cast("Any", Paragraph(paragraph, self._word).style))
        return self._levels[name]


def _level_of(style: Any) -> int | None:  # noqa: ANN401 - a style of any kind
    """A style made from a heading is one, too."""
    seen = 0
    while style is not None and seen < 10:
        name: str = style.name or ""
        if CONTENTS.match(name):
            return -1
        if name.casefold() == "title":
            return TITLE
        if (found := HEADING.match(name)) is not None:
            return int(found[1])
        style, seen = style.base_style, seen + 1
    return None


def _words(paragraph: Element) -> str:
    parts: list[str] = []
    for node in paragraph.iter(WORDS, *SPACES):
        if not any(one.tag in UNSEEN for one in node.iterancestors()):
            parts.append((node.text or "") if node.tag == WORDS else SPACES[node.tag])
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line)


def _rows(table: Element) -> Iterator[str]:
    for row in table.iter(ROW):
        cells = (" ".join(" ".join(map(_words, cell.iter(PARAGRAPH))).split()) for cell in row.iterchildren(CELL))
        yield " | ".join(cell for cell in cells if cell)
