"""How recipes are compared: shares of the calls lie in each other, and nothing is scored on what it was fitted on."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra `train` is not installed")

from eval.signals.labelled import Example
from finetune.methods import crossed, edges_as_tags, part_of
from intent.encode import Turn
from intent.spans import best_runs

LINES = [{"call_id": f"c{call}", "turn": turn, "text": "x"} for call in range(20) for turn in range(3)]


def test_a_smaller_share_is_part_of_a_larger_one_and_calls_stay_whole():
    tenth, half = part_of(LINES, 0.1), part_of(LINES, 0.5)
    assert (len(tenth), len(half)) == (2 * 3, 10 * 3)
    assert {line["call_id"] for line in tenth} < {line["call_id"] for line in half}
    assert part_of(LINES, 1.0) == LINES


def test_every_turn_is_read_once_by_what_was_fitted_on_other_calls():
    turns = [Example(f"c{number // 2}", Turn(str(number)), ()) for number in range(12)]
    read: list[int] = []

    def fit(fitted):
        def reader(scored):
            calls = {turns[number].call_id for number in fitted}
            assert not any(turns[number].call_id in calls for number in scored)
            read.extend(scored)
            return [() for _ in scored]

        return reader

    assert crossed(turns, fit)["utterances"] == len(turns)
    assert sorted(read) == list(range(len(turns)))


@pytest.mark.parametrize(("first", "last"), [(1, 3), (2, 2), (0, 5)])
def test_edges_become_the_tags_of_the_run_between_them(first, last):
    classes, length = 2, 6
    tokens = np.full((length, 3 * classes + 3), -4.0, dtype=np.float32)
    tokens[first, classes] = 6.0
    tokens[last, 2 * classes] = 6.0
    tokens[first : last + 1, 0] = 2.0
    tags = edges_as_tags(tokens, classes)
    assert tags.shape == (length, classes + 3)
    assert best_runs(tags[:, 0])[0] == (first, last + 1)


def test_an_end_before_its_beginning_is_no_run():
    tokens = np.full((4, 6), -4.0, dtype=np.float32)
    tokens[3, 1] = tokens[0, 2] = 6.0
    ((start, end),) = best_runs(edges_as_tags(tokens, 1)[:, 0])[:1]
    assert start < end
