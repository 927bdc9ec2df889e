from graph.annotated import BY_HAND, AnnotatedSignal, taken_back
from graph.needs import best_links, standing
from tests.graph.graph_samples import decided, judged, link, signal, verdict

FOUND = signal("s1", on=1)


def with_verdicts(*kinds_and_undone: tuple[str, str | None]) -> AnnotatedSignal:
    one = AnnotatedSignal()
    one.original = FOUND
    for number, (kind, undoes) in enumerate(kinds_and_undone, 1):
        name = f"a{number}"
        if kind == "correct":
            one.annotations[name] = verdict(name, FOUND, "correct", type="integration")
        else:
            one.annotations[name] = verdict(name, FOUND, "undo" if kind == "undo" else "refuse", undoes=undoes)
    return one


def test_a_later_verdict_stands_on_the_earlier_one() -> None:
    one = with_verdicts(("refuse", None), ("correct", None))
    now = one.current()
    assert now is not None
    assert (now.type, now.confidence) == ("integration", 1.0)
    assert [(review.before is None, review.after is None) for review in one.reviews()] == [(False, True), (True, False)]


def test_taking_back_a_middle_verdict_leaves_the_others() -> None:
    one = with_verdicts(("correct", None), ("refuse", None), ("undo", "a2"))
    now = one.current()
    assert now is not None
    assert now.type == "integration"
    assert [review.undone for review in one.reviews()] == [False, True]
    assert one.judged()
    assert not with_verdicts(("refuse", None), ("undo", "a1")).judged()


def test_a_signal_added_by_hand_names_no_model() -> None:
    one = AnnotatedSignal()
    assert one.current() is None
    one.annotations["a1"] = verdict("a1", FOUND, "add")
    now = one.current()
    assert now is not None
    assert (now.adapter_id, now.confidence) == (FOUND.adapter_id, 1.0)
    assert BY_HAND == "by-hand"


def test_an_undo_of_an_undo_brings_the_verdict_back() -> None:
    given = [judged("l1", FOUND, "n1", "T-1", "wrong"), judged("l2", FOUND, "n1", "T-1", "undo", undoes="l1")]
    assert taken_back(given) == {"l1"}
    assert standing(given) == {}
    given.append(judged("l3", FOUND, "n1", "T-1", "undo", undoes="l2"))
    assert standing(given) == {("ticket", "T-1", None): "wrong"}


def test_the_last_verdict_on_an_item_counts() -> None:
    given = [judged("l1", FOUND, "n1", "T-1", "wrong"), judged("l2", FOUND, "n1", "T-1", "right")]
    assert standing(given) == {("ticket", "T-1", None): "right"}


def test_links_are_ordered_by_kind_then_score_then_id() -> None:
    links = (link("R-1", 0.99, "roadmap"), link("T-2", 0.5), link("T-1", 0.5), link("T-3", 0.7))
    found = best_links([decided(FOUND, "n1", *links)], [])
    assert [one.id for one in found] == ["T-3", "T-1", "T-2", "R-1"]
    assert best_links([], []) == ()
