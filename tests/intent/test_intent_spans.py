"""Logits → findings: tables for one and two runs, thresholds and strengths, and what holds for any text and logits."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent.labels import LABELS, LabelSet
from intent.messages import Span
from intent.spans import DROP, EDGE_MARKS, MARGIN, Decoding, Finding, Window, best_runs, decode, merge, snap

TWO = LabelSet("test", (LABELS.types[0], LABELS.types[8]))
TEXT = "we need SSO now, the price is too high"


def decoding(thresholds: tuple[float, float] = (0.5, 0.5), labels: LabelSet = TWO) -> Decoding:
    return Decoding(
        labels=labels, slopes=((1.0, 0.0, 0.0, 0.0, 0.0),) * 2, intercepts=(0.0, 0.0), thresholds=thresholds
    )


def words(text: str) -> np.ndarray:
    """Offsets of blank-separated words."""
    found, at = [], 0
    for word in text.split(" "):
        found.append((at, at + len(word)))
        at += len(word) + 1
    return np.array(found, dtype=np.int64)


def window(
    marked: dict[int, tuple[float, ...]], pooled: tuple[float, float], strength: int = 2, base: float = -2.0
) -> Window:
    """`marked`: logits of one type's first words, from a word on; everything else is `base`."""
    offsets = words(TEXT)
    tokens = np.full((len(offsets), 5), base, dtype=np.float32)
    tokens[:, 2:] = 0
    tokens[:, 1 + strength] = 1
    for place, (number, *values) in marked.items():
        tokens[place : place + len(values), int(number)] = values
    return Window(offsets, tokens, np.array(pooled, dtype=np.float32))


@pytest.mark.parametrize(
    ("marked", "pooled", "found"),
    [
        ({}, (-3, -3), []),
        ({1: (0, 3, 3)}, (3, -3), [("capability", "need SSO")]),
        ({1: (0, 3, 3), 5: (1, 2, 2, 2, 2)}, (3, 3), [("capability", "need SSO"), ("price", "price is too high")]),
        # Tokens say yes and the whole says no: the calibrated confidence decides.
        ({1: (0, 3, 3)}, (-3, -3), []),
        # The whole says yes and no token stands out: all of it.
        ({3: (0, -1)}, (3, -3), [("capability", "we need SSO now, the price is too high")]),
        # The whole says yes and one token does stand out, though below zero: the word without its comma.
        ({3: (0, 2)}, (3, -3), [("capability", "now")]),
        # A second run, well apart and nearly as strong; and one that is weaker.
        ({1: (0, 3, 3), 7: (0, 2, 2)}, (3, -3), [("capability", "need SSO"), ("capability", "too high")]),
        ({1: (0, 3, 3), 7: (0, 1, 1)}, (3, -3), [("capability", "need SSO")]),
    ],
)
def test_findings(marked, pooled, found):
    got = decode(TEXT, window(marked, pooled), decoding())
    assert [(one.type, TEXT[one.span.start : one.span.end]) for one in got] == found


def test_the_threshold_is_the_least_confidence_that_shows():
    one = window({1: (0, 3, 3)}, (0.0, -9.0))
    assert [found.confidence for found in decode(TEXT, one, decoding((0.5, 0.5)))] == [0.5]
    assert decode(TEXT, one, decoding((0.501, 0.5))) == ()


def test_confidence_takes_both_logits():
    both = Decoding(labels=TWO, slopes=((1.0, 2.0, 0.0, 0.0, 0.0),) * 2, intercepts=(-1.0, -1.0), thresholds=(0.0, 1.0))
    (found,) = decode(TEXT, window({1: (0, 1, 1)}, (0.5, -9)), both)
    assert found.confidence == round(1 / (1 + np.exp(-1.5)), 4)


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_strength_is_the_largest_mean_over_the_run(strength):
    (found,) = decode(TEXT, window({1: (0, 3, 3)}, (3, -3), strength), decoding())
    assert found.strength == strength


def test_no_tokens_hold_nothing():
    empty = Window(np.zeros((0, 2), dtype=np.int64), np.zeros((0, 5), dtype=np.float32), np.full(2, 9, np.float32))
    assert decode("", empty, decoding()) == ()


@pytest.mark.parametrize(
    ("text", "start", "end", "found"),
    [
        ("too expensive, sorry", 5, 8, "expensive"),
        ('"need it" now', 3, 7, "need it"),
        ("\U0001f600 we need", 3, 4, "we"),
        ("don't know", 0, 3, "don't"),
        ("we need, well, SSO", 3, 16, "need, well, SSO"),
        ("cafe\u0301 bar", 0, 2, "cafe\u0301"),
        ("\u300c\u4ef7\u683c\u300d\u3002", 1, 2, "\u4ef7\u683c"),
        ("\u00bfcu\u00e1nto cuesta?", 1, 3, "cu\u00e1nto"),
        ("the \u201cprice\u201d, no", 6, 7, "price"),
    ],
)
def test_snap_widens_to_words_without_marks(text, start, end, found):
    at = text.index(found)
    assert snap(text, start, end) == Span(start=at, end=at + len(found))


@pytest.mark.parametrize(("text", "start", "end"), [("so ... yes", 3, 6), ("", 0, 0), ("  ", 0, 2), ("\u2026", 0, 1)])
def test_snap_of_marks_alone_is_nothing(text, start, end):
    assert snap(text, start, end) is None


@pytest.mark.parametrize(
    ("logits", "runs"),
    [
        ([], []),
        ([-9, -1, -9], [(1, 2)]),
        ([-3, -1, -2], [(1, 3)]),
        ([0, 0], [(0, 2)]),
        ([-1, 2, 3, -1], [(1, 3)]),
        ([3, 2, 3], [(0, 3)]),
        ([3, -1, 3], [(0, 1), (2, 3)]),
        ([4, -9, -9, 3], [(0, 1), (3, 4)]),
        ([3, -9, -9, 4], [(3, 4), (0, 1)]),
        ([4, -9, -9, 2], [(0, 1)]),
    ],
)
def test_best_runs(logits, runs):
    assert best_runs(np.array(logits, dtype=np.float32)) == runs


def finding(start: int, end: int, confidence: float, type_: str = "capability") -> Finding:
    return Finding(kind="need", type=type_, span=Span(start=start, end=end), strength=2, confidence=confidence)


def test_windows_are_merged_by_the_surer_finding():
    left, right = finding(0, 5, 0.6), finding(3, 9, 0.9)
    other, apart = finding(3, 9, 0.5, "support"), finding(20, 22, 0.5)
    assert merge([(left, other), (right, apart)]) == (right, other, apart)
    assert merge([]) == ()


TEXTS = st.text(alphabet=st.sampled_from("ab \U0001f600\u4ef7e\u0301.,;:!?-\"'()\u00bf\u300c\u201c\n\t"), max_size=30)


@given(TEXTS, st.data())
def test_spans_lie_in_the_text_and_never_begin_or_end_on_a_mark(text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    offsets = np.array(list(itertools.pairwise(cuts)), dtype=np.int64).reshape(-1, 2)
    source = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    tokens = source.normal(0, 3, (len(offsets), 5)).astype(np.float32)
    for one in decode(text, Window(offsets, tokens, np.ones(2, np.float32)), decoding((0.0, 0.0))):
        words = text[one.span.start : one.span.end]
        assert 0 <= one.span.start < one.span.end <= len(text)
        for edge in (words[0], words[-1]):
            assert not edge.isspace()
            assert edge not in EDGE_MARKS
        before, after = text[: one.span.start][-1:], text[one.span.end :][:1]
        assert not (before.isalnum() and words[0].isalnum()), "begins inside a word"
        assert not (after.isalnum() and words[-1].isalnum()), "ends inside a word"


@given(st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=40))
def test_runs_lie_apart_and_the_first_is_the_largest(values):
    logits = np.array(values, dtype=np.float32)
    runs = best_runs(logits)
    above = logits.astype(np.float64) - (logits.max() - MARGIN - DROP * (logits.max() - np.median(logits)))
    sums = [float(above[start:end].sum()) for start, end in runs]
    places = sorted(runs)
    assert all(0 <= start < end <= len(logits) for start, end in runs)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(places))
    assert max(sums) <= sums[0] + 1e-3
