"""The need graph of one account as it stands: a fold of the journal's messages on its calls (pure).

Needs are merged within an account and never across, so an account can be folded without any other.
"""

from collections.abc import Iterable, Iterator

from asr.messages import Utterance, UtteranceId
from graph.annotated import Review
from graph.call_record import CallRecord, Given
from graph.events import CallMessage
from graph.messages import (
    CardClosed,
    CardShown,
    CardsPaused,
    ConsentRecorded,
    GraphDelta,
    LinkAnnotation,
    LinkDecision,
    MergeAnnotation,
    Need,
    NeedAssigned,
    NeedChanged,
    NeedId,
    Participant,
    SummaryOpened,
    SummaryShared,
    SummaryUnshared,
    ThingsNamed,
    UtteranceReviewed,
    WordsAnnotation,
)
from graph.misheard import undone_of
from graph.needs import JudgedLink, NeedMembers, SignalKey, Step, When, build, standing
from ingest.messages import CallEnded, CallId, CallStarted, TenantId
from intent.messages import Signal, SignalAnnotation, SignalId


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
        self._note_given(message)
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
                | WordsAnnotation()
                | MergeAnnotation()
            ):
                self._call(message.call_id).take(message)
                return None
            case Utterance() | ThingsNamed():
                return self._delta(message.call_id, *self._said(message))
            case Signal():
                self._call(message.call_id).annotated(message).original = message
                return self._delta(message.call_id, self._needs_of(message.call_id, message.signal_id))
            case SignalAnnotation():
                annotated = self._call(message.call_id).annotated(message)
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
            case SummaryShared() | SummaryUnshared() | SummaryOpened():
                return None

    def needs(self, call_id: CallId | None = None) -> tuple[Need, ...]:
        """Return the needs in the order they were first voiced: all, or those voiced in a call."""
        found = (
            need
            for need in self._needs.values()
            if call_id is None or any(mention.call_id == call_id for mention in need.mentions)
        )
        return tuple(sorted(found, key=lambda need: (self._placed(need), need.need_id)))

    def placed(self) -> Iterator[tuple[When, Need]]:
        """Every need with the time it was first voiced."""
        return ((self._placed(need), need) for need in self._needs.values())

    def need(self, need_id: NeedId) -> Need | None:
        """Return one need; None when it is not there or has no mention left."""
        return self._needs.get(need_id)

    def need_of(self, call_id: CallId, signal_id: SignalId) -> NeedId | None:
        """Return the need a signal belongs to."""
        return self._need_of.get((call_id, signal_id))

    def signal(self, call_id: CallId, signal_id: SignalId) -> Signal | None:
        """Return a signal as it stands."""
        record = self._calls.get(call_id)
        return record.signal(signal_id) if record else None

    def utterance(self, call_id: CallId, utterance_id: UtteranceId, revision: int | None = None) -> Utterance | None:
        """Return an utterance, in its newest or the given revision."""
        record = self._calls.get(call_id)
        return record.utterance(utterance_id, revision) if record else None

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

    def _placed(self, need: Need) -> When:
        first = need.mentions[0]
        return self._call(first.call_id).when(first.start_ms, first.span.start)

    def _call(self, call_id: CallId) -> CallRecord:
        return self._calls.setdefault(call_id, CallRecord())

    def _needs_of(self, call_id: CallId, signal_id: SignalId) -> set[NeedId]:
        need_id = self._need_of.get((call_id, signal_id))
        return set() if need_id is None else {need_id}

    def _note_given(self, message: CallMessage) -> None:
        if isinstance(message, Given):
            self._call(message.call_id).note_given(message)

    def _said(self, message: Utterance | ThingsNamed) -> tuple[set[NeedId], tuple[ThingsNamed, ...]]:
        """Needs that may be others by new words or names, and what is named now."""
        record = self._call(message.call_id)
        named = record.say(message) if isinstance(message, Utterance) else record.name(message)
        if named is None:
            return set(), ()
        return self._voiced_in(record, message.call_id, message.utterance_id), named

    def _voiced_in(self, record: CallRecord, call_id: CallId, utterance_id: UtteranceId) -> set[NeedId]:
        return {
            need_id
            for signal_id, one in record.signals.items()
            if one.utterance_id == utterance_id
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
        voicings = [voicing for key in members.signals if (voicing := self._call(key[0]).voicing(key[1])) is not None]
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
        return [
            self._call(one.call_id).step(one) for one in given if one.status is not None and one.change_id not in undone
        ]
