import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.passages import MAX_PASSAGES, PASSAGE_WORDS, passages, searched_text
from graph.words import (
    clause_around,
    negated,
    opposed,
    overlap,
    paired,
    proper_names,
    quantities,
    sentences,
    stem,
    stems,
    words,
)
from tests.graph.graph_search_samples import made


@pytest.mark.parametrize(
    "forms",
    [
        ("invoice", "invoices", "invoiced", "invoicing", "invoice's"),
        ("stop", "stops", "stopped", "stopping"),
        ("query", "queries"),
        ("bill", "bills", "billed", "billing"),
        ("class",),
    ],
)
def test_forms_of_a_word_agree(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_content_words_only() -> None:
    assert stems("Well, we would want the invoices, honestly") == ["invoic"]
    assert words("Owner's 2nd _till_, it\u2019s") == ["owner's", "2nd", "till", "it\u2019s"]


def test_what_is_written_without_spaces_is_pairs_of_characters() -> None:
    assert words("按成本中心拆分API发票") == ["按成", "成本", "本中", "中心", "心拆", "拆分", "api", "发票"]
    assert words("請求書、データ") == ["請求", "求書", "デー", "ータ"]
    assert words("票") == ["票"]


@given(st.text(st.characters(max_codepoint=0x2FFF)))
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert paired(text) == text


@given(st.text())
def test_any_text_has_words(text: str) -> None:
    assert all(words(text)) or words(text) == []
    assert all(stems(text)) or stems(text) == []
    assert all(sentences(text)) or sentences(text) == []


def test_sentences_of_markdown_are_plain() -> None:
    text = "# Title\n\n- **One** thing. Another `code`!\n\n> quoted"
    assert sentences(text) == ["Title", "One thing.", "Another code!", "quoted"]


def test_the_clause_around_a_signal() -> None:
    turn = "Owners should chat with us, and pets that moved must stay one record. Thanks."
    assert clause_around(turn, "pets that moved") == "and pets that moved must stay one record."
    assert clause_around(turn, "Owners should chat") == "Owners should chat with us"
    assert (
        clause_around(turn, "us, and pets") == "Owners should chat with us, and pets that moved must stay one record."
    )
    assert clause_around(turn, "not in it") == turn


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_a_clause_holds_its_words(text: str, start: int, length: int) -> None:
    held = text[start : start + length]
    assert held.strip(" ,;") in clause_around(text, held)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("within four hours", {"4", "hour"}),
        ("twenty percent", {"20", "percent"}),
        ("once a month", {"1", "month"}),
        ("a monthly bill", {"month"}),
        ("live by May", {"may"}),
        ("they may march on", set()),
        ("27001 on Monday", {"27001", "monday"}),
        ("soon", set()),
    ],
)
def test_quantities(text: str, found: set[str]) -> None:
    assert quantities(text) == found


def test_proper_names() -> None:
    assert proper_names("The orders come from SAP and I'm told Vetaria") == {"sap", "vetaria"}
    assert proper_names("SAP orders") == {"sap"}
    assert proper_names("Orders as I said") == frozenset()


def test_opposites_stand_one_on_each_side() -> None:
    assert opposed("export to Sage", "import to Sage")
    assert not opposed("export and import", "export and import")


def test_directions_count_beside_the_same_word_only() -> None:
    assert opposed("orders come from SAP", "confirmations go to SAP")
    assert opposed("check-in in a minute", "check-out in a minute")
    assert not opposed("we have to pay", "a bill from the vendor")
    assert not opposed("in the barn", "out of the box")


@pytest.mark.parametrize(
    ("text", "found"), [("we can't", True), ("no way", True), ("we don\u2019t", True), ("note", False)]
)
def test_negation(text: str, found: bool) -> None:
    assert negated(text) is found


def test_overlap_goes_by_rarity() -> None:
    said = {"invoic", "centr"}
    assert overlap(said, {"centr"}, {"invoic": 1.0, "centr": 3.0}) == 0.75
    assert overlap(set(), {"centr"}, {}) == 0.0
    assert overlap(said, said, {}) == 1.0


def test_short_items_have_one_passage_led_by_the_title() -> None:
    assert passages(made("T-1", "Split", "By cost centre.")) == ("Split. By cost centre.",)
    assert passages(made("T-1", "Split")) == ("Split.",)


@given(st.lists(st.text("ab ", min_size=1, max_size=30), max_size=200))
def test_passages_are_bounded(parts: list[str]) -> None:
    found = passages(made("T-1", "Title", ". ".join(parts)))
    assert 1 <= len(found) <= MAX_PASSAGES
    assert all(len(passage.split()) <= PASSAGE_WORDS + 1 for passage in found)


def test_tags_and_rivals_are_searched_too() -> None:
    assert searched_text(made("T-1", "Split", "Text.", competitor="Tillwise")) == "Text.\nTillwise"
