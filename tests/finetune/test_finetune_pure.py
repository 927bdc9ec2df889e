"""Split, gate, noise, scoring and run files, without a model."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.signals.labelled import Example, Label
from eval.signals.scoring import score
from eval.signals.tally import tally
from finetune.chance import worse_share
from finetune.config import RunConfig, read_run
from finetune.errors import BadRunFileError
from finetune.noise import noisy
from finetune.promote import gate
from finetune.split import held_out_calls
from intent.encode import Turn
from intent.labels import LABELS
from intent.messages import Span
from intent.spans import Finding

FIGURES = {"kind_f1": 0.8, "type_macro_f1": 0.7, "span_f1": 0.6, "quiet_fired": 5, "quiet": 50}


def test_below_four_calls_nothing_is_held_out():
    assert held_out_calls(["a", "b", "c", "c"]) == frozenset()


@given(st.sets(st.text(min_size=1), min_size=4, max_size=30))
def test_some_calls_are_held_out_and_never_all(calls):
    found = held_out_calls(calls)
    assert found
    assert found < calls
    assert found == held_out_calls(sorted(calls, reverse=True))


UNSURE = dict.fromkeys(("kind_f1", "type_macro_f1", "span_f1", "quiet_fired"), 0.9)
CERTAIN = dict.fromkeys(UNSURE, 0.995)


def test_the_gate_lets_an_equal_one_pass():
    both = {"corpus": FIGURES, "own": FIGURES}
    assert gate(both, both, {"corpus": CERTAIN, "own": CERTAIN}) == ()


@pytest.mark.parametrize(
    ("where", "change", "shares", "refused"),
    [
        ("corpus", {"kind_f1": 0.77}, UNSURE, False),
        ("corpus", {"kind_f1": 0.77}, CERTAIN, True),
        ("corpus", {"kind_f1": 0.81}, CERTAIN, False),
        ("own", {"span_f1": 0.599}, UNSURE, True),
        ("corpus", {"type_macro_f1": None}, UNSURE, True),
        ("corpus", {"quiet_fired": 9}, UNSURE, False),
        ("corpus", {"quiet_fired": 9}, CERTAIN, True),
        ("own", {"quiet_fired": 6}, UNSURE, True),
    ],
)
def test_the_gate_refuses_what_is_worse(where, change, shares, refused):
    reasons = gate({where: FIGURES}, {where: FIGURES | change}, {where: shares})
    assert len(reasons) == refused


def read_calls(right: list[bool]) -> tuple[list[Example], list[tuple[Finding, ...]]]:
    """One turn in each call, with a need that is found or missed."""
    label = Label("need", "capability", Span(start=0, end=4), 2)
    found = Finding(kind="need", type="capability", span=Span(start=0, end=4), strength=2, confidence=0.8)
    return [Example(str(n), Turn("abcd"), (label,)) for n in range(len(right))], [(found,) if r else () for r in right]


@pytest.mark.parametrize(
    ("before", "after", "low", "high"),
    [
        ([True] * 20, [True] * 20, 0.0, 0.0),
        ([True] * 20, [True] * 10 + [False] * 10, 0.99, 1.0),
        ([True] * 20, [True] * 19 + [False], 0.55, 0.72),
        ([True] * 10 + [False] * 10, [True] * 20, 0.0, 0.0),
    ],
    ids=["same", "half lost", "one lost", "better"],
)
def test_worse_beyond_chance(before, after, low, high):
    turns, was = read_calls(before)
    _, now = read_calls(after)
    share = worse_share(tally(turns, was, LABELS), tally(turns, now, LABELS))
    assert low <= share["kind_f1"] <= high
    assert share["quiet_fired"] == 0.0


@given(st.text(min_size=1, max_size=60).filter(str.strip), st.data())
def test_noise_keeps_spans_inside_the_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    label = Label("need", "capability", Span(start=start, end=end), 2)
    found = noisy(Example("c", Turn(text), (label,)), 1.0, random.Random(data.draw(st.integers())))
    assert found.turn.text.strip()
    assert all(one.span.end <= len(found.turn.text) for one in found.labels)


def test_scores_of_a_table_made_by_hand():
    label = Label("need", "capability", Span(start=0, end=4), 2)
    right = Finding(kind="need", type="capability", span=Span(start=2, end=6), strength=3, confidence=0.8)
    wrong = Finding(kind="need", type="support", span=Span(start=0, end=2), strength=1, confidence=0.6)
    table = [Example("c", Turn("abcdef"), (label,)), Example("c", Turn("abcdef"), ()), Example("c", Turn("abcdef"), ())]
    found = score(table, [(right,), (wrong,), ()], LABELS)
    assert found["kinds"]["need"] == {"tp": 1, "fp": 1, "fn": 0, "f1": 0.6667}
    assert found["kinds"]["hesitation"]["f1"] is None
    assert (found["type_macro_f1"], found["span_f1"], found["ece"]) == (0.5, 0.4, 0.4)
    assert (found["strength_within_one"], found["strength_exact"]) == (1.0, 0.0)
    assert (found["quiet"], found["quiet_fired"]) == (2, 1)


@pytest.mark.parametrize(("text", "field"), [("rank = 0", "rank"), ("rnak = 2", "rnak"), ("noise = 'x'", "noise")])
def test_a_bad_run_file_names_the_field(tmp_path, text, field):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(BadRunFileError, match=f"run.toml: {field}: "):
        read_run(path)


def test_run_files(tmp_path):
    assert read_run(None) == RunConfig()
    with pytest.raises(BadRunFileError, match="No such file"):
        read_run(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_text("rank =")
    with pytest.raises(BadRunFileError):
        read_run(tmp_path / "x.toml")
