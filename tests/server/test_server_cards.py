"""The card budget of a call: one at a time, in the rep's silence, within the caps, whatever happens in which order."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.messages import CardOutcome, NeedId
from graph.needs import LinkKey
from graph.view import NeedGraph
from intent.messages import SignalId
from server.bodies import CardBudget
from server.cards import (
    MINUTE_MS,
    QUIET_MS,
    Candidate,
    CardDeck,
    Down,
    NeedNow,
    Out,
    Up,
    budget_of,
    candidate,
    card_confidence,
)
from tests.graph.graph_samples import CALL, TENANT, assigned, budget, changed, decided, judged, link, signal, utterance

BUDGET = CardBudget(confidence=0.7, per_minute=1, per_call=3, shown_s=30, later_s=120, fresh_s=20)
REP = "dana"
RIGHT: LinkKey = ("ticket", "T-1", None)


def offer(need: str, voiced_ms: int = 0, confidence: float = 0.8, signals: tuple[str, ...] = ()) -> Candidate:
    return Candidate(
        need_id=NeedId(need),
        signal_id=SignalId(f"{need}:s"),
        signals=frozenset(SignalId(one) for one in (f"{need}:s", *signals)),
        link=link("T-1", 0.6),
        confidence=confidence,
        voiced_ms=voiced_ms,
    )


def now(
    need: str, *, waits: bool = True, signals: tuple[str, ...] = (":s",), links: tuple[LinkKey, ...] = (RIGHT,)
) -> NeedNow:
    return NeedNow(waits=waits, signals=frozenset(SignalId(need + one) for one in signals), links=frozenset(links))


def ups(outs: tuple[Out, ...]) -> list[NeedId]:
    return [one.candidate.need_id for one in outs if isinstance(one, Up)]


def closed(outs: tuple[Out, ...]) -> list[tuple[str, CardOutcome, bool]]:
    return [(one.card_id, one.outcome, one.by_clock) for one in outs if isinstance(one, Down)]


def shown(deck: CardDeck, need: str, at_ms: int = 0) -> Up:
    """Bring up a card."""
    (card,) = deck.offer(offer(need, at_ms), at_ms)
    assert isinstance(card, Up)
    return card


def test_a_candidate_comes_up_and_goes_by_itself() -> None:
    deck = CardDeck(BUDGET)
    card = shown(deck, "n1", 5_000)
    assert (card.shown_ms, card.closes_ms, card.returned) == (5_000, 35_000, False)
    assert deck.tick(34_999) == ()
    assert closed(deck.tick(35_000)) == [(card.card_id, "ignored", True)]
    assert deck.up is None


@pytest.mark.parametrize(("confidence", "comes"), [(0.69, False), (0.7, True)])
def test_nothing_below_the_floor(confidence: float, comes: bool) -> None:
    assert bool(CardDeck(BUDGET).offer(offer("n1", confidence=confidence), 0)) is comes


def test_one_at_a_time_and_the_surest_first() -> None:
    deck = CardDeck(BUDGET.model_copy(update={"per_minute": 10}))
    deck.speech(REP, True, 0)
    for need, confidence in (("n1", 0.8), ("n2", 0.9), ("n3", 0.75)):
        assert deck.offer(offer(need, 0, confidence), 0) == ()
    deck.speech(REP, False, 1_000)
    assert ups(deck.tick(1_000 + QUIET_MS)) == ["n2"]
    assert deck.tick(2_000) == ()
    deck.answer("k1", "used", 3_000)
    assert ups(deck.tick(3_000)) == ["n1"]


def test_it_waits_for_the_reps_silence_but_not_until_the_words_are_old() -> None:
    deck = CardDeck(BUDGET)
    deck.speech(REP, True, 1_000)
    assert deck.offer(offer("n1", 2_000), 2_500) == ()
    assert deck.tick(20_000) == ()
    deck.speech(REP, False, 21_000)
    assert deck.tick(21_000 + QUIET_MS - 1) == ()
    assert ups(deck.tick(21_000 + QUIET_MS)) == ["n1"]

    late = CardDeck(BUDGET)
    late.speech(REP, True, 1_000)
    late.offer(offer("n1", 2_000), 2_500)
    late.speech(REP, False, 22_000)
    assert late.tick(22_000 + QUIET_MS) == ()


def test_a_card_that_is_up_stays_when_the_rep_begins_to_speak() -> None:
    deck = CardDeck(BUDGET)
    shown(deck, "n1")
    deck.speech(REP, True, 1_000)
    assert deck.tick(2_000) == ()
    assert deck.up is not None


def test_of_two_reps_both_must_be_silent() -> None:
    deck = CardDeck(BUDGET)
    deck.speech(REP, True, 0)
    deck.speech("kim", True, 0)
    deck.offer(offer("n1", 0), 0)
    deck.speech(REP, False, 1_000)
    assert deck.tick(5_000) == ()
    deck.speech("kim", False, 6_000)
    assert ups(deck.tick(7_000)) == ["n1"]


def test_caps_of_a_minute_and_of_a_call() -> None:
    deck = CardDeck(BUDGET)
    shown(deck, "n1")
    deck.answer("k1", "dismissed", 1_000)
    assert deck.offer(offer("n2", 50_000), 50_000) == ()
    assert ups(deck.tick(MINUTE_MS)) == ["n2"]
    deck.answer("k2", "used", 61_000)
    shown(deck, "n3", 130_000)
    deck.answer("k3", "used", 131_000)
    assert deck.offer(offer("n4", 500_000), 500_000) == ()
    for cap in ("per_minute", "per_call"):
        assert CardDeck(BUDGET.model_copy(update={cap: 0})).offer(offer("n1"), 0) == ()


@pytest.mark.parametrize("outcome", ["used", "dismissed", "ignored"])
def test_the_same_need_never_twice(outcome: CardOutcome) -> None:
    deck = CardDeck(BUDGET)
    shown(deck, "n1")
    deck.answer("k1", outcome, 1_000)
    assert deck.offer(offer("n1", 500_000), 500_000) == ()
    # A need that took in the signal of the one that was shown is the same want.
    assert deck.offer(offer("n2", 500_000, signals=("n1:s",)), 500_000) == ()
    assert ups(deck.offer(offer("n3", 500_000), 500_000)) == ["n3"]


def test_later_comes_back_once() -> None:
    deck = CardDeck(BUDGET)
    shown(deck, "n1")
    assert closed(deck.answer("k1", "later", 10_000)) == [("k1", "later", False)]
    assert deck.tick(129_999) == ()
    deck.speech(REP, True, 125_000)
    assert deck.tick(130_000) == ()
    deck.speech(REP, False, 200_000)
    (card,) = deck.tick(201_000)
    assert isinstance(card, Up)
    assert (card.card_id, card.returned, card.candidate.need_id) == ("k2", True, "n1")
    deck.answer("k2", "later", 210_000)
    assert deck.tick(900_000) == ()


def test_a_second_answer_replaces_the_first() -> None:
    deck = CardDeck(BUDGET)
    shown(deck, "n1")
    deck.answer("k1", "later", 1_000)
    assert closed(deck.answer("k1", "used", 2_000)) == [("k1", "used", False)]
    assert deck.tick(500_000) == ()
    deck.answer("k1", "later", 500_000)
    assert ups(deck.tick(620_000)) == ["n1"]
    with pytest.raises(KeyError):
        deck.answer("k9", "used", 1)


def test_a_pause_holds_cards_back_and_leaves_the_one_that_is_up() -> None:
    deck = CardDeck(BUDGET.model_copy(update={"per_minute": 10}))
    shown(deck, "n1")
    deck.pause(300_000)
    assert deck.tick(1_000) == ()
    deck.answer("k1", "used", 2_000)
    assert deck.offer(offer("n2", 290_000), 290_000) == ()
    assert ups(deck.tick(300_000)) == ["n2"]
    deck.answer("k2", "used", 301_000)
    deck.pause(900_000)
    deck.offer(offer("n3", 302_000), 302_000)
    deck.pause(None)
    assert ups(deck.tick(303_000)) == ["n3"]


@pytest.mark.parametrize(
    "change",
    [
        None,
        now("n1", waits=False),
        now("n1", links=()),
        now("n1", links=(("ticket", "T-2", None),)),
        now("n1", signals=()),
        now("n1", signals=(":other",)),
    ],
)
def test_what_no_longer_stands_brings_no_card(change: NeedNow | None) -> None:
    deck = CardDeck(BUDGET)
    deck.speech(REP, True, 0)
    deck.offer(offer("n1"), 0)
    assert deck.need_changed(NeedId("n1"), change) == ()
    deck.speech(REP, False, 1_000)
    assert deck.tick(2_000) == ()
    # Nor does what was put off come back.
    again = CardDeck(BUDGET)
    shown(again, "n1")
    again.answer("k1", "later", 1_000)
    again.need_changed(NeedId("n1"), change)
    assert again.tick(500_000) == ()
    assert again.idle


@pytest.mark.parametrize(
    ("change", "goes"),
    [
        (None, True),
        (now("n1", signals=()), True),
        (now("n1", links=()), True),
        (now("n1"), False),
        (now("n1", waits=False), False),
    ],
)
def test_a_card_goes_when_its_need_signal_or_link_does(change: NeedNow | None, goes: bool) -> None:
    deck = CardDeck(BUDGET)
    shown(deck, "n1")
    assert deck.need_changed(NeedId("n2"), None) == ()
    assert closed(deck.need_changed(NeedId("n1"), change)) == ([("k1", "ignored", True)] if goes else [])
    assert (deck.up is None) is goes


def test_of_one_need_the_surer_words_wait() -> None:
    deck = CardDeck(BUDGET)
    deck.speech(REP, True, 0)
    deck.offer(offer("n1", 0, 0.9), 0)
    deck.offer(offer("n1", 9_000, 0.75), 9_000)
    deck.speech(REP, False, 10_000)
    (card,) = deck.tick(11_000)
    assert isinstance(card, Up)
    assert card.candidate.confidence == 0.9


def test_a_new_budget_holds_at_once() -> None:
    deck = CardDeck(BUDGET)
    assert deck.offer(offer("n1", confidence=0.5), 0) == ()
    deck.budget = BUDGET.model_copy(update={"confidence": 0.4})
    assert ups(deck.tick(250)) == ["n1"]


def test_the_end_closes_what_is_up() -> None:
    deck = CardDeck(BUDGET)
    assert deck.end() == ()
    shown(deck, "n1")
    assert closed(deck.end()) == [("k1", "ignored", True)]
    assert deck.tick(900_000) == ()


# What may happen, in any order: each step is what happens after so many milliseconds.
NEEDS = st.sampled_from(["n1", "n2", "n3", "n4"])
STEPS = st.one_of(
    st.tuples(st.just("offer"), NEEDS, st.floats(0, 1)),
    st.tuples(st.just("speech"), st.sampled_from([REP, "kim"]), st.booleans()),
    st.tuples(st.just("tick")),
    st.tuples(st.just("answer"), st.sampled_from(["k1", "k2", "k3"]), st.sampled_from(["used", "dismissed", "later"])),
    st.tuples(st.just("pause"), st.one_of(st.none(), st.integers(0, 200_000))),
    st.tuples(st.just("change"), NEEDS, st.sampled_from(["gone", "answered", "wrong", "same"])),
)
TIMED = st.lists(st.tuples(st.integers(0, 40_000), STEPS), max_size=60)
CAPS = st.builds(
    CardBudget,
    confidence=st.just(0.5),
    per_minute=st.integers(0, 3),
    per_call=st.integers(0, 5),
    shown_s=st.integers(5, 60),
    later_s=st.integers(10, 90),
    fresh_s=st.integers(2, 60),
)


@dataclass
class Watched:
    """A deck, and all that its rules forbid."""

    deck: CardDeck
    now_ms: int = 0
    speaking: set[str] = field(default_factory=set[str])
    quiet_from_ms: int = 0
    paused_until_ms: int = 0
    open_id: str | None = None
    shown: list[Up] = field(default_factory=list[Up])
    put_off_ms: dict[NeedId, int] = field(default_factory=dict[NeedId, int])
    barred: set[NeedId] = field(default_factory=set[NeedId])

    def step(self, what: tuple[object, ...]) -> None:
        match what:
            case ("offer", str() as need, float() as confidence):
                self.barred.discard(NeedId(need))
                self.see(self.deck.offer(offer(need, self.now_ms, confidence), self.now_ms))
            case ("speech", str() as channel, bool() as speaking):
                (self.speaking.add if speaking else self.speaking.discard)(channel)
                self.quiet_from_ms = self.quiet_from_ms if speaking else self.now_ms + QUIET_MS
                self.deck.speech(channel, speaking, self.now_ms)
            case ("answer", str() as card_id, ("used" | "dismissed" | "later") as outcome):
                card = self.deck.shown(card_id)
                if card is not None:
                    self.put_off_ms.pop(card.candidate.need_id, None)
                    if outcome == "later" and not card.returned:
                        self.put_off_ms[card.candidate.need_id] = self.now_ms
                    self.see(self.deck.answer(card_id, outcome, self.now_ms))
            case ("pause", int() | None as length_ms):
                self.paused_until_ms = 0 if length_ms is None else self.now_ms + length_ms
                self.deck.pause(None if length_ms is None else self.paused_until_ms)
            case ("change", str() as need, str() as how):
                self.change(need, how)
            case _:
                self.see(self.deck.tick(self.now_ms))

    def change(self, need: str, how: str) -> None:
        known = {
            "gone": None,
            "answered": now(need, waits=False),
            "wrong": now(need, links=()),
            "same": now(need),
        }
        if how != "same":
            self.barred.add(NeedId(need))
            self.put_off_ms.pop(NeedId(need), None)
        self.see(self.deck.need_changed(NeedId(need), known[how]))

    def see(self, outs: tuple[Out, ...]) -> None:
        for out in outs:
            if isinstance(out, Down):
                self.open_id = None if self.open_id == out.card_id else self.open_id
            else:
                self.came_up(out)

    def came_up(self, card: Up) -> None:
        budget, need_id = self.deck.budget, card.candidate.need_id
        assert self.open_id is None, "two cards at once"
        assert not self.speaking, "while the rep speaks"
        assert self.now_ms >= self.quiet_from_ms, "no silence yet"
        assert self.now_ms >= self.paused_until_ms, "in a pause"
        assert card.candidate.confidence >= budget.confidence
        assert need_id not in self.barred, "its need was settled, refused or its link called wrong"
        before = [one for one in self.shown if one.candidate.need_id == need_id]
        if card.returned:
            assert len(before) == 1
            assert self.now_ms - self.put_off_ms.pop(need_id) >= budget.later_s * 1000
        else:
            assert not before, "the same need twice"
            assert self.now_ms - card.candidate.voiced_ms <= budget.fresh_s * 1000
        self.shown.append(card)
        self.open_id = card.card_id
        assert len(self.shown) <= budget.per_call
        last_minute = [one for one in self.shown if self.now_ms - one.shown_ms < MINUTE_MS]
        assert len(last_minute) <= budget.per_minute
        assert len({one.card_id for one in self.shown}) == len(self.shown)


@settings(max_examples=400, deadline=None)
@given(budget=CAPS, steps=TIMED)
def test_whatever_happens_the_rules_hold(budget: CardBudget, steps: list[tuple[int, tuple[object, ...]]]) -> None:
    watched = Watched(CardDeck(budget))
    for after_ms, what in steps:
        watched.now_ms += after_ms
        watched.step(what)
        assert (watched.deck.up.card_id if watched.deck.up else None) == watched.open_id
    watched.see(watched.deck.end())
    assert watched.open_id is None


def test_the_confidence_is_that_of_both() -> None:
    # The points that were measured: `server/cards.py` BEST_LINK.
    assert card_confidence(1, 0.45) == pytest.approx(0.71, abs=0.01)
    assert card_confidence(1, 0.6) == pytest.approx(0.82, abs=0.01)
    assert card_confidence(0.5, 0.6) == pytest.approx(0.41, abs=0.01)
    assert card_confidence(0.9, 1.0) == 0.9
    assert card_confidence(0.9, 0.0) == 0.0


def heard(*messages: object) -> NeedGraph:
    graph = NeedGraph(TENANT)
    said = signal("s1", on=1)
    for message in (utterance(1, "We need the split."), said, assigned(said, "n1"), *messages):
        graph.apply(message)  # type: ignore[arg-type]
    return graph


SAID = signal("s1", on=1)
LINKS = decided(SAID, "n1", link("T-1", 0.6), link("T-2", 0.5), link("R-1", 0.4, "roadmap"))


def test_a_candidate_is_a_signal_with_its_best_link() -> None:
    found = candidate(heard(LINKS), CALL, SAID.signal_id)
    assert found is not None
    assert (found.need_id, found.link.id, found.voiced_ms) == ("n1", "T-1", 1_900)
    assert found.confidence == card_confidence(0.8, 0.6)
    # What people called wrong is passed over.
    wrong = candidate(heard(LINKS, judged("a1", SAID, "n1", "T-1", "wrong")), CALL, SAID.signal_id)
    assert wrong is not None
    assert wrong.link.id == "T-2"


@pytest.mark.parametrize(
    "messages",
    [
        (),
        (decided(SAID, "n1"),),
        (LINKS, changed("c1", "n1", "addressed", of=SAID)),
        (LINKS, changed("c1", "n1", "withdrawn", of=SAID)),
        (LINKS, changed("c1", "n1", "resolved", of=SAID)),
        (LINKS, replace(SAID, young=True)),
        (decided(SAID, "n1", link("T-1", 0.6)), judged("a1", SAID, "n1", "T-1", "wrong")),
    ],
)
def test_no_candidate(messages: tuple[object, ...]) -> None:
    assert candidate(heard(*messages), CALL, SAID.signal_id) is None


def test_the_budget_is_what_was_set_last() -> None:
    graph = NeedGraph(TENANT)
    assert budget_of(graph) == CardBudget()
    graph.apply(budget(0.6))
    graph.apply(budget(0.9))
    assert budget_of(graph) == CardBudget(confidence=0.9, per_minute=2, per_call=5, shown_s=20, later_s=60, fresh_s=10)
