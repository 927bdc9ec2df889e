"""A call's summary as a document, for the rep or for the customer (pure).

Two steps: the summary becomes a plain document of sections, in which nothing stands that its reader must not see; then
`server/summary_files.py` writes it as Markdown or HTML. What people said is text everywhere, never markup.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from server.bodies import CallSummaryPage, NextStep, TalkMetrics
from server.summary_words import WORDS, Language, clock
from server.wire import WireLink, WireMention, WireNeed

Audience = Literal["own", "customer"]
Say = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The very words, who said them, and when."""

    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One matter: what it is in a line, who said so if these are words, further words, and what there is to it."""

    heading: str
    by: str = ""
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Entries below a heading; `nothing` is said when there are none."""

    heading: str
    entries: tuple[Entry, ...]
    nothing: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A summary as it is read, in one language. `facts` are names with their values."""

    language: Language
    title: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom a document is written: language, audience, and the titles of the tenant's types."""

    language: Language = "en"
    audience: Audience = "own"
    titles: Mapping[str, str] = field(default_factory=dict[str, str])

    def say(self, key: str, **values: object) -> str:
        """A text of the document in its language."""
        return WORDS[self.language][key].format(**values)


def for_customer(page: CallSummaryPage) -> CallSummaryPage:
    """Leave out what is not for the customer.

    Hesitations are how we read them, tickets are other customers' or our own, documents may be about competitors: only
    one that says it may be said is named. Words of other calls are not this call's, metrics and cards the rep's alone.
    """
    needs = tuple(_of_this_call(one, page.call_id) for one in page.needs if one.kind == "need")
    kept = {one.need_id for one in needs}
    steps = tuple(one for one in page.next_steps if one.need_id is None or one.need_id in kept)
    return page.model_copy(
        update={
            "needs": needs,
            "open_needs": tuple(one for one in page.open_needs if one in kept),
            "answered_needs": tuple(one for one in page.answered_needs if one in kept),
            "next_steps": steps,
            "metrics": None,
            "cards": None,
        }
    )


def document(page: CallSummaryPage, reader: Reader) -> Document:
    """Write a summary for a reader."""
    say = reader.say
    if reader.audience == "customer":
        page = for_customer(page)
    people = ", ".join(f"{one.speaker} ({say(one.role)})" for one in page.channels if one.speaker)
    facts = [
        (say("started"), moment(page.started_at)),
        (say("length"), clock(page.duration_ms)),
        (say("people"), people),
    ]
    sections = [*_need_sections(page, reader), _steps(page.next_steps, say)]
    if page.metrics is not None:
        sections.append(_metrics(page.metrics, say))
    if page.cards is not None:
        line = say("cards_line", **page.cards.model_dump())
        sections.append(Section(heading=say("cards"), entries=(Entry(heading=line),)))
    return Document(
        language=reader.language,
        title=say("title_of", account=page.account) if page.account != page.call_id else say("title"),
        facts=tuple(one for one in facts if one[1]),
        notes=() if page.ended else (say("running"),),
        sections=tuple(sections),
        end=say("made"),
    )


def moment(at: datetime) -> str:
    """A point in time as both languages write it; where the reader is, nobody knows."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _of_this_call(need: WireNeed, call_id: str) -> WireNeed:
    mentions = tuple(one for one in need.mentions if one.call_id == call_id)
    raised_by = tuple(dict.fromkeys(one.speaker for one in mentions))
    links = tuple(one for one in need.links if sayable(one))
    return need.model_copy(
        update={"mentions": mentions, "raised_by": raised_by, "links": links, "changes": (), "disputed_by": ()}
    )


def sayable(link: WireLink) -> bool:
    """Whether a customer may read an item's title: a roadmap item unless it forbids it, a document if it allows it."""
    return link.may_say is True and link.kind in ("roadmap", "document")


def _need_sections(page: CallSummaryPage, reader: Reader) -> list[Section]:
    say = reader.say
    if not page.needs:
        return [Section(heading=say("open"), entries=(), nothing=say("no_needs"))]
    known = {*page.open_needs, *page.answered_needs}
    groups = (
        ("open", [one for one in page.needs if one.need_id in page.open_needs]),
        ("answered", [one for one in page.needs if one.need_id in page.answered_needs]),
        ("other", [one for one in page.needs if one.need_id not in known]),
    )
    return [
        Section(
            heading=say(name),
            entries=tuple(_need(one, page.call_id, reader) for one in needs),
            nothing=say("none_here"),
        )
        for name, needs in groups
        if needs or name != "other"
    ]


def _need(need: WireNeed, call_id: str, reader: Reader) -> Entry:
    say = reader.say
    here = [one for one in need.mentions if one.call_id == call_id] or list(need.mentions)
    leading = max(here, key=lambda one: (one.strength, one.turn), default=None)
    heading = leading.text if leading else need.label
    by = _by(leading, call_id, say) if leading else ""
    quotes = tuple(Quote(text=one.text, by=_by(one, call_id, say)) for one in need.mentions if one is not leading)
    if reader.audience == "customer":
        titles = [f"{say(f'kind.{one.kind}')}: {one.title}" for one in need.links]
        return Entry(heading=heading, by=by, quotes=quotes, notes=(say(f"status.{need.status}"), *titles))
    kind = reader.titles.get(need.type, need.type)
    standing = f"{say(need.kind)}: {kind} · {say(f'strength.{need.strength}')} · {say(f'status.{need.status}')}"
    return Entry(heading=heading, by=by, quotes=quotes, notes=(standing, *(_link(one, say) for one in need.links)))


def _by(mention: WireMention, call_id: str, say: Say) -> str:
    if mention.call_id == call_id:
        return f"{mention.speaker}, {clock(mention.start_ms)}"
    day = f" {mention.started_at:%Y-%m-%d}" if mention.started_at else ""
    return f"{mention.speaker}, {say('earlier')}{day}"


def _link(link: WireLink, say: Say) -> str:
    section = f" § {link.section}" if link.section else ""
    parts = [f"{say('see')} {say(f'kind.{link.kind}')} {link.id}{section}: {link.title}"]
    if link.may_say is not None:
        parts.append(say("may_say" if link.may_say else "must_not_say"))
    if link.updated_at:
        parts.append(say("changed", date=link.updated_at[:10]))
    return " · ".join(parts)


def _steps(steps: Sequence[NextStep], say: Say) -> Section:
    entries: list[Entry] = []
    for one in steps:
        quote = Quote(text=one.text, by=f"{one.speaker}, {clock(one.start_ms)}")
        notes = () if one.due is None else (say("due", due=one.due),)
        entries.append(Entry(heading=say(f"step.{one.kind}", speaker=one.speaker), quotes=(quote,), notes=notes))
    return Section(heading=say("steps"), entries=tuple(entries), nothing=say("no_steps"))


def _metrics(metrics: TalkMetrics, say: Say) -> Section:
    at_ms = metrics.longest_monologue_start_ms
    longest = clock(metrics.longest_monologue_ms)
    gap_ms = metrics.response_gap_ms
    facts = (
        (say("ratio"), say("unknown") if metrics.ratio is None else f"{metrics.ratio:.0%}"),
        (say("talk"), clock(metrics.talk_ms)),
        (say("monologue"), longest if at_ms is None else say("monologue_at", length=longest, at=clock(at_ms))),
        (say("gap"), say("unknown") if gap_ms is None else say("seconds", seconds=f"{gap_ms / 1000:.1f}")),
        (say("questions"), str(metrics.questions)),
    )
    heading = say("metrics", speaker=metrics.speaker)
    return Section(heading=heading, entries=(Entry(heading=say("metrics_note")),), facts=facts)
