"""Needs, links and names of the graph → their places on the wire (pure)."""

from graph.messages import Link, LinkDecision, Mention, Need, StatusChange, ThingsNamed
from server import wire


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
