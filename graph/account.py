"""The need graph of one account as it stands: a fold of the journal's messages on its calls (pure).

Needs are merged within an account and never across, so an account can be folded without any other.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from asr.messages import Utterance, UtteranceId
from graph.annotated import AnnotatedSignal, Review, undone_of
from graph.events import CallMessage
from graph.messages import (
    CardClosed,
    CardShown,
    CardsPaused,
    ConsentRecorded,
    GraphDelta,
    LinkAnnotation,
    LinkDecision,
    Mention,
    MergeAnnotation,
    Need,
    NeedAssigned,
    NeedChanged,
    NeedId,
    Participant,
    StatusChange,
    SummaryOpened,
    SummaryShared,
    SummaryUnshared,
    Thing,
    ThingsNamed,
    UtteranceReviewed,
)
from graph.needs import JudgedLink, NeedMembers, SignalKey, Step, Voicing, When, build, standing
from graph.words import clauses_around
from ingest.messages import CallEnded, CallId, CallStarted, ChannelId, TenantId
from intent.messages import Signal, SignalAnnotation, SignalId


@dataclass(slots=True)
class CallRecord:
    """What is known of one call."""

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
    turns: list[tuple[int, UtteranceId]] = field(default_factory=list)
    """Every utterance by its turn, rising."""

    def before(self, turn: int, count: int | None = None) -> list[Utterance]:
        """What was said before a turn, in its order: all of it, or the last so many utterances."""
        end = bisect_left(self.turns, (turn, UtteranceId("")))
        start = 0 if count is None else max(0, end - count)
        return [self.utterances[utterance_id] for _, utterance_id in self.turns[start:end]]

    def annotations(self) -> Iterator[SignalAnnotation]:
        """Every verdict on a signal, signal by signal."""
        return (annotation for one in self.signals.values() for annotation in one.annotations.values())


class AccountGraph:
    """Calls, signals and needs of an account, by replay of the messages on its calls."""

    def __init__(self, tenant_id: TenantId) -> None:
        self.tenant_id = tenant_id
        self.applied = 0
        """Messages taken in so far: the measure of what this account takes of the memory."""
        self._calls: dict[CallId, CallRecord] = {}
        self._members: dict[NeedId, NeedMembers] = {}
        self._need_of: dict[SignalKey, NeedId] = {}
        self._links: dict[SignalKey, LinkDecision] = {}
        self._needs: dict[NeedId, Need] = {}
        self._holder: dict[NeedId, NeedId] = {}

    def apply(self, message: CallMessage) -> GraphDelta | None:
        """Take in one message; say what changed in the graph, None when nothing did."""
        self.applied += 1
        match message:
            case (
                CallStarted()
                | Participant()
                | CallEnded()
                | UtteranceReviewed()
                | CardShown()
                | CardClosed()
                | CardsPaused()
                | ConsentRecorded()
            ):
                self._apply_to_call(message)
                return None
            case Utterance() | ThingsNamed():
                said = self._apply_utterance(message) if isinstance(message, Utterance) else self._name(message)
                return self._delta(message.call_id, *said)
            case Signal():
                self._signal(message.call_id, message.signal_id).original = message
                return self._delta(message.call_id, self._needs_of(message.call_id, message.signal_id))
            case SignalAnnotation():
                annotated = self._signal(message.call_id, message.signal_id)
                annotated.annotations.setdefault(message.annotation_id, message)
                return self._delta(message.call_id, self._needs_of(message.call_id, message.signal_id))
            case NeedAssigned():
                return self._delta(message.call_id, self._assign(message))
            case NeedChanged():
                return self._delta(message.call_id, self._change(message))
            case LinkDecision():
                self._links[message.call_id, message.signal_id] = message
                return self._delta(message.call_id, self._needs_of(message.call_id, message.signal_id))
            case LinkAnnotation():
                return self._delta(message.call_id, self._judge_link(message))
            case MergeAnnotation() | SummaryShared() | SummaryUnshared() | SummaryOpened():
                return None

    def needs(self, call_id: CallId | None = None) -> tuple[Need, ...]:
        """Return the needs in the order they were first voiced: all, or those voiced in a call."""
        found = (
            need
            for need in self._needs.values()
            if call_id is None or any(mention.call_id == call_id for mention in need.mentions)
        )
        return tuple(sorted(found, key=lambda need: (self._when(need.mentions[0]), need.need_id)))

    def placed(self) -> Iterator[tuple[When, Need]]:
        """Every need with the time it was first voiced."""
        return ((self._when(need.mentions[0]), need) for need in self._needs.values())

    def need(self, need_id: NeedId) -> Need | None:
        """Return one need; None when it is not there or has no mention left."""
        return self._needs.get(need_id)

    def need_of(self, call_id: CallId, signal_id: SignalId) -> NeedId | None:
        """Return the need a signal belongs to."""
        return self._need_of.get((call_id, signal_id))

    def signal(self, call_id: CallId, signal_id: SignalId) -> Signal | None:
        """Return a signal as it stands."""
        record = self._calls.get(call_id)
        annotated = record.signals.get(signal_id) if record else None
        return annotated.current() if annotated else None

    def utterance(self, call_id: CallId, utterance_id: UtteranceId, revision: int | None = None) -> Utterance | None:
        """Return an utterance, in its newest or the given revision."""
        record = self._calls.get(call_id)
        newest = record.utterances.get(utterance_id) if record else None
        if record is None or newest is None or revision in (None, newest.revision):
            return newest
        return record.former.get((utterance_id, revision or 0))

    def links_of(self, call_id: CallId, signal_id: SignalId) -> LinkDecision | None:
        """Return what the linker answered for a signal; None while it has not."""
        return self._links.get((call_id, signal_id))

    def judged_links(self, need_id: NeedId) -> tuple[JudgedLink, ...]:
        """Every standing verdict on a link of this need, with the need's words."""
        need = self._needs.get(need_id)
        if need is None:
            return ()
        texts = tuple(one.text for one in need.mentions)
        verdicts = standing([one for of in self._said_of(need_id) for one in of.annotations.values()])
        return tuple(JudgedLink(item=item, right=verdict == "right", texts=texts) for item, verdict in verdicts.items())

    def reviews(self, call_id: CallId) -> tuple[Review, ...]:
        """Return every verdict on the signals of a call, oldest first."""
        record = self._calls.get(call_id, CallRecord())
        found = [review for one in record.signals.values() for review in one.reviews()]
        return tuple(sorted(found, key=lambda review: review.annotation.at))

    def record(self, call_id: CallId) -> CallRecord | None:
        """Return all that is kept of a call, for the label export."""
        return self._calls.get(call_id)

    def _call(self, call_id: CallId) -> CallRecord:
        return self._calls.setdefault(call_id, CallRecord())

    def _signal(self, call_id: CallId, signal_id: SignalId) -> AnnotatedSignal:
        return self._call(call_id).signals.setdefault(signal_id, AnnotatedSignal())

    def _needs_of(self, call_id: CallId, signal_id: SignalId) -> set[NeedId]:
        need_id = self._need_of.get((call_id, signal_id))
        return set() if need_id is None else {need_id}

    def _apply_to_call(
        self,
        message: CallStarted
        | Participant
        | ConsentRecorded
        | CallEnded
        | UtteranceReviewed
        | CardShown
        | CardClosed
        | CardsPaused,
    ) -> None:
        record = self._call(message.call_id)
        match message:
            case CallStarted():
                record.started = message
            case Participant():
                record.participants[message.channel] = message
            case ConsentRecorded():
                record.consents[message.channel] = message
            case UtteranceReviewed():
                record.reviewed[message.utterance_id] = message
            case CallEnded():
                record.ended = message
                for utterance_id, utterance in record.utterances.items():
                    record.utterances[utterance_id] = wordless(utterance)
            case CardShown():
                record.cards[message.card_id] = message
            case CardClosed():
                record.closed[message.card_id] = message
            case CardsPaused():
                record.paused = message

    def _apply_utterance(self, message: Utterance) -> tuple[set[NeedId], tuple[ThingsNamed, ...]]:
        record = self._call(message.call_id)
        before = record.utterances.get(message.utterance_id)
        if before is not None and before.revision >= message.revision:
            return set(), ()
        if before is None:
            insort(record.turns, (message.turn, message.utterance_id))
        else:
            record.former[before.utterance_id, before.revision] = wordless(before)
        record.utterances[message.utterance_id] = message if record.ended is None else wordless(message)
        named = record.named.pop(message.utterance_id, None)
        gone = () if named is None else (replace(named, revision=message.revision, things=()),)
        return self._voiced_in(record, message.call_id, message.utterance_id), gone

    def _name(self, message: ThingsNamed) -> tuple[set[NeedId], tuple[ThingsNamed, ...]]:
        record = self._call(message.call_id)
        spoken = record.utterances.get(message.utterance_id)
        if spoken is None or spoken.revision != message.revision or message == record.named.get(message.utterance_id):
            return set(), ()
        record.named[message.utterance_id] = message
        return self._voiced_in(record, message.call_id, message.utterance_id), (message,)

    def _voiced_in(self, record: CallRecord, call_id: CallId, utterance_id: UtteranceId) -> set[NeedId]:
        return {
            need_id
            for signal_id, one in record.signals.items()
            if (signal := one.current() or one.original) is not None and signal.utterance_id == utterance_id
            for need_id in self._needs_of(call_id, signal_id)
        }

    def _assign(self, message: NeedAssigned) -> set[NeedId]:
        key = (message.call_id, message.signal_id)
        touched = self._needs_of(*key)
        members = self._members.get(message.need_id)
        if members is None:
            members = self._members[message.need_id] = NeedMembers()
        for need_id in touched - {message.need_id}:
            left = self._members[need_id]
            left.signals.pop(key, None)
            if not left.signals:
                self._absorb(message.need_id, {need_id, *left.absorbed})
        members.signals[key] = None
        self._need_of[key] = message.need_id
        return touched | {message.need_id} | self._freed(message.need_id)

    def _absorb(self, need_id: NeedId, others: set[NeedId]) -> None:
        """What was said of needs without signals is said of the one that took the last."""
        others = others - {need_id}
        for other in others:
            self._freed(other)
            self._holder[other] = need_id
        self._members[need_id].absorbed |= others

    def _freed(self, need_id: NeedId) -> set[NeedId]:
        """A need that has signals of its own again speaks for itself; who spoke for it so far changes."""
        holder = self._holder.pop(need_id, None)
        if holder is None:
            return set()
        self._members[holder].absorbed.discard(need_id)
        return {holder}

    def _change(self, message: NeedChanged) -> set[NeedId]:
        members = self._members.get(message.need_id)
        if members is None:
            return set()
        members.changes.setdefault(message.change_id, message)
        return {self._holder.get(message.need_id, message.need_id)}

    def _judge_link(self, message: LinkAnnotation) -> set[NeedId]:
        need_id = self._need_of.get((message.call_id, message.signal_id), message.need_id)
        members = self._members.get(need_id)
        if members is None:
            return set()
        members.annotations.setdefault(message.annotation_id, message)
        return {need_id}

    def _delta(self, call_id: CallId, touched: set[NeedId], named: tuple[ThingsNamed, ...] = ()) -> GraphDelta | None:
        changed: list[Need] = []
        removed: list[NeedId] = []
        for need_id in sorted(touched):
            before, now = self._needs.get(need_id), self._built(need_id)
            if now is None:
                if self._needs.pop(need_id, None) is not None:
                    removed.append(need_id)
            elif now != before:
                self._needs[need_id] = now
                changed.append(now)
        if not changed and not removed and not named:
            return None
        return GraphDelta(
            tenant_id=self.tenant_id, call_id=call_id, needs=tuple(changed), removed=tuple(removed), named=named
        )

    def _built(self, need_id: NeedId) -> Need | None:
        members = self._members[need_id]
        voicings = [voicing for key in members.signals if (voicing := self._voicing(*key)) is not None]
        if not voicings:
            return None
        keys = [(one.mention.call_id, one.mention.signal_id) for one in voicings]
        said = self._said_of(need_id)
        return build(
            need_id,
            voicings,
            self._steps(said),
            [self._links[key] for key in keys if key in self._links],
            [one for of in said for one in of.annotations.values()],
        )

    def _said_of(self, need_id: NeedId) -> list[NeedMembers]:
        members = self._members[need_id]
        return [members, *(self._members[other] for other in sorted(members.absorbed))]

    def _steps(self, said: Iterable[NeedMembers]) -> list[Step]:
        given = [one for of in said for one in of.changes.values()]
        undone = undone_of([(one.change_id, one.undoes) for one in given])
        return [self._step(one) for one in given if one.status is not None and one.change_id not in undone]

    def _step(self, message: NeedChanged) -> Step:
        of_words = message.utterance_id
        spoken = None if of_words is None else self.utterance(message.call_id, of_words, message.revision)
        record = self._calls.get(message.call_id)
        began_s = record.started.started_at.timestamp() if record and record.started else 0.0
        # A person's word has its place by the clock; an utterance by its own time in the call.
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
        when = (began_s, start_ms, message.span.start if message.span else 0)
        # A recording may run ahead of the clock; a person's word comes after the mention it was said of.
        of = self._voicing(message.call_id, message.signal_id) if message.signal_id else None
        return Step(change=change, when=max(when, of.when) if of else when)

    def _voicing(self, call_id: CallId, signal_id: SignalId) -> Voicing | None:
        signal = self.signal(call_id, signal_id)
        utterance = self.utterance(call_id, signal.utterance_id, signal.revision) if signal else None
        if signal is None or utterance is None:
            return None
        record = self._calls.get(call_id)
        mention = Mention(
            call_id=call_id,
            utterance_id=signal.utterance_id,
            turn=utterance.turn,
            signal_id=signal_id,
            speaker=utterance.speaker,
            person_id=utterance.person_id,
            span=signal.span,
            text=utterance.text[signal.span.start : signal.span.end],
            start_ms=utterance.start_ms,
            end_ms=utterance.end_ms,
            strength=signal.strength,
            confidence=signal.confidence,
            adapter_id=signal.adapter_id,
            started_at=record.started.started_at if record and record.started else None,
        )
        return Voicing(mention=mention, signal=signal, when=self._when(mention), about=self._about(signal, utterance))

    def _about(self, signal: Signal, utterance: Utterance) -> tuple[Thing, ...]:
        record = self._calls.get(signal.call_id)
        named = record.named.get(signal.utterance_id) if record else None
        if named is None or named.revision != utterance.revision:
            return ()
        start, end = clauses_around(utterance.text, (signal.span.start, signal.span.end))
        return tuple(
            Thing(type=one.type, name=one.name)
            for one in named.things
            if start <= one.span.start and one.span.end <= end
        )

    def _when(self, mention: Mention) -> When:
        record = self._calls.get(mention.call_id)
        started_s = record.started.started_at.timestamp() if record and record.started else 0.0
        return (started_s, mention.start_ms, mention.span.start)


def wordless(utterance: Utterance) -> Utterance:
    """Leave the single words out of an utterance: its text stays."""
    return replace(utterance, words=())
