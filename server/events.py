"""Journalled changes → what clients and screens are told of them (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from asr.messages import Utterance
from graph.facts import Change
from graph.messages import (
    CardClosed,
    CardShown,
    CardsPaused,
    ConsentRecorded,
    GraphDelta,
    LinkDecision,
    Need,
    NeedAssigned,
    ThingsNamed,
    WordsAnnotation,
)
from graph.view import NeedGraph
from ingest.messages import CallEnded, CallId, CallStarted
from intent.messages import Signal, SignalAnnotation
from server import present, present_needs, wire


@dataclass(slots=True)
class _Joined:
    """Several changes of one call's graph as one: of each need and each utterance the last counts."""

    needs: dict[str, Need] = field(default_factory=dict[str, Need])
    removed: set[str] = field(default_factory=set[str])
    named: dict[str, ThingsNamed] = field(default_factory=dict[str, ThingsNamed])

    def add(self, delta: GraphDelta) -> None:
        for one in delta.needs:
            self.needs[one.need_id] = one
            self.removed.discard(one.need_id)
        for need_id in delta.removed:
            self.needs.pop(need_id, None)
            self.removed.add(need_id)
        self.named |= {one.utterance_id: one for one in delta.named}

    def event(self, call_id: CallId) -> wire.GraphDeltaEvent:
        return wire.GraphDeltaEvent(
            call_id=call_id,
            needs=tuple(present_needs.need(one) for one in self.needs.values()),
            removed=tuple(sorted(self.removed)),
            named=tuple(present_needs.names(one) for one in self.named.values()),
        )


def events_of(graph: NeedGraph, changes: Iterable[Change]) -> list[wire.CallEvent]:
    """What clients and screens are told of journalled changes, with the graph as it stands after them."""
    events: list[wire.CallEvent] = []
    deltas: dict[CallId, _Joined] = {}
    for change in changes:
        events += _events(graph, change.message)
        if change.delta is not None:
            deltas.setdefault(change.delta.call_id, _Joined()).add(change.delta)
    events += [joined.event(call_id) for call_id, joined in deltas.items()]
    return events


def _events(graph: NeedGraph, message: object | None) -> list[wire.CallEvent]:
    match message:
        case CallStarted():
            view = graph.call(message.call_id)
            return [] if view is None else [present.call_started(view.started)]
        case Utterance():
            return [present.utterance(message), *_carried(graph, message)]
        case WordsAnnotation():
            return [wire.WordsEvent(call_id=message.call_id, correction=present.words(message))]
        case Signal():
            now = graph.signal(message.call_id, message.signal_id)
            event = present.signal_as_it_stands(graph, now) if now else None
            return [event] if event else []
        case NeedAssigned():
            node = graph.need(message.need_id)
            return [wire.NeedEvent(call_id=message.call_id, need=present_needs.need(node))] if node else []
        case LinkDecision():
            now = graph.signal(message.call_id, message.signal_id)
            return [present_needs.link_event(message, now.utterance_id)] if now else []
        case SignalAnnotation():
            now = graph.signal(message.call_id, message.signal_id)
            return [
                wire.AnnotationEvent(
                    call_id=message.call_id,
                    annotation=present.annotation(message),
                    signal=present.signal_as_it_stands(graph, now) if now else None,
                )
            ]
        case CallEnded():
            return [present.call_ended(message)]
        case _:
            return _events_beside(graph, message)


def _events_beside(graph: NeedGraph, message: object | None) -> list[wire.CallEvent]:
    """What happens beside the words and their graph: cards and consent."""
    match message:
        case CardShown() | CardClosed():
            return _card_event(graph, message)
        case CardsPaused():
            return [wire.CardsPausedEvent(call_id=message.call_id, until=message.until_at)]
        case ConsentRecorded():
            return [wire.ConsentEvent(call_id=message.call_id, consent=present.consent(message))]
        case _:
            return []


def _card_event(graph: NeedGraph, message: CardShown | CardClosed) -> list[wire.CallEvent]:
    record = graph.record(message.call_id)
    shown = record.cards.get(message.card_id) if record else None
    # How it stands at this message: what came after it has an event of its own.
    drawn = present.card(graph, shown, message if isinstance(message, CardClosed) else None) if shown else None
    return [wire.CardEvent(call_id=message.call_id, card=drawn)] if drawn else []


def _carried(graph: NeedGraph, message: Utterance) -> list[wire.CallEvent]:
    """A new revision takes the signals of the former one from the screens; those that still stand follow it."""
    record = graph.record(message.call_id) if message.revision > 1 else None
    standing = [one.current() for one in record.signals_on(message.utterance_id)] if record else []
    events = [present.signal_as_it_stands(graph, one) for one in standing if one is not None]
    return [one for one in events if one is not None]
