"""What an utterance does to a need: with the shipped weights and the real encoder."""

from pathlib import Path

import pytest

from graph.encoder import Remembered
from graph.life import FROM, HAPPENINGS, Heard, Life, Want
from graph.messages import NeedId, NeedStatus
from graph.words import clauses
from ingest.messages import Role
from intent.config import IntentConfig
from intent.model import IntentModel, LinkingEncoder

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def life(models_dir: Path) -> Life:
    return Life(Remembered(LinkingEncoder(IntentModel(models_dir, IntentConfig()))))


def want(words: str, before: str = "", ago: int = 1, status: NeedStatus = "open") -> Want:
    return Want(need_id=NeedId(words), status=status, words=words, setting=f"{before} {words}".strip(), turns_ago=ago)


def told(life: Life, role: Role, text: str, *wants: Want, before: str = "") -> dict[str, str]:
    return {one.need_id: one.status for one in life.read(Heard(role=role, text=text, before=before), wants)}


EXPORT = want("we need an export to Excel")
APP = want("a mobile app for the drivers would be nice", ago=5)


def test_the_rep_answers(life: Life) -> None:
    before = "We need an export to Excel."
    assert told(life, "rep", "Yes, the Excel export is part of every plan.", EXPORT, before=before) == {
        EXPORT.need_id: "addressed"
    }
    assert told(life, "rep", "Good question, let me check that and come back to you.", EXPORT, before=before) == {}
    assert told(life, "rep", "How often would you export?", EXPORT, before=before) == {}


def test_the_customer_takes_it_back_and_only_that(life: Life) -> None:
    said = "You know what, forget the mobile app, we don't need it any more."
    assert told(life, "customer", said, EXPORT, APP) == {APP.need_id: "withdrawn"}
    assert told(life, "customer", "How was your holiday?", EXPORT, APP) == {}


def test_a_side_says_only_what_is_its_to_say(life: Life) -> None:
    for role, allowed in HAPPENINGS.items():
        for said in ("Forget the export.", "Yes, absolutely, a must.", "Great, then that's settled.", "We do that."):
            assert set(told(life, role, said, EXPORT).values()) <= set(allowed)


def test_what_is_over_stays_over(life: Life) -> None:
    over = want("we need an export to Excel", status="withdrawn")
    assert all("withdrawn" not in of and "resolved" not in of for of in FROM.values())
    assert told(life, "rep", "Yes, the Excel export is part of every plan.", over) == {}


def test_the_words_that_show_it_lie_in_the_text(life: Life) -> None:
    text = "Right, so, yes. The Excel export is part of every plan, and it costs nothing extra."
    (found,) = life.read(Heard(role="rep", text=text, before="We need an export to Excel."), [EXPORT])
    assert "export" in text[found.span.start : found.span.end]
    assert 0.5 <= found.score <= 1


@pytest.mark.parametrize("text", ["", "   ", "…", "好的", "\U0001f600", "word " * 2000])
def test_odd_text_is_no_trouble(life: Life, text: str) -> None:
    assert told(life, "customer", text, EXPORT, before=text) == {}


def test_clauses_have_their_place() -> None:
    text = "Yes, and we like it.  Forget the app; it's off the list."
    assert [text[start:end] for start, end in clauses(text)] == [
        "Yes",
        "and we like it.",
        "Forget the app",
        "it's off the list.",
    ]
    assert clauses("...") == [(0, 3)]
