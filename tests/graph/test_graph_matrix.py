import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.encoder import DIMENSIONS
from graph.matrix import Matrix, stacked


def unit(place: int) -> np.ndarray:  # type: ignore[type-arg]
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[place] = 1
    return vector


def test_an_item_is_as_near_as_its_nearest_passage() -> None:
    matrix = stacked([(3, np.stack([unit(0), unit(1)]).tobytes()), (7, unit(2).tobytes())])
    scores = matrix.scores(np.stack([unit(1), unit(2)]))
    assert scores.tolist() == [[1, 0], [0, 1]]
    assert matrix.best(scores[1], 1) == [7]
    assert (len(matrix), matrix.place(7), matrix.place(4)) == (2, 1, None)


def test_no_items_and_one_item() -> None:
    assert stacked([]).scores(unit(0)[None]).shape == (1, 0)
    assert stacked([]).best(np.zeros(0, np.float32), 5) == []
    alone = stacked([(1, unit(0).tobytes())]).scores(unit(0)[None])
    assert Matrix.leads(alone).tolist() == [[0.0]]


def test_leads_of_the_first_and_of_the_rest() -> None:
    leads = Matrix.leads(np.array([[0.9, 0.5, 0.6]], np.float32))
    assert leads[0] == pytest.approx([0.3, -0.4, -0.3])
    assert Matrix.leads(np.array([[0.5, 0.5]], np.float32))[0] == pytest.approx([0.0, 0.0])


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40), st.integers(1, 45))
def test_best_is_the_head_of_the_whole_order(scores: list[float], count: int) -> None:
    rows = np.array(scores, np.float32)
    matrix = Matrix(np.arange(len(rows)), np.ones(len(rows), np.int64), np.zeros((len(rows), DIMENSIONS), np.float32))
    found = matrix.best(rows, count)
    assert len(set(found)) == len(found) == min(count, len(rows))
    assert [rows[place] for place in found] == sorted(rows.tolist(), reverse=True)[:count]
