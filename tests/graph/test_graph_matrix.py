import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.encoder import DIMENSIONS
from graph.matrix import Matrix, Near, stacked


def unit(place: int) -> np.ndarray:  # type: ignore[type-arg]
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[place] = 1
    return vector


def test_an_item_is_as_near_as_its_nearest_passage() -> None:
    matrix = stacked([(3, np.stack([unit(0), unit(1)]).tobytes()), (7, unit(2).tobytes())])
    near = matrix.near(np.stack([unit(1), unit(2)]))
    assert near.scores.tolist() == [[1, 0], [0, 1]]
    assert near.best(1, 1) == [7]
    assert (len(matrix), near.place(7), near.place(4)) == (2, 1, None)


def test_no_items_and_one_item() -> None:
    nothing = stacked([]).near(unit(0)[None])
    assert nothing.scores.shape == (1, 0)
    assert nothing.best(0, 5) == []
    alone = stacked([(1, unit(0).tobytes())]).near(unit(0)[None])
    assert alone.leads.tolist() == [[0.0]]


def near(*scores: float) -> Near:
    return Near(np.arange(len(scores)), np.array([scores], np.float32))


def test_leads_of_the_first_and_of_the_rest() -> None:
    assert near(0.9, 0.5, 0.6).leads[0] == pytest.approx([0.3, -0.4, -0.3])
    assert near(0.5, 0.5).leads[0] == pytest.approx([0.0, 0.0])


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40), st.integers(1, 45))
def test_best_is_the_head_of_the_whole_order(scores: list[float], count: int) -> None:
    found = near(*scores).best(0, count)
    assert len(set(found)) == len(found) == min(count, len(scores))
    assert [scores[place] for place in found] == sorted(scores, reverse=True)[:count]


def test_a_coarse_look_first_finds_the_same() -> None:
    draw = np.random.default_rng(7)
    # Vectors of texts lie in a few directions more than in others.
    made = draw.normal(size=(8_000, DIMENSIONS)) * np.geomspace(1, 0.03, DIMENSIONS)
    vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    counts = np.full(4_000, 2)
    numbers = np.arange(4_000) * 3 + 1
    exact, coarse = (Matrix(numbers, counts, vectors, coarse_from=at) for at in (100_000, 1))
    for vector in vectors[draw.integers(0, 8_000, 20)]:
        asked = (vector + 0.02 * draw.normal(size=DIMENSIONS).astype(np.float32))[None]
        whole, looked = exact.near(asked), coarse.near(asked, also=[1, 2, 4_000 * 3 + 1])
        assert len(looked.numbers) < len(numbers)
        assert (looked.place(1), looked.place(2)) == (0, None)
        assert looked.best(0, 20) == whole.best(0, 20)
        first = whole.best(0, 1)[0]
        ours, theirs = looked.place(first), whole.place(first)
        assert looked.scores[0, ours] == pytest.approx(whole.scores[0, theirs], abs=1e-6)
        assert looked.leads[0, ours] == pytest.approx(whole.leads[0, theirs], abs=1e-6)
