"""Where a need stands, as the fold of the journal tells it."""

from graph.events import Journalled
from graph.messages import NeedId
from graph.view import NeedGraph
from tests.graph.graph_samples import TENANT, assigned, changed, signal, started, utterance

NEED, AGAIN = signal("s1", on=1), signal("s2", on=3)
BEGINNING: tuple[Journalled, ...] = (
    started(),
    utterance(1, "We need the split."),
    NEED,
    assigned(NEED, "n1"),
    utterance(2, "It is in every plan.", role="rep"),
)


def stands(*messages: Journalled, need: str = "n1") -> str | None:
    graph = NeedGraph(TENANT)
    for message in (*BEGINNING, *messages):
        graph.apply(message)
    found = graph.need(NeedId(need))
    return found.status if found else None


def test_a_need_is_open_until_something_happens() -> None:
    assert stands() == "open"
    assert stands(changed("c1", "n1", "addressed", on=2)) == "addressed"


def test_the_last_step_counts() -> None:
    confirmed = (utterance(3, "A must."), changed("c2", "n1", "confirmed", on=3))
    assert stands(changed("c1", "n1", "addressed", on=2), *confirmed) == "confirmed"
    # Also when it was journalled first: a step has its place by its words.
    assert stands(*confirmed, changed("c1", "n1", "addressed", on=2)) == "confirmed"


def test_voiced_again_it_is_open_again_unless_it_was_confirmed() -> None:
    voiced = (utterance(3, "The split, again."), AGAIN, assigned(AGAIN, "n1"))
    assert stands(changed("c1", "n1", "addressed", on=2), *voiced) == "open"
    assert stands(changed("c1", "n1", "withdrawn", on=2), *voiced) == "open"
    assert stands(changed("c1", "n1", "confirmed", on=2), *voiced) == "confirmed"
    # The words that settle it may name it: that is no new voicing.
    assert stands(*voiced, changed("c1", "n1", "resolved", on=3)) == "resolved"


def test_a_step_is_taken_back_and_forth() -> None:
    step = changed("c1", "n1", "addressed", on=2)
    back = changed("c2", "n1", None, of=NEED, undoes="c1")
    forth = changed("c3", "n1", None, of=NEED, undoes="c2")
    assert stands(step, back) == "open"
    assert stands(step, back, forth) == "addressed"


def test_a_step_of_a_need_that_never_was_changes_nothing() -> None:
    assert stands(changed("c1", "n9", "resolved", on=2)) == "open"
    assert stands(changed("c1", "n9", "resolved", on=2), need="n9") is None


def test_what_was_said_of_a_need_goes_where_its_signals_go_and_comes_back() -> None:
    graph = NeedGraph(TENANT)
    for message in (
        *BEGINNING,
        utterance(3, "Invoices apart, as I said."),
        AGAIN,
        assigned(AGAIN, "n2"),
        changed("c1", "n1", "withdrawn", on=3),
        assigned(NEED, "n2"),
    ):
        graph.apply(message)
    joined = graph.need(NeedId("n2"))
    assert graph.need(NeedId("n1")) is None
    assert joined is not None
    assert [one.change_id for one in joined.changes] == ["c1"]

    delta = graph.apply(changed("c2", "n1", "confirmed", on=3))
    assert delta is not None
    assert [one.need_id for one in delta.needs] == ["n2"]

    graph.apply(assigned(NEED, "n1"))
    parted, left = graph.need(NeedId("n1")), graph.need(NeedId("n2"))
    assert parted is not None
    assert left is not None
    assert [one.change_id for one in parted.changes] == ["c1", "c2"]
    assert left.changes == ()
