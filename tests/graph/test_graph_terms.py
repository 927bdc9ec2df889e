"""Terms of a tenant, read from its items."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from graph.messages import Item
from graph.terms import terms_of
from tests.graph.graph_search_samples import made

KNOWN = """
the a we use our with and price is of new old for charges posts to in from do does not return page returns
lists carriers rollout ask berlin label labels outdoor
"""
ORDINARY = frozenset(KNOWN.split())


def terms(*texts: str, tags: tuple[str, ...] = (), competitor: str | None = None) -> tuple[str, ...]:
    items = [replace(made(f"T-{at}", "", text, competitor=competitor), tags=tags) for at, text in enumerate(texts)]
    return terms_of(items, (), (), ORDINARY)


def test_names_of_people_accounts_and_competitors_come_first() -> None:
    item = made("T-1", "We use Shopware", competitor="Label Nestor")
    found = terms_of([item], ["Priya Nair"], ["Norvik Outdoor"], ORDINARY)
    assert found == ("Norvik Outdoor", "Norvik", "Priya Nair", "Priya", "Nair", "Label Nestor", "Nestor", "Shopware")


def test_names_inside_sentences() -> None:
    assert terms("In the old page Petit Jardin lists carriers from Erfurt.") == ("Erfurt", "Petit Jardin")


def test_camel_case_counts_anywhere_and_loses_its_possessive() -> None:
    assert terms("BackShelf's price is new. iSync posts to BackShelf.") == ("BackShelf", "iSync")


def test_acronyms_that_are_no_words() -> None:
    assert terms("We use SAP. IT does not.") == ("SAP",)


def test_the_first_word_of_a_sentence_needs_more_than_its_capital() -> None:
    assert terms("Graders use the page. Ask Berlin.") == ()


def test_a_heading_in_capitals_names_nothing() -> None:
    assert terms("How Graders Use Our Very New Page") == ()


def test_rare_words_count_when_they_come_back() -> None:
    text = "We use the tonometer, the slitlamp and new outlabels."
    assert terms(text) == ()
    assert terms(text, text.replace("tonometer", "tonometers")) == ("outlabels", "slitlamp")
    assert terms("", "", tags=("escrow", "returns", "eu")) == ("escrow",)


def test_inflections_contractions_and_numbers_are_no_terms() -> None:
    assert terms(*["We doesn't use pricing of LL-1036 and labeled T2 pages, we're."] * 3) == ()


def test_the_cap_takes_from_the_end() -> None:
    items = [made(f"T-{at}", "", f"We use Name{chr(97 + at)}x and Shopware.") for at in range(20)]
    found = terms_of(items, ["Priya"], [], ORDINARY, limit=3)
    assert found == ("Priya", "Shopware", "Nameax")


@given(st.permutations([made(f"T-{at}", f"We use Brand{chr(97 + at)} with SAP", competitor="Ovo") for at in range(6)]))
def test_the_order_of_items_does_not_matter(items: list[Item]) -> None:
    found = terms_of(items, ["B", "A"], [], ORDINARY)
    assert found == ("A", "B", "Ovo", "SAP", *(f"Brand{chr(97 + at)}" for at in range(6)))
