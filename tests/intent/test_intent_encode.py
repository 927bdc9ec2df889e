"""Text → tokens with code-point offsets, windows of a monologue, and spans snapped to words."""

from itertools import pairwise

import numpy as np
import pytest

from intent.encode import MAX_CONTEXT_TOKENS, MAX_TEXT_TOKENS, WINDOW_OVERLAP_TOKENS, ContextTurn, Turn, TurnEncoder
from intent.messages import Span
from intent.spans import best_runs, snap


@pytest.fixture(scope="module")
def encoder(models_dir) -> TurnEncoder:
    return TurnEncoder(models_dir)


@pytest.mark.model
def test_offsets_are_code_points_of_the_customers_words(encoder):
    text = "\U0001f600\U0001f600 caf\u00e9 price"
    (row,) = encoder.encode(Turn(text, (ContextTurn("rep", "And now?"),)))
    assert "price" in [text[start:end] for start, end in row.offsets]
    assert row.offsets.max() == len(text)
    assert row.types.tolist() == [0] * row.first + [1] * (len(row.offsets) + 1)


@pytest.mark.model
def test_a_monologue_is_read_in_overlapping_windows_that_cover_it(encoder):
    rows = encoder.encode(Turn("price " * 500, (ContextTurn("rep", "why " * 200),)))
    starts = np.concatenate([row.offsets[:, 0] for row in rows])
    assert set(starts.tolist()) == set(range(0, 3000, 6))
    assert all(len(row.offsets) <= MAX_TEXT_TOKENS and row.first == MAX_CONTEXT_TOKENS + 2 for row in rows)
    for one, other in pairwise(rows):
        assert (one.offsets[-WINDOW_OVERLAP_TOKENS:] == other.offsets[:WINDOW_OVERLAP_TOKENS]).all()
    assert encoder.encode(Turn("")) == ()


@pytest.mark.parametrize(
    ("text", "start", "end", "found"),
    [
        ("too expensive, sorry", 5, 8, "expensive"),
        ('"need it" now', 3, 7, "need it"),
        ("\U0001f600 we need", 3, 4, "we"),
        ("don't know", 0, 3, "don't"),
    ],
)
def test_snap_widens_to_words_without_marks(text, start, end, found):
    at = text.index(found)
    assert snap(text, start, end) == Span(start=at, end=at + len(found))


def test_snap_of_marks_alone_is_nothing():
    assert snap("so ... yes", 3, 6) is None


@pytest.mark.parametrize(
    ("logits", "runs"),
    [
        ([], []),
        ([-3, -1, -2], [(1, 2)]),
        ([-1, 2, 3, -1], [(1, 3)]),
        ([4, -9, -9, 3], [(0, 1), (3, 4)]),
        ([4, -9, -9, 2], [(0, 1)]),
    ],
)
def test_best_runs(logits, runs):
    assert best_runs(np.array(logits, dtype=np.float32)) == runs
