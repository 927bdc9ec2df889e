"""Corrected words: which of them change, when they were said, what they teach, and what follows from them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.messages import Utterance, Word
from asr.ordinary import ordinary_words
from asr.vocabulary import Vocabulary
from graph.config import JournalConfig
from graph.events import Journalled
from graph.keys import KeyStore
from graph.messages import WordsAnnotation
from graph.tenants import TenantFolder
from graph.terms import taught
from graph.view import NeedGraph
from intent.config import IntentConfig
from intent.entities import Entities
from intent.messages import Signal, Span
from intent.model import IntentModel
from server.bodies import WordsVerdict
from server.errors import BadRequestError
from server.review_queue import AROUND_CHARS, excerpt, page
from server.rewording import Rewording, narrowed, reworded
from server.tenant import Tenant
from server.understanding import Understanding
from server.vocabularies import Vocabularies
from tests.graph import graph_samples as samples
from tests.graph.graph_samples import CALL, TENANT, assigned, changed, ended, signal, started, utterance

HEARD = utterance(1, "We need exports to case book every Monday.")


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    keys = KeyStore(tmp_path / "keys.db")
    opened = Tenant(TenantFolder(tmp_path, TENANT), keys, JournalConfig())
    yield opened
    opened.close()
    keys.close()


@pytest.fixture(scope="module")
def understanding(models_dir: Path) -> Iterator[Understanding]:
    model = IntentModel(models_dir, IntentConfig())
    found = Understanding(model, IntentConfig(), Entities(models_dir))
    yield found
    found.close()


def told(text: str, heard: str, said: str) -> tuple[WordsAnnotation, Utterance]:
    spoken = utterance(1, text)
    return samples.reworded("w1", spoken, heard, said)


def words_of(spoken: Utterance) -> list[tuple[str, int, int]]:
    return [(one.text, one.start_ms, one.end_ms) for one in spoken.words]


def test_new_words_share_the_time_of_those_they_replace() -> None:
    words = tuple(
        Word(text=text, start_ms=at * 100, end_ms=at * 100 + 100, confidence=0.5)
        for at, text in enumerate(["It", "is", "case", "book,", "every", "day."])
    )
    spoken = replace(utterance(1, "It is case book, every day."), words=words)
    edit, _ = samples.reworded("w1", spoken, "case book", "Käsebuch")
    anew = reworded(spoken, edit)
    assert (anew.text, anew.revision) == ("It is Käsebuch, every day.", 2)
    kept = [("It", 0, 100), ("is", 100, 200), ("Käsebuch,", 200, 400), ("every", 400, 500), ("day.", 500, 600)]
    assert words_of(anew) == kept
    assert [one.confidence for one in anew.words] == [0.5, 0.5, 1.0, 0.5, 0.5]
    more = samples.reworded("w2", anew, "Käsebuch", "the old cheese book")[0]
    assert [text for text, _, _ in words_of(reworded(anew, more))][2:6] == ["the", "old", "cheese", "book,"]
    assert reworded(anew, more).words[5].end_ms == 400


def test_words_without_times_or_spaces() -> None:
    spoken = replace(utterance(1, "我们需要出口"), words=())
    edit = samples.reworded("w1", spoken, "出口", "导出")[0]
    assert (reworded(spoken, edit).text, reworded(spoken, edit).words) == ("我们需要导出", ())


@pytest.mark.parametrize(
    ("heard", "said", "changes"),
    [
        ("exports to case book every", "exports to Käsebuch every", ("case book", "Käsebuch")),
        ("exports to", "to", ("exports to", "to")),
        ("to", "on to", ("to", "on to")),
        ("case book", "  Käse \n buch ", ("case book", "Käse buch")),
        ("Monday.", "", ("every Monday.", "every")),
        ("We", "", ("We need", "need")),
        ("need", "need need", ("need", "need need")),
    ],
)
def test_only_what_changes_is_changed(heard: str, said: str, changes: tuple[str, str]) -> None:
    start = HEARD.text.index(heard)
    span, put = narrowed(HEARD.text, Span(start=start, end=start + len(heard)), said)
    assert (HEARD.text[span.start : span.end], put) == changes


@pytest.mark.parametrize(("text", "said"), [("word", ""), ("word", "word"), (" ", "x")])
def test_what_changes_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadRequestError):
        narrowed(text, Span(start=0, end=len(text)), said)


# Hypothesis looks whether a strategy draws from `random`; the service of other tests does meanwhile.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
@given(st.lists(st.sampled_from(["a", "bé", "😀", "א"]), min_size=1, max_size=6), st.data())
def test_narrowing_gives_the_text_that_was_meant(words: list[str], draw: st.DataObject) -> None:
    text = " ".join(words)
    first = draw.draw(st.integers(0, len(words) - 1))
    last = draw.draw(st.integers(first, len(words) - 1))
    said = draw.draw(st.lists(st.sampled_from(["a", "bé", "c"]), min_size=1, max_size=4))
    start = len(" ".join(words[:first])) + bool(first)
    span = Span(start=start, end=start + len(" ".join(words[first : last + 1])))
    if said == words[first : last + 1]:
        return
    found, put = narrowed(text, span, " ".join(said))
    assert text[: found.start] + put + text[found.end :] == " ".join([*words[:first], *said, *words[last + 1 :]])


@pytest.mark.parametrize(
    ("heard", "said", "begins", "terms"),
    [
        ("case book", "Käsebuch", False, ("Käsebuch",)),
        ("north wick", "Norvik Outdoor", True, ("Norvik Outdoor",)),
        ("sat", "SAP", False, ("SAP",)),
        ("apple", "Apple", False, ("Apple",)),
        ("the", "They", True, ()),
        ("exports", "reports", False, ()),
        ("or a key", "Oracle, Norvik and NetSuite", False, ("Oracle", "Norvik", "NetSuite")),
        ("I mean", "I am", False, ()),
        ("Norvik has", "Norvik had", False, ()),
        ("x", "🧀 2024 !", False, ()),
    ],
)
def test_what_a_correction_teaches(heard: str, said: str, begins: bool, terms: tuple[str, ...]) -> None:
    assert taught(heard, said, ordinary_words(), begins=begins) == terms


def test_the_same_mishearing_is_repaired_where_nothing_else_can_be_meant() -> None:
    vocabulary = Vocabulary(["Käsebuch"], misheard={"kesse book": "Käsebuch", "case book": "Käsebuch"})

    def heard(*words: tuple[str, float]) -> str:
        given = [Word(text=text, start_ms=0, end_ms=100, confidence=sure) for text, sure in words]
        return " ".join(one.text for one in vocabulary.correct(given))

    assert heard(("to", 1), ("Kesse", 0.95), ("book.", 0.95)) == "to Käsebuch."
    # Ordinary words may be meant as they are; a recogniser that doubts them did not hear them so.
    assert heard(("a", 1), ("case", 0.95), ("book", 0.95)) == "a case book"
    assert heard(("a", 1), ("case", 0.5), ("book", 0.95)) == "a Käsebuch"


def verdict(said: str, heard: str = "case book", revision: int = 1, spoken: Utterance = HEARD) -> WordsVerdict:
    start = spoken.text.index(heard)
    place = {"call_id": CALL, "utterance_id": spoken.utterance_id, "revision": revision}
    return WordsVerdict.model_validate({**place, "start": start, "end": start + len(heard), "said": said})


@pytest.mark.model
def test_the_model_is_asked_again_only_where_nothing_was_found(tenant: Tenant, understanding: Understanding) -> None:
    vague = utterance(1, "We meet a spore to the ware house in our system, it is a must.")
    rewording = Rewording(tenant, understanding, "Mara")
    tenant.append([started(), vague], "asr")
    said = "need an integration with"
    told_, follows = rewording.words(verdict(said, "meet a spore to", spoken=vague))
    (anew,) = [one for one in follows if isinstance(one, Utterance)]
    found = [one for one in follows if isinstance(one, Signal)]
    assert found
    assert {(one.revision, one.utterance_id) for one in found} == {(2, anew.utterance_id)}
    tenant.append([told_, *follows], "Mara")
    assert tenant.graph.needs()
    _, again = rewording.words(verdict("warehouse", "ware house", revision=2, spoken=anew))
    assert [type(one).__name__ for one in again if isinstance(one, Signal)] == []
    # What was only found in the correction goes with it.
    undone, follows = rewording.undo(told_)
    tenant.append([undone, *follows], "Mara")
    assert tenant.graph.needs() == ()
    assert tenant.graph.utterance(CALL, anew.utterance_id) == replace(vague, revision=3, words=anew_words(tenant))


def anew_words(tenant: Tenant) -> tuple[Word, ...]:
    record = tenant.graph.record(CALL)
    assert record is not None
    (spoken,) = record.utterances.values()
    return spoken.words


@pytest.mark.model
def test_an_ended_calls_words_keep_their_times(tenant: Tenant, understanding: Understanding) -> None:
    tenant.append([started(), HEARD, ended()], "asr")
    _, (anew, *_) = Rewording(tenant, understanding, "Mara").words(verdict("Käsebuch"))
    assert isinstance(anew, Utterance)
    assert words_of(anew)[:3] == words_of(HEARD)[:3]
    assert len(anew.words) == len(HEARD.words) - 1


@pytest.mark.model
def test_what_was_learnt_goes_when_it_is_taken_back_or_a_key_is_destroyed(
    tenant: Tenant, understanding: Understanding
) -> None:
    rewording, vocabularies = Rewording(tenant, understanding, "Mara"), Vocabularies()

    def known() -> tuple[str, ...]:
        return vocabularies.of_call(started(), understanding.index(tenant), tenant).terms

    tenant.append([started(), samples.participant(), HEARD], "asr")
    told_, follows = rewording.words(verdict("Käsebuch"))
    tenant.append([told_, *follows], "Mara")
    assert "Käsebuch" in known()
    undone, follows = rewording.undo(told_)
    tenant.append([undone, *follows], "Mara")
    assert "Käsebuch" not in known()
    redone, follows = rewording.undo(undone)
    tenant.append([redone, *follows], "Mara")
    assert "Käsebuch" in known()
    tenant.keys.destroy(TENANT, samples.INES)
    assert "Käsebuch" not in known()


@pytest.mark.model
def test_a_replay_gives_the_same_graph(tenant: Tenant, understanding: Understanding) -> None:
    rewording = Rewording(tenant, understanding, "Mara")
    spoken = signal("s1", on=1, span=(8, 28))
    tenant.append([started(), samples.participant(), HEARD, spoken, assigned(spoken, "n1")], "asr")
    told_, follows = rewording.words(verdict("Käsebuch"))
    tenant.append([told_, *follows], "Mara")
    undone, follows = rewording.undo(told_)
    tenant.append([undone, *follows], "Mara")
    live = tenant.graph.needs()
    for replayed in (list(tenant.replayed(0)), list(tenant.rebuilt(tenant.seq))):
        graph = NeedGraph(TENANT)
        for change in replayed:
            message: Journalled = change.message  # type: ignore[assignment]
            graph.apply(message)
        assert graph.needs() == live
        assert graph.call(CALL) == tenant.graph.call(CALL)
    assert [one.text for need in live for one in need.mentions] == [HEARD.text[8:28]]


def test_the_queue_knows_what_was_said_of_a_reading(tenant: Tenant) -> None:
    spoken = signal("s1", on=1, span=(8, 15))
    read = changed("h-1", "n1", "withdrawn", on=1)
    said = replace(read, change_id="a-1", status=None, decided_by="Mara", score=None, undoes="h-1")
    tenant.append([started(), HEARD, spoken, assigned(spoken, "n1"), read, said], "asr")
    (row,) = page(tenant, None, 10, None).rows
    assert (row.form, row.before, row.after, row.status, row.author) == ("status", "withdrawn", "", None, "Mara")
    back = replace(said, change_id="a-2", undoes="a-1")
    tenant.append([back], "Mara")
    (row,) = page(tenant, None, 10, "status").rows
    assert (row.undone, row.undone_by) == (True, "a-2")
    assert page(tenant, None, 10, "words").rows == ()


def test_a_long_text_comes_cut_around_its_words() -> None:
    text = "🧀" * 5000 + "here" + "ש" * 5000
    cut = excerpt(text, Span(start=5000, end=5004))
    assert cut == "…" + "🧀" * AROUND_CHARS + "here" + "ש" * AROUND_CHARS + "…"
    assert excerpt("short", None) == "short"
    assert len(excerpt(text, Span(start=0, end=10_004))) <= 2 * AROUND_CHARS + 2


@pytest.mark.model
def test_ten_thousand_characters_are_corrected_in_their_middle(tenant: Tenant, understanding: Understanding) -> None:
    long = f"{'<b>🧀</b> ' * 500}case book{' שלום &' * 700}"
    assert len(long) > 9_000
    spoken = replace(utterance(1, long, role="rep"), words=())
    found = signal("s1", on=1, span=(long.index("case"), len(long)))
    tenant.append([started(), spoken, found, assigned(found, "n1")], "asr")
    told_, (anew, *_) = Rewording(tenant, understanding, "Mara").words(verdict('"Käse"', spoken=spoken))
    assert isinstance(anew, Utterance)
    assert anew.text == long.replace("case book", '"Käse"')
    tenant.append([told_, anew], "Mara")
    now = tenant.graph.signal(CALL, found.signal_id)
    assert now is not None
    assert anew.text[now.span.start : now.span.end] == long[found.span.start :].replace("case book", '"Käse"')


def test_corrections_are_sealed_under_the_key_of_who_spoke(tenant: Tenant) -> None:
    edit, anew = samples.reworded("w1", HEARD, "case book", "Käsebuch")
    tenant.append([started(), samples.participant(), HEARD, edit, anew], "asr")
    tenant.keys.destroy(TENANT, samples.INES)
    kept = {event.kind: event.message for event in tenant.journal.read()}
    assert kept["words_annotation"] is None
    assert kept["call_started"] is not None
