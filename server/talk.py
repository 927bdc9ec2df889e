"""How the rep talked in a call: share, longest monologue, response gap, questions (pure). For the rep alone.

From the utterances' start and end, so it holds for every call, also where the single words are not kept. An utterance
holds the pauses inside it, up to the silence that ends one (`asr/config.py`).
"""

import re
from collections.abc import Iterable, Sequence
from statistics import median

from asr.messages import Utterance
from graph.phrases import sentences_of
from graph.words import words
from server import bodies

BACKCHANNEL_MS, BACKCHANNEL_WORDS = 1_000, 3
"""What takes no turn: "mm-hm", "yes, exactly". Feedback is mostly "very short utterances" of under a second (Heldner,
Edlund, Hjalmarsson, Laskowski, Interspeech 2011); the count of words keeps fast sentences out. Chosen, not measured
here."""
MONOLOGUE_PAUSE_MS = 3_000
"""A longer silence ends a monologue: the customer had the floor and did not take it. Judgement: in conversation the
usual gap between speakers is about 200 ms and a second of silence is felt as long (Jefferson 1989)."""

SENTENCE_ZH = re.compile(r"[^\u3002\uff01\uff1f?!\n]+[\u3002\uff01\uff1f?!]*")
CHINESE = re.compile("[\u3400-\u9fff]")
ASKED_ZH = re.compile(
    "(?:吗|呢)[\u3002\uff01!. ]*$|是不是|有没有|能不能|可不可以|会不会|要不要|对不对|"
    "[你您][^\uff0c\u3002,]{0,8}(?:什么|怎么|怎样|为什么|多少|哪|几)"
)
"""Questions whose mark recognition left out: the particles ma and ne at the end, verb-not-verb, and what, how, why,
how many or which after "you"."""
LEAD = r"^\W*(?:(?:and|so|but|well|okay|ok|right|now|then|great|thanks|thank you|all right)\W+)*"
ASKED_EN = re.compile(
    LEAD + r"(?:(?:what|how|why|when|where|which|who)(?: \w+){0,3}? )?"
    r"(?:do|does|did|are|is|were|was|can|could|would|will|have|has|should)(?:n't)? (?:you|your)\b",
    re.IGNORECASE,
)
"""The same in English: an auxiliary before "you", which a statement does not have at its head."""


def metrics(utterances: Sequence[Utterance], speaker: str) -> bodies.TalkMetrics:
    """Measure one rep's talk.

    Args:
        utterances: the call's.
        speaker: the rep; other reps count as neither side, only in the share's whole.
    """
    ordered = sorted(utterances, key=lambda one: (one.start_ms, one.end_ms))
    own = [one for one in ordered if one.role == "rep" and one.speaker == speaker]
    others = [one for one in ordered if one.role == "customer" and not backchannel(one)]
    talk_ms = covered_ms(own)
    everybody_ms = sum(covered_ms(of) for of in _by_channel(ordered).values())
    longest_ms, longest_start_ms = longest_monologue(own, others)
    gaps = response_gaps_ms(own, others)
    return bodies.TalkMetrics(
        speaker=speaker,
        talk_ms=talk_ms,
        ratio=talk_ms / everybody_ms if everybody_ms else None,
        longest_monologue_ms=longest_ms,
        longest_monologue_start_ms=longest_start_ms,
        response_gap_ms=round(median(gaps)) if gaps else None,
        questions=sum(questions(one.text) for one in own),
    )


def backchannel(utterance: Utterance) -> bool:
    """Whether an utterance is a short sign of listening."""
    short = utterance.end_ms - utterance.start_ms <= BACKCHANNEL_MS
    return short and len(words(utterance.text)) <= BACKCHANNEL_WORDS


def covered_ms(utterances: Iterable[Utterance]) -> int:
    """Time with speech; what lies over itself counts once. The utterances are in the order of their start."""
    total, end = 0, 0
    for one in utterances:
        total += max(0, one.end_ms - max(end, one.start_ms))
        end = max(end, one.end_ms)
    return total


def longest_monologue(own: Sequence[Utterance], others: Sequence[Utterance]) -> tuple[int, int | None]:
    """The longest stretch of speech with no turn of the other side in it: (length, start), from first to last word."""
    longest, start_of_longest = 0, None
    start_ms = end_ms = None
    place = 0
    for one in own:
        turned = False
        # A turn of the other side cuts where it begins, also one that is talked over.
        while place < len(others) and others[place].start_ms < one.start_ms:
            turned = turned or (end_ms is not None and others[place].start_ms >= (start_ms or 0))
            place += 1
        if start_ms is None or end_ms is None or turned or one.start_ms - end_ms > MONOLOGUE_PAUSE_MS:
            start_ms, end_ms = one.start_ms, one.end_ms
        else:
            end_ms = max(end_ms, one.end_ms)
        if end_ms - start_ms > longest:
            longest, start_of_longest = end_ms - start_ms, start_ms
    return longest, start_of_longest


def response_gaps_ms(own: Sequence[Utterance], others: Sequence[Utterance]) -> list[int]:
    """Silence from the end of each customer's turn to the rep's next words; 0 where they overlap.

    Only the last turn before the rep speaks counts: what came earlier was not the rep's to answer.
    """
    gaps: list[int] = []
    place = 0
    waiting: Utterance | None = None
    for one in own:
        while place < len(others) and others[place].start_ms <= one.start_ms:
            waiting = others[place]
            place += 1
        if waiting is not None:
            gaps.append(max(0, one.start_ms - waiting.end_ms))
            waiting = None
    return gaps


def questions(text: str) -> int:
    """Questions in an utterance: by their mark, or by their form where recognition left the mark out.

    A lone "Right?" or "Okay?" asks nothing.
    """
    if CHINESE.search(text):
        parts = SENTENCE_ZH.findall(text)
        return sum(1 for one in parts if one.rstrip().endswith(("\uff1f", "?")) or ASKED_ZH.search(one))
    found = 0
    for sentence in sentences_of(text):
        several = len(words(sentence.text)) > 1
        found += several and (sentence.asks or ASKED_EN.search(sentence.text) is not None)
    return found


def _by_channel(utterances: Iterable[Utterance]) -> dict[str, list[Utterance]]:
    found: dict[str, list[Utterance]] = {}
    for one in utterances:
        found.setdefault(one.channel, []).append(one)
    return found
