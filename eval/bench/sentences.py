"""Where finals end (pure): after a sentence, or inside one."""

from collections.abc import Iterable

from eval.bench.alignment import Match


def ends_inside(last: Match) -> bool:
    """Whether a final whose last word is matched so ends inside a sentence, by the reference's punctuation.

    The end of a turn is the end of a sentence, whatever stands there: the speaker stopped.
    """
    return not last.spoken.ends_sentence and last.spoken.after > 0


def last_matches(matches: Iterable[Match], lengths: dict[int, int]) -> list[Match]:
    """The match of each final's very last word; finals whose last word was not said have none.

    Args:
        matches: of one channel.
        lengths: number of words of each final.
    """
    found = {one.heard.final: one for one in matches if one.heard.place == lengths[one.heard.final] - 1}
    return list(found.values())
