"""A summary's document as Markdown, HTML or JSON, and the name of its file (pure).

Text of people is escaped for each form: a name with a heading's mark or a script's tag is the name, nothing else.
"""

import base64
import hashlib
import json
import re
import unicodedata
from dataclasses import asdict
from datetime import datetime
from html import escape
from typing import Literal
from urllib.parse import quote

from server.summary_export import Document, Entry, Section

Form = Literal["markdown", "html", "json"]
MEDIA: dict[Form, tuple[str, str]] = {
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "html": ("text/html; charset=utf-8", "html"),
    "json": ("application/json", "json"),
}
"""Media type and the ending of the file's name."""

MOST_NAME_CHARS = 60
MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!&$^=@])")
LIST_MARK = re.compile(r"^(\s*)([-+]|\d+(?=[.)]))")
AUTOLINK = re.compile(r"(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)", re.IGNORECASE)

STYLE = """
:root{color-scheme:light dark;--ground:#fff;--ink:#1c2330;--quiet:#566072;--line:#d5dae2;--mark:#1f5fbf}
@media (prefers-color-scheme:dark){:root{--ground:#14181f;--ink:#e6e9ef;--quiet:#a5aebd;--line:#343c4a;--mark:#8ab4f8}}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:2rem 1rem 3rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}
dt{color:var(--quiet)}dd{margin:0}
blockquote{margin:.4rem 0;padding-left:.75rem;border-left:3px solid var(--mark)}
blockquote p{margin:0}cite{color:var(--quiet);font-style:normal;font-size:.875rem}
ul{margin:.25rem 0;padding-left:1.25rem;color:var(--quiet)}
footer{margin-top:3rem;color:var(--quiet);font-size:.875rem}
@media print{:root{color-scheme:light;--ground:#fff;--ink:#000;--quiet:#444;--line:#bbb;--mark:#666}
body{font-size:11pt}main{max-width:none;padding:0}h2,h3{break-after:avoid}section>div,blockquote{break-inside:avoid}}
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of a page that holds no script, no picture and no form, and one style."""


def markdown(document: Document) -> str:
    """A document as Markdown (CommonMark)."""
    lines = [f"# {plain(document.title)}", ""]
    lines += [f"- {plain(name)}: {plain(value)}" for name, value in document.facts]
    lines += ["", *(f"{plain(one)}" for one in document.notes)]
    for section in document.sections:
        lines += ["", *_markdown_section(section)]
    lines += ["", "---", "", plain(document.end), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def html(document: Document) -> str:
    """A document as one HTML file that needs nothing else; for the screen and for paper, light and dark."""
    facts = _facts(document.facts)
    notes = "".join(f"<p>{escape(one)}</p>" for one in document.notes)
    body = f"<h1>{escape(document.title)}</h1>{facts}{notes}{''.join(_html_section(one) for one in document.sections)}"
    return page(document.title, f"{body}<footer>{escape(document.end)}</footer>", document.language)


def page(title: str, body: str, language: str) -> str:
    """A whole HTML page around a body, which is HTML already."""
    lang = "zh-Hans" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body><main>{body}</main></body></html>\n"
    )


def document_json(document: Document) -> str:
    """A document as JSON, for a reader who may not see the whole summary."""
    return json.dumps(asdict(document), ensure_ascii=False, indent=2) + "\n"


def file_name(account: str, started_at: datetime, ending: str) -> str:
    """A name that every file system takes: letters, digits and hyphens of any script, the account's and the day's."""
    words = unicodedata.normalize("NFC", account)
    kept = "".join(one if one.isalnum() else "-" for one in words)
    named = re.sub("-+", "-", kept).strip("-")[:MOST_NAME_CHARS].strip("-")
    return "-".join(part for part in ("summary", named, f"{started_at:%Y-%m-%d}") if part) + f".{ending}"


def attachment(name: str) -> str:
    """The header that makes a browser keep a file under this name, also one that is not ASCII (RFC 6266)."""
    ascii_name = re.sub("-+", "-", re.sub(r"[^A-Za-z0-9.-]", "-", name))
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def plain(text: str) -> str:
    """A text as Markdown shows it unchanged, on one line."""
    line = MARKS.sub(r"\\\1", " ".join(text.split()))
    line = LIST_MARK.sub(lambda found: f"{found[1]}\\{found[2]}" if found[2] in "-+" else found[0] + "\\", line)
    return AUTOLINK.sub(lambda found: "\\".join(part for part in found.groups() if part), line)


def _markdown_section(section: Section) -> list[str]:
    lines = [f"## {plain(section.heading)}", ""]
    lines += [f"- {plain(name)}: {plain(value)}" for name, value in section.facts]
    if section.facts:
        lines.append("")
    if not section.entries and section.nothing:
        lines.append(plain(section.nothing))
    for entry in section.entries:
        lines += _markdown_entry(entry)
    return lines


def _markdown_entry(entry: Entry) -> list[str]:
    if not entry.quotes and not entry.notes:
        return [plain(entry.heading), ""]
    lines = [f"### {plain(entry.heading)}", ""]
    if entry.by:
        lines += [f"({plain(entry.by)})", ""]
    for one in entry.quotes:
        lines += [f"> {plain(one.text)}  ", f"> ({plain(one.by)})", ""]
    lines += [f"- {plain(one)}" for one in entry.notes]
    return [*lines, ""]


def _html_section(section: Section) -> str:
    nothing = f"<p>{escape(section.nothing)}</p>" if not section.entries and section.nothing else ""
    entries = "".join(_html_entry(one) for one in section.entries)
    return f"<section><h2>{escape(section.heading)}</h2>{_facts(section.facts)}{nothing}{entries}</section>"


def _html_entry(entry: Entry) -> str:
    if not entry.quotes and not entry.notes:
        return f"<p>{escape(entry.heading)}</p>"
    quotes = "".join(
        f"<blockquote><p>{escape(one.text)}</p><cite>{escape(one.by)}</cite></blockquote>" for one in entry.quotes
    )
    notes = "".join(f"<li>{escape(one)}</li>" for one in entry.notes)
    listed = f"<ul>{notes}</ul>" if notes else ""
    by = f"<cite>{escape(entry.by)}</cite>" if entry.by else ""
    return f"<div><h3>{escape(entry.heading)}</h3>{by}{quotes}{listed}</div>"


def _facts(facts: tuple[tuple[str, str], ...]) -> str:
    if not facts:
        return ""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts) + "</dl>"
