"""HTML as plain text, or as Markdown with its headings (pure). Scripts and styles are left out; nothing is fetched."""

import re
from html.parser import HTMLParser

LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|a|b|i|strong|em|h\d|table|tr|td|pre|code|script|html|body)\b[^>]*>", re.IGNORECASE
)
BLOCKS = frozenset(("p", "br", "div", "li", "tr", "pre", "table", "section", "article", "title"))
UNSEEN = frozenset(("script", "style"))
HEADINGS = {"title": "# ", "h1": "# ", "h2": "## ", "h3": "## ", "h4": "## "}
"""A page's title and first heading name the document, the others its sections."""


def plain_text(text: str) -> str:
    """HTML as the text a reader sees; anything else as it is."""
    return _read(text, headings=False) if LOOKS_LIKE_HTML.search(text) else text


def as_markdown(text: str) -> str:
    """A page as Markdown: its headings, and paragraphs of plain text."""
    return _read(text, headings=True)


def _read(text: str, *, headings: bool) -> str:
    reader = _Text(headings=headings)
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line.strip("# "))


class _Text(HTMLParser):
    def __init__(self, *, headings: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._marks = HEADINGS if headings else {}
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in UNSEEN
        if tag in BLOCKS or tag in HEADINGS:
            self.parts.append("\n" + self._marks.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in UNSEEN))
        if tag in BLOCKS or tag in HEADINGS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
