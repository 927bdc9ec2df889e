"""Public intent sets: each is read from its own form, and a little of one is learnt. The texts here are our own."""

import gzip
import json

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("sklearn", reason="the extra `train` is not installed")

from finetune.errors import MissingSetError
from finetune.intents.bench import intents
from finetune.intents.frozen import guess
from finetune.intents.public import banking77, casino, clinc150, nlupp, swda
from finetune.intents.tuned import f1_of


def test_forms_of_the_sets(tmp_path):
    for folder in ("banking77", "clinc150", "nlupp/hotels", "casino", "swda"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "banking77/train.csv").write_text(
        "text,category\nmy card, please ,card\n".replace(", please", " please")
    )
    rows = {"train": [["one", "a"]], "val": [["two", "b"]], "oos_val": [["x", "oos"]], "oos_train": [["y", "oos"]]}
    (tmp_path / "clinc150/data_train_val.json").write_text(json.dumps(rows))
    for number in range(10):
        said = [{"text": f"say {number}", "intents": ["a", "b"]}, {"text": "nothing"}]
        (tmp_path / f"nlupp/hotels/fold{number}.json").write_text(json.dumps(said))
    talk = {"dialogue_id": 7, "annotations": [["water for me", "self-need"], ["fine", "small-talk,no-need"]]}
    (tmp_path / "casino/casino_train.json").write_text(json.dumps([talk, {"dialogue_id": 8, "annotations": []}]))
    turns = [{"speaker": "A", "text": "so", "da": "h"}, {"speaker": "B", "text": "yes", "da": "aa"}]
    with gzip.open(tmp_path / "swda/train.jsonl.gz", "wt") as file:
        file.write(json.dumps({"conv": "1", "turns": turns}) + "\n")

    assert [(one.text, one.intents) for one in banking77(tmp_path)] == [("my card please", frozenset({"card"}))]
    clinc = clinc150(tmp_path)
    assert (len(clinc.train), len(clinc.val), [one.text for one in clinc.out_of_scope]) == (1, 1, ["x", "y"])
    spoken = nlupp(tmp_path, "hotels")
    assert (len(spoken), spoken[0].intents, spoken[1].intents, spoken[-1].group) == (20, {"a", "b"}, set(), "9")
    first, second = casino(tmp_path)
    assert (first.before, second.before, second.intents) == ("", "water for me", {"small-talk", "no-need"})
    assert [(one.text, one.before, one.group) for one in swda(tmp_path)] == [("so", "", "1"), ("yes", "so", "1")]


def test_a_set_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingSetError, match="--sets DIR"):
        banking77(tmp_path)
    done = CliRunner().invoke(intents, ["banking77", "--sets", str(tmp_path), "--models", str(tmp_path)])
    assert done.exit_code != 0


def test_likeness_of_words_and_of_meaning_both_count_and_what_is_far_is_out_of_scope():
    learnt = ["pay the bill", "the bill is due", "book a room", "a room for two", "pay my bill", "rooms to book"]
    classes = ["bill", "bill", "room", "room", "bill", "room"]
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9], [1, 0.1], [0, 0.9]], dtype=np.float32)
    asked = ["bill to pay", "two rooms", "xyz"]
    asked_vectors = np.array([[1, 0], [0, 1], [-1, -1]], dtype=np.float32)
    found = guess(learnt, classes, asked, vectors, asked_vectors)
    assert list(found.classes[found.blended.argmax(1)][:2]) == ["bill", "room"]
    assert found.in_scope[2] < min(found.in_scope[:2])


def test_f1_of_nothing_is_nothing():
    nothing, some = np.zeros(4, bool), np.array([True, False, False, True])
    assert f1_of(nothing, some) == 0
    assert f1_of(some, some) == 1
