"""A tenant's own words: which of them a recogniser is told before, and how near-misses are repaired after (pure).

Whoever composes a call builds one `Vocabulary` for it: first the names of the call itself, then the tenant's terms
(`graph/terms.py`). A repair changes how something was written down, never when it was said. English only.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import groupby

from asr.decoder import Hypothesis
from asr.likeness import Spelt, letters, sound, spelling
from asr.messages import Word
from asr.ordinary import ordinary_words

REPAIRED_LANGUAGES = frozenset({"en"})
"""Metaphone and the list of ordinary words know English."""

PROMPT_TOKENS = 40
"""A tenth of Whisper's 448; about a dozen names. Longer prompts cost a step of the decoder each and leak into text."""

LOW_CONFIDENCE, LOW_CONFIDENCE_UNKNOWN = 0.6, 0.8
"""Below this an ordinary word may be a near-miss, and one that is not ordinary, or has a term's very letters.

Of the words that Whisper base hears rightly in the demo call, 4 % lie below the first and 10 % below the second; over
the telephone 8 % and 20 %. Made-up names it spells wrong at .2 to .75 (76 synthetic sentences; both 2026-11-25).
"""

MIN_CHARS = 5
"""Shorter terms are only written right, never guessed: at four letters one slip gives another name (Dana, Dina)."""

MIN_SPELLING, MIN_SOUND, MIN_SUM = 0.65, 0.65, 1.45
"""How alike a near-miss must be. "Norwick" is Norvik (.71, .75)."""

MIN_ORDINARY_SPELLING, MIN_ORDINARY_SOUND = 0.8, 1.0
"""The same for a run of nothing but ordinary words, as "parcel tied" for Parceltide."""

MIN_ORDINARY_CHARS = 3
"""Every ordinary word of a run has as many letters: "and I'm" is not Antrim, "Boomer at" not Boomerly."""

MAX_WORDS = 4
"""A recogniser writes one name as up to three words; account names have up to four."""

CORE = re.compile(r"^(\W*)(.*?)((?:['\u2019]s)?\W*)$", re.DOTALL)
"""What stands before a word, the word, and its possessive and punctuation."""

CONTRACTED = re.compile(r"(?:n['\u2019]t|['\u2019](?:re|ll|ve|d|m|s))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    spelt: Spelt


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive words that may be one term, without the punctuation around them."""

    start: int
    words: Sequence[Word]
    text: str
    before: str
    after: str

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class _Repair:
    run: _Run
    term: str
    score: float

    def words(self) -> tuple[Word, ...]:
        parts = self.term.split()
        parts[0] = self.run.before + parts[0]
        parts[-1] += self.run.after
        return spread(parts, self.run.words)


class Vocabulary:
    """Terms of one call, most useful first."""

    def __init__(
        self, terms: Iterable[str], ordinary: AbstractSet[str] | None = None, misheard: Mapping[str, str] | None = None
    ) -> None:
        """Take terms as they are written; of two with the same letters the first counts.

        Args:
            terms: names and words, each of one to four words.
            ordinary: words the recogniser knows, case folded; None takes the list of this room.
            misheard: words that were heard before, each with the term that a person said they were.
        """
        self._ordinary = ordinary_words() if ordinary is None else ordinary
        self._exact: dict[str, _Term] = {}
        for text in terms:
            term = _Term(" ".join(text.split()), Spelt.of(text))
            if term.spelt.letters and len(term.text.split()) <= MAX_WORDS:
                self._exact.setdefault(term.spelt.letters, term)
        self._misheard = {letters(heard): " ".join(said.split()) for heard, said in (misheard or {}).items()}
        near = [term for term in self._exact.values() if len(term.spelt.letters) >= MIN_CHARS and term.spelt.sound]
        by_sound = groupby(sorted(near, key=_first_sound), key=_first_sound)
        self._near = {first: tuple(terms) for first, terms in by_sound}

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms, most useful first."""
        return tuple(term.text for term in self._exact.values())

    def prompt(self, tokens_of: Callable[[str], int], limit_tokens: int = PROMPT_TOKENS) -> str:
        """The first terms that the recogniser does not know by itself, with commas, as many as fit.

        Args:
            tokens_of: counts the recogniser's tokens of a text.
            limit_tokens: the most it may take; a term that does not fit is passed over for a shorter one.
        """
        told = ""
        for term in self._exact.values():
            longer = f"{told}, {term.text}" if told else term.text
            if not self._known(term) and tokens_of(longer) <= limit_tokens:
                told = longer
        return told

    def _known(self, term: _Term) -> bool:
        """Whether the recogniser writes it right by itself; of SAP it may make "sap"."""
        return term.spelt.letters in self._ordinary and term.text[1:].islower()

    def recited(self, words: Sequence[Word]) -> bool:
        """Whether a doubtful reading holds nothing but terms, at least two: noise makes Whisper recite its prompt.

        On the demo call over the telephone it read a rustle as "Norvik Outdoor, Norvik Outdoor," (2026-11-25).
        """
        parts = letters(" ".join(word.text for word in words))
        count = 0
        while parts:
            longest = max((one for one in self._exact if parts.startswith(one)), key=len, default="")
            if not longest:
                return False
            parts, count = parts.removeprefix(longest), count + 1
        known = [word.confidence for word in words if word.confidence is not None]
        return count > 1 and bool(known) and sum(known) / len(known) < LOW_CONFIDENCE

    def correct(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Repair near-misses of terms; all other words come back as they are.

        A term may replace several words, or be several; its words lie between the same times and carry the lowest
        confidence of those replaced.
        """
        return _repaired(words, self._repairs(words))

    def corrected(self, hypothesis: Hypothesis) -> Hypothesis:
        """The same hypothesis with its words and its text repaired; in other languages as it is."""
        if hypothesis.language not in REPAIRED_LANGUAGES:
            return hypothesis
        repairs = self._repairs(hypothesis.words)
        if not repairs:
            return hypothesis
        text = _rewritten(hypothesis.text, hypothesis.words, repairs)
        return replace(hypothesis, words=_repaired(hypothesis.words, repairs), text=text)

    def _repairs(self, words: Sequence[Word]) -> list[_Repair]:
        """The best repairs that do not overlap, in order; a term that stands there already keeps its words."""
        found = [repair for run in _runs(words) if (repair := self._repair(run)) is not None]
        taken: set[int] = set()
        chosen: list[_Repair] = []
        for repair in sorted(found, key=lambda one: (-one.score, len(one.run.words), one.run.start)):
            places = range(repair.run.start, repair.run.end)
            if taken.isdisjoint(places):
                taken.update(places)
                if repair.run.text != repair.term:
                    chosen.append(repair)
        return sorted(chosen, key=lambda one: one.run.start)

    def _repair(self, run: _Run) -> _Repair | None:
        exact = self._exact.get(letters(run.text))
        if exact is not None:
            meant = run.text == exact.text or self._meant(run)
            return _Repair(run, exact.text, 2.0 + len(run.words)) if meant else None
        known = self._misheard.get(letters(run.text))
        if known is not None and self._meant(run):
            # As sure as a term's very letters, and never more than the term itself where both fit.
            return _Repair(run, known, 1.9 + len(run.words))
        return self._nearest(run)

    def _meant(self, run: _Run) -> bool:
        """Whether words with a term's very letters are that term, which is then only written otherwise.

        Ordinary words are the term when they are written as names ("Circle Box"), or when a run of them is doubtful;
        "on the back shelf" stays.
        """
        parts = run.text.split()
        if not self._is_ordinary(run.text):
            return True
        low = _confidence(run.words, default=1.0) < LOW_CONFIDENCE_UNKNOWN
        return len(parts) > 1 and (low or all(part[0].isupper() for part in parts))

    def _nearest(self, run: _Run) -> _Repair | None:
        ordinary = self._is_ordinary(run.text)
        if _confidence(run.words, default=1.0) >= (LOW_CONFIDENCE if ordinary else LOW_CONFIDENCE_UNKNOWN):
            return None
        if not self._may_be_a_name(run.text.split()):
            return None
        heard = Spelt.of(run.text)
        if heard.letters in self._ordinary or not heard.letters.isalpha():
            return None
        alike = [
            _Repair(run, term.text, score)
            for term in self._near.get(heard.sound[:1], ())
            if (score := _likeness(heard, term.spelt, ordinary=ordinary)) is not None
        ]
        return max(alike, key=lambda one: (one.score, one.term), default=None)

    def _may_be_a_name(self, parts: Sequence[str]) -> bool:
        """Whether words may be pieces of a name that was not known: one strange word, or several but no small ones."""
        ordinary = [part for part in parts if self._is_ordinary(part)]
        small = any(len(part) < MIN_ORDINARY_CHARS or CONTRACTED.search(part) for part in ordinary)
        return not small and (len(parts) > 1 or not ordinary)

    def _is_ordinary(self, text: str) -> bool:
        """Whether all words of a text are, also shortened as in "aren't", or a single letter."""
        whole = (letters(CONTRACTED.sub("", part)) for part in text.split())
        return all(len(word) == 1 or word in self._ordinary for word in whole)


def _confidence(words: Sequence[Word], *, default: float) -> float:
    """The lowest confidence of the words that have one."""
    return min((word.confidence for word in words if word.confidence is not None), default=default)


def _repaired(words: Sequence[Word], repairs: Sequence[_Repair]) -> tuple[Word, ...]:
    repaired: list[Word] = []
    done = 0
    for repair in repairs:
        repaired += [*words[done : repair.run.start], *repair.words()]
        done = repair.run.end
    return (*repaired, *words[done:])


def _rewritten(text: str, words: Sequence[Word], repairs: Sequence[_Repair]) -> str:
    """Replace in a text what is repaired in its words, which it holds in order; else join the words by spaces."""
    places: list[tuple[int, int]] = []
    for word in words:
        start = text.find(word.text, places[-1][1] if places else 0)
        if start < 0:
            return " ".join(one.text for one in _repaired(words, repairs))
        places.append((start, start + len(word.text)))
    for repair in reversed(repairs):
        start, end = places[repair.run.start][0], places[repair.run.end - 1][1]
        text = text[:start] + " ".join(word.text for word in repair.words()) + text[end:]
    return text


def _first_sound(term: _Term) -> str:
    return term.spelt.sound[:1]


def _likeness(heard: Spelt, term: Spelt, *, ordinary: bool) -> float | None:
    """The sum of both likenesses, below 2; None when they are too little."""
    spelt = spelling(heard, term)
    if spelt < (MIN_ORDINARY_SPELLING if ordinary else MIN_SPELLING):
        return None
    sounded = sound(heard, term)
    if sounded < (MIN_ORDINARY_SOUND if ordinary else MIN_SOUND) or spelt + sounded < MIN_SUM:
        return None
    return spelt + sounded


def _runs(words: Sequence[Word]) -> Iterator[_Run]:
    """All runs of up to `MAX_WORDS` words with no punctuation inside."""
    cores = [match.groups() for word in words if (match := CORE.match(word.text)) is not None]
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
            inside = cores[start:end]
            if all(core for _, core, _ in inside):
                text = " ".join(core for _, core, _ in inside)
                yield _Run(start, words[start:end], text, inside[0][0], inside[-1][2])
            # A mark behind a word ends every longer run, as does one before the next.
            if inside[-1][2] or (end < len(words) and cores[end][0]):
                break


def spread(parts: Sequence[str], words: Sequence[Word]) -> tuple[Word, ...]:
    """Some words over the time of those they replace: each word's own time, or all of it shared out by letters."""
    known = [word.confidence for word in words if word.confidence is not None]
    confidence = min(known, default=None)
    if len(parts) == len(words):
        return tuple(replace(word, text=part, confidence=confidence) for word, part in zip(words, parts, strict=True))
    start_ms, end_ms = words[0].start_ms, words[-1].end_ms
    ends = [sum(len(part) for part in parts[: place + 1]) for place in range(len(parts))]
    cuts_ms = [start_ms + (end_ms - start_ms) * end // ends[-1] for end in (0, *ends)]
    return tuple(
        Word(text=part, start_ms=cuts_ms[place], end_ms=cuts_ms[place + 1], confidence=confidence)
        for place, part in enumerate(parts)
    )
