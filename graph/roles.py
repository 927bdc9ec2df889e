"""Which role a customer seems to have in a decision: proposed from their own words, each with its evidence (pure).

Rules for English, in the first person; precision before recall. Nothing is proposed without words that say so, nothing
from how somebody sounds. Of other languages only `fears_price` can be proposed: it rests on signals, not on words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from asr.messages import Utterance, UtteranceId
from graph.messages import Need
from graph.phrases import Sentence, any_of, clause_end, said_plainly, sentences_of
from ingest.messages import CallId
from intent.messages import Span

RoleName = Literal["decides", "checks", "uses", "champions", "fears_price"]
ROLES: tuple[RoleName, ...] = ("decides", "checks", "uses", "champions", "fears_price")

REPEATED = 2
"""Utterances with a price hesitation that make `fears_price`: one may be haggling, "raised repeatedly" is two."""
MOST_EVIDENCE = 8
"""The newest words of each role; who reads more of them learns nothing more."""
REMEMBERED = 20_000
"""Texts kept with their clues: some hundred calls of 60 customer turns."""

ADVERBS = r"(?:(?:\w+ly|also|always|still|just|then|now|all|alone) )*"
DUTIES = r"(?:(?:have|need|get|am the one|'m the one) to )?"
SPENDING = r"(?:budgets?|purchases?|spend|spending|investments?|contracts?|orders?|invoices?|expenses?|tools|software)"
DECIDES = any_of(
    rf"\bi(?:'ll| will)? {ADVERBS}{DUTIES}sign off(?! duty)\b",
    rf"\bi(?:'ll| will)? {ADVERBS}{DUTIES}sign (?:the|these|all|our|such|every) (?:\w+ )?(?:contract|order|"
    rf"cheque|deal)s?\b",
    rf"\bi(?:'ll| will)? {ADVERBS}{DUTIES}approve (?:the|this|all|every|our|any|such|these) (?:\w+ )?{SPENDING}\b",
    r"\bi(?:'m| am) the (?:one|person) (?:who|that) (?:\w+ly )?(?:decides|signs|approves|makes the (?:final )?"
    r"(?:decision|call)|has the (?:final|last) (?:say|word)|(?:holds|owns) the budget)\b",
    rf"\b(?:it|that|this)(?:'s| is|'ll be| will be) {ADVERBS}my (?:call|decision|budget)\b",
    r"\bthe (?:final |last )?(?:decision|call|budget) is (?:\w+ly )?(?:mine|up to me|my call)\b",
    rf"\bi {ADVERBS}(?:have|own|hold|control) (?:the|our|my own) (?:\w+ )?"
    r"(?:budget(?! problem| issue| constraint| cut)|final say|last say|last word|final word|signing authority)\b",
    rf"\bi {ADVERBS}(?:make|take) (?:the|that|this) (?:final |last |buying |purchasing )?decisions?\b",
    rf"\bi {ADVERBS}(?:make|have) the (?:final|last) call\b",
    rf"\bi {ADVERBS}(?:get to )?decide (?:which|what|whether|on the|on a|about the) "
    r"(?:we (?:buy|use|go with)|(?:\w+ )?(?:vendor|supplier|tool|system|software|platform|provider|purchase)s?)\b",
)
OFFICES = (
    r"(?:legal|procurement|purchasing|compliance|information security|it security|security|cyber ?security|"
    r"data protection|data privacy|risk|internal audit|vendor management)"
)
PAPERS = (
    r"(?:soc ?(?:2|two|ii)\b|iso ?\d{4,5}|iso certificat\w+|penetration tests?|pen ?tests?|audit reports?|"
    r"security (?:review|audit|questionnaire|assessment|white ?paper|certificat\w+|documentation)|"
    r"your certificat\w+|data processing agreement|\bdpa\b|sub-?processors?|vendor assessment|compliance report)"
)
TERMS = (
    r"(?:security|contracts?|terms|certificates?|compliance|privacy|data protection|encryption|access controls?|"
    r"sub-?processors?|policy|policies|agreement)"
)
WANTING = r"(?:'d|'ll| would| will)? (?:\w+ly |also |just |first |still )*"
CHECKS = any_of(
    rf"\bi(?:'m| am) (?:here )?(?:from|in|with|representing|part of|responsible for|in charge of|(?:the )?head of) "
    rf"(?:the |our )?(?:\w+ )?{OFFICES}(?: (?:team|department|side|office|review|reviews))?(?=[.,;!]|\s+(?:and|"
    rf"here|at|so)\b|$)",
    rf"\bi (?:work|sit) (?:in|for) (?:the |our )?{OFFICES}\b",
    rf"\bi (?:do|run|lead|handle) (?:the|our|all) (?:\w+ )?{OFFICES} (?:reviews?|checks?|audits?|assessments?)\b",
    r"\bi(?:'m| am) (?:the|our) (?:\w+ )?(?:ciso|dpo|data protection officer|security officer|compliance officer|"
    r"privacy officer|general counsel|legal counsel|internal auditor)\b",
    rf"\b(?:i|we){WANTING}(?:have to |need to |must |want to |like to )?(?:review|audit|verify|vet|assess) "
    rf"(?:your|the|these|all|every)\b[^.?!,;]{{0,40}}\b{TERMS}\b",
    rf"\b(?:i|we){WANTING}(?:need|want|like)(?: to (?:see|have|get|review|check|read))? [^.?!,;]{{0,25}}{PAPERS}",
)
CHECKS_BY_ASKING = any_of(
    rf"\b(?:can|could|would|will|may) (?:you|we|i) (?:please |just |also |maybe )*"
    rf"(?:send|share|show|give|provide|have|get|see|read)\b[^.?!,;]{{0,35}}{PAPERS}",
    rf"\b(?:do|does) (?:you|your \w+|the \w+) (?:already |currently )?(?:have|hold|provide|"
    rf"offer)\b[^.?!,;]{{0,30}}{PAPERS}",
    r"\b(?:are|is) (?:you|it|your \w+(?: \w+)?|the \w+) (?:\w+ )?(?:iso|soc|hipaa|pci|gdpr)\b[^.?!,;]{0,15}"
    r"(?:certified|compliant|audited|attested)\b",
)
OFTEN = (
    r"(?:every (?:single )?(?:day|morning|hour)|each day|daily|all day|day in,? day out|day to day|"
    r"on a daily basis|from morning to (?:night|evening))"
)
GROUP = r"(?:i|we|(?:my|our) (?:team|people|colleagues|staff|agents|group|crew))"
USES = any_of(
    rf"\b{GROUP}(?:'d|'ll| would| will| all| both)*(?: have to)?(?: be)? (?:us(?:e|es|ing)|work(?:s|"
    rf"ing)? (?:with|in)|"
    rf"liv(?:e|es|ing) in) (?:[\w'-]+ ){{1,5}}?{OFTEN}\b",
    r"\bi(?:'m| am) (?:the one|one of the (?:people|ones)|the person) who (?:\w+ly )?"
    r"(?:uses?|works? with|will use|has to use|would use)\b",
    r"\bi(?:'m| am|'d be| would be|'ll be| will be) (?:a|the) (?:daily|main|heavy|power) user\b",
)
ABOVE = r"(?:boss|board|cfo|ceo|cto|coo|manager|director|management|team|bosses|leadership|committee|colleagues)"
INTENT = r"i(?:'ll| will|'m going to| am going to|'d be happy to| would be happy to|'m happy to| am happy to)"
CHAMPIONS = any_of(
    rf"\b{INTENT} {ADVERBS}push (?:for )?(?:this|it|that|you)(?: \w+)? ?(?:internally|through|forward|inside|"
    rf"upstairs)\b",
    rf"\b{INTENT} {ADVERBS}(?:champion|vouch for|fight for|lobby for|argue for|advocate for|"
    rf"speak up for) (?:this|it|you|your)\b",
    rf"\b{INTENT} {ADVERBS}(?:make|present) the case (?:for|to|internally)\b",
    rf"\b{INTENT} {ADVERBS}(?:sell|pitch|recommend) (?:this|it|you|that)(?: internally\b| to (?:my|our|"
    rf"the) (?:\w+ )?{ABOVE}\b)",
    rf"\b{INTENT} {ADVERBS}recommend (?:that )?we (?:go|buy|take|use|choose|switch|sign)\b",
    rf"\b{INTENT} {ADVERBS}put in a good word\b",
    rf"\bi(?:'ve| have)? (?:already )?(?:told|convinced|persuaded) (?:my|our|the) (?:\w+ )?{ABOVE} (?:that )?"
    r"(?:we (?:need|should|want|have to)|this is|it's|you(?:'re| are))\b",
    r"\bi(?:'ve| have) been (?:pushing|fighting|arguing|lobbying) for (?:this|it|you)\b",
    r"\byou have my (?:full )?(?:support|backing|vote)\b",
)
RULES: tuple[tuple[RoleName, re.Pattern[str], bool], ...] = (
    ("decides", DECIDES, False),
    ("checks", CHECKS, False),
    ("checks", CHECKS_BY_ASKING, True),
    ("uses", USES, False),
    ("champions", CHAMPIONS, False),
)
"""Role, its pattern, and whether a question is what says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """Words that speak for a role."""

    role: RoleName
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A clue with where it was said."""

    call_id: CallId
    utterance_id: UtteranceId
    text: str
    span: Span
    start_ms: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A role that somebody seems to have; evidence in the order it was said."""

    role: RoleName
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An utterance of a customer, and when its call began."""

    utterance: Utterance
    started_at: datetime


@lru_cache(REMEMBERED)
def clues(text: str) -> tuple[Clue, ...]:
    """What a text says about its speaker's role, in its order."""
    found = [clue for sentence in sentences_of(text) for clue in _clues_in(sentence)]
    return tuple(sorted(found, key=lambda one: one.span.start))


def proposed(said: Iterable[Said], needs: Sequence[Need]) -> dict[str, tuple[Proposed, ...]]:
    """Propose roles for the customers of an account, by name.

    Args:
        said: their utterances over all calls.
        needs: the account's needs and hesitations; a person who said that someone else decides is not the one who does.
    """
    found: dict[tuple[str, RoleName], list[Evidence]] = {}
    customers: set[str] = set()
    for one in said:
        customers.add(one.utterance.speaker)
        for clue in clues(one.utterance.text):
            found.setdefault((one.utterance.speaker, clue.role), []).append(_evidence(one, clue))
    for speaker in _defer(needs):
        found.pop((speaker, "decides"), None)
    for speaker, evidence in _price_hesitations(needs).items():
        if len({(one.call_id, one.utterance_id) for one in evidence}) >= REPEATED:
            found[speaker, "fears_price"] = evidence
    return {
        speaker: tuple(
            Proposed(role=role, evidence=_newest(found[speaker, role])) for role in ROLES if (speaker, role) in found
        )
        for speaker in sorted(customers)
    }


def _clues_in(sentence: Sentence) -> Iterable[Clue]:
    for role, pattern, asked in RULES:
        for found in pattern.finditer(sentence.text):
            if sentence.asks == asked and said_plainly(sentence, found.start(), found.end()):
                end = max(found.end(), clause_end(sentence, found.start()))
                span = Span(start=sentence.start + found.start(), end=sentence.start + end)
                yield Clue(role=role, span=span)


def _evidence(one: Said, clue: Clue) -> Evidence:
    spoken = one.utterance
    return Evidence(
        call_id=spoken.call_id,
        utterance_id=spoken.utterance_id,
        text=spoken.text[clue.span.start : clue.span.end],
        span=clue.span,
        start_ms=spoken.start_ms,
        started_at=one.started_at,
    )


def _defer(needs: Sequence[Need]) -> set[str]:
    """Who said that someone else decides."""
    of_it = (need for need in needs if need.kind == "hesitation" and need.type == "authority")
    return {mention.speaker for need in of_it for mention in need.mentions}


def _price_hesitations(needs: Sequence[Need]) -> dict[str, list[Evidence]]:
    found: dict[str, list[Evidence]] = {}
    for need in needs:
        if need.kind != "hesitation" or need.type != "price":
            continue
        for mention in need.mentions:
            if mention.started_at is not None:
                evidence = Evidence(
                    call_id=mention.call_id,
                    utterance_id=mention.utterance_id,
                    text=mention.text,
                    span=mention.span,
                    start_ms=mention.start_ms,
                    started_at=mention.started_at,
                )
                found.setdefault(mention.speaker, []).append(evidence)
    return found


def _newest(evidence: list[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(evidence, key=lambda one: (one.started_at, one.start_ms))[-MOST_EVIDENCE:])
