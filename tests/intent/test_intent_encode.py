"""Text → tokens with code-point offsets, roles of the context, and windows of a monologue."""

from itertools import pairwise

import numpy as np
import pytest
from tokenizers import Tokenizer

from intent.encode import MAX_CONTEXT_TOKENS, MAX_TEXT_TOKENS, WINDOW_OVERLAP_TOKENS, ContextTurn, Turn, TurnEncoder
from intent.errors import MissingEncoderError

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def encoder(models_dir) -> TurnEncoder:
    return TurnEncoder(models_dir)


@pytest.fixture(scope="module")
def tokenizer(models_dir) -> Tokenizer:
    return Tokenizer.from_file(str(models_dir / "minilm-l6" / "tokenizer.json"))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("\U0001f600\U0001f600 caf\u00e9 price", ["\U0001f600\U0001f600", "caf\u00e9", "price"]),
        ("cafe\u0301 price", ["cafe\u0301", "price"]),
        ("\U0001f469\u200d\U0001f4bb price", ["price"]),
        ("\u4ef7\u683c price", ["\u4ef7", "\u683c", "price"]),
        ("\U00020bb7 price", ["price"]),
        ("PRICE, price", ["PRICE", ",", "price"]),
        ("  price\tprice\n", ["price", "price"]),
        ("x" * 150 + " price", ["x" * 150, "price"]),
    ],
    ids=["emoji", "combining", "joined", "chinese", "rare", "capitals", "blanks", "long"],
)
def test_offsets_are_code_points_of_the_customers_words(encoder, text, pieces):
    (row,) = encoder.encode(Turn(text, (ContextTurn("rep", "And now?"),)))
    found = [text[start:end] for start, end in row.offsets]
    assert [piece for piece in pieces if piece not in found and piece[0] != "c"] == []
    assert row.offsets.max() <= len(text)
    assert found[-1] == "price"
    if "c" in [piece[0] for piece in pieces]:
        # An accent that the tokenizer drops stays with, or is left out after, its letter; never shifts what follows.
        assert any(piece.startswith("caf") for piece in found)


def test_segments_hold_context_and_words(encoder):
    (row,) = encoder.encode(Turn("Yes, that one.", (ContextTurn("rep", "And now?"),)))
    assert row.types.tolist() == [0] * row.first + [1] * (len(row.offsets) + 1)
    assert len(row.ids) == row.first + len(row.offsets) + 1
    (bare,) = encoder.encode(Turn("Yes, that one."))
    assert bare.first == 2
    assert bare.ids[bare.first :].tolist() == row.ids[row.first :].tolist()


def test_context_carries_who_spoke_oldest_first(encoder, tokenizer):
    context = (ContextTurn("customer", "We are forty."), ContextTurn("rep", "And now?"))
    (row,) = encoder.encode(Turn("Yes.", context))
    assert tokenizer.decode(row.ids[1 : row.first - 1].tolist()) == "customer : we are forty. rep : and now?"
    (other,) = encoder.encode(Turn("Yes.", (ContextTurn("rep", "We are forty."), ContextTurn("rep", "And now?"))))
    assert row.ids.tolist() != other.ids.tolist()


def test_long_context_keeps_the_words_just_before(encoder, tokenizer):
    (row,) = encoder.encode(Turn("Yes.", (ContextTurn("rep", "why " * 200 + "the last question"),)))
    assert row.first == MAX_CONTEXT_TOKENS + 2
    assert tokenizer.decode(row.ids[: row.first].tolist()).endswith("the last question")


@pytest.mark.parametrize("words", [1, 187, 188, 189, 336, 337, 500, 2000])
def test_a_monologue_is_read_in_overlapping_windows_that_cover_it(encoder, words):
    rows = encoder.encode(Turn("price " * words, (ContextTurn("rep", "why " * 200),)))
    starts = np.concatenate([row.offsets[:, 0] for row in rows])
    assert set(starts.tolist()) == set(range(0, 6 * words, 6))
    assert len(rows) == 1 or words > MAX_TEXT_TOKENS
    assert all(len(row.offsets) <= MAX_TEXT_TOKENS and len(row.ids) <= 256 for row in rows)
    for one, other in pairwise(rows):
        assert (one.offsets[-WINDOW_OVERLAP_TOKENS:] == other.offsets[:WINDOW_OVERLAP_TOKENS]).all()


@pytest.mark.parametrize("text", ["", "  ", "\n\t", "\u200b", "\x00"])
def test_text_without_a_token_has_no_window(encoder, text):
    assert encoder.encode(Turn(text, (ContextTurn("rep", "And now?"),))) == ()


def test_plain_ids_are_those_of_a_sentence_embedding(encoder, tokenizer):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    assert encoder.plain("We need SSO.").tolist() == tokenizer.encode("We need SSO.").ids
    assert len(encoder.plain("price " * 500)) == 256
    assert len(encoder.plain("")) == 2


def test_a_missing_tokenizer_says_how_to_get_it(tmp_path):
    with pytest.raises(MissingEncoderError, match="models fetch"):
        TurnEncoder(tmp_path)
