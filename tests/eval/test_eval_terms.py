"""Terms recovered and words spoilt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.terms import Heard, TermCounts, count_terms

TERMS = ("ReturnPilot", "Norvik Outdoor", "SAP")


def counts(reference: str, before: str, after: str) -> TermCounts:
    return count_terms([Heard(reference=reference, before=before, after=after)], TERMS)


def test_a_term_that_is_only_written_otherwise() -> None:
    found = counts("We met Return Pilot.", "We met return pilot.", "We met ReturnPilot.")
    assert (found.said, found.heard_before, found.heard_after) == (1, 1, 1)
    assert (found.written_before, found.written_after) == (0, 1)
    assert (found.words, found.repaired, found.spoilt) == (3, 0, 0)


def test_a_term_that_was_not_heard() -> None:
    found = counts("Norvik Outdoor's price", "Norwick Outdoor's price", "Norvik Outdoor's price")
    assert (found.said, found.heard_before, found.heard_after) == (1, 0, 1)
    assert (found.written_before, found.written_after) == (0, 1)
    assert (found.words, found.repaired, found.spoilt) == (2, 1, 0)


def test_a_spoilt_word() -> None:
    found = counts("the pilot returns", "the pilot returns", "the ReturnPilot")
    assert (found.said, found.repaired, found.spoilt) == (0, 0, 2)


def test_a_term_said_twice_and_heard_once() -> None:
    found = counts("SAP and SAP", "SAP and sap", "SAP and")
    assert (found.said, found.heard_before, found.heard_after) == (2, 2, 1)
    assert (found.written_before, found.written_after, found.spoilt) == (1, 1, 1)


@pytest.mark.parametrize(("before", "after"), [("", ""), ("", "Hello"), ("Hello", "")])
def test_nothing_heard(before: str, after: str) -> None:
    found = counts("Hello", before, after)
    assert (found.repaired, found.spoilt) == (int(bool(after)), int(bool(before)))


def test_no_reference_has_no_words() -> None:
    assert counts("", "Hello", "Hello").words == 0


WORDS = st.lists(st.sampled_from(("SAP", "return", "pilot", "we", "met")), max_size=8).map(" ".join)


@given(WORDS, WORDS)
def test_no_change_repairs_and_spoils_nothing(reference: str, heard: str) -> None:
    found = counts(reference, heard, heard)
    assert (found.repaired, found.spoilt) == (0, 0)
    assert found.heard_before == found.heard_after <= found.said
