"""Which suggestion comes up for the rep, when, and when it goes: the card budget of one live call (pure).

Fed by `server/card_desk.py` with candidates, the rep's voice and the clock; says which cards come up and which are
closed. Every time is in milliseconds on the call's clock.
"""

import math
from dataclasses import dataclass, field

from graph.messages import CardOutcome, Link, Need, NeedId
from graph.needs import LinkKey
from graph.view import NeedGraph
from ingest.messages import CallId
from intent.messages import SignalId
from server.bodies import CardBudget
from server.wire import WireNeed

BEST_LINK = (1.1, 1.03)
"""How likely the best link of a signal is right: logistic regression on the log odds of its score, on the 992 queries
of `eval/development` (2026-11-26). The linker's score speaks of any item, the best one of a signal is right more often.
Of the best links at or above .45, 89.6 % were right there, and 87.7 % of those of the two vendors of `eval/test_part`;
(1.04, 1.00) would have fitted those."""

QUIET_MS = 576
"""So long the rep must be silent: what ends an utterance inside a clause (`asr/config.py` `endpoint_ms`)."""

MINUTE_MS = 60_000


def card_confidence(signal: float, link: float) -> float:
    """How likely a signal and its best link are both right.

    The product of two calibrated probabilities: that the words are such a need, and that a careful person would call
    the item an answer to it.

    Args:
        signal: the signal's confidence.
        link: the score of the best link.
    """
    if not 0 < link < 1:
        return signal * min(max(link, 0.0), 1.0)
    bias, weight = BEST_LINK
    return signal / (1 + math.exp(-bias - weight * math.log(link / (1 - link))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A need with what answers it, as it could come up.

    signals: all signals of the need, so that a need that was joined with one already shown is known again.
    voiced_ms: where its words end.
    """

    need_id: NeedId
    signal_id: SignalId
    signals: frozenset[SignalId]
    link: Link
    confidence: float
    voiced_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedNow:
    """A need after a change: whether it waits for an answer, its signals, and links that nobody called wrong."""

    waits: bool
    signals: frozenset[SignalId]
    links: frozenset[LinkKey]


def need_now(need: Need | WireNeed) -> NeedNow:
    """Take from a need what cards depend on."""
    return NeedNow(
        waits=need.status == "open",
        signals=frozenset(SignalId(one.signal_id) for one in need.mentions),
        links=frozenset((one.kind, one.id, one.section) for one in need.links),
    )


def candidate(graph: NeedGraph, call_id: CallId, signal_id: SignalId) -> Candidate | None:
    """A signal's best link as it could come up; None where there is nothing to say, or too little to rely on."""
    signal, decision = graph.signal(call_id, signal_id), graph.links_of(call_id, signal_id)
    need_id = graph.need_of(call_id, signal_id)
    need = None if need_id is None else graph.need(need_id)
    if signal is None or signal.young or decision is None or need is None:
        return None
    now = need_now(need)
    links = [one for one in decision.links if (one.kind, one.id, one.section) in now.links]
    spoken = graph.utterance(call_id, signal.utterance_id, signal.revision)
    if not now.waits or not links or spoken is None:
        return None
    best = max(links, key=lambda one: one.score)
    return Candidate(
        need_id=need.need_id,
        signal_id=signal_id,
        signals=now.signals,
        link=best,
        confidence=card_confidence(signal.confidence, best.score),
        voiced_ms=spoken.end_ms,
    )


def budget_of(graph: NeedGraph) -> CardBudget:
    """The tenant's budget: what was set last, else the default one."""
    changed = graph.card_budget
    if changed is None:
        return CardBudget()
    return CardBudget.model_validate({name: getattr(changed, name) for name in CardBudget.model_fields})


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """A card comes up and goes by itself at `closes_ms`."""

    card_id: str
    candidate: Candidate
    shown_ms: int
    closes_ms: int
    returned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """What became of a card; `by_clock` when nobody answered."""

    card_id: str
    signal_id: SignalId
    outcome: CardOutcome
    by_clock: bool


Out = Up | Down


@dataclass(slots=True, kw_only=True)
class _Putoff:
    """A card that was put off, and from when on it may come back."""

    card_id: str
    candidate: Candidate
    due_ms: int


@dataclass(slots=True)
class _Voices:
    """Who of the company speaks, and where the last voice stopped."""

    speaking: set[str] = field(default_factory=set[str])
    quiet_since_ms: int | None = None

    def silent(self, now_ms: int) -> bool:
        since_ms = self.quiet_since_ms
        return not self.speaking and (since_ms is None or now_ms - since_ms >= QUIET_MS)


class CardDeck:
    """Cards of one call. `budget` may be replaced at any time."""

    def __init__(self, budget: CardBudget) -> None:
        """Begin without cards."""
        self.budget = budget
        self._waiting: dict[NeedId, Candidate] = {}
        self._putoff: list[_Putoff] = []
        self._shown: dict[str, Up] = {}
        self._up: Up | None = None
        self._seen: set[str] = set()
        self._voices = _Voices()
        self._paused_until_ms: int | None = None

    @property
    def up(self) -> Up | None:
        """The card that is up."""
        return self._up

    @property
    def idle(self) -> bool:
        """Whether nothing is up, waits or may come back: then a change of a need changes nothing here."""
        return self._up is None and not self._waiting and not self._putoff

    def shown(self, card_id: str) -> Up | None:
        """A card of this call, up or closed; None when there never was one of this id."""
        return self._shown.get(card_id)

    def offer(self, candidate: Candidate, now_ms: int) -> tuple[Out, ...]:
        """Take in a candidate; of one need the best waits."""
        if not self._seen & {candidate.need_id, *candidate.signals}:
            before = self._waiting.get(candidate.need_id)
            if before is None or before.confidence <= candidate.confidence or self._stale(before, now_ms):
                self._waiting[candidate.need_id] = candidate
        return self.tick(now_ms)

    def speech(self, channel: str, speaking: bool, at_ms: int) -> None:
        """A voice of the company began or stopped."""
        voices = self._voices
        if speaking:
            voices.speaking.add(channel)
        else:
            voices.speaking.discard(channel)
            voices.quiet_since_ms = max(at_ms, voices.quiet_since_ms or at_ms)

    def tick(self, now_ms: int) -> tuple[Out, ...]:
        """The clock moved on."""
        outs: list[Out] = []
        if self._up is not None and now_ms >= self._up.closes_ms:
            outs.append(self._close(self._up, "ignored", by_clock=True))
        self._waiting = {name: one for name, one in self._waiting.items() if not self._stale(one, now_ms)}
        if self._may_show(now_ms):
            outs += self._next(now_ms)
        return tuple(outs)

    def answer(self, card_id: str, outcome: CardOutcome, now_ms: int) -> tuple[Out, ...]:
        """A person said what a card was; of one that is closed already, this counts instead.

        Raises:
            KeyError: no such card came up in this call.
        """
        card = self._shown[card_id]
        self._putoff = [one for one in self._putoff if one.card_id != card_id]
        if outcome == "later" and not card.returned:
            due_ms = now_ms + self.budget.later_s * 1000
            self._putoff.append(_Putoff(card_id=card_id, candidate=card.candidate, due_ms=due_ms))
        return (self._close(card, outcome, by_clock=False),)

    def pause(self, until_ms: int | None) -> None:
        """No card comes up before this; None lets them come. One that is up stays until it is answered."""
        self._paused_until_ms = until_ms

    def need_changed(self, need_id: NeedId, now: NeedNow | None) -> tuple[Out, ...]:
        """A need is other than it was, None when it is gone.

        One that was answered, settled or dropped brings up no card; a card that is up goes only when its need, its
        signal or its link no longer stands.
        """
        waiting = self._waiting.get(need_id)
        if waiting is not None and not _may_come(waiting, now):
            del self._waiting[need_id]
        self._putoff = [
            one for one in self._putoff if one.candidate.need_id != need_id or _may_come(one.candidate, now)
        ]
        if self._up is not None and self._up.candidate.need_id == need_id and not _stands(self._up.candidate, now):
            return (self._close(self._up, "ignored", by_clock=True),)
        return ()

    def end(self) -> tuple[Out, ...]:
        """The call is over: a card that is up goes."""
        self._waiting.clear()
        self._putoff.clear()
        return () if self._up is None else (self._close(self._up, "ignored", by_clock=True),)

    def _stale(self, candidate: Candidate, now_ms: int) -> bool:
        return now_ms - candidate.voiced_ms > self.budget.fresh_s * 1000

    def _may_show(self, now_ms: int) -> bool:
        if self._up is not None or not self._voices.silent(now_ms):
            return False
        if self._paused_until_ms is not None and now_ms < self._paused_until_ms:
            return False
        lately = sum(1 for one in self._shown.values() if now_ms - one.shown_ms < MINUTE_MS)
        return lately < self.budget.per_minute and len(self._shown) < self.budget.per_call

    def _next(self, now_ms: int) -> tuple[Out, ...]:
        """Fresh words first, which do not wait; then what was put off."""
        sure = [one for one in self._waiting.values() if one.confidence >= self.budget.confidence]
        if sure:
            best = max(sure, key=lambda one: (one.confidence, one.voiced_ms))
            del self._waiting[best.need_id]
            return (self._show(best, now_ms, returned=False),)
        due = [one for one in self._putoff if now_ms >= one.due_ms]
        if due:
            self._putoff.remove(due[0])
            return (self._show(due[0].candidate, now_ms, returned=True),)
        return ()

    def _show(self, candidate: Candidate, now_ms: int, *, returned: bool) -> Up:
        card = Up(
            card_id=f"k{len(self._shown) + 1}",
            candidate=candidate,
            shown_ms=now_ms,
            closes_ms=now_ms + self.budget.shown_s * 1000,
            returned=returned,
        )
        self._up = self._shown[card.card_id] = card
        self._seen |= {candidate.need_id, *candidate.signals}
        return card

    def _close(self, card: Up, outcome: CardOutcome, *, by_clock: bool) -> Down:
        if self._up is not None and self._up.card_id == card.card_id:
            self._up = None
        return Down(card_id=card.card_id, signal_id=card.candidate.signal_id, outcome=outcome, by_clock=by_clock)


def _stands(candidate: Candidate, now: NeedNow | None) -> bool:
    link = candidate.link
    return now is not None and candidate.signal_id in now.signals and (link.kind, link.id, link.section) in now.links


def _may_come(candidate: Candidate, now: NeedNow | None) -> bool:
    return now is not None and now.waits and _stands(candidate, now)
