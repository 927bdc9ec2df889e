"""Messages of the rooms → events and views of the wire (pure); needs and links are in `present_needs.py`."""

from collections.abc import Iterable, Mapping

from asr.messages import Partial, Utterance
from graph.messages import (
    CardClosed,
    CardShown,
    ConsentRecorded,
    Link,
    WordsAnnotation,
)
from graph.view import NeedGraph
from ingest.messages import (
    CallEnded,
    CallStarted,
    CaptureProblem,
    Channel,
    ChannelId,
    SpeechEnded,
    SpeechStarted,
)
from intent.messages import Signal, SignalAnnotation, Span
from server import present_needs, wire


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


def utterance(message: Utterance, *, times: bool = True) -> wire.UtteranceEvent:
    """Final words, with or without the times of each."""
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
            for one in (message.words if times else ())
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
        links=tuple(present_needs.link(one) for one in links),
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
        link=present_needs.link(shown.link),
        confidence=shown.confidence,
        state=closed.outcome if closed else "shown",
        shown_at=shown.at,
        closes_at=shown.closes_at,
        returned=shown.returned,
    )


def words(message: WordsAnnotation) -> wire.WireWordsCorrection:
    """A correction of misheard words."""
    return wire.WireWordsCorrection(
        annotation_id=message.annotation_id,
        utterance_id=message.utterance_id,
        revision=message.revision,
        start=message.span.start,
        end=message.span.end,
        heard=message.heard,
        said=message.said,
        author=message.author,
        at=message.at,
        undoes=message.undoes,
    )


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
