"""What an utterance names: the tenant's own names first, then amounts, then what a general pipeline finds (pure)."""

import re
from collections.abc import Iterable
from typing import Protocol

from graph.amounts import amounts
from graph.gazetteer import Gazetteer
from graph.words import STOP_WORDS, words
from intent.messages import NamedThing, Span

NAMER_VERSION = "namer-1"

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAY = "mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?"
_SEASON = "spring|summer|autumn|winter|christmas|easter|black friday|new year"
_HOUR = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_MINUTES = "(?:ten|fifteen|twenty|thirty|forty|forty-five|fifty)"
_PERIOD = "week|month|quarter|year|season|half|fiscal|spring|summer|autumn|fall|winter"
SURELY_A_DATE = re.compile(
    rf"\b(?:(?:{_DAY})(?: (?:morning|afternoon|evening|night))?|(?:next|last|this) (?:{_PERIOD})"
    rf"|(?<!\w)(?:{_MONTH.replace('march|', '').replace('|may', '')})|(?<=\bin )(?:march|may)|(?<=\bby )(?:march|may)"
    rf"|tomorrow|christmas|easter|q[1-4])\b",
    re.IGNORECASE,
)
"""Found without the pipeline, which misses some beside words or signs that it does not know."""
CAPITALISED = re.compile(rf"\b(?:{_MONTH}|{_DAY}|christmas|easter|q[1-4])\b")
ON_THE_CALENDAR = re.compile(
    rf"\b(?:{_MONTH}|{_DAY}|{_SEASON}|tomorrow|yesterday|q[1-4]|(?:19|20)\d\d|\d\d?(?:st|nd|rd|th)"
    rf"|(?:next|last|this|coming|following|previous|end of|start of|beginning of|middle of|mid|late|early|first|second"
    rf"|third|fourth)\b.{{0,16}}?\b(?:{_PERIOD})|\d\d?[:.]\d\d|\d\d? ?(?:am|pm|a\.m|p\.m)|o'clock|noon"
    rf"|half (?:past )?{_HOUR}|quarter (?:past|to)|{_HOUR} {_MINUTES})\b",
    re.IGNORECASE,
)
"""A date must say where on the calendar or the clock; "daily", "now" and "years ago" do not."""

KINDS_OF_THINGS = """
ai api apis bi cad ceo cfo cio cms coo cpu crm csv cto cv ehr eta erp faq gdpr gps hipaa hr html http id ids iot ip
iso it json kpi kpis ldap mfa ml nda ocr ok otp pdf pin po pos ppt qa qr rfp rfi roi saml scim sdk sftp sku skus sla
slas sms soc sop sql ssl sso tv ui uk us eu usb vat vpn wifi xml poc bom mes wms tms sow dpa dpo
"""
ACRONYMS = frozenset(KINDS_OF_THINGS.split())
"""Kinds of things, which the pipeline takes for organisations."""


class Finder(Protocol):
    """Finds people, organisations and dates in English words."""

    @property
    def version(self) -> str:
        """What it is."""
        ...

    def found(self, text: str) -> Iterable[NamedThing]:
        """What stands in a text, in its order."""
        ...


class Namer:
    """Joins the three sources; where two of them claim a word the one named first in this module's docstring wins."""

    def __init__(self, finder: Finder) -> None:
        """Ask this finder for what no tenant wrote down."""
        self._finder = finder
        self.version = f"{NAMER_VERSION}+{finder.version}"

    def named(self, text: str, known: Gazetteer, *, english: bool = True) -> tuple[NamedThing, ...]:
        """What a text names, in its order, none within another.

        Args:
            text: an utterance.
            known: the tenant's names.
            english: whether it is English; in other languages only known names are found.
        """
        kept = list(known.found(text))
        if english:
            _add(kept, (_amount(text, start, end) for start, end in amounts(text)))
            _add(kept, (one for found in self._finder.found(text) if (one := _sensible(text, found)) is not None))
            _add(kept, (_date(text, *match.span()) for match in SURELY_A_DATE.finditer(text)))
        return tuple(sorted(kept, key=lambda one: one.span.start))


def _add(kept: list[NamedThing], found: Iterable[NamedThing]) -> None:
    for one in found:
        if all(one.span.end <= other.span.start or one.span.start >= other.span.end for other in kept):
            kept.append(one)


def _amount(text: str, start: int, end: int) -> NamedThing:
    return NamedThing(type="amount", name=_plain(text[start:end]), span=Span(start=start, end=end))


def _plain(said: str) -> str:
    return " ".join(said.split()).casefold()


def _date(text: str, start: int, end: int) -> NamedThing:
    name = CAPITALISED.sub(lambda match: match.group().capitalize(), _plain(text[start:end]))
    return NamedThing(type="date", name=name, span=Span(start=start, end=end))


def _sensible(text: str, found: NamedThing) -> NamedThing | None:
    """What the pipeline found, cut to the name itself; None for what is no name or no date."""
    start, end = _cut(text, found.span.start, found.span.end)
    said = text[start:end]
    parts = words(said)
    if found.type == "date" or ON_THE_CALENDAR.fullmatch(said):
        return _date(text, start, end) if ON_THE_CALENDAR.search(said) else None
    if not parts or not said[0].isupper() or parts[0] in STOP_WORDS or set(parts) <= ACRONYMS:
        return None
    return NamedThing(type=found.type, name=" ".join(said.split()), span=Span(start=start, end=end))


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out an article before a name, and a genitive or marks behind it."""
    said = text[start:end]
    bare = re.sub(r"^(?:the|a|an|our|your|by|until|in|on|about|around)\s+(?=\S)", "", said, flags=re.IGNORECASE)
    start += len(said) - len(bare)
    kept = re.sub(r"(?:['\u2019]s?|[\s.,;:!?])+$", "", bare)
    return (start, start + len(kept)) if kept else (start, end)
