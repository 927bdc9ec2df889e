"""A Markdown document as its front matter, title and sections (pure)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

INTRODUCTION = "introduction"
UNNAMED = "section"
"""Section id of a heading without a letter or digit."""

APOSTROPHES = re.compile("['\u2019\u02bc]")
SEPARATORS = re.compile(r"[\W_]+")
TITLE = re.compile(r"#[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")
HEADING = re.compile(r"##[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")
FENCE = re.compile(r" {0,3}(```|~~~)")
FRONT_MATTER = "---"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: the heading (None for the text before the first) and the line it begins on."""

    section_id: str
    heading: str | None
    text: str
    line: int


Block = tuple[str | None, int, list[str]]
"""A heading, None before the first, with its line and the lines under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed file. `front` maps each key of the front matter to its text and line."""

    title: str | None
    front: Mapping[str, tuple[str, int]]
    sections: tuple[Section, ...]


def parsed(text: str) -> Document:
    """Split a Markdown text; headings inside fenced code are text."""
    lines = text.splitlines()
    front, first = _front_matter(lines)
    title: str | None = None
    blocks: list[Block] = [(None, first + 1, [])]
    for number, line, code in _fenced(lines, first):
        heading = None if code else HEADING.match(line)
        if heading is not None:
            blocks.append((heading[1], number, []))
        elif title is None and not code and len(blocks) == 1 and (found := TITLE.match(line)) is not None:
            title = found[1]
        else:
            blocks[-1][2].append(line)
    return Document(title=title, front=front, sections=sections_of(blocks))


def slug(heading: str) -> str:
    """Make a section id: lower case, apostrophes dropped, each other run of no letters or digits one hyphen."""
    return SEPARATORS.sub("-", APOSTROPHES.sub("", heading.lower())).strip("-") or UNNAMED


def sections_of(blocks: Iterable[Block]) -> tuple[Section, ...]:
    """Name each block; ids never collide, and no text before the first heading is no section."""
    found: list[Section] = []
    used: set[str] = set()
    for heading, line, lines in blocks:
        text = "\n".join(lines).strip()
        if heading is None and not text:
            continue
        base = INTRODUCTION if heading is None else slug(heading)
        section_id, repeat = base, 2
        while section_id in used:
            section_id, repeat = f"{base}-{repeat}", repeat + 1
        used.add(section_id)
        found.append(Section(section_id=section_id, heading=heading, text=text, line=line))
    return tuple(found)


def _fenced(lines: list[str], first: int) -> Iterator[tuple[int, str, bool]]:
    fence: str | None = None
    for number, line in enumerate(lines[first:], start=first + 1):
        mark = FENCE.match(line)
        yield number, line, fence is not None or mark is not None
        if mark is not None and fence in (None, mark[1]):
            fence = mark[1] if fence is None else None


def _front_matter(lines: list[str]) -> tuple[dict[str, tuple[str, int]], int]:
    if not lines or lines[0].strip() != FRONT_MATTER:
        return {}, 0
    for end, line in enumerate(lines[1:], start=1):
        if line.strip() == FRONT_MATTER:
            return dict(_pairs(lines[1:end])), end + 1
    return {}, 0


def _pairs(lines: list[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    for number, line in enumerate(lines, start=2):
        key, colon, value = line.partition(":")
        if colon and not line.lstrip().startswith("#"):
            yield key.strip(), (value.strip().strip("\"'"), number)
