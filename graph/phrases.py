"""Where somebody says something of themselves: patterns in the first person, with what makes them void (pure).

Rules for English; other languages match none of them. A phrase counts only if it is said plainly: not denied, not
supposed ("if it were my call"), not in another's words ("he said I sign off"), not asked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\S)[^.!?\n]+)*[.!?]*")
"""To the mark that a space follows, so that "v2.1" and "example.com" stay whole."""

BREAK = re.compile(r"[,;:\u2013\u2014]|\b(?:and|but|because|so)\b", re.IGNORECASE)
DENIAL = re.compile(
    r"\b(?:not|never|cannot|no longer|nobody|no one|none|nothing|neither|nor|hardly|barely|without|used to|"
    r"would(?! be happy| love| like)|might|doubt)\b|n't\b",
    re.IGNORECASE,
)
SUPPOSED = re.compile(
    r"\b(?:if|unless|whether|until|wish|wished|suppose|imagine|in case|whenever|as though|pretend)\b", re.IGNORECASE
)
REPORTED = re.compile(
    r"(?<!\bi )(?<!\bwe )(?<!\bi've )(?<!\bi have )(?<!\blet me )(?<!\bi can )(?<!\bto )\b(?:said|says|told|"
    r"tells|asks|asked|thinks?|thought|believes?|claims?|"
    r"claimed|promised|assumes?|assumed|wants|wanted|expects|hopes|hoped|heard|insists|insisted)\b|"
    r"[\"\u201c\u201e\u00ab]",
    re.IGNORECASE,
)
NAUGHT = re.compile(r"\b(?:nothing|nobody|none|no one|neither)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of an utterance: its words with plain apostrophes, its place in code points, whether it asks."""

    text: str
    start: int
    asks: bool


def sentences_of(text: str) -> Iterator[Sentence]:
    """Take an utterance apart, offsets kept."""
    plain = text.replace("\u2019", "'").replace("\u2018", "'")
    for found in SENTENCE.finditer(plain):
        said = found[0]
        yield Sentence(text=said, start=found.start(), asks=said.rstrip(" \"'\u201d)").endswith("?"))


def said_plainly(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the words [start, end) of a sentence are the speaker's own, neither denied nor supposed."""
    before, after = sentence.text[:start], sentence.text[end:]
    if SUPPOSED.search(before) or REPORTED.search(before):
        return False
    breaks = [found.end() for found in BREAK.finditer(before)]
    clause = before[breaks[-1] :] if breaks else before
    following = BREAK.split(after, maxsplit=1)[0]
    return not DENIAL.search(clause) and not NAUGHT.search(following)


def any_of(*patterns: str) -> re.Pattern[str]:
    """Compile patterns into one, without regard to case."""
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE)


def clause_end(sentence: Sentence, start: int, ends: Sequence[re.Pattern[str]] = ()) -> int:
    """Where the clause that holds a place ends, without the mark and the spaces before it."""
    rest = sentence.text[start:]
    cuts = [found.start() for one in (CLAUSE_END, *ends) if (found := one.search(rest))]
    return start + len(rest[: min(cuts, default=len(rest))].rstrip(" ,;.!?\"'\u201d"))


CLAUSE_END = re.compile(
    r"(?:[,;]\s+|\s+)(?:and|but|because|so)\s+(?:i|we|you|he|she|they|it|that|this|there|then|please|my|our|your|the)\b|;|"
    r",\s+(?:ok|okay|right|alright|yes)\b",
    re.IGNORECASE,
)
