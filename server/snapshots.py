"""A call as one picture, and as a line of the list of calls (pure)."""

from collections.abc import Iterable

from graph.view import CallLine, CallView, NeedGraph
from server import present, present_needs, wire


def summary(line: CallLine, live: bool) -> wire.CallSummary:
    """A line of the list of calls."""
    return wire.CallSummary(
        call_id=line.started.call_id,
        account=line.started.account,
        started_at=line.started.started_at,
        live=live,
        speakers=tuple(one.speaker for one in line.started.channels),
        needs=line.needs,
    )


def snapshot(
    view: CallView,
    graph: NeedGraph,
    seq: int,
    partials: Iterable[wire.PartialEvent],
    health: Iterable[wire.HealthEvent],
) -> wire.Snapshot:
    """Everything a screen needs to draw the call."""
    signals = (present.signal_as_it_stands(graph, one) for one in view.signals)
    return wire.Snapshot(
        seq=seq,
        call=present.call_started(view.started),
        ended=present.call_ended(view.ended) if view.ended else None,
        utterances=tuple(present.utterance(one, times=False) for one in view.utterances),
        partials=tuple(partials),
        signals=tuple(one for one in signals if one is not None),
        needs=tuple(present_needs.need(one) for one in view.needs),
        annotations=tuple(present.annotation(one) for one in view.annotations),
        health=tuple(health),
        named=tuple(present_needs.names(one) for one in view.named),
        cards=tuple(drawn for shown, closed in view.cards if (drawn := present.card(graph, shown, closed)) is not None),
        cards_paused_until=view.cards_paused.until_at if view.cards_paused else None,
        consents=tuple(present.consent(one) for one in view.consents),
        words=tuple(present.words(one) for one in view.words),
    )


def at_rest(picture: wire.Snapshot) -> wire.Snapshot:
    """A call that nobody holds any more: what was up when its service was cut off is up no longer."""
    cards = tuple(one.model_copy(update={"state": "ignored"}) if one.state == "shown" else one for one in picture.cards)
    return picture.model_copy(update={"cards": cards, "cards_paused_until": None})
