"""HTML as plain text, or as Markdown with its headings (pure). Scripts and styles are left out; nothing is fetched."""

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser

LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|a|b|i|strong|em|h\d|table|tr|td|pre|code|script|html|body)\b[^>]*>", re.IGNORECASE
)
MACRO_BODIES = frozenset(("ac:rich-text-body", "ac:plain-text-body", "ac:task-body"))
PLAIN_BLOCKS = "p br div li ul ol dt dd tr pre table section article title blockquote h5 h6"
BLOCKS = frozenset((*PLAIN_BLOCKS.split(), *MACRO_BODIES))
CELLS = frozenset(("td", "th"))
NO_TEXT = "ac:parameter ac:placeholder ac:task-id ac:task-uuid ac:task-status ac:adf-attribute ac:adf-fallback"
UNSEEN = frozenset(("script", "style", *NO_TEXT.split()))
"""Programs, and of Confluence's macros all but their bodies."""
OURS = "\0"
"""Before each mark that we set, so that a line of the page that looks like one is told apart."""
HEADINGS = {"title": "\0# ", "h1": "\0# ", "h2": "\0## ", "h3": "\0## ", "h4": "\0## "}
"""A page's title and first heading name the document, the others its sections."""
SECTIONS = {f"h{level}": "\0## " for level in range(1, 7)}
"""Where the title stands elsewhere, every heading begins a section."""
VERBATIM = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
"""XHTML's way to write text as it is; to an HTML parser it is a comment."""


def plain_text(text: str) -> str:
    """HTML as the text a reader sees; anything else as it is."""
    return _read(text, {}) if LOOKS_LIKE_HTML.search(text) else text


def as_markdown(text: str, *, sections_only: bool = False) -> str:
    """A page as Markdown: its headings, paragraphs of plain text, and a line for each row of a table.

    Args:
        text: HTML, or Confluence's storage format.
        sections_only: the title stands elsewhere, so no heading is one.
    """
    return _read(text, SECTIONS if sections_only else HEADINGS)


def _read(text: str, marks: Mapping[str, str]) -> str:
    reader = _Text(marks)
    reader.feed(VERBATIM.sub(lambda found: html.escape(found[1], quote=False), text))
    reader.close()
    lines = (" ".join(line.split()).removesuffix(" |") for line in "".join(reader.parts).splitlines())
    kept = (line for line in lines if line.strip("# |\0"))
    return "\n".join(_as_text(line) for line in kept) if marks else "\n".join(kept)


def _as_text(line: str) -> str:
    """A line without our mark; one of the page's own that Markdown would take for one is indented."""
    if line.startswith(OURS):
        return line.removeprefix(OURS)
    return f"    {line}" if line.startswith(("#", "```", "~~~", "---")) else line


class _Text(HTMLParser):
    def __init__(self, marks: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._marks = marks
        self._unseen = 0
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in UNSEEN
        if tag in CELLS:
            # The end of a cell may be left out.
            self.parts.append(" | " if self._in_cell else "")
        self._in_cell = tag in CELLS or (self._in_cell and tag not in ("tr", "table"))
        if tag in self._marks:
            # Pages of old stand in tables as a whole: a heading counts there, too.
            self.parts.append("\n" + self._marks[tag])
        elif tag in BLOCKS or tag in HEADINGS:
            self.parts.append(" " if self._in_cell else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in UNSEEN))
        if tag in CELLS:
            self._in_cell = False
            self.parts.append(" | ")
        elif tag in self._marks:
            self.parts.append("\n")
        elif tag in BLOCKS or tag in HEADINGS:
            self._in_cell = self._in_cell and tag not in ("tr", "table")
            self.parts.append(" " if self._in_cell else "\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace(OURS, ""))
