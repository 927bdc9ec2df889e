from asr.messages import UtteranceId
from graph.annotated import BY_HAND, AnnotatedSignal, taken_back
from graph.events import Journalled
from graph.messages import NeedId, NeedStatus
from graph.needs import best_links, standing
from graph.view import NeedGraph
from tests.graph.graph_samples import (
    TENANT,
    assigned,
    changed,
    decided,
    judged,
    link,
    signal,
    started,
    utterance,
    verdict,
)

FOUND = signal("s1", on=1)


def with_verdicts(*kinds_and_undone: tuple[str, str | None]) -> AnnotatedSignal:
    one = AnnotatedSignal(UtteranceId("u1"))
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
    one = AnnotatedSignal(UtteranceId("u1"))
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


def said(number: int, speaker: str) -> Journalled:
    return utterance(number, "We need the split by cost centre.", speaker=speaker)


def voiced(number: int, speaker: str) -> tuple[Journalled, ...]:
    found = signal(f"s{number}", on=number)
    return said(number, speaker), found, assigned(found, "n1")


def withdrew(number: int, speaker: str) -> tuple[Journalled, ...]:
    return said(number, speaker), changed(f"c{number}", "n1", "withdrawn", on=number)


def confirmed(number: int, speaker: str) -> tuple[Journalled, ...]:
    return said(number, speaker), changed(f"c{number}", "n1", "confirmed", on=number)


def stands(*told: tuple[Journalled, ...]) -> tuple[str, tuple[str, ...]]:
    graph = NeedGraph(TENANT)
    for message in (started(), *(one for of in told for one in of)):
        graph.apply(message)
    need = graph.need(NeedId("n1"))
    assert need is not None
    return need.status, need.disputed_by


def test_nobody_withdraws_what_another_wants() -> None:
    assert stands(voiced(1, "Ines"), withdrew(2, "Omar")) == ("open", ("Omar",))
    assert stands(voiced(1, "Ines"), confirmed(2, "Ines"), withdrew(3, "Omar")) == ("confirmed", ("Omar",))
    assert stands(voiced(1, "Ines"), voiced(2, "Omar"), withdrew(3, "Omar")) == ("open", ("Omar",))
    assert stands(voiced(1, "Ines"), withdrew(2, "Ines")) == ("withdrawn", ())


def test_a_want_is_withdrawn_once_all_who_raised_it_withdrew() -> None:
    both = (voiced(1, "Ines"), voiced(2, "Omar"), withdrew(3, "Omar"), withdrew(4, "Ines"))
    assert stands(*both) == ("withdrawn", ())
    assert stands(voiced(1, "Ines"), withdrew(2, "Omar"), withdrew(3, "Ines")) == ("withdrawn", ())
    # Whoever wants it later finds out who does not.
    assert stands(*both, voiced(5, "Lea")) == ("open", ("Omar", "Ines"))


def test_who_wants_it_again_takes_his_withdrawal_back() -> None:
    raised = (voiced(1, "Ines"), voiced(2, "Omar"), withdrew(3, "Omar"))
    assert stands(*raised, voiced(4, "Omar")) == ("open", ())
    assert stands(*raised, voiced(4, "Ines")) == ("open", ("Omar",))
    assert stands(*raised, voiced(4, "Omar"), withdrew(5, "Ines")) == ("open", ("Ines",))
    assert stands(*raised, confirmed(4, "Omar")) == ("confirmed", ())
    assert stands(voiced(1, "Ines"), withdrew(2, "Ines"), voiced(3, "Ines"), withdrew(4, "Omar")) == ("open", ("Omar",))


def test_words_that_withdraw_a_want_may_name_it() -> None:
    again = signal("s3", on=3)
    named = (*withdrew(3, "Omar"), again, assigned(again, "n1"))
    assert stands(voiced(1, "Ines"), voiced(2, "Omar"), named) == ("open", ("Omar",))
    assert stands(voiced(1, "Omar"), named) == ("withdrawn", ())


def test_a_person_of_the_company_decides_by_hand() -> None:
    of = signal("s1", on=1)
    statuses: tuple[NeedStatus, ...] = ("withdrawn", "open", "resolved")
    by_hand = {one: (changed("m1", "n1", one, of=of),) for one in statuses}
    disputed = (voiced(1, "Ines"), withdrew(2, "Omar"))
    assert stands(*disputed, by_hand["withdrawn"]) == ("withdrawn", ())
    assert stands(*disputed, by_hand["resolved"]) == ("resolved", ("Omar",))
    # What all had withdrawn and is taken up by hand was not withdrawn.
    assert stands(voiced(1, "Ines"), withdrew(2, "Ines"), by_hand["open"]) == ("open", ())


def test_a_withdrawal_that_is_taken_back_disputes_nothing() -> None:
    back = (changed("b1", "n1", None, of=signal("s1", on=1), undoes="c2"),)
    assert stands(voiced(1, "Ines"), withdrew(2, "Omar"), back) == ("open", ())
