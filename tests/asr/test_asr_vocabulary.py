"""A tenant's vocabulary: what a recogniser is told, which near-misses are repaired, and what must stay as it is."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.decoder import Hypothesis
from asr.likeness import Spelt, letters, sound, spelling
from asr.messages import UtteranceId, Word
from asr.ordinary import ordinary_words
from asr.vocabulary import Vocabulary
from ingest.messages import CallId, ChannelId

CORPUS = Path(__file__).parents[2] / "intent" / "corpus" / "dev.jsonl"
TERMS = (
    "Norvik Outdoor",
    "Norvik",
    "Priya",
    "Dana",
    "Parceltide",
    "ReturnPilot",
    "CircleBox",
    "BackShelf",
    "Boomerly",
    "LabelNest",
    "Revendo",
    "Homeward",
    "Loopline",
    "SAP",
    "Petit Jardin",
)
VOCABULARY = Vocabulary(TERMS)


def said(text: str, confidence: float | None = 0.4) -> tuple[Word, ...]:
    return tuple(
        Word(text=word, start_ms=300 * at, end_ms=300 * at + 250, confidence=confidence)
        for at, word in enumerate(text.split())
    )


def texts(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def hypothesis(text: str, words: tuple[Word, ...], language: str = "en") -> Hypothesis:
    return Hypothesis(
        call_id=CallId("c1"),
        channel=ChannelId("b"),
        utterance_id=UtteranceId("c1:b:1"),
        number=1,
        final=True,
        text=text,
        words=words,
        language=language,
    )


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("we use parcel tide today", "we use Parceltide today"),
        ("and parcel tied, too", "and Parceltide, too"),
        ("Parsal Tide's price", "Parceltide's price"),
        ("met return pilot last year", "met ReturnPilot last year"),
        ("for Norwick Outdoor,", "for Norvik Outdoor,"),
        ("from norwick.", "from Norvik."),
        ("does Remendo work", "does Revendo work"),
        ("with Boomerlee\u2019s labels", "with Boomerly\u2019s labels"),
        ("(label nest)", "(LabelNest)"),
        ("the loop line team", "the Loopline team"),
        ("thank you, Preya!", "thank you, Priya!"),
        ("into S A P", "into SAP"),
        ("with petty jardin", "with Petit Jardin"),
        ("talking to Boomerle at the moment", "talking to Boomerly at the moment"),
    ],
)
def test_a_doubtful_near_miss_is_repaired(heard: str, meant: str) -> None:
    assert texts(VOCABULARY.correct(said(heard))) == meant


@pytest.mark.parametrize(
    "heard",
    [
        "we use parcel tide today",
        "met return pilot last year",
        "put it on the back shelf please",
        "does Remendo work",
        "thank you, Preya!",
        "from norwick.",
    ],
)
def test_a_sure_word_stays(heard: str) -> None:
    words = said(heard, 0.9)
    assert VOCABULARY.correct(words) == words


@pytest.mark.parametrize(
    "heard",
    [
        "he goes homeward now",  # an ordinary word, also the name of a competitor
        "the prior one",  # sounds as Priya
        "Dina called",  # too short a name to guess at
        "return. pilot",  # a sentence ends inside
        "the parcels tidied up",
        "in 2026 or 27",
        "we have and I'm sure",
    ],
)
def test_a_doubtful_word_stays_when_it_may_be_right(heard: str) -> None:
    words = said(heard, 0.2)
    assert VOCABULARY.correct(words) == words


def test_a_source_that_gives_no_confidence_is_not_doubted() -> None:
    words = said("does Remendo work with return pilot", None)
    assert VOCABULARY.correct(words) == words


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Circle Box offered us", "CircleBox offered us"),
        ("circlebox offered us", "CircleBox offered us"),
        ("for norvik outdoor,", "for Norvik Outdoor,"),
    ],
)
def test_a_name_heard_letter_by_letter_is_written_as_the_tenant_does(heard: str, written: str) -> None:
    assert texts(VOCABULARY.correct(said(heard, 0.95))) == written


def test_times_and_confidence_of_a_joined_word() -> None:
    heard = (
        Word(text="the", start_ms=0, end_ms=90, confidence=0.9),
        Word(text="return", start_ms=100, end_ms=380, confidence=0.7),
        Word(text="pilot's", start_ms=400, end_ms=650, confidence=0.5),
    )
    _, joined = VOCABULARY.correct(heard)
    assert joined == Word(text="ReturnPilot's", start_ms=100, end_ms=650, confidence=0.5)


def test_times_of_a_name_of_two_words() -> None:
    as_many = VOCABULARY.correct(said("norwick outdoor"))
    assert [(word.text, word.start_ms, word.end_ms) for word in as_many] == [("Norvik", 0, 250), ("Outdoor", 300, 550)]
    split = VOCABULARY.correct((Word(text="petitjardin", start_ms=0, end_ms=1_100, confidence=0.3),))
    assert [(word.text, word.start_ms, word.end_ms) for word in split] == [("Petit", 0, 500), ("Jardin", 500, 1_100)]


def test_a_hypothesis_gets_words_and_text() -> None:
    words = said("Well, return pilot's was over.")
    repaired = VOCABULARY.corrected(hypothesis("Well,  return pilot's was over.", words))
    assert repaired.text == "Well,  ReturnPilot's was over."
    assert texts(repaired.words) == "Well, ReturnPilot's was over."


def test_a_text_that_does_not_hold_its_words_is_made_of_them() -> None:
    assert VOCABULARY.corrected(hypothesis("return-pilot", said("return pilot"))).text == "ReturnPilot"


def test_other_languages_stay() -> None:
    german = hypothesis("return pilot", said("return pilot"), "de")
    assert VOCABULARY.corrected(german) is german


def test_the_prompt_takes_the_first_terms_that_fit() -> None:
    told = VOCABULARY.prompt(lambda text: len(text.split()), limit_tokens=4)
    assert told == "Norvik Outdoor, Norvik, Priya"[: len(told)]
    assert VOCABULARY.prompt(len, limit_tokens=20) == "Norvik Outdoor, SAP"


def test_the_prompt_leaves_out_what_everybody_knows() -> None:
    told = VOCABULARY.prompt(lambda _: 0).split(", ")
    assert set(TERMS) - set(told) == {"Dana", "Homeward"}


@pytest.mark.parametrize(
    ("heard", "confidence", "recited"),
    [
        ("Norvik Outdoor, Norvik Outdoor,", 0.36, True),
        ("ReturnPilot, CircleBox.", 0.4, True),
        ("ReturnPilot, CircleBox.", 0.9, False),
        ("ReturnPilot and CircleBox.", 0.4, False),
        ("Norvik Outdoor?", 0.4, False),
        ("", 0.4, False),
    ],
)
def test_a_recited_prompt_is_told_from_an_answer(heard: str, confidence: float, recited: bool) -> None:
    assert VOCABULARY.recited(said(heard, confidence)) is recited


def test_of_two_ways_to_write_a_term_the_first_counts() -> None:
    assert Vocabulary(("ReturnPilot", "return  Pilot", "", "--")).terms == ("ReturnPilot",)


def test_nothing_of_the_corpus_is_spoilt() -> None:
    """Ordinary talk of other trades, a tenth of its words doubtful."""
    choice = random.Random(7)
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        words = tuple(
            Word(text=text, start_ms=0, end_ms=0, confidence=0.3 if choice.random() < 0.1 else 0.9)
            for text in json.loads(line)["text"].split()
        )
        assert VOCABULARY.correct(words) == words


PIECES = st.sampled_from(
    ("return", "pilot", "Remendo", "norwick", "outdoor", "the", "S", "A", "P.", "3,000", "-", "tide")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PIECES, st.sampled_from((None, 0.1, 0.65, 0.95))), max_size=12))
def test_times_stay_in_order_and_the_ends_stay(pieces: list[tuple[str, float | None]]) -> None:
    words = tuple(
        Word(text=text, start_ms=300 * at, end_ms=300 * at + 250, confidence=confidence)
        for at, (text, confidence) in enumerate(pieces)
    )
    repaired = VOCABULARY.correct(words)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(repaired))
    if words:
        assert (repaired[0].start_ms, repaired[-1].end_ms) == (words[0].start_ms, words[-1].end_ms)
    assert VOCABULARY.correct(repaired) == repaired
    assert Vocabulary(()).correct(words) == words


def test_likeness() -> None:
    assert letters("Return Pilot's") == "returnpilots"
    tide, tied = Spelt.of("Parceltide"), Spelt.of("parcel tied")
    assert (spelling(tide, tied), sound(tide, tied)) == (0.9, 1.0)
    assert spelling(Spelt.of(""), Spelt.of("")) == 0.0


def test_ordinary_words_are_no_names_of_tenants() -> None:
    assert {"shelf", "website", "colour", "january", "hamburg"} <= ordinary_words()
    assert ordinary_words().isdisjoint({"parceltide", "norvik", "loopline"})
