"""A tenant's own label set in training: columns move with their types, and labels that teach little are named."""

import numpy as np
import pytest

from finetune.candidate import counts, to_learn, warnings
from finetune.columns import NEW_BIAS, with_types
from finetune.config import RunConfig
from finetune.dataset import TenantLabels
from finetune.errors import NothingToLearnError
from intent.encoder_graph import adapter_shapes
from intent.labels import LABELS, LabelSet, LabelType

LANGUAGES = LabelType(type="languages", kind="need", title="Languages", hint="")
WIDER = LabelSet("v1.1", (*LABELS.types, LANGUAGES))


def adapter(classes: int) -> dict[str, np.ndarray]:
    source = np.random.default_rng(3)
    shapes = adapter_shapes(rank=2, classes=classes)
    return {name: source.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def line(turn: int, *types: str) -> dict[str, object]:
    signals = [{"kind": WIDER.kind_of(one), "type": one, "start": 0, "end": 3, "strength": 2} for one in types]
    return {"call_id": "c", "turn": turn, "role": "customer", "speaker": "Ines", "text": "one two", "signals": signals}


def test_a_new_type_gets_a_column_and_the_others_keep_theirs():
    before = adapter(len(LABELS.types))
    after = with_types(before, LABELS, WIDER, seed=1)
    shapes = adapter_shapes(rank=2, classes=len(WIDER.types))
    assert {name: one.shape for name, one in after.items()} == shapes
    many = len(LABELS.types)
    assert np.array_equal(after["head.pooled.w"][:, :many], before["head.pooled.w"])
    assert after["head.pooled.b"][many] == NEW_BIAS
    # Strengths stay the last columns of the token head.
    assert np.array_equal(after["head.token.w"][:, many + 1 :], before["head.token.w"][:, many:])
    assert np.abs(after["head.token.w"][:, many]).max() < 1


def test_a_retired_type_loses_its_column_and_order_does_not_matter():
    before = adapter(len(WIDER.types))
    want = LabelSet("v1.2", tuple(reversed([one for one in WIDER.types if one.type != "proof"])))
    after = with_types(before, WIDER, want, seed=1)
    for place, name in enumerate(want.names):
        assert np.array_equal(after["head.pooled.w"][:, place], before["head.pooled.w"][:, WIDER.names.index(name)])


def test_the_same_types_are_the_same_adapter():
    before = adapter(len(LABELS.types))
    assert with_types(before, LABELS, LABELS, seed=1) is before


@pytest.mark.parametrize(
    ("labels", "lines", "says"),
    [
        (WIDER, [line(1, "languages")], "Languages has 1 labels"),
        (
            LABELS,
            [line(1, "price"), line(2, "risk"), line(3, "risk")],
            "one label each, which hardly teaches anything: price",
        ),
        (LABELS, [line(turn, "price") for turn in range(6)], "every label is price"),
    ],
)
def test_labels_that_teach_little_are_named(labels, lines, says):
    assert any(says in one for one in warnings(TenantLabels(labels, lines)))


def test_labels_of_a_retired_type_are_left_out_and_said_so():
    without = LabelSet(
        "v1.1", tuple(LabelType(**{**_fields(one), "retired": one.type == "price"}) for one in LABELS.types)
    )
    own = TenantLabels(without, [line(1, "price"), line(2, "risk")])
    assert any("retired types are left out: price" in one for one in warnings(own))
    learnt = to_learn(own, RunConfig(corpus_turns=0))
    assert {label.type for one in learnt for label in one.labels} == {"risk"}


def _fields(one: LabelType) -> dict[str, object]:
    return {"type": one.type, "kind": one.kind, "title": one.title, "hint": one.hint}


def test_good_labels_need_no_word():
    lines = [line(turn, name) for turn, name in enumerate(LABELS.names * 2)]
    assert warnings(TenantLabels(LABELS, lines)) == []
    assert set(counts(TenantLabels(LABELS, lines)).values()) == {2}


def test_no_labels_are_nothing_to_learn():
    with pytest.raises(NothingToLearnError):
        to_learn(TenantLabels(LABELS, []), RunConfig())
