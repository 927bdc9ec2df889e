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
from graph.phrases import Sentence, any_of, clause_end, said_plainly, sentences_of
from ingest.messages import Role
from intent.messages import Span

Kind = Literal["promised", "asked", "offered"]

ANSWER_TURNS = 2
"""An offer is taken up in one of the next turns, or it is none: "Shall I send it?" - "Yes, please.\""""
REMEMBERED = 20_000
"""Texts kept with their steps, as in `graph/roles.py`."""

ADVERBS = r"(?:(?:\w+ly|also|just|then|gladly|happily|of course|certainly|surely|try to|make sure to|go and|be able to) )*"
WILL = r"(?:i|we)(?:'ll| will| shall|'m going to| am going to|'re going to| are going to|'m gonna|'re gonna)"
PAPERS = (
    r"(?:contracts?|offers?|quotes?|quotations?|proposals?|slides?|deck|links?|pages?|summary|summaries|documents?|"
    r"documentation|agreements?|recordings?|minutes|notes|invites?|invitations?|price list|prices|pricing|figures|"
    r"examples?|references?|case stud(?:y|ies)|reports?|drafts?|lists?|calendar|files?|details|answers?|samples?|"
    r"trial|access|account|log-?ins?)"
)
SEND = r"(?:send|forward|e-?mail|mail|share|resend)"
LATER = (
    r"(?:get back to (?:you|him|her|them)|come back to (?:you|him|her|them)|follow up|call (?:you|him|her|them) back|"
    r"reach out|let (?:you|him|her|them) know|look into (?:it|this|that|the|your|how|whether|why)|find out|"
    r"put together|prepare|draft|write up|set up|schedule|arrange|book|organi[sz]e|"
    r"keep you (?:posted|updated|in the loop)|put you in touch|connect you with|introduce you to|loop in|"
    r"double[- ]check|clarify|raise (?:it|this|that) with|discuss (?:it|this|that) (?:with|internally)|"
    r"talk to (?:my|our|the)|speak (?:to|with) (?:my|our|the)|ask (?:my|our|the|around)|bring (?:it|this|that) up with)"
)
CHECK = r"(?:check(?! in\b| out\b)|verify|confirm)(?= (?:with|that|this|it|if|whether|how|what|when|on|for|the|our|your|and)\b|[.,!]|$)"
WRITE = r"write (?:you|him|her|them|a|an|it|that|this|up)"
SENDING = (
    rf"{SEND} (?:it |this |that |them |everything |over )*(?:over |across |on )?(?:to )?(?:you|him|her|them|everyone|everybody|all)\b",
    rf"{SEND} (?:over |across |out |round )?(?:it|this|that|them|the|a|an|our|my|some) ?(?:\w+ ){{0,3}}?(?:to you|over|across|around|{PAPERS})\b",
    rf"(?:give|get|make|show|provide) (?:you|him|her|them)(?: with)? (?:the|a|an|some|our|access) ?(?:\w+ ){{0,3}}?{PAPERS}\b",
)
ACTION = rf"(?:{'|'.join(SENDING)}|{LATER}\b|{CHECK}|{WRITE}\b)"
PROMISED = any_of(
    rf"\b{WILL} {ADVERBS}{ACTION}",
    r"\blet me (?:just |quickly )?(?:check with|get back to|come back to|find out|look into|ask (?:my|our|the)|"
    r"talk to (?:my|our|the)|speak (?:to|with) (?:my|our|the)|confirm (?:this|that|it|with)|double[- ]check)\b",
    rf"\bi promise to {ADVERBS}{ACTION}",
)
OFFERED = any_of(
    rf"\b(?:shall|should|can|may) (?:i|we) {ADVERBS}{ACTION}",
    rf"\b(?:would you like|do you want) (?:me|us) to {ADVERBS}{ACTION}",
)
PLEASE = r"(?:please |just |also |maybe |perhaps |possibly |then )*"
GIVE = (
    rf"{SEND} (?:me|us|him|her|them|it|this|that|over|the|a|an|your|some|our)\b",
    rf"(?:give|get|provide) (?:me|us)(?: with)? [\w' -]{{0,40}}?{PAPERS}\b",
    r"let (?:me|us) know\b",
    r"(?:get|come) back to (?:me|us)\b",
    r"(?:put me|put us) in touch\b",
    r"(?:prepare|draft|put together|set up|schedule|arrange|organi[sz]e|write (?:up|me|us|a|an)|follow up|look into|"
    r"find out|check (?:with|if|whether|on)|confirm (?:that|whether|if|by|in)|introduce|connect (?:me|us) with|"
    r"extend|add (?:it|this|that) to)\b",
)
ASKED = any_of(
    rf"\b(?:can|could|would|will) you {PLEASE}(?:{'|'.join(GIVE)})",
    rf"\b(?:can|could|may) (?:i|we) {PLEASE}(?:have|get|see) (?:the|a|an|your|some|that|this|access) ?(?:[\w-]+ ){{0,4}}?{PAPERS}\b",
    rf"\b(?:can|could|may) (?:i|we) {PLEASE}(?:test|try|pilot|trial) (?:it|this|that|the|your|out|a)\b",
    r"\bwould you mind (?:sending|forwarding|sharing|checking|preparing|setting up|writing)\b",
)
ASKED_PLAINLY = any_of(
    rf"(?:^|[,;] ?|\b(?:so|and|then|yes|ok|okay) )\s*(?:please|kindly) {PLEASE}(?:{'|'.join(GIVE)})",
    rf"^\s*{SEND} (?:me|us) ",
    rf"\b(?:i|we)(?:'d| would) (?:like|love|want|appreciate) (?:for )?you to (?:{'|'.join(GIVE)})",
    rf"\bif you could {PLEASE}(?:{'|'.join(GIVE)})",
)
NOW = re.compile(
    r"\b(?:your screen|my screen|the screen|in the chat|hear (?:me|us|you)|louder|again please|on mute|"
    r"be honest|right now|as we speak|share your (?:thoughts|view|views|experience|opinion))\b",
    re.IGNORECASE,
)
"""Said of the call itself: it is over when the call is."""
TAG = re.compile(r",\s*(?:ok|okay|right|alright|all right|yes|yeah|if that's ok|if that is ok)\W*\?\s*$", re.IGNORECASE)
ROUTINE = re.compile(r"\b(?:every|each|always|usually|normally|automatically)\b", re.IGNORECASE)
"""What somebody does every Monday is how they work, not a step."""
ACCEPTED = re.compile(
    r"^\W*(?:oh |ah |well |ok,? )?(?:yes|yeah|yep|sure|please|of course|absolutely|definitely|certainly|gladly|perfect|"
    r"great|that would (?:be|help)|that'd be|i'd (?:like|love|appreciate) that|ok|okay|do that|good idea|go ahead)\b",
    re.IGNORECASE,
)
REFUSED = re.compile(r"\b(?:no need|not necessary|no thank|rather not|don't|do not|but not|no,)\b", re.IGNORECASE)

WEEKDAYS = "monday/tuesday/wednesday/thursday/friday/saturday/sunday"
MONTHS = "january/february/march/april/may/june/july/august/september/october/november/december"
DAY = rf"(?:(?:{WEEKDAYS.replace('/', '|')})(?: (?:morning|afternoon|evening|noon))?)"
DATE = rf"(?:(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTHS.replace('/', '|')})|(?:{MONTHS.replace('/', '|')}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?)"
COUNT = r"(?:a|an|one|two|three|four|five|six|seven|ten|\d{1,2}|a couple of|a few|the next (?:few|two|three)|the next)"
POINT = (
    rf"(?:{DAY}|{DATE}|tomorrow(?: (?:morning|afternoon|evening|noon))?|today|tonight|noon|midnight|eod|cob|"
    rf"(?:next|this|the following) (?:week|month|quarter|{DAY})|(?:the )?end of (?:the |this |next )?(?:day|week|month|quarter|year)|"
    r"this (?:morning|afternoon|evening)|lunch(?:time)?)"
)
DUE = any_of(
    rf"\b(?:by|before|until|till|no later than|at the latest by|on|not later than) (?:early |late )?{POINT}(?: at the latest)?\b",
    rf"\b(?:in|within) (?:the next )?{COUNT} (?:business |working )?(?:minutes?|hours?|days?|weeks?|months?)\b",
    rf"\b(?:first thing |early |later |late )?(?:tomorrow(?: (?:morning|afternoon|evening))?|tonight|today|next (?:week|month|quarter|{DAY})|"
    rf"this (?:afternoon|evening|week|{DAY})|end of (?:the )?(?:day|week|month))\b",
    r"\b(?:right |straight )?after (?:the|this|our) (?:call|meeting)\b",
    r"\b(?:as soon as possible|asap|right away|straight away|immediately)\b",
)


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
            if NOW.search(words) or (kind == "promised" and ROUTINE.search(words)):
                continue
            start = _first(found)
            start, due = _due(sentence, start, end)
            last = end
            yield Step(kind=kind, span=Span(start=sentence.start + start, end=sentence.start + end), due=due)


def _rules(sentence: Sentence, role: Role) -> list[tuple[Kind, re.Pattern[str]]]:
    if sentence.asks and not TAG.search(sentence.text):
        return [("asked", ASKED)] if role == "customer" else [("offered", OFFERED)]
    plain: list[tuple[Kind, re.Pattern[str]]] = [("promised", PROMISED)]
    if role == "customer":
        # A question mark is often lost in recognition: "Could you send us the contract."
        plain += [("asked", ASKED_PLAINLY), ("asked", ASKED)]
    return plain


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
