"""Which heard word is which spoken word (pure): normalised words of turns and finals, aligned by edit distance."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import jiwer

from eval.bench.material import SpokenTurn
from eval.metrics import normaliser

SENTENCE_ENDS = (".", "?", "!")
CLOSING = "\"'”’)]»"  # noqa: RUF001 - typographic marks are meant


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word of the reference. `turn` and `place` count from 0; `after` is how many words of the turn follow."""

    turn: int
    place: int
    after: int
    text: str

    @property
    def ends_sentence(self) -> bool:
        """By the reference's own punctuation."""
        return self.text.rstrip(CLOSING).endswith(SENTENCE_ENDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word of a final. `final` and `place` count from 0."""

    final: int
    place: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two words that the alignment puts together; `same` unless one stands in for the other."""

    spoken: SpokenWord
    heard: HeardWord
    same: bool


def spoken_words(turns: Sequence[SpokenTurn], channel: str) -> list[SpokenWord]:
    """Words of one channel in order; `turn` counts in all of `turns`."""
    return [
        SpokenWord(turn=number, place=place, after=len(words) - 1 - place, text=text)
        for number, turn in enumerate(turns)
        if turn.channel == channel
        for words in (turn.text.split(),)
        for place, text in enumerate(words)
    ]


def match(spoken: Sequence[SpokenWord], heard: Sequence[HeardWord], language: str | None) -> list[Match]:
    """Pair the words of one channel, each heard word at most once, in order."""
    left, right = _tokens((one.text for one in spoken), language), _tokens((one.text for one in heard), language)
    if not left or not right:
        return []
    found: dict[tuple[int, int], Match] = {}
    for at, to, same in _aligned([token for _, token in left], [token for _, token in right]):
        word = Match(spoken=spoken[left[at][0]], heard=heard[right[to][0]], same=same)
        found.setdefault((word.heard.final, word.heard.place), word)
    return list(found.values())


def comparable(words: Iterable[str], language: str | None) -> list[str]:
    """Each word as it is compared: without case and punctuation; "" for a filler."""
    return [" ".join(_evened(word, language)) for word in words]


def _tokens(words: Iterable[str], language: str | None) -> list[tuple[int, str]]:
    return [(number, token) for number, word in enumerate(words) for token in _evened(word, language)]


@cache
def _evened(word: str, language: str | None) -> tuple[str, ...]:
    return tuple(normaliser(language)(word).split())


def _aligned(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, bool]]:
    chunks = jiwer.process_words([" ".join(left)], [" ".join(right)]).alignments[0]
    for chunk in chunks:
        if chunk.type in ("equal", "substitute"):
            pairs = zip(
                range(chunk.ref_start_idx, chunk.ref_end_idx),
                range(chunk.hyp_start_idx, chunk.hyp_end_idx),
                strict=True,
            )
            yield from ((at, to, chunk.type == "equal") for at, to in pairs)
