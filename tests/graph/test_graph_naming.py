"""What an utterance names: the tenant's names as a recogniser may write them, amounts, dates, and what wins."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.ordinary import ordinary_words
from graph.amounts import amounts
from graph.gazetteer import Gazetteer, gazetteer
from graph.naming import Namer
from graph.reference import meant
from graph.terms import products_of
from intent.messages import NamedThing, Span, ThingType
from tests.graph.graph_search_samples import made

PEOPLE = {
    "Hill Foods": ("Will Sørensen", "Dana Okoro", "Anna Roth", "Anna Weiss"),
    "Harbour Foods": ("Ines Quell",),
}


def names_of(account: str | None = "Hill Foods") -> Gazetteer:
    competitors = ("Vetaria", "ClinicHive", "Fourpaws Cloud", "Basklet", "Square")
    return gazetteer(competitors, ("DockPlan",), PEOPLE, PEOPLE, account, ordinary_words())


class Says:
    """A finder that finds the words it was given, wherever they stand."""

    version = "says"

    def __init__(self, *things: tuple[ThingType, str]) -> None:
        self._things = things

    def found(self, text: str) -> Iterable[NamedThing]:
        for type, words in self._things:
            if words in text:
                yield thing(text, type, words)


def thing(text: str, type: ThingType, words: str) -> NamedThing:
    return NamedThing(type=type, name=words, span=Span(start=text.index(words), end=text.index(words) + len(words)))


def shown(text: str, found: Iterable[NamedThing]) -> list[tuple[str, str, str]]:
    return [(one.type, one.name, text[one.span.start : one.span.end]) for one in found]


@pytest.mark.parametrize(
    ("text", "type", "name", "words"),
    [
        ("We use Vetaria today.", "competitor", "Vetaria", "Vetaria"),
        ("we use vetarria's report", "competitor", "Vetaria", "vetarria"),
        ("Then clinic hive came.", "competitor", "ClinicHive", "clinic hive"),
        ("Four paws cloud is free", "competitor", "Fourpaws Cloud", "Four paws cloud"),
        ("And Fourpaws\u2019s price?", "competitor", "Fourpaws Cloud", "Fourpaws"),
        ("They pay with Square.", "competitor", "Square", "Square"),
        ("It shows in Dockplan too", "product", "DockPlan", "Dockplan"),
        ("Hill Foods has it", "account", "Hill Foods", "Hill Foods"),
        ("Ask Dana.", "person", "Dana Okoro", "Dana"),
        ("Ms Okoro said so", "person", "Dana Okoro", "Okoro"),
        ("Ines Quell runs it there", "person", "Ines Quell", "Ines Quell"),
        ("Will has to sign.", "person", "Will S\u00f8rensen", "Will"),
    ],
)
def test_a_known_name_is_found_and_written_as_the_tenant_does(text: str, type: str, name: str, words: str) -> None:
    assert shown(text, names_of().found(text)) == [(type, name, words)]


@pytest.mark.parametrize(
    "text",
    [
        "We looked at Vitara.",
        # An ordinary word is no near miss of a name.
        "It lands in the basket.",
        # A name that is also a word needs its capital.
        "a square table",
        "Will you send it?",
        "may will dana",
        # Neither of the two of that name.
        "Ask Anna.",
        # Somebody of another account, by the first name alone.
        "Ines is ill.",
        "",
    ],
)
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    assert names_of().found(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It costs four hundred euros per seat.", ["four hundred euros per seat"]),
        ("about $39 per vehicle per month, no more", ["$39 per vehicle per month"]),
        ("twelve percent less, or 7.5% at least", ["twelve percent", "7.5%"]),
        ("We lose forty minutes a day", ["forty minutes a day"]),
        ("a hundred and twenty thousand meters in two towns", ["a hundred and twenty thousand meters", "two towns"]),
        ("twenty-five people came", ["twenty-five people"]),
        ("four thousand a month is what we have", ["four thousand a month"]),
    ],
)
def test_an_amount_says_what_it_counts(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in amounts(text)] == words


@pytest.mark.parametrize(
    "text",
    [
        "Two things, one of us.",
        "the one who takes it",
        "three",
        "version 4",
        "In 2019 that helps",
        "two ways",
    ],
)
def test_a_number_alone_is_no_amount(text: str) -> None:
    assert amounts(text) == []


def test_the_tenants_own_names_win_then_amounts_then_the_pipeline() -> None:
    text = "Vetaria wants eighteen thousand euros a year by the end of March, says Joan Marsh of Petplan."
    finder = Says(
        ("person", "Vetaria"), ("date", "eighteen thousand euros a year"), ("date", "the end of March"),
        ("person", "Joan Marsh"), ("organisation", "Petplan"),
    )  # fmt: skip
    assert shown(text, Namer(finder).named(text, names_of())) == [
        ("competitor", "Vetaria", "Vetaria"),
        ("amount", "eighteen thousand euros a year", "eighteen thousand euros a year"),
        ("date", "end of March", "end of March"),
        ("person", "Joan Marsh", "Joan Marsh"),
        ("organisation", "Petplan", "Petplan"),
    ]


def test_what_is_no_name_and_no_date_is_left_out() -> None:
    text = "So now the API, daily, or fourteen for nobody in Q3"
    finder = Says(("date", "now"), ("organisation", "API"), ("date", "daily"), ("date", "fourteen"),
                  ("person", "nobody"), ("date", "Q3"))  # fmt: skip
    assert shown(text, Namer(finder).named(text, names_of())) == [("date", "Q3", "Q3")]


@pytest.mark.parametrize("words", ["Monday", "next quarter", "Friday morning", "April", "tomorrow", "Easter"])
def test_a_plain_date_needs_no_pipeline(words: str) -> None:
    text = f"Exports to K\u00e4sebuch \U0001f9c0 every {words}, if you may march on."
    assert [said for _, _, said in shown(text, Namer(Says()).named(text, names_of()))] == [words]


def test_in_another_language_only_known_names_are_found() -> None:
    text = "Vetaria kostet 400 euros"
    named = Namer(Says(("person", "kostet"))).named(text, names_of(), english=False)
    assert shown(text, named) == [("competitor", "Vetaria", "Vetaria")]


@given(st.text(max_size=60), st.sampled_from(["", "Vetaria", "400 euros per seat", "Dana Okoro's"]))
def test_things_lie_apart_inside_any_text(before: str, inside: str) -> None:
    text = f"{before} {inside}"
    spans = [one.span for one in Namer(Says()).named(text, names_of())]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))


@pytest.mark.parametrize(
    ("before", "text", "competitors"),
    [
        # They are those named two turns ago.
        (("We tried Vetaria.", "How was that?"), "They never answered.", {"Vetaria"}),
        # Of two named before, the last.
        (("We tried Vetaria.", "And ClinicHive?"), "Theirs is cheaper.", {"ClinicHive"}),
        # Whom the words name themselves counts, not whom the turn before named.
        (("You use Vetaria?",), "Yes, but ClinicHive asked us.", {"ClinicHive"}),
        # Who points at somebody may look further back than who does not.
        (("Vetaria, yes.", "Hm.", "Right.", "Go on."), "The other vendor has it.", {"Vetaria"}),
        (("Vetaria, yes.", "Hm.", "Right.", "Go on."), "We want an export.", set[str]()),
        ((), "They never answered.", set[str]()),
        (("Our drivers are here.",), "What do you charge for your app?", set[str]()),
    ],
)
def test_whom_words_mean(before: tuple[str, ...], text: str, competitors: set[str]) -> None:
    assert meant(text, before, names_of(None)) == competitors


def test_products_are_names_in_titles_of_several_own_items() -> None:
    items = [
        made("T-1", "DockPlan shows the wrong gate"),
        made("T-2", "Export from DockPlan fails"),
        made("T-3", "Order number from Harlan is lost"),
        made("D-1", "Wherebin against DockPlan", kind="document", competitor="Wherebin"),
        made("D-2", "Wherebin and prices", kind="document", competitor="Wherebin"),
    ]
    assert products_of(items, ordinary_words()) == ("DockPlan",)
