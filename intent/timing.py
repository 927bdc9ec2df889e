"""Hesitation in the timing of words, against this speaker's own habit in this call (pure).

Only when somebody spoke and for how long: no pitch, no loudness, nothing about feelings, and nothing about the rep.
A cue never makes a signal by itself; it stands beside the words as evidence of its own.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from asr.messages import Utterance
from intent.messages import Cue, CueName

HABIT = 3
"""So many earlier occasions make a habit; with fewer, nothing is said."""
LONGER_MS, TIMES = 800, 2.0
"""A silence stands out when it is longer than usual by this much and this many times as long. Word times are off by up
to 300 ms (`eval asr`); in conversation an answer after a second is heard as reluctant (Roberts et al. 2011)."""
TURN_MS = 10_000
"""After so long a silence nobody is answering any more."""
QUESTION_WORDS, SHORT_WORDS, USUAL_WORDS = 12, 3, 8
"""A long question, a short answer, and how many words this speaker must usually answer with for it to stand out."""
FILLERS = frozenset({"um", "uh", "uhm", "umm", "er", "erm", "hm", "hmm", "mm"})
LEAST_FILLERS = 2
LIFT, MOST_LIFT = 0.25, 0.5
"""What a cue, and what all together, add to the log odds of a hesitation. Judgement: no labelled calls with times
exist. So little that .35 becomes .47 at most: timing tips the scale, words fill it."""


def cues(spoken: Utterance, before: Sequence[Utterance]) -> tuple[Cue, ...]:
    """What in the timing of an utterance of a customer is unlike this speaker.

    Args:
        spoken: final words with their times.
        before: the call so far, in the order of its turns.
    """
    if spoken.role != "customer":
        return ()
    last = before[-1] if before else None
    own = [(one, previous) for previous, one in pairwise((None, *before)) if one is not None and _same(one, spoken)]
    gaps = [gap for one, previous in own if (gap := _response_ms(one, previous)) is not None]
    pauses = [_longest_pause_ms(one, previous) for one, previous in own]
    said = [one for one, _ in own]
    found = (
        _silence("response_gap", _response_ms(spoken, last), gaps),
        _silence("pause", _longest_pause_ms(spoken, last), pauses),
        _fillers(spoken, said),
        _short_answer(spoken, last, said),
    )
    return tuple(one for one in found if one is not None)


def lift(found: Sequence[Cue]) -> float:
    """What the timing of an utterance adds to the log odds that its words hesitate."""
    return min(MOST_LIFT, LIFT * len(found))


def _silence(name: CueName, silence_ms: int | None, habit: Sequence[int]) -> Cue | None:
    if silence_ms is None or len(habit) < HABIT:
        return None
    usual_ms = max(0, round(median(habit)))
    if silence_ms < max(usual_ms + LONGER_MS, usual_ms * TIMES):
        return None
    return Cue(cue=name, value=silence_ms, usual=usual_ms)


def _response_ms(spoken: Utterance, last: Utterance | None) -> int | None:
    """Silence between somebody else's last word and this speaker's first; None where this is no answer."""
    if last is None or _same(last, spoken):
        return None
    gap_ms = spoken.start_ms - last.end_ms
    return gap_ms if 0 <= gap_ms <= TURN_MS else None


def _longest_pause_ms(spoken: Utterance, last: Utterance | None) -> int:
    """The longest silence between two words of one turn, also where it cut the turn in two utterances."""
    pauses = [after.start_ms - word.end_ms for word, after in pairwise(spoken.words)]
    if last is not None and _same(last, spoken) and spoken.start_ms - last.end_ms <= TURN_MS:
        pauses.append(spoken.start_ms - last.end_ms)
    return max(pauses, default=0)


def _fillers(spoken: Utterance, own: Sequence[Utterance]) -> Cue | None:
    count = _count_fillers(spoken)
    if count < LEAST_FILLERS or len(own) < HABIT:
        return None
    usual = sum(map(_count_fillers, own)) / len(own)
    return Cue(cue="fillers", value=count, usual=round(usual, 1)) if count >= TIMES * usual else None


def _short_answer(spoken: Utterance, last: Utterance | None, own: Sequence[Utterance]) -> Cue | None:
    if last is None or _same(last, spoken) or len(own) < HABIT:
        return None
    asked = last.text.rstrip()
    length, usual = len(spoken.text.split()), median(len(one.text.split()) for one in own)
    short = length <= SHORT_WORDS and usual >= USUAL_WORDS
    if not (short and asked.endswith("?") and len(asked.split()) >= QUESTION_WORDS):
        return None
    return Cue(cue="short_answer", value=length, usual=round(usual))


def _count_fillers(spoken: Utterance) -> int:
    return sum("".join(filter(str.isalpha, word.casefold())) in FILLERS for word in spoken.text.split())


def _same(one: Utterance, other: Utterance) -> bool:
    return (one.channel, one.speaker) == (other.channel, other.speaker)
