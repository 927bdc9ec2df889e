"""What a vocabulary gained and what it cost: terms recovered and words spoilt, against exact transcripts (pure)."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import jiwer

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
POSSESSIVE = re.compile(r"['\u2019]s$")
MAX_TERM_WORDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A passage as it was said, as it was recognised, and as it reads after the vocabulary."""

    reference: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCounts:
    """Counts over all passages.

    said: terms in the references, each time they are said, in one word or several.
    heard_before, heard_after: those of them that were recognised, letter by letter, in one word or several.
    written_before, written_after: those that stand there as the tenant writes them.
    words: words of the references; a term counts as one.
    repaired, spoilt: words that are right only after, and only before.
    """

    said: int
    heard_before: int
    heard_after: int
    written_before: int
    written_after: int
    words: int
    repaired: int
    spoilt: int


def count_terms(passages: Iterable[Heard], terms: Iterable[str]) -> TermCounts:
    """Compare each passage before and after with what was said."""
    written = {_letters(term): term for term in terms}
    total: Counter[str] = Counter()
    for passage in passages:
        reference, before, after = (
            _words(text, written) for text in (passage.reference, passage.before, passage.after)
        )
        said = Counter(word for word in reference if word in written)
        right_before, right_after = _right(reference, before), _right(reference, after)
        total.update(
            said=said.total(),
            heard_before=(said & Counter(before)).total(),
            heard_after=(said & Counter(after)).total(),
            written_before=_written(said, passage.before, written),
            written_after=_written(said, passage.after, written),
            words=len(reference),
            repaired=len(right_after - right_before),
            spoilt=len(right_before - right_after),
        )
    return TermCounts(**{name: total[name] for name in TermCounts.__dataclass_fields__})


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _words(text: str, written: dict[str, str]) -> list[str]:
    """The words of a text, case folded; words that make up a term are joined, without its possessive."""
    said = [POSSESSIVE.sub("", word) for word in WORD.findall(text.casefold())]
    joined: list[str] = []
    at = 0
    while at < len(said):
        lengths = range(min(MAX_TERM_WORDS, len(said) - at), 0, -1)
        length = next((one for one in lengths if "".join(said[at : at + one]) in written), 1)
        joined.append("".join(said[at : at + length]))
        at += length
    return joined


def _written(said: Counter[str], text: str, written: dict[str, str]) -> int:
    found = {letters: len(re.findall(rf"(?<!\w){re.escape(written[letters])}(?!\w)", text)) for letters in said}
    return sum(min(count, found[letters]) for letters, count in said.items())


def _right(reference: Sequence[str], heard: Sequence[str]) -> set[int]:
    """Places of the reference's words that an alignment finds again."""
    if not reference or not heard:
        return set()
    (chunks,) = jiwer.process_words(" ".join(reference), " ".join(heard)).alignments
    return {
        place for chunk in chunks if chunk.type == "equal" for place in range(chunk.ref_start_idx, chunk.ref_end_idx)
    }
