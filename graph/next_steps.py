"""What is to be done after a call, from the words: what somebody promised, what a customer asked for (pure).

Rules for English; other languages hold none of them. Precision before recall: a promise is said in the first person of
something that happens later, not now ("I can show you"), not if something else does, and not in another's words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from asr.messages import Utterance
from graph.messages import ThingsNamed
from graph.phrases import Sentence, clause_end, said_plainly, sentences_of
from graph.step_rules import (
    ACCEPTED,
    ASKED,
    ASKED_PLAINLY,
    DUE,
    NOW,
    OFFERED,
    PROMISED,
    PROMISED_SOON,
    REFUSED,
    ROUTINE,
    TAG,
)
from ingest.messages import Role
from intent.messages import Span

Kind = Literal["promised", "asked", "offered"]

ANSWER_TURNS = 2
"""An offer is taken up in one of the next turns, or it is none: "Shall I send it?" - "Yes, please.\""""
REMEMBERED = 20_000
"""Texts kept with their steps, as in `graph/roles.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A promise, a request or an offer in a text; `due` are the words that say until when."""

    kind: Kind
    span: Span
    due: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSaid:
    """A step of a call, with the utterance that holds it. An offer that was taken up is a promise."""

    kind: Literal["promised", "asked"]
    utterance: Utterance
    span: Span
    due: str | None


@lru_cache(REMEMBERED)
def steps(text: str, role: Role) -> tuple[Step, ...]:
    """What a text promises, offers or, from a customer, asks for; in its order, none inside another."""
    found = [step for sentence in sentences_of(text) for step in _steps_in(sentence, role)]
    return tuple(sorted(found, key=lambda one: one.span.start))


def steps_of(utterances: Sequence[Utterance], named: Iterable[ThingsNamed] = ()) -> tuple[StepSaid, ...]:
    """Every step of a call, in the order it was said.

    Args:
        utterances: the call's, in the order of their turns.
        named: what they name; a date in the words of a step is its due where the words alone do not tell.
    """
    dates = {(one.utterance_id, one.revision): one for one in named}
    found: list[StepSaid] = []
    for place, spoken in enumerate(utterances):
        for one in steps(spoken.text, spoken.role):
            if one.kind == "offered" and not _taken_up(utterances, place):
                continue
            due = one.due or _date_in(dates.get((spoken.utterance_id, spoken.revision)), spoken.text, one.span)
            kind = "asked" if one.kind == "asked" else "promised"
            found.append(StepSaid(kind=kind, utterance=spoken, span=one.span, due=due))
    return tuple(found)


def _steps_in(sentence: Sentence, role: Role) -> Iterable[Step]:
    last = -1
    for kind, pattern in _rules(sentence, role):
        for found in pattern.finditer(sentence.text):
            if found.start() < last or not said_plainly(sentence, _first(found), found.end()):
                continue
            end = max(found.end(), clause_end(sentence, found.end()))
            words = sentence.text[found.start() : end]
            if NOW.search(words) or ROUTINE.search(words):
                continue
            start = _first(found)
            start, due = _due(sentence, start, end)
            if pattern is PROMISED_SOON and due is None:
                continue
            last = end
            yield Step(kind=kind, span=Span(start=sentence.start + start, end=sentence.start + end), due=due)


def _rules(sentence: Sentence, role: Role) -> list[tuple[Kind, re.Pattern[str]]]:
    offered: tuple[Kind, re.Pattern[str]] = ("offered", OFFERED)
    if sentence.asks and not TAG.search(sentence.text):
        return [("asked", ASKED)] if role == "customer" else [offered]
    plain: list[tuple[Kind, re.Pattern[str]]] = [("promised", PROMISED), ("promised", PROMISED_SOON)]
    if role == "rep":
        return [*plain, offered]
    # A question mark is often lost in recognition: "Could you send us the contract."
    return [*plain, ("asked", ASKED_PLAINLY), ("asked", ASKED)]


def _first(found: re.Match[str]) -> int:
    """Where the words of a match begin, without the marks and spaces before them."""
    return found.start() + len(found[0]) - len(found[0].lstrip(" ,;"))


def _due(sentence: Sentence, start: int, end: int) -> tuple[int, str | None]:
    """The words that say until when: in the clause, else right before it, which is then a part of the step."""
    inside = [found for found in DUE.finditer(sentence.text, start, end)]
    if inside:
        return start, inside[-1][0]
    before = [found for found in DUE.finditer(sentence.text, 0, start)]
    if before and sentence.text[before[-1].end() : start].strip() in ("", ","):
        return before[-1].start(), before[-1][0]
    return start, None


def _taken_up(utterances: Sequence[Utterance], place: int) -> bool:
    """Whether the other side says yes to an offer in one of the next turns."""
    offer = utterances[place]
    for answer in utterances[place + 1 : place + 1 + ANSWER_TURNS]:
        if answer.role != offer.role:
            return ACCEPTED.match(answer.text) is not None and REFUSED.search(answer.text) is None
    return False


def _date_in(named: ThingsNamed | None, text: str, span: Span) -> str | None:
    dates = [one for one in (named.things if named else ()) if one.type == "date"]
    inside = [one.span for one in dates if span.start <= one.span.start and one.span.end <= span.end]
    return text[inside[-1].start : inside[-1].end] if inside else None
