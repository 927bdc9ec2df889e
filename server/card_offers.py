"""What could come up as a card: a signal with its best link, and how likely both are right (pure)."""

import math

from graph.messages import Need
from graph.view import NeedGraph
from ingest.messages import CallId
from intent.messages import SignalId
from server.bodies import CardBudget
from server.cards import Candidate, NeedNow
from server.wire import WireNeed

BEST_LINK = (1.1, 1.03)
"""How likely the best link of a signal is right: logistic regression on the log odds of its score, on the 992 queries
of `eval/development` (2026-11-26). The linker's score speaks of any item, the best one of a signal is right more often.
Of the best links at or above .45, 89.6 % were right there, and 87.7 % of those of the two vendors of `eval/test_part`;
(1.04, 1.00) would have fitted those."""


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
