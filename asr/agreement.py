"""Which words of a new pass follow those already committed, and which of them two passes agree on (pure).

LocalAgreement-2 (Macháček et al. 2023) with words compared in their normal form: a comma must not hold back a word.
"""

from collections.abc import Sequence
from itertools import takewhile

from asr.messages import Word
from asr.wording import normal

OVERLAP_WORDS = 5
"""At most so many committed words are looked for at the head of a new pass, as in whisper_streaming."""
SAME_PLACE_MS = 500
"""Word times of Whisper base are off by up to half a second at the head of a window (demo call, 2026-11-25)."""
SAME_WORD_MS = 100
"""A word that is the same outweighs so much displacement: less than a word lasts, for "no, no, no" fits anywhere."""


def continued(committed: Sequence[Word], heard: Sequence[Word]) -> tuple[Word, ...]:
    """Those of `heard` that come after the committed words.

    The committed words' end is looked for in the head of `heard` by wording and by place; where the wording does not
    show it, words that lie before it are left out.
    """
    if not committed:
        return tuple(heard)
    end_ms = committed[-1].end_ms
    overlap = committed[-OVERLAP_WORDS:]
    best_fit, best_at = float("-inf"), None
    for at in range(1, len(heard) + 1):
        if heard[at - 1].start_ms > end_ms + SAME_PLACE_MS:
            break
        displaced_ms = abs(heard[at - 1].end_ms - end_ms)
        length = _matching(overlap, heard[:at])
        if not length or displaced_ms > SAME_PLACE_MS:
            continue
        fit = SAME_WORD_MS * length - displaced_ms
        if fit >= best_fit:
            best_fit, best_at = fit, at
    if best_at is not None:
        return _moved(heard[best_at:], end_ms)
    return _moved([word for word in heard if (word.start_ms + word.end_ms) // 2 >= end_ms], end_ms)


def agreed(previous: Sequence[Word], heard: Sequence[Word]) -> int:
    """How many words at the head of both are the same."""
    pairs = zip(previous, heard, strict=False)
    return sum(1 for _ in takewhile(lambda pair: normal(pair[0]) == normal(pair[1]), pairs))


def _matching(committed: Sequence[Word], head: Sequence[Word]) -> int:
    """How many words at the end of both are the same."""
    return agreed(list(reversed(committed)), list(reversed(head)))


def _moved(words: Sequence[Word], after_ms: int) -> tuple[Word, ...]:
    """The words, none of them beginning before the committed ones end."""
    return tuple(
        word
        if word.start_ms >= after_ms
        else Word(text=word.text, start_ms=after_ms, end_ms=max(after_ms, word.end_ms), confidence=word.confidence)
        for word in words
    )
