"""Hedges, deferrals and fillers: found with the words they stand on, in any text."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent.wording import MEMORY, Wording

WORDING = Wording()


def found(text: str) -> list[tuple[str, str]]:
    return [(one.name, text[one.span.start : one.span.end]) for one in WORDING.found(text)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Maybe. I'm not really sure, we'd have to see.", [("hedge", "Maybe"), ("hedge", "not really sure")]),
        ("we don't know yet, it depends", [("hedge", "don't know"), ("hedge", "it depends")]),
        ("I'd have to think about it next quarter", [("deferral", "think about it"), ("deferral", "next quarter")]),
        ("um, well, uh, yes", [("filler", "um"), ("filler", "uh")]),
        ("\U0001f600 perhaps \u4ef7\u683c", [("hedge", "perhaps")]),
        # Of overlapping finds the longer one: "not right now" holds "not now" in other words.
        ("not right now", [("deferral", "not right now")]),
    ],
)
def test_words_that_hesitate(text: str, said: list[tuple[str, str]]) -> None:
    assert found(text) == said


@pytest.mark.parametrize(
    "text", ["", "We need it by Friday.", "the maybes and the umbrella", "Das ist zu teuer.", "..."]
)
def test_words_that_do_not(text: str) -> None:
    assert found(text) == []


@given(st.text(max_size=80))
def test_spans_lie_apart_inside_any_text(text: str) -> None:
    spans = [one.span for one in WORDING.found(text)]
    assert all(0 <= one.start < one.end <= len(text) for one in spans)
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))


def test_memory_is_bounded() -> None:
    wording = Wording()
    for number in range(MEMORY + 50):
        wording.found(f"maybe {number}")
    assert wording.remembered <= MEMORY
