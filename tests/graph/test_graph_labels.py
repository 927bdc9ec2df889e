from dataclasses import dataclass
from datetime import timedelta

from graph.events import Journalled
from graph.labels import Verdicts, annotations_from, is_labelled, labelled_lines, review_rows
from graph.messages import UtteranceReviewed
from graph.view import NeedGraph
from ingest.messages import CallId, Role
from intent.messages import Kind, SignalAnnotation, SignalId, Strength
from tests.graph.graph_samples import CALL, NOON, TENANT, assigned, signal, started, utterance, verdict

WHO = Verdicts(author="Mara", at=NOON, label_version="v1")
WORDS = utterance(1, "We need the split by cost centre.")
FOUND = signal("s1", on=1, span=(8, 32))
BASE = (
    started(),
    utterance(0, "What is missing?", role="rep"),
    WORDS,
    FOUND,
    assigned(FOUND, "n1"),
    utterance(2, "Sure.", role="rep"),
    utterance(3, "And it rained all day."),
)


@dataclass(frozen=True)
class Span:
    kind: Kind = "need"
    type: str = "capability"
    start: int = 8
    end: int = 32
    strength: Strength = 2


@dataclass(frozen=True)
class Line:
    text: str = WORDS.text
    signals: tuple[Span, ...] = ()
    turn: int = 1
    utterance_id: str | None = "u1"
    role: Role = "customer"
    call_id: str = CALL
    speaker: str = "Ines"


def graph_of(*messages: Journalled) -> NeedGraph:
    graph = NeedGraph(TENANT)
    for message in messages:
        graph.apply(message)
    return graph


def reviewed(revision: int = 1) -> UtteranceReviewed:
    return UtteranceReviewed(
        tenant_id=TENANT,
        call_id=CALL,
        utterance_id=WORDS.utterance_id,
        revision=revision,
        author="Ole",
        at=NOON + timedelta(hours=1),
        label_version="v1",
    )


def labelled(graph: NeedGraph) -> list[str]:
    record = graph.record(CALL)
    assert record is not None
    return [one.utterance_id for one in record.utterances.values() if is_labelled(record, one)]


def test_only_what_a_person_judged_is_labelled() -> None:
    assert labelled(graph_of(*BASE)) == []
    assert labelled(graph_of(*BASE, verdict("a1", FOUND, "confirm"))) == ["u1"]
    assert labelled(graph_of(*BASE, reviewed())) == ["u1"]
    undone = (verdict("a1", FOUND, "confirm"), verdict("a2", FOUND, "undo", undoes="a1"))
    assert labelled(graph_of(*BASE, *undone)) == []


def test_a_label_of_older_words_is_none() -> None:
    newer = utterance(1, "We need the split by cost centres.", revision=2)
    assert labelled(graph_of(*BASE, reviewed(), newer)) == []
    assert labelled(graph_of(*BASE, verdict("a1", FOUND, "confirm"), newer)) == []


def test_an_export_holds_labelled_turns_and_the_question_before() -> None:
    lines = labelled_lines(graph_of(*BASE, verdict("a1", FOUND, "correct", type="integration")))
    assert [line["turn"] for line in lines] == [0, 1]
    assert lines[0]["signals"] == []
    assert lines[1]["signals"] == [{"kind": "need", "type": "integration", "start": 8, "end": 32, "strength": 2}]
    told = (lines[1]["annotator"], lines[1]["prelabelled"], lines[1]["adapter_id"], lines[1]["at"])
    assert told == ("Mara", True, "default", NOON.isoformat())


def test_the_last_who_judged_is_named() -> None:
    lines = labelled_lines(graph_of(*BASE, verdict("a1", FOUND, "refuse"), reviewed()))
    assert (lines[1]["annotator"], lines[1]["signals"]) == ("Ole", [])


def test_training_reads_whole_calls_that_have_a_label() -> None:
    lines = labelled_lines(graph_of(*BASE, reviewed()), whole_calls=True)
    assert [(line["turn"], line.get("judged", True)) for line in lines] == [(0, True), (1, True), (2, True), (3, False)]
    assert labelled_lines(graph_of(*BASE), whole_calls=True) == []


def test_reviews_are_newest_first_with_before_and_after() -> None:
    graph = graph_of(*BASE, verdict("a1", FOUND, "refuse"), verdict("a2", FOUND, "undo", undoes="a1"), *_second_call())
    rows = review_rows(graph)
    assert [row["annotation_id"] for row in rows] == ["b1", "a1"]
    assert (rows[1]["after"], rows[1]["undone"]) == (None, True)
    assert rows[1]["before"] == {"kind": "need", "type": "capability", "start": 8, "end": 32, "strength": 2}
    assert (rows[1]["turn"], rows[1]["speaker"], rows[1]["account"]) == (1, "Ines", "Harbour Foods")
    assert [row["annotation_id"] for row in review_rows(graph, CALL)] == ["a1"]


def _second_call() -> tuple[Journalled, ...]:
    other = CallId("c2")
    found = signal("s1", on=1, call_id=other)
    return started(other), utterance(1, "Other words.", other), found, verdict("b1", found, "confirm")


def changes(graph: NeedGraph, *lines: Line) -> list[tuple[str, str | None]]:
    made = annotations_from(graph, lines, WHO)
    return [
        (one.verdict, one.type) if isinstance(one, SignalAnnotation) else ("reviewed", None) for one in made.messages
    ]


def test_labels_that_agree_still_say_that_somebody_looked() -> None:
    assert changes(graph_of(*BASE), Line(signals=(Span(),))) == [("reviewed", None)]


def test_differences_become_verdicts() -> None:
    graph = graph_of(*BASE)
    assert changes(graph, Line()) == [("refuse", None), ("reviewed", None)]
    assert changes(graph, Line(signals=(Span(type="integration"),))) == [("correct", "integration"), ("reviewed", None)]
    doubt = Span(kind="hesitation", type="effort", start=0, end=7)
    assert changes(graph, Line(signals=(Span(), doubt))) == [("add", "effort"), ("reviewed", None)]
    apart = Span(type="support", start=0, end=3)
    assert changes(graph, Line(signals=(apart,))) == [("refuse", None), ("add", "support"), ("reviewed", None)]


def test_an_export_brought_back_changes_nothing() -> None:
    graph = graph_of(*BASE)
    doubt = Span(kind="hesitation", type="effort", start=0, end=7)
    wanted = Line(signals=(Span(type="integration"), doubt))
    for message in annotations_from(graph, [wanted], WHO).messages:
        graph.apply(message)
    again = annotations_from(graph, [wanted], WHO)
    assert (again.messages, again.changed, again.unchanged, again.refused) == ((), 0, 1, ())
    exported = labelled_lines(graph)[1]
    assert [one["type"] for one in exported["signals"]] == ["effort", "integration"]  # type: ignore[union-attr]


def test_an_added_signal_is_new() -> None:
    made = annotations_from(graph_of(*BASE), [Line(signals=(Span(), Span(start=0, end=7)))], WHO).messages[0]
    assert isinstance(made, SignalAnnotation)
    assert made.signal_id != SignalId("s1")
    assert (made.verdict, made.adapter_id, made.author, made.at) == ("add", None, "Mara", NOON)


def test_a_line_finds_its_utterance_by_turn_when_it_names_none() -> None:
    assert changes(graph_of(*BASE), Line(utterance_id=None, signals=(Span(),))) == [("reviewed", None)]


def test_lines_that_fit_nothing_are_refused() -> None:
    lines = (
        Line(call_id="c9"),
        Line(utterance_id="u9"),
        Line(utterance_id=None, turn=9),
        Line(text="Quite other words."),
        Line(utterance_id="u0"),
        Line(role="rep", text="anything"),
        Line(signals=(Span(),)),
    )
    made = annotations_from(graph_of(*BASE), lines, WHO)
    assert [one.place for one in made.refused] == [0, 1, 2, 3, 4]
    assert "call c9 has no u1" in made.refused[0].reason
    assert "turn 9" in made.refused[2].reason
    assert "export again" in made.refused[3].reason
    assert "is the rep's" in made.refused[4].reason
    assert made.changed == 1


def test_of_two_lines_for_one_utterance_the_last_counts() -> None:
    made = annotations_from(graph_of(*BASE), (Line(), Line(signals=(Span(),))), WHO)
    assert [one.place for one in made.refused] == [0]
    assert [type(one) for one in made.messages] == [UtteranceReviewed]


def test_two_equal_labels_do_not_eat_one_signal_twice() -> None:
    assert changes(graph_of(*BASE), Line(signals=(Span(), Span()))) == [("add", "capability"), ("reviewed", None)]
