"""Confluence: pages of a space's HTML export, and pages as its interface gives them in storage format (pure)."""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from html.parser import HTMLParser
from typing import cast
from urllib.parse import urljoin

from graph.imports.html import as_markdown, plain_text
from graph.imports.markdown import Document, parsed
from graph.imports.trackers import inside

Fields = Mapping[str, object]

PAGE = re.compile(r"""class=["'][^"']*\bwiki-content\b""")
LISTING = re.compile(r"""class=["'][^"']*\bpageSectionTitle\b""")
"""The index of an export lists the pages under a title of this class and holds no page itself."""
PAGE_ID = re.compile(r"(?:^|_)(\d+)$")
CHANGED = re.compile(r"\bon ([A-Z][a-z]{2} \d{1,2}, \d{4})")
CHANGED_FORM = "%b %d, %Y"
SPACE_MARK = " : "

TITLE, TRAIL, BYLINE, CONTENT = "title-text", "breadcrumbs", "page-metadata", "main-content"
PARTS = frozenset((TITLE, TRAIL, BYLINE, CONTENT))
"""Ids, or for the byline the class, of what a page consists of; anything else on it is frame or attachments."""
DROPPED = ("toc-macro", "plugin_attachments", "pageSection", "page-metadata")
"""Classes of generated lists inside a page's content."""
EMPTY_TAGS = frozenset(("br", "hr", "img", "wbr"))

NO_BODY = "no body in storage format; ask the interface for it: ?body-format=storage, or ?expand=body.storage,version"


def is_page(text: str) -> bool:
    """Whether this HTML is a page of an export."""
    return PAGE.search(text) is not None


def is_listing(text: str) -> bool:
    """Whether this HTML is the list of pages of an export."""
    return LISTING.search(text) is not None and not is_page(text)


def page_id(stem: str) -> str:
    """The page's id, which ends the name of its file: "Price-list_123456" or "123456"; else the name."""
    found = PAGE_ID.search(stem)
    return stem if found is None else found[1]


def read_page(text: str) -> Document:
    """A page of an export: its own title without the space's name, its content, and when it was changed last."""
    reader = _Parts()
    reader.feed(text)
    reader.close()
    title, byline = (_line(reader.parts[name]) for name in (TITLE, BYLINE))
    space = as_markdown("".join(reader.parts[TRAIL])).partition("\n")[0].strip()
    prefix = f"{space}{SPACE_MARK}"
    title = (
        title.removeprefix(prefix) if space and title.startswith(prefix) else title.partition(SPACE_MARK)[2] or title
    )
    changed = CHANGED.findall(byline)
    front = {"updated_at": (_date(changed[-1]), 1)} if changed else {}
    document = parsed(as_markdown("".join(reader.parts[CONTENT]), sections_only=True))
    return Document(title=title or None, front=front, sections=document.sections)


def is_stored(fields: Fields) -> bool:
    """Whether a record is a page as Confluence's interface gives it."""
    return "title" in fields and "doc_id" not in fields and isinstance(inside(fields, "_links.webui"), str)


def read_stored(fields: Fields) -> Document | None:
    """A page in storage format; None when the record has no body in it."""
    body = inside(fields, "body.storage.value")
    if not isinstance(body, str):
        return None
    said = {"updated_at": inside(fields, "version.when") or inside(fields, "version.createdAt"), "url": _url(fields)}
    front = {name: (value, 1) for name, value in said.items() if isinstance(value, str)}
    document = parsed(as_markdown(body, sections_only=True))
    return Document(title=str(fields["title"]).strip() or None, front=front, sections=document.sections)


def _url(fields: Fields) -> str | None:
    """The page's address: its link is relative to what stands once beside the records, or leads to the interface."""
    link = cast("str", inside(fields, "_links.webui"))
    base = inside(fields, "_links.base") or fields.get("_base")
    own = inside(fields, "_links.self")
    if not isinstance(base, str) and isinstance(own, str):
        base = own.partition("/rest/api/")[0]
    return urljoin(base.rstrip("/") + "/", link.lstrip("/")) if isinstance(base, str) else None


def _line(parts: list[str]) -> str:
    return " ".join(plain_text(f"<p>{''.join(parts)}</p>").split())


def _date(text: str) -> str:
    try:
        return datetime.strptime(text, CHANGED_FORM).date().isoformat()
    except ValueError:
        return text


class _Parts(HTMLParser):
    """Takes a page apart; each part is kept as it is written."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: dict[str, list[str]] = {name: [] for name in PARTS}
        self._part: str | None = None
        self._tag = ""
        self._depth = 0
        self._dropped: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._part is None:
            name = next((one for one in (given.get("id", ""), given.get("class", "").strip()) if one in PARTS), None)
            if name is not None and not self.parts[name]:
                self._part, self._tag, self._depth = name, tag, 1
            return
        self._depth += tag == self._tag
        if self._dropped is None and tag == self._tag and any(one in given.get("class", "") for one in DROPPED):
            self._dropped = self._depth
        self._keep(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._keep(f"<{tag}>" if tag in EMPTY_TAGS else "")

    def handle_endtag(self, tag: str) -> None:
        if self._part is None:
            return
        if tag == self._tag:
            self._depth -= 1
            if self._dropped is not None and self._depth < self._dropped:
                self._dropped = None
            if not self._depth:
                self._part = None
                return
        self._keep(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._keep(html.escape(data, quote=False))

    def _keep(self, text: str) -> None:
        if self._part is not None and self._dropped is None:
            self.parts[self._part].append(text)
