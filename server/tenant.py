"""One tenant in memory: its journal, the need graph folded from it, and what the projection still has to write.

Several processes may append to one journal (an import beside a running service), so the fold always follows the
journal's own order: own events come back through `catch_up` like everybody else's.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from asr.messages import Utterance
from graph.config import JournalConfig
from graph.events import Draft, Journalled, opening
from graph.facts import Change
from graph.head import HEAD
from graph.history import KEEP_MESSAGES, JournalHistory, Replay, folded, graph_at
from graph.journal import Journal
from graph.keys import KeyStore
from graph.snapshot import SnapshotFile
from graph.tenants import TenantFolder
from graph.view import NeedGraph
from ingest.messages import CallId, CallStarted, TenantId
from intent.adapters import AdapterStore
from intent.labels import LABELS, LabelSet

SNAPSHOT_EVENTS = 5_000
"""Events after which a new snapshot is kept: folding so many takes about half a second (`eval rebuild`, 2026-11)."""


class Tenant:
    """A tenant's truth and its live picture.

    Hold `lock` while reading `graph` from a thread; `unprojected` is what happened since this process opened it and the
    graph engine has not been told yet.
    """

    def __init__(self, folder: TenantFolder, keys: KeyStore, config: JournalConfig) -> None:
        """Open the journal and fold it."""
        folder.create()
        self.folder = folder
        self.tenant_id: TenantId = folder.tenant_id
        self.keys = keys
        self.adapters = AdapterStore(folder.adapters)
        self.lock = threading.RLock()
        self.unprojected: deque[Change] = deque()
        self.journal = Journal(folder.journal, keys, folder.tenant_id, config)
        self._snapshot = SnapshotFile(folder.snapshot, keys, folder.tenant_id)
        self._kept_seq = 0
        self.graph, self._history = self._begun()
        self.keep_snapshot()

    def _begun(self) -> tuple[NeedGraph, JournalHistory]:
        """The graph as it stands: from the snapshot and what came after it, else from the whole journal."""
        kept = self._snapshot.read(self.journal)
        if kept is None:
            return folded(self.journal, self.journal.last_seq())
        self._kept_seq, head = kept
        history = JournalHistory(self.journal, self._kept_seq)
        graph = NeedGraph(self.tenant_id, history, head, KEEP_MESSAGES)
        # Nobody waits for these changes: the projection asks for what it lacks by its own position.
        for _ in self._folded(graph, history):
            pass
        return graph, history

    def close(self) -> None:
        """Keep a snapshot and close the journal."""
        with self.lock:
            self.keep_snapshot()
            self.journal.close()

    @property
    def seq(self) -> int:
        """The last event that the graph holds."""
        return self._history.seq

    def keep_snapshot(self) -> None:
        """Keep what the graph knows of all calls, if the next start would have to fold much without it."""
        with self.lock:
            if self.seq - self._kept_seq >= SNAPSHOT_EVENTS:
                self._snapshot.write(self.journal, self.seq, self.graph.head)
                self._kept_seq = self.seq

    def append(self, messages: Sequence[Journalled], actor: str, causes: Sequence[str] = ()) -> tuple[Change, ...]:
        """Write messages durably, then fold them; what others wrote meanwhile comes along.

        Returns:
            Every change since the last one, in the journal's order.
        """
        at = datetime.now(UTC)
        drafts = [Draft(message=message, actor=actor, at=at, causes=tuple(causes)) for message in messages]
        with self.lock:
            self.journal.append(drafts)
            return self.catch_up()

    def catch_up(self) -> tuple[Change, ...]:
        """Fold what the journal holds beyond the graph."""
        with self.lock:
            changes = tuple(self._folded(self.graph, self._history))
            self.unprojected.extend(changes)
            return changes

    def replayed(self, after_seq: int) -> Iterator[Change]:
        """Every change after an event in order, from a fold of its own."""
        yield from self._folded(*graph_at(self.journal, after_seq))

    def rebuilt(self, until_seq: int) -> Iterator[Change]:
        """Every change up to and with an event, accounts one after the other, from a fold of its own."""
        for event, delta in Replay(self.journal, until_seq):
            yield Change(seq=event.seq, recorded_at=event.recorded_at, message=event.message, delta=delta)

    def copied(self) -> NeedGraph:
        """The graph as it stands, to try messages on that are not in the journal."""
        with self.lock:
            head = HEAD.validate_json(HEAD.dump_json(self.graph.head))
            return NeedGraph(self.tenant_id, JournalHistory(self.journal, self.seq), head)

    def _folded(self, graph: NeedGraph, history: JournalHistory) -> Iterator[Change]:
        for event in self.journal.read(after_seq=history.seq):
            delta = None if event.message is None else graph.apply(event.message)
            history.seq = event.seq
            yield Change(seq=event.seq, recorded_at=event.recorded_at, message=event.message, delta=delta)

    def open_call(
        self, started: CallStarted, agreed: Callable[[CallStarted], Sequence[Journalled]] = lambda _: ()
    ) -> tuple[CallStarted, tuple[Change, ...]]:
        """Name everyone on the call and journal its start, with what they agreed to."""
        with_ids, participants = opening(
            started, lambda speaker: self.keys.person_id(self.tenant_id, started.account, speaker)
        )
        return with_ids, self.append([with_ids, *participants, *agreed(with_ids)], "service")

    def keep_call(self, started: CallStarted, messages: Sequence[Journalled], actor: str) -> tuple[Change, ...]:
        """Journal a past call whole: everyone named, then its messages in one append."""
        started, changes = self.open_call(started)
        people = {one.channel: one.person_id for one in started.channels}
        named = [
            replace(one, person_id=people.get(one.channel)) if isinstance(one, Utterance) else one for one in messages
        ]
        return (*changes, *self.append(named, actor))

    @property
    def labels(self) -> LabelSet:
        """The tenant's own label set, retired types included."""
        with self.lock:
            return LABELS.changed(self.graph.label_types)

    def knows_call(self, call_id: CallId) -> bool:
        """Whether the journal has a call of this id."""
        with self.lock:
            return self.graph.knows(call_id)
