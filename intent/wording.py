"""Hesitation in the choice of words: hedges, deferrals and fillers, by spaCy's matcher.

What is found stands beside a hesitation as evidence of its own; it never makes a signal by itself.
"""

from functools import lru_cache
from typing import Any, cast

from intent.lean_spacy import Matcher, blank_english, filter_spans
from intent.messages import Hedging, Span, WordingName
from intent.timing import FILLERS

Pattern = list[dict[str, Any]]

MEMORY = 2_048
"""Texts kept with what was found: a call's turns are asked about again with every later one."""

HEDGES = (
    "maybe", "perhaps", "possibly", "probably", "presumably", "supposedly", "somehow", "i guess", "i suppose",
    "i wonder", "sort of", "kind of", "kinda", "more or less", "in a way", "hard to say", "difficult to say",
    "it depends", "we will see", "we'll see", "i dunno", "who knows", "could be", "might be",
    "i could be wrong", "if anything", "as far as i know", "off the top of my head",
)  # fmt: skip
DEFERRALS = (
    "think about it", "think it over", "let me think", "sleep on it", "get back to you", "come back to you",
    "come back to this", "come back to it", "circle back", "park that", "park this", "park it", "revisit this",
    "revisit it", "down the road", "down the line", "at some point", "some other time", "another time", "not now",
    "not yet", "not right now", "not just now", "for the time being", "in due course", "one day", "too early to say",
    "too soon to say",
)  # fmt: skip
PATTERNS: dict[WordingName, tuple[Pattern, ...]] = {
    "hedge": (
        # "not sure", "not really certain"; "n't sure" where the tokenizer splits it off.
        [
            {"LOWER": {"IN": ["not", "n't"]}},
            {"LOWER": {"IN": ["really", "quite", "too", "so", "entirely", "totally", "100", "%"]}, "OP": "{0,2}"},
            {"LOWER": {"IN": ["sure", "certain", "convinced", "clear"]}},
        ],
        [{"LOWER": {"IN": ["do", "would"]}}, {"LOWER": {"IN": ["n't", "not"]}}, {"LOWER": "know"}],
    ),
    "deferral": (
        [
            {"LOWER": {"IN": ["next", "following"]}},
            {"LOWER": {"IN": ["year", "quarter", "spring", "summer", "autumn", "fall", "winter", "season"]}},
        ],
        [{"LOWER": {"IN": ["later", "sometime"]}}, {"LOWER": {"IN": ["this", "in", "on"]}}],
    ),
    "filler": (),
}
PHRASES: dict[WordingName, tuple[str, ...]] = {"hedge": HEDGES, "deferral": DEFERRALS, "filler": tuple(sorted(FILLERS))}


class Wording:
    """Finds hedges, deferrals and fillers in English words; other languages hold none of them."""

    def __init__(self) -> None:
        """Prepare the matcher; no weights are loaded."""
        self._words = blank_english()
        self._matcher = Matcher(self._words.vocab)
        for name, patterns in PATTERNS.items():
            said = [[{"LOWER": token.text} for token in self._words(phrase)] for phrase in PHRASES[name]]
            self._matcher.add(name, [*patterns, *said])
        self._found = lru_cache(MEMORY)(self._matched)

    def found(self, text: str) -> tuple[Hedging, ...]:
        """What stands in a text, in its order; of overlapping finds the longer one."""
        return self._found(text)

    @property
    def remembered(self) -> int:
        """Texts kept with what was found."""
        return self._found.cache_info().currsize

    def _matched(self, text: str) -> tuple[Hedging, ...]:
        matched = filter_spans(self._matcher(self._words(text), as_spans=True))
        return tuple(
            Hedging(name=cast("WordingName", one.label_), span=Span(start=one.start_char, end=one.end_char))
            for one in sorted(matched, key=lambda span: span.start)
        )
