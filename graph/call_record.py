"""One call as it stands: a fold of the journal's messages on it, and where its words voice needs (pure)."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from asr.messages import Utterance, UtteranceId
from graph.annotated import AnnotatedSignal
from graph.messages import (
    CardClosed,
    CardShown,
    CardsPaused,
    ConsentRecorded,
    LinkAnnotation,
    Mention,
    MergeAnnotation,
    NeedChanged,
    Participant,
    StatusChange,
    Thing,
    ThingsNamed,
    UtteranceReviewed,
    WordsAnnotation,
)
from graph.misheard import reached
from graph.needs import Step, Voicing, When
from graph.words import clauses_around
from ingest.messages import CallEnded, CallStarted, ChannelId
from intent.messages import Signal, SignalAnnotation, SignalId

BesideNeeds = (
    CallStarted
    | Participant
    | ConsentRecorded
    | CallEnded
    | UtteranceReviewed
    | CardShown
    | CardClosed
    | CardsPaused
    | WordsAnnotation
    | MergeAnnotation
)
"""Messages that change no need themselves."""
Given = NeedChanged | SignalAnnotation | LinkAnnotation | MergeAnnotation | WordsAnnotation
"""Messages that another one of their kind can take back."""


@dataclass(slots=True)
class CallRecord:
    """What is known of one call, by replay of the messages on it."""

    started: CallStarted | None = None
    ended: CallEnded | None = None
    participants: dict[ChannelId, Participant] = field(default_factory=dict)
    consents: dict[ChannelId, ConsentRecorded] = field(default_factory=dict)
    utterances: dict[UtteranceId, Utterance] = field(default_factory=dict)
    former: dict[tuple[UtteranceId, int], Utterance] = field(default_factory=dict)
    signals: dict[SignalId, AnnotatedSignal] = field(default_factory=dict)
    reviewed: dict[UtteranceId, UtteranceReviewed] = field(default_factory=dict)
    named: dict[UtteranceId, ThingsNamed] = field(default_factory=dict)
    cards: dict[str, CardShown] = field(default_factory=dict)
    closed: dict[str, CardClosed] = field(default_factory=dict)
    paused: CardsPaused | None = None
    words: dict[str, WordsAnnotation] = field(default_factory=dict)
    edits: dict[UtteranceId, list[WordsAnnotation]] = field(default_factory=dict)
    """Of each utterance the corrections whose text is there."""
    changes: dict[str, NeedChanged] = field(default_factory=dict)
    given: list[tuple[str, str | None]] = field(default_factory=list)
    """Everything said of needs, links, signals and words: its id, and the id that it takes back."""
    turns: list[tuple[int, UtteranceId]] = field(default_factory=list)
    """Every utterance by its turn, rising."""

    def before(self, turn: int, count: int | None = None) -> list[Utterance]:
        """What was said before a turn, in its order: all of it, or the last so many utterances."""
        end = bisect_left(self.turns, (turn, UtteranceId("")))
        start = 0 if count is None else max(0, end - count)
        return [self.utterances[utterance_id] for _, utterance_id in self.turns[start:end]]

    def note_given(self, message: Given) -> None:
        """Note what a person said, or what was read of a need's life: it may be taken back by its id."""
        if isinstance(message, NeedChanged):
            self.given.append((message.change_id, message.undoes))
            self.changes.setdefault(message.change_id, message)
        else:
            self.given.append((message.annotation_id, message.undoes))

    def take(self, message: BesideNeeds) -> None:
        """Take in what changes no need."""
        match message:
            case CallStarted():
                self.started = message
            case Participant():
                self.participants[message.channel] = message
            case ConsentRecorded():
                self.consents[message.channel] = message
            case UtteranceReviewed():
                self.reviewed[message.utterance_id] = message
            case WordsAnnotation():
                self.words.setdefault(message.annotation_id, message)
            case MergeAnnotation():
                # The `NeedAssigned` beside it move the signals.
                pass
            case CallEnded():
                self.ended = message
                for utterance_id, utterance in self.utterances.items():
                    self.utterances[utterance_id] = wordless(utterance)
            case CardShown() | CardClosed() | CardsPaused():
                self._take_card(message)

    def say(self, message: Utterance) -> tuple[ThingsNamed, ...] | None:
        """Take in an utterance, or a new revision; None when it is no newer than what is there.

        Returns:
            What the former revision named, as gone.
        """
        before = self.utterances.get(message.utterance_id)
        if before is not None and before.revision >= message.revision:
            return None
        if before is None:
            insort(self.turns, (message.turn, message.utterance_id))
        else:
            self.former[before.utterance_id, before.revision] = wordless(before)
            edits = self.edits.setdefault(message.utterance_id, [])
            edits += [one for one in self.words.values() if _leads(one, before, message)]
        self.utterances[message.utterance_id] = message if self.ended is None else wordless(message)
        named = self.named.pop(message.utterance_id, None)
        return () if named is None else (replace(named, revision=message.revision, things=()),)

    def name(self, message: ThingsNamed) -> tuple[ThingsNamed, ...] | None:
        """Take in what an utterance names; None when that is nothing new."""
        spoken = self.utterances.get(message.utterance_id)
        if spoken is None or spoken.revision != message.revision or message == self.named.get(message.utterance_id):
            return None
        self.named[message.utterance_id] = message
        return (message,)

    def annotated(self, message: Signal | SignalAnnotation) -> AnnotatedSignal:
        """The signal that a message is about, with all that was said of it; made when there is none yet."""
        found = self.signals.get(message.signal_id)
        if found is None:
            edits = self.edits.setdefault(message.utterance_id, [])
            found = self.signals[message.signal_id] = AnnotatedSignal(message.utterance_id, edits)
        return found

    def utterance(self, utterance_id: UtteranceId, revision: int | None = None) -> Utterance | None:
        """An utterance, in its newest or the given revision."""
        newest = self.utterances.get(utterance_id)
        if newest is None or revision in (None, newest.revision):
            return newest
        return self.former.get((utterance_id, revision or 0))

    def signal(self, signal_id: SignalId) -> Signal | None:
        """A signal as it stands."""
        annotated = self.signals.get(signal_id)
        return annotated.current() if annotated else None

    def annotations(self) -> Iterator[SignalAnnotation]:
        """Every verdict on a signal, signal by signal."""
        return (annotation for one in self.signals.values() for annotation in one.annotations.values())

    def stands_on(self, utterance_id: UtteranceId, revision: int) -> int:
        """The revision on which something stands that was said of this one: corrected words take it along."""
        return reached(revision, self.edits.get(utterance_id, ()))

    def signals_on(self, utterance_id: UtteranceId) -> list[AnnotatedSignal]:
        """Every signal that was ever found or added in an utterance."""
        return [one for one in self.signals.values() if one.utterance_id == utterance_id]

    def when(self, start_ms: int, start: int) -> When:
        """The place of words in the order of all calls: at this time of the call, from this code point on."""
        return (self.started.started_at.timestamp() if self.started else 0.0, start_ms, start)

    def voicing(self, signal_id: SignalId) -> Voicing | None:
        """Where a signal's need was voiced; None when the signal does not stand, or its words are not there."""
        signal = self.signal(signal_id)
        spoken = self.utterance(signal.utterance_id, signal.revision) if signal else None
        if signal is None or spoken is None:
            return None
        mention = Mention(
            call_id=signal.call_id,
            utterance_id=signal.utterance_id,
            turn=spoken.turn,
            signal_id=signal_id,
            speaker=spoken.speaker,
            person_id=spoken.person_id,
            span=signal.span,
            text=spoken.text[signal.span.start : signal.span.end],
            start_ms=spoken.start_ms,
            end_ms=spoken.end_ms,
            strength=signal.strength,
            confidence=signal.confidence,
            adapter_id=signal.adapter_id,
            started_at=self.started.started_at if self.started else None,
        )
        when = self.when(mention.start_ms, mention.span.start)
        return Voicing(mention=mention, signal=signal, when=when, about=self._about(signal, spoken))

    def step(self, message: NeedChanged) -> Step:
        """A step of a need's life with its words; `message` names a status."""
        spoken = None if message.utterance_id is None else self.utterance(message.utterance_id, message.revision)
        # A person's word has its place by the clock; an utterance by its own time in the call.
        began_s, _, _ = self.when(0, 0)
        start_ms = spoken.start_ms if spoken else round((message.at.timestamp() - began_s) * 1000)
        assert message.status is not None
        change = StatusChange(
            change_id=message.change_id,
            call_id=message.call_id,
            status=message.status,
            at=message.at,
            decided_by=message.decided_by,
            score=message.score,
            utterance_id=message.utterance_id,
            turn=spoken.turn if spoken else None,
            speaker=spoken.speaker if spoken else None,
            span=message.span,
            text=spoken.text[message.span.start : message.span.end] if spoken and message.span else None,
            start_ms=start_ms,
        )
        when = self.when(start_ms, message.span.start if message.span else 0)
        # A recording may run ahead of the clock; a person's word comes after the mention it was said of.
        of = self.voicing(message.signal_id) if message.signal_id else None
        return Step(change=change, when=max(when, of.when) if of else when)

    def _take_card(self, message: CardShown | CardClosed | CardsPaused) -> None:
        match message:
            case CardShown():
                self.cards[message.card_id] = message
            case CardClosed():
                self.closed[message.card_id] = message
            case CardsPaused():
                self.paused = message

    def _about(self, signal: Signal, spoken: Utterance) -> tuple[Thing, ...]:
        named = self.named.get(signal.utterance_id)
        if named is None or named.revision != spoken.revision:
            return ()
        start, end = clauses_around(spoken.text, (signal.span.start, signal.span.end))
        return tuple(
            Thing(type=one.type, name=one.name)
            for one in named.things
            if start <= one.span.start and one.span.end <= end
        )


def _leads(edit: WordsAnnotation, before: Utterance, after: Utterance) -> bool:
    return edit.utterance_id == after.utterance_id and edit.revision == before.revision == after.revision - 1


def wordless(utterance: Utterance) -> Utterance:
    """Leave the single words out of an utterance: its text stays."""
    return replace(utterance, words=())
