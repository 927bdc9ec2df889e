"""The bag of words computes what scikit-learn fitted, and reads whatever it is given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent.adapters import default_folder
from intent.bag import BAG_FILE, WordBag
from intent.errors import BrokenAdapterError
from intent.labels import LABELS


@pytest.fixture(scope="module")
def shipped() -> WordBag:
    return WordBag.load(default_folder())


def test_the_shipped_one_knows_the_shipped_types(shipped):
    assert shipped.types == LABELS.names


def test_words_speak_for_their_type(shipped):
    said = {
        "timeline": "we need it before the end of March",
        "authority": "I'd have to ask the board, it isn't my decision",
        "price": "that is far too expensive for our budget",
    }
    for name, text in said.items():
        assert shipped.types[int(np.argmax(shipped.logits(text)))] == name


@given(st.text(max_size=200))
def test_any_text_has_finite_logits(shipped, text):
    found = shipped.logits(text)
    assert found.shape == (len(LABELS.names),)
    assert np.isfinite(found).all()


def test_no_words_leave_the_biases(shipped):
    assert np.array_equal(shipped.logits(""), shipped.logits(" \n "))
    assert not np.array_equal(shipped.logits(""), shipped.logits("too expensive"))


def test_a_file_that_is_cut_is_refused(tmp_path):
    whole = (default_folder() / BAG_FILE).read_bytes()
    (tmp_path / BAG_FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BrokenAdapterError, match=BAG_FILE):
        WordBag.load(tmp_path)
    with pytest.raises(BrokenAdapterError):
        WordBag.load(tmp_path / "none")


def test_it_computes_what_was_fitted(tmp_path):
    pytest.importorskip("sklearn", reason="the extra `train` is not installed")
    from eval.signals.labelled import examples
    from finetune.dataset import corpus
    from finetune.floor import Floor

    learnt = examples(corpus("dev"))
    floor = Floor(LABELS)
    floor.fit(learnt, learnt[:50])
    floor.bag().save(tmp_path)
    bag = WordBag.load(tmp_path)
    asked = examples(corpus("held_out"))[:100]
    found = np.array([bag.logits(one.turn.text) for one in asked])
    expected = floor.logits(asked)
    # Half precision and features that hardly weigh.
    assert np.abs(found - expected).max() < 0.6
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999
