from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.export import graph_json
from graph.journal import Journal
from graph.messages import NeedId
from graph.view import NeedGraph
from ingest.messages import CallId
from intent.messages import Signal, SignalAnnotation, SignalId, Verdict
from tests.graph.graph_samples import (
    CALL,
    NOON,
    TENANT,
    assigned,
    card,
    card_closed,
    decided,
    ended,
    judged,
    link,
    named,
    participant,
    paused,
    signal,
    started,
    utterance,
    verdict,
)
from tests.graph.test_graph_journal import drafts

SPLIT = utterance(1, "We need the split by cost centre.")
AGAIN = utterance(3, "As I said, invoices by cost centre are a must.")
NEED, REPEAT = signal("s1", on=1, span=(3, 12)), signal("s2", on=3, span=(11, 19), strength=3)
BASE = (
    started(),
    participant(),
    SPLIT,
    NEED,
    assigned(NEED, "n1"),
    utterance(2, "Sure.", role="rep"),
    AGAIN,
    REPEAT,
    assigned(REPEAT, "n1"),
)


def graph_of(*messages: object) -> NeedGraph:
    graph = NeedGraph(TENANT)
    for message in messages:
        graph.apply(message)  # type: ignore[arg-type]
    return graph


def test_two_voicings_are_one_need() -> None:
    need = graph_of(*BASE).needs()[0]
    assert (need.need_id, need.strength, need.label) == ("n1", 3, "invoices")
    assert [(mention.turn, mention.text) for mention in need.mentions] == [(1, "need the "), (3, "invoices")]
    assert need.raised_by == ("Ines",)
    assert need.status == "open"
    assert not need.linked


def test_a_need_is_about_what_its_clause_names() -> None:
    text = "We pay 400 euros today, and Vetaria has the split by cost centre."
    said = utterance(1, text)
    spoken = signal("s1", on=1, span=(text.index("the split"), len(text)))
    names = named(said, ("amount", "400 euros", "400 euros"), ("competitor", "Vetaria", "Vetaria"))
    graph = graph_of(started(), said, spoken, assigned(spoken, "n1"))
    delta = graph.apply(names)
    assert delta is not None
    assert delta.named == (names,)
    assert [(one.type, one.name) for need in delta.needs for one in need.about] == [("competitor", "Vetaria")]
    assert graph.apply(names) is None


def test_a_new_revision_takes_its_names_with_it_until_they_are_found_again() -> None:
    first, second = utterance(1, "Vetaria again."), utterance(1, "Vitara again.", revision=2)
    names = named(first, ("competitor", "Vetaria", "Vetaria"))
    graph = graph_of(started(), first, names)
    delta = graph.apply(second)
    assert delta is not None
    assert [(one.revision, one.things) for one in delta.named] == [(2, ())]
    # Found late, in words that are no longer there.
    assert graph.apply(names) is None
    view = graph.call(CALL)
    assert view is not None
    assert view.named == ()
    graph.apply(named(second, ("product", "Vitara", "Vitara")))
    graph.apply(ended())
    view = graph.call(CALL)
    assert view is not None
    assert [one.name for of in view.named for one in of.things] == ["Vitara"]


def test_a_signal_without_a_need_is_no_node() -> None:
    assert graph_of(started(), SPLIT, NEED).needs() == ()


def test_a_delta_says_what_changed() -> None:
    graph = graph_of(*BASE[:4])
    delta = graph.apply(assigned(NEED, "n1"))
    assert delta is not None
    assert [need.need_id for need in delta.needs] == ["n1"]
    assert graph.apply(assigned(NEED, "n1")) is None


def test_a_refused_mention_takes_its_need_with_it_and_undo_brings_it_back() -> None:
    graph = graph_of(*BASE[:5])
    before = graph.needs()
    delta = graph.apply(verdict("a1", NEED, "refuse"))
    assert delta is not None
    assert (delta.needs, delta.removed) == ((), ("n1",))
    assert graph.needs() == ()
    delta = graph.apply(verdict("a2", NEED, "undo", undoes="a1"))
    assert delta is not None
    assert delta.needs == graph.needs() == before


def test_an_undo_can_be_undone() -> None:
    undone = (verdict("a1", NEED, "refuse"), verdict("a2", NEED, "undo", undoes="a1"))
    assert graph_of(*BASE[:5], *undone, verdict("a3", NEED, "undo", undoes="a2")).needs() == ()


def test_one_refused_mention_leaves_the_other() -> None:
    need = graph_of(*BASE, verdict("a1", REPEAT, "refuse")).needs()[0]
    assert (need.strength, need.label, len(need.mentions)) == (2, "need the ", 1)


def test_a_correction_replaces_type_and_strength() -> None:
    graph = graph_of(*BASE, verdict("a1", REPEAT, "correct", type="integration", strength=3))
    assert graph.needs()[0].type == "integration"
    corrected = graph.signal(CALL, SignalId("s2"))
    assert corrected is not None
    assert (corrected.type, corrected.confidence, corrected.adapter_id) == ("integration", 1.0, "default")


def test_a_confirmation_keeps_the_signal() -> None:
    assert graph_of(*BASE, verdict("a1", REPEAT, "confirm")).signal(CALL, SignalId("s2")) == REPEAT


def test_an_added_signal_is_a_mention() -> None:
    added = signal("s9", on=3, span=(0, 4), kind="hesitation", type="risk")
    graph = graph_of(*BASE, verdict("a1", added, "add"), assigned(added, "n9"))
    assert [(need.need_id, need.kind) for need in graph.needs()] == [("n1", "need"), ("n9", "hesitation")]


def test_a_moved_signal_changes_both_needs() -> None:
    graph = graph_of(*BASE)
    delta = graph.apply(assigned(REPEAT, "n2"))
    assert delta is not None
    assert [(need.need_id, len(need.mentions)) for need in delta.needs] == [("n1", 1), ("n2", 1)]
    assert graph.need_of(CALL, SignalId("s2")) == "n2"


def test_links_are_the_best_of_all_mentions_at_most_five_of_a_kind() -> None:
    many = [link(f"T-{number}", 0.9 - number / 10) for number in range(6)]
    graph = graph_of(
        *BASE, decided(NEED, "n1", *many), decided(REPEAT, "n1", link("T-5", 0.95), link("R", 0.6, "roadmap"))
    )
    need = graph.needs()[0]
    assert [one.id for one in need.links] == ["T-5", "T-0", "T-1", "T-2", "T-3", "R"]
    assert need.linked


def test_links_of_a_refused_mention_are_gone() -> None:
    graph = graph_of(*BASE, decided(NEED, "n1", link("T-1", 0.9)), verdict("a1", NEED, "refuse"))
    assert graph.needs()[0].links == ()


def test_a_wrong_link_is_hidden_for_good_until_undone() -> None:
    linked = (*BASE, decided(NEED, "n1", link("T-1", 0.9), link("T-2", 0.8)))
    graph = graph_of(*linked, judged("l1", NEED, "n1", "T-1", "wrong"))
    assert [one.id for one in graph.needs()[0].links] == ["T-2"]
    graph.apply(decided(REPEAT, "n1", link("T-1", 0.99)))
    assert [one.id for one in graph.needs()[0].links] == ["T-2"]
    graph.apply(judged("l2", NEED, "n1", "T-1", "undo", undoes="l1"))
    assert [one.id for one in graph.needs()[0].links] == ["T-1", "T-2"]


def test_a_right_link_is_not_crowded_out() -> None:
    many = [link(f"T-{number}", 0.9 - number / 10) for number in range(6)]
    graph = graph_of(*BASE, decided(NEED, "n1", *many), judged("l1", NEED, "n1", "T-5", "right"))
    assert [one.id for one in graph.needs()[0].links] == ["T-0", "T-1", "T-2", "T-3", "T-5"]


def test_a_corrected_transcript_leaves_the_span_in_its_own_revision() -> None:
    graph = graph_of(*BASE, utterance(1, "Quite other words now.", revision=2))
    assert graph.needs()[0].mentions[0].text == "need the "
    newest = graph.utterance(CALL, SPLIT.utterance_id)
    assert newest is not None
    assert newest.revision == 2


def test_a_call_as_a_screen_draws_it() -> None:
    view = graph_of(*BASE, verdict("a1", NEED, "confirm")).call(CALL)
    assert view is not None
    assert [channel.speaker for channel in view.started.channels] == ["Jonas", "Ines"]
    assert view.utterances == (SPLIT, utterance(2, "Sure.", role="rep"), AGAIN)
    assert view.signals == (NEED, REPEAT)
    assert [one.annotation_id for one in view.annotations] == ["a1"]
    assert view.ended is None
    assert graph_of().call(CALL) is None


def test_a_call_knows_its_cards_and_what_became_of_them() -> None:
    first, second = (card(name, NEED, "n1", link("T-1", 0.9)) for name in ("k1", "k2"))
    graph = graph_of(*BASE, first, card_closed("k1", NEED, "ignored"), second)
    view = graph.call(CALL)
    assert view is not None
    assert view.cards == ((first, card_closed("k1", NEED, "ignored")), (second, None))
    assert view.cards_paused is None
    # Who answers again replaces the answer.
    assert graph.apply(card_closed("k1", NEED, "used", "Mara")) is None
    pause = paused(NOON + timedelta(minutes=5))
    graph.apply(pause)
    view = graph.call(CALL)
    assert view is not None
    assert [closed and closed.outcome for _, closed in view.cards] == ["used", None]
    assert view.cards_paused == pause


def test_an_ended_call_keeps_its_text_and_lets_its_words_go() -> None:
    view = graph_of(*BASE, ended()).call(CALL)
    assert view is not None
    assert view.ended is not None
    assert [(one.text, one.words) for one in view.utterances if one.turn == 1] == [(SPLIT.text, ())]


def test_needs_by_call_and_account() -> None:
    later, other = CallId("c2"), CallId("c3")
    follow = signal("s1", on=1, call_id=later)
    apart = signal("s1", on=1, call_id=other)
    graph = graph_of(
        *BASE,
        started(later, at=NOON + timedelta(days=1)),
        utterance(1, "Cost centre, again.", later),
        follow,
        assigned(follow, "n1"),
        started(other, account="Hill Foods", at=NOON - timedelta(days=1)),
        utterance(1, "Something else.", other),
        apart,
        assigned(apart, "n5"),
    )
    assert [need.need_id for need in graph.needs()] == ["n5", "n1"]
    assert [need.need_id for need in graph.needs(call_id=later)] == ["n1"]
    assert [need.need_id for need in graph.needs(account="Harbour Foods")] == ["n1"]
    assert graph.calls() == (other, CALL, later)
    assert graph.calls(account="Harbour Foods") == (CALL, later)


def test_reviews_show_before_and_after() -> None:
    graph = graph_of(
        *BASE, verdict("a1", NEED, "correct", type="integration"), verdict("a2", NEED, "undo", undoes="a1")
    )
    (review,) = graph.reviews(CALL)
    assert review.before == NEED
    assert review.after is not None
    assert review.after.type == "integration"
    assert review.undone


def test_export() -> None:
    found = graph_json(graph_of(*BASE, decided(NEED, "n1", link("R-1", 0.71234, "roadmap"))), call_id=CALL)
    assert found["call_id"] == "c1"
    (node,) = found["nodes"]  # type: ignore[misc]
    assert node["mentions"][0] == {
        "call_id": "c1",
        "turn": 1,
        "utterance_id": "u1",
        "speaker": "Ines",
        "start": 3,
        "end": 12,
        "strength": 2,
        "started_at": "2026-03-02T12:00:00+00:00",
    }
    assert node["disputed_by"] == []
    assert node["links"] == [
        {
            "kind": "roadmap",
            "id": "R-1",
            "score": 0.7123,
            "evidence": "Because it says so.",
            "title": "Title of R-1",
            "may_say": True,
            "updated_at": "2026-01-15",
        }
    ]
    assert [(event["event"], event["turn"]) for event in found["events"]] == [("raised", 1), ("repeated", 3)]  # type: ignore[attr-defined]


def test_a_replay_of_the_journal_gives_the_same_graph(journal: Journal) -> None:
    live = NeedGraph(TENANT)
    messages = (*BASE, decided(NEED, "n1", link("T-1", 0.9)), verdict("a1", REPEAT, "refuse"), ended())
    for message in messages:
        for event in journal.append(drafts(message)):
            assert event.message is not None
            live.apply(event.message)
    replayed = NeedGraph(TENANT)
    for event in journal.read():
        assert event.message is not None
        replayed.apply(event.message)
    assert replayed.needs() == live.needs() != ()
    assert replayed.call(CALL) == live.call(CALL)


VERDICTS: tuple[Verdict, ...] = ("confirm", "correct", "refuse", "undo")


def annotation(number: int, of: Signal, kind: Verdict, target: int) -> SignalAnnotation:
    if kind == "undo":
        return verdict(f"a{number}", of, "undo", undoes=f"a{target % max(number, 1)}")
    return verdict(f"a{number}", of, kind, type="integration" if kind == "correct" else None)


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.integers(0, 9), st.booleans()), max_size=10))
def test_undoing_everything_gives_back_what_the_model_said(steps: list[tuple[Verdict, int, bool]]) -> None:
    graph = graph_of(*BASE)
    before = graph.needs()
    given_ = [
        annotation(number, NEED if first else REPEAT, kind, target)
        for number, (kind, target, first) in enumerate(steps)
        if kind != "undo"
    ]
    for one in given_:
        graph.apply(one)
    for one in reversed(given_):
        taken_back = NEED if one.signal_id == NEED.signal_id else REPEAT
        graph.apply(verdict(f"undo-{one.annotation_id}", taken_back, "undo", undoes=one.annotation_id))
    assert graph.needs() == before


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.integers(0, 9), st.booleans()), max_size=10))
def test_the_deltas_of_any_verdicts_lead_to_the_graph(steps: list[tuple[Verdict, int, bool]]) -> None:
    graph = graph_of(*BASE)
    shown = {need.need_id: need for need in graph.needs()}
    for number, (kind, target, first) in enumerate(steps):
        delta = graph.apply(annotation(number, NEED if first else REPEAT, kind, target))
        if delta is not None:
            shown |= {need.need_id: need for need in delta.needs}
            for need_id in delta.removed:
                del shown[need_id]
    assert tuple(shown.values()) == graph.needs()
    assert graph.need(NeedId("n1")) == shown.get(NeedId("n1"))


@given(st.lists(st.sampled_from(("confirm", "correct", "refuse")), min_size=1, max_size=6), st.data())
def test_an_undone_verdict_is_as_if_never_given(kinds: list[Verdict], draw: st.DataObject) -> None:
    undone = draw.draw(st.integers(0, len(kinds) - 1))
    given_ = [annotation(number, NEED, kind, 0) for number, kind in enumerate(kinds)]
    with_undo = graph_of(*BASE, *given_, verdict("u", NEED, "undo", undoes=f"a{undone}"))
    without = graph_of(*BASE, *(one for number, one in enumerate(given_) if number != undone))
    assert with_undo.needs() == without.needs()
