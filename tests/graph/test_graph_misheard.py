"""Misheard words: what was pinned to the words before stands on the corrected ones, live and by replay."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from asr.messages import Utterance
from graph.events import Journalled
from graph.labels import is_labelled, labelled_lines, review_rows
from graph.messages import UtteranceReviewed, WordsAnnotation
from graph.misheard import carried, corrected, in_force, moved, where_now
from graph.view import NeedGraph
from intent.messages import Hedging, Signal, SignalId, Span
from tests.graph.graph_samples import CALL, NOON, TENANT, assigned, changed, named, reworded, signal, started, utterance
from tests.graph.graph_samples import verdict as judged

HEARD = utterance(1, "Well, we need the Norwick export by cost centre.")
NEED = signal("s1", on=1, span=(HEARD.text.index("the Norwick"), HEARD.text.index(" by")))
BASE: tuple[Journalled, ...] = (started(), HEARD, NEED, assigned(NEED, "n1"))


def graph_of(*messages: Journalled) -> NeedGraph:
    graph = NeedGraph(TENANT)
    for message in messages:
        graph.apply(message)
    return graph


def words_of(graph: NeedGraph, name: str = "s1") -> str | None:
    found = graph.signal(CALL, SignalId(name))
    if found is None:
        return None
    spoken = graph.utterance(CALL, found.utterance_id, found.revision)
    assert spoken is not None
    return spoken.text[found.span.start : found.span.end]


def undo(name: str, of: WordsAnnotation, spoken: Utterance) -> tuple[WordsAnnotation, Utterance]:
    return reworded(name, spoken, of.said, of.heard, undoes=of.annotation_id)


def test_a_need_stands_on_the_corrected_words_and_keeps_all_that_was_said_of_it() -> None:
    told, anew = reworded("w1", HEARD, "Norwick", "Norvik Outdoor")
    graph = graph_of(*BASE, judged("a1", NEED, "confirm"))
    assert graph.apply(told) is None
    delta = graph.apply(anew)
    assert delta is not None
    (need,) = delta.needs
    assert (need.need_id, need.label) == ("n1", "the Norvik Outdoor export")
    (mention,) = need.mentions
    assert (mention.signal_id, mention.text) == ("s1", "the Norvik Outdoor export")
    now = graph.signal(CALL, NEED.signal_id)
    assert now is not None
    assert (now.revision, now.confidence) == (2, NEED.confidence)
    (review,) = graph.reviews(CALL)
    assert not review.undone
    assert review.before == NEED
    assert [one["text"] for one in review_rows(graph)] == [HEARD.text]


def test_words_behind_move_and_words_before_stay() -> None:
    before, behind = signal("s2", on=1, span=(0, 4)), signal("s3", on=1, span=(HEARD.text.index("cost"), 47))
    told, anew = reworded("w1", HEARD, "Norwick", "Norvik Outdoor")
    graph = graph_of(*BASE, before, behind, told, anew)
    assert (words_of(graph, "s2"), words_of(graph, "s3")) == ("Well", "cost centre")


def test_a_span_that_overlaps_is_stretched_over_the_new_words() -> None:
    within = signal("s2", on=1, span=(HEARD.text.index("wick"), HEARD.text.index(" export")))
    told, anew = reworded("w1", HEARD, "the Norwick", "Norvik Outdoor")
    graph = graph_of(*BASE, within, told, anew)
    assert (words_of(graph), words_of(graph, "s2")) == ("Norvik Outdoor export", "Norvik Outdoor")


def test_an_undo_puts_every_span_back_where_it_was() -> None:
    within = signal("s2", on=1, span=(HEARD.text.index("wick"), HEARD.text.index(" export")))
    told, second = reworded("w1", HEARD, "the Norwick", "Norvik Outdoor")
    later, third = reworded("w2", second, "cost centre", "centre of cost")
    back, fourth = undo("w3", told, third)
    graph = graph_of(*BASE, within, told, second, later, third, back, fourth)
    assert fourth.text == "Well, we need the Norwick export by centre of cost."
    assert (words_of(graph), words_of(graph, "s2")) == ("the Norwick export", "wick")
    again, fifth = undo("w4", back, fourth)
    for message in (again, fifth):
        graph.apply(message)
    assert (words_of(graph), words_of(graph, "s2")) == ("Norvik Outdoor export", "Norvik Outdoor")


def test_a_verdict_of_before_and_one_of_after_both_count() -> None:
    told, anew = reworded("w1", HEARD, "Norwick", "Norvik Outdoor")
    start = anew.text.index("Norvik")
    corrected_after = replace(
        judged("a2", NEED, "correct", type="integration"), revision=2, span=Span(start=start, end=start + 6)
    )
    graph = graph_of(*BASE, judged("a1", NEED, "correct", strength=3), told, anew, corrected_after)
    now = graph.signal(CALL, NEED.signal_id)
    assert now is not None
    assert (now.type, words_of(graph)) == ("integration", "Norvik")
    first, second = graph.reviews(CALL)
    assert (first.after, second.before) == (
        replace(NEED, strength=3, confidence=1.0),
        carried(replace(NEED, strength=3, confidence=1.0), [told]),
    )
    # Somebody whose page is late judges the words as they were heard.
    late = replace(judged("a3", NEED, "correct", strength=1))
    graph.apply(late)
    assert words_of(graph) == "the Norvik Outdoor export"


def test_what_a_model_found_in_a_correction_goes_with_it_unless_it_was_judged() -> None:
    told, second = reworded("w1", HEARD, "Norwick", "Norvik Outdoor")
    fresh: Signal = replace(signal("s9", on=1, span=(6, 13)), revision=2)
    back, third = undo("w2", told, second)
    graph = graph_of(started(), HEARD, told, second, fresh, assigned(fresh, "n9"))
    assert words_of(graph, "s9") == "we need"
    for message in (back, third):
        delta = graph.apply(message)
    assert delta is not None
    assert (words_of(graph, "s9"), delta.removed) == (None, ("n9",))
    again, fourth = undo("w3", back, third)
    for message in (again, fourth):
        graph.apply(message)
    assert words_of(graph, "s9") == "we need"
    kept = replace(judged("a1", fresh, "confirm"), revision=2)
    graph = graph_of(started(), HEARD, told, second, fresh, assigned(fresh, "n9"), kept, back, third)
    assert words_of(graph, "s9") == "we need"


def test_a_step_of_a_needs_life_keeps_the_words_it_was_read_from() -> None:
    told, anew = reworded("w1", HEARD, "Norwick", "Norvik Outdoor")
    step = replace(changed("c1", "n1", "withdrawn", on=1), span=NEED.span)
    (need,) = graph_of(*BASE, step, told, anew).needs()
    assert need.changes[0].text == "the Norwick export"


def test_labels_of_corrected_words_are_labels_of_the_new_text() -> None:
    told, anew = reworded("w1", HEARD, "Norwick", "Norvik Outdoor")
    looked = UtteranceReviewed(
        tenant_id=TENANT,
        call_id=CALL,
        utterance_id=HEARD.utterance_id,
        revision=1,
        author="Ole",
        at=NOON,
        label_version="v1",
    )
    for said in (judged("a1", NEED, "confirm"), looked):
        graph = graph_of(*BASE, said, told, anew)
        record = graph.record(CALL)
        assert record is not None
        assert is_labelled(record, anew)
    (line,) = labelled_lines(graph)
    start = anew.text.index("the Norvik")
    assert (line["text"], line["revision"], line["prelabelled"]) == (anew.text, 2, True)
    assert [(one["start"], one["end"]) for one in line["signals"]] == [(start, anew.text.index(" by"))]  # type: ignore[attr-defined]


def test_hedges_move_and_those_corrected_go() -> None:
    hedged = replace(
        NEED,
        hedging=(Hedging(name="filler", span=Span(start=0, end=4)), Hedging(name="hedge", span=Span(start=18, end=25))),
    )
    told, _ = reworded("w1", HEARD, "Norwick", "Norvik Outdoor")
    assert [one.name for one in carried(hedged, [told]).hedging] == ["filler"]


def test_names_are_of_the_revision_they_were_found_in() -> None:
    told, anew = reworded("w1", HEARD, "Norwick", "Vetaria")
    graph = graph_of(*BASE, told, anew, named(HEARD, ("organisation", "Norwick", "Norwick")))
    assert graph.call(CALL) is not None
    view = graph.call(CALL)
    assert view is not None
    assert (view.named, view.words) == ((), (told,))
    graph.apply(named(anew, ("competitor", "Vetaria", "Vetaria")))
    assert [one.name for one in graph.needs()[0].about] == ["Vetaria"]


def test_a_revision_that_no_person_made_takes_nothing_along() -> None:
    graph = graph_of(*BASE, judged("a1", NEED, "confirm"), utterance(1, "Something else.", revision=2))
    record = graph.record(CALL)
    assert record is not None
    assert words_of(graph) == "the Norwick export"
    assert not is_labelled(record, record.utterances[HEARD.utterance_id])


WORDS = st.lists(st.text("ab😀𠮷א", min_size=1, max_size=4), min_size=3, max_size=8)
STEPS = st.lists(st.tuples(st.integers(0, 7), st.text("cd🧀", min_size=1, max_size=5), st.booleans()), max_size=6)


def edited(text: str, steps: list[tuple[int, str, bool]]) -> list[WordsAnnotation]:
    """Corrections of one word each; some steps take back an earlier one where its words still stand."""
    edits: list[WordsAnnotation] = []
    now = text
    for number, (choice, said, back) in enumerate(steps):
        gone = {one.undoes for one in edits}
        open_ = [one for one in edits if one.annotation_id not in gone]
        last = open_[choice % len(open_)] if open_ and back else None
        place = where_now(last, edits[edits.index(last) + 1 :]) if last else None
        if last is None or place is None:
            last, words = None, now.split(" ")
            at = choice % len(words)
            start = len(" ".join(words[:at])) + bool(at)
            place = Span(start=start, end=start + len(words[at]))
        told, _ = reworded(f"w{number}", utterance(1, "x"), "x", "y", last.annotation_id if last else None)
        heard, put = now[place.start : place.end], last.heard if last else said
        edits.append(replace(told, revision=number + 1, span=place, heard=heard, said=put))
        now = corrected(now, edits[-1])
    return edits


@given(WORDS, STEPS)
def test_leaving_out_what_was_taken_back_gives_the_same_text(
    words: list[str], steps: list[tuple[int, str, bool]]
) -> None:
    text = " ".join(words)
    edits = edited(text, steps)
    whole, short = text, text
    for one in edits:
        whole = corrected(whole, one)
    for one in in_force(edits):
        short = corrected(short, one)
    assert short == whole
    # Spans stay within the text and never come to nothing, whatever was corrected around them.
    at = 0
    for word in words:
        span = Span(start=at, end=at + len(word))
        for one in in_force(edits):
            span = moved(span, one)
        assert span.end <= len(whole)
        at += len(word) + 1
    if all(one.undoes is None for one in edits):
        assert in_force(edits) == edits
