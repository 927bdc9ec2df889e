"""Where a new pass joins on to the words that are committed already."""

from collections.abc import Sequence

import pytest

from asr.agreement import agreed, continued
from asr.messages import Word
from tests.asr.asr_talk import line

COMMITTED = line("so we need it", 1_000)
"""From 1000 to 1800 ms."""


def text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def test_with_nothing_committed_every_word_is_new() -> None:
    assert continued([], COMMITTED) == tuple(COMMITTED)


@pytest.mark.parametrize(
    ("heard", "start_ms"),
    [
        ("so we need it now please", 1_000),
        ("need it now please", 1_400),
        ("Need it, now please", 1_400),
        ("it now please", 1_600),
        ("need it now please", 1_850),
        ("need it now please", 950),
        ("breed it now please", 1_400),
        ("now please", 1_800),
        ("kneed hit now please", 1_400),
    ],
    ids=[
        "all of it",
        "the anchor",
        "other case and marks",
        "one word of the anchor",
        "late",
        "early",
        "first word cut in two",
        "nothing of it",
        "none of it understood",
    ],
)
def test_what_was_committed_is_not_new(heard: str, start_ms: int) -> None:
    assert text(continued(COMMITTED, line(heard, start_ms))) == "now please"


def test_nothing_new() -> None:
    assert continued(COMMITTED, []) == ()
    assert continued(COMMITTED, COMMITTED) == ()
    assert continued(COMMITTED, line("so we", 1_000)) == ()


def test_the_same_word_in_another_place_is_another_word() -> None:
    assert text(continued(COMMITTED, line("and they had it", 1_800))) == "and they had it"


def test_of_two_places_the_nearer_one_is_meant() -> None:
    assert text(continued(line("no no no", 0), line("no no no no", 200))) == "no no"
    assert text(continued(line("no no no", 0), line("no no no no", 0))) == "no"


def test_more_of_the_same_words_outweigh_a_little_nearness() -> None:
    """At its own place the first "I" would be the last one that was committed."""
    assert text(continued(line("I think I", 0), line("I think I know", 250))) == "know"


def test_new_words_do_not_begin_before_the_committed_ones_end() -> None:
    early = continued(COMMITTED, [*line("need", 1_300), *line("it now please", 1_400)])
    assert [(word.text, word.start_ms, word.end_ms) for word in early] == [
        ("now", 1_800, 1_800),
        ("please", 1_800, 2_000),
    ]


@pytest.mark.parametrize(
    ("previous", "heard", "count"),
    [
        ("", "we need", 0),
        ("we need", "", 0),
        ("we need it", "we need that", 2),
        ("we need", "We need it", 2),
        ("we", "they", 0),
        ("we need it", "they need it", 0),
    ],
)
def test_passes_agree_from_their_beginning_on(previous: str, heard: str, count: int) -> None:
    assert agreed(line(previous), line(heard)) == count
