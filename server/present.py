"""Messages of the rooms → events and views of the wire (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from asr.messages import Partial, Utterance
from graph.facts import Change
from graph.messages import (
    CardClosed,
    CardShown,
    CardsPaused,
    ConsentRecorded,
    GraphDelta,
    Item,
    Link,
    LinkDecision,
    Mention,
    Need,
    NeedAssigned,
    StatusChange,
    ThingsNamed,
)
from graph.view import CallLine, CallView, NeedGraph
from ingest.messages import (
    CallEnded,
    CallId,
    CallStarted,
    CaptureProblem,
    Channel,
    ChannelId,
    SpeechEnded,
    SpeechStarted,
)
from intent.messages import Signal, SignalAnnotation, Span
from server import wire
from server.jobs import TrainingRun


def call_started(started: CallStarted) -> wire.CallStartedEvent:
    """The call as clients see it."""
    return wire.CallStartedEvent(
        call_id=started.call_id,
        account=started.account,
        language=started.language,
        channels=tuple(
            wire.WireChannel(channel=one.channel, role=one.role, speaker=one.speaker) for one in started.channels
        ),
        started_at=started.started_at,
        host=started.host,
    )


def consent(message: ConsentRecorded) -> wire.WireConsent:
    """What a participant agreed to."""
    return wire.WireConsent(
        channel=message.channel, given=message.given, wording=message.wording, author=message.author, at=message.at
    )


def call_ended(ended: CallEnded) -> wire.CallEndedEvent:
    """The end of a call."""
    return wire.CallEndedEvent(call_id=ended.call_id, reason=ended.reason, end_ms=ended.end_ms)


def speech(message: SpeechStarted | SpeechEnded, channel: Channel) -> wire.CallEvent:
    """A voice that began or stopped."""
    if isinstance(message, SpeechStarted):
        return wire.SpeechStartedEvent(
            call_id=message.call_id,
            channel=message.channel,
            speaker=channel.speaker,
            start_ms=message.start_ms,
            end_ms=message.start_ms,
        )
    return wire.SpeechEndedEvent(
        call_id=message.call_id,
        channel=message.channel,
        speaker=channel.speaker,
        start_ms=message.start_ms,
        end_ms=message.end_ms,
    )


def partial(message: Partial, channel: Channel) -> wire.PartialEvent:
    """Words so far."""
    return wire.PartialEvent(
        call_id=message.call_id,
        channel=message.channel,
        speaker=channel.speaker,
        start_ms=message.start_ms,
        end_ms=message.end_ms,
        utterance_id=message.utterance_id,
        revision=message.revision,
        text=message.text,
        committed_chars=message.committed_chars,
    )


CAPTURE = {
    "silent": "{0} cannot be heard: nothing comes from this channel",
    "clipped": "{0} is too loud: the microphone's level is over its limit",
    "echo": "{0}'s channel also carries {1}; a headset, or echo cancelling, separates them",
    "delayed": "{0}'s sound arrives late",
}
CAPTURE_OVER = "{0} can be heard well again"


def capture(message: CaptureProblem, channels: Mapping[ChannelId, Channel]) -> wire.HealthEvent:
    """What is wrong, or well again, with how a channel is captured."""
    speaker = channels[message.channel].speaker
    other = channels[message.heard].speaker if message.heard is not None else ""
    text = CAPTURE_OVER if message.ended else CAPTURE[message.problem]
    return wire.HealthEvent(
        call_id=message.call_id,
        part="audio",
        ok=message.ended,
        message=text.format(speaker, other),
        channel=message.channel,
        code=message.problem,
        heard=message.heard,
    )


def utterance(message: Utterance) -> wire.UtteranceEvent:
    """Final words."""
    return wire.UtteranceEvent(
        call_id=message.call_id,
        channel=message.channel,
        speaker=message.speaker,
        start_ms=message.start_ms,
        end_ms=message.end_ms,
        utterance_id=message.utterance_id,
        revision=message.revision,
        turn=message.turn,
        role=message.role,
        text=message.text,
        words=tuple(
            wire.WireWord(text=one.text, start_ms=one.start_ms, end_ms=one.end_ms, confidence=one.confidence)
            for one in message.words
        ),
    )


def signal(message: Signal, spoken: Utterance, need_id: str | None, links: Iterable[Link]) -> wire.SignalEvent:
    """A signal with the time its words were said."""
    start_ms, end_ms = span_times(spoken, message.span)
    return wire.SignalEvent(
        call_id=message.call_id,
        channel=spoken.channel,
        speaker=spoken.speaker,
        start_ms=start_ms,
        end_ms=end_ms,
        id=message.signal_id,
        utterance_id=message.utterance_id,
        revision=message.revision,
        kind=message.kind,
        signal_type=message.type,
        start=message.span.start,
        end=message.span.end,
        strength=message.strength,
        confidence=message.confidence,
        adapter_id=message.adapter_id,
        need_id=need_id,
        links=tuple(link(one) for one in links),
        cues=tuple(wire.WireCue(cue=one.cue, value=one.value, usual=one.usual) for one in message.cues),
        hedging=tuple(
            wire.WireHedging(name=one.name, start=one.span.start, end=one.span.end) for one in message.hedging
        ),
        young=message.young,
    )


def signal_as_it_stands(graph: NeedGraph, message: Signal) -> wire.SignalEvent | None:
    """A signal with its need and links from the graph; None when its utterance is not known."""
    spoken = graph.utterance(message.call_id, message.utterance_id, message.revision)
    if spoken is None:
        return None
    decision = graph.links_of(message.call_id, message.signal_id)
    need_id = graph.need_of(message.call_id, message.signal_id)
    return signal(message, spoken, need_id, decision.links if decision else ())


def link(message: Link) -> wire.WireLink:
    """A link; roadmap items always say whether they may be spoken of."""
    may_say = message.may_say is not False if message.kind == "roadmap" else message.may_say
    return wire.WireLink(
        kind=message.kind,
        id=message.id,
        section=message.section,
        title=message.title,
        score=message.score,
        evidence=message.evidence,
        may_say=may_say,
        updated_at=message.updated_at,
    )


def link_event(decision: LinkDecision, utterance_id: str) -> wire.LinkEvent:
    """The linker's answer."""
    return wire.LinkEvent(
        call_id=decision.call_id,
        signal_id=decision.signal_id,
        need_id=decision.need_id,
        utterance_id=utterance_id,
        links=tuple(link(one) for one in decision.links),
    )


def need(message: Need) -> wire.WireNeed:
    """A node of the graph."""
    return wire.WireNeed(
        need_id=message.need_id,
        kind=message.kind,
        type=message.type,
        strength=message.strength,
        label=message.label,
        status=message.status,
        raised_by=message.raised_by,
        mentions=tuple(_mention(one) for one in message.mentions),
        changes=tuple(_change(one) for one in message.changes),
        links=tuple(link(one) for one in message.links),
        linked=message.linked,
        about=tuple(wire.WireThing(type=one.type, name=one.name) for one in message.about),
        disputed_by=message.disputed_by,
    )


def names(message: ThingsNamed) -> wire.WireNames:
    """What an utterance names."""
    return wire.WireNames(
        utterance_id=message.utterance_id,
        revision=message.revision,
        things=tuple(
            wire.WireNamed(type=one.type, name=one.name, start=one.span.start, end=one.span.end)
            for one in message.things
        ),
    )


def _change(message: StatusChange) -> wire.WireStatusChange:
    return wire.WireStatusChange(
        change_id=message.change_id,
        call_id=message.call_id,
        status=message.status,
        at=message.at,
        decided_by=message.decided_by,
        score=message.score,
        utterance_id=message.utterance_id,
        turn=message.turn,
        speaker=message.speaker,
        text=message.text,
        start=message.span.start if message.span else None,
        end=message.span.end if message.span else None,
        start_ms=message.start_ms,
    )


def _mention(message: Mention) -> wire.WireMention:
    return wire.WireMention(
        call_id=message.call_id,
        utterance_id=message.utterance_id,
        turn=message.turn,
        signal_id=message.signal_id,
        speaker=message.speaker,
        start=message.span.start,
        end=message.span.end,
        text=message.text,
        start_ms=message.start_ms,
        end_ms=message.end_ms,
        strength=message.strength,
        confidence=message.confidence,
        adapter_id=message.adapter_id,
        started_at=message.started_at,
    )


def annotation(message: SignalAnnotation) -> wire.WireAnnotation:
    """A verdict."""
    return wire.WireAnnotation(
        annotation_id=message.annotation_id,
        signal_id=message.signal_id,
        utterance_id=message.utterance_id,
        verdict=message.verdict,
        author=message.author,
        at=message.at,
        kind=message.kind,
        type=message.type,
        start=message.span.start if message.span else None,
        end=message.span.end if message.span else None,
        strength=message.strength,
        undoes=message.undoes,
    )


def card(graph: NeedGraph, shown: CardShown, closed: CardClosed | None) -> wire.WireCard | None:
    """A card with the words it came up for, also when its signal was refused since; None when they cannot be read."""
    record = graph.record(shown.call_id)
    signal = record.signals[shown.signal_id].original if record and shown.signal_id in record.signals else None
    spoken = graph.utterance(shown.call_id, signal.utterance_id, signal.revision) if signal else None
    if signal is None or spoken is None:
        return None
    return wire.WireCard(
        card_id=shown.card_id,
        need_id=shown.need_id,
        signal_id=shown.signal_id,
        utterance_id=signal.utterance_id,
        kind=signal.kind,
        need_type=signal.type,
        text=spoken.text[signal.span.start : signal.span.end],
        speaker=spoken.speaker,
        start_ms=spoken.start_ms,
        link=link(shown.link),
        confidence=shown.confidence,
        state=closed.outcome if closed else "shown",
        shown_at=shown.at,
        closes_at=shown.closes_at,
        returned=shown.returned,
    )


def _card_event(graph: NeedGraph, message: CardShown | CardClosed) -> list[wire.CallEvent]:
    record = graph.record(message.call_id)
    shown = record.cards.get(message.card_id) if record else None
    # How it stands at this message: what came after it has an event of its own.
    drawn = card(graph, shown, message if isinstance(message, CardClosed) else None) if shown else None
    return [wire.CardEvent(call_id=message.call_id, card=drawn)] if drawn else []


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
    signals = (signal_as_it_stands(graph, one) for one in view.signals)
    return wire.Snapshot(
        seq=seq,
        call=call_started(view.started),
        ended=call_ended(view.ended) if view.ended else None,
        utterances=tuple(utterance(one) for one in view.utterances),
        partials=tuple(partials),
        signals=tuple(one for one in signals if one is not None),
        needs=tuple(need(one) for one in view.needs),
        annotations=tuple(annotation(one) for one in view.annotations),
        health=tuple(health),
        named=tuple(names(one) for one in view.named),
        cards=tuple(drawn for shown, closed in view.cards if (drawn := card(graph, shown, closed)) is not None),
        cards_paused_until=view.cards_paused.until_at if view.cards_paused else None,
        consents=tuple(consent(one) for one in view.consents),
    )


def at_rest(picture: wire.Snapshot) -> wire.Snapshot:
    """A call that nobody holds any more: what was up when its service was cut off is up no longer."""
    cards = tuple(one.model_copy(update={"state": "ignored"}) if one.state == "shown" else one for one in picture.cards)
    return picture.model_copy(update={"cards": cards, "cards_paused_until": None})


def span_times(spoken: Utterance, span: Span) -> tuple[int, int]:
    """When the words of a span were said: (start_ms, end_ms) on the call's clock.

    Words are looked up in the text in order; without word times it is the whole utterance.
    """
    times: list[tuple[int, int]] = []
    position = 0
    for word in spoken.words:
        at = spoken.text.find(word.text, position)
        if at < 0:
            continue
        position = at + len(word.text)
        if at < span.end and position > span.start:
            times.append((word.start_ms, word.end_ms))
    if not times:
        return spoken.start_ms, spoken.end_ms
    return times[0][0], times[-1][1]


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
            needs=tuple(need(one) for one in self.needs.values()),
            removed=tuple(sorted(self.removed)),
            named=tuple(names(one) for one in self.named.values()),
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
            return [] if view is None else [call_started(view.started)]
        case Utterance():
            return [utterance(message)]
        case Signal():
            now = graph.signal(message.call_id, message.signal_id)
            event = signal_as_it_stands(graph, now) if now else None
            return [event] if event else []
        case NeedAssigned():
            node = graph.need(message.need_id)
            return [wire.NeedEvent(call_id=message.call_id, need=need(node))] if node else []
        case LinkDecision():
            now = graph.signal(message.call_id, message.signal_id)
            return [link_event(message, now.utterance_id)] if now else []
        case SignalAnnotation():
            now = graph.signal(message.call_id, message.signal_id)
            return [
                wire.AnnotationEvent(
                    call_id=message.call_id,
                    annotation=annotation(message),
                    signal=signal_as_it_stands(graph, now) if now else None,
                )
            ]
        case CallEnded():
            return [call_ended(message)]
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
            return [wire.ConsentEvent(call_id=message.call_id, consent=consent(message))]
        case _:
            return []


def item(message: Item) -> dict[str, Any]:
    """An imported item in full."""
    found = asdict(message)
    del found["tenant_id"]
    return found


def training(run: TrainingRun) -> dict[str, Any]:
    """How far a training run is, and its report once it is done."""
    report = run.report or {}
    return {
        "state": run.state,
        "progress": run.progress,
        "message": run.message,
        "candidate": report.get("candidate"),
        "before": report.get("before"),
        "after": report.get("after"),
        "base": report.get("base"),
        "floor": report.get("floor"),
        "suspects": report.get("suspects", []),
        "warnings": report.get("warnings", []),
        "gate": report.get("gate"),
        "reasons": report.get("reasons", []),
    }
