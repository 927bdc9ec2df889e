"""One tenant in memory: its journal, the need graph folded from it, and what the projection still has to write.

Several processes may append to one journal (an import beside a running service), so the fold always follows the
journal's own order: own events come back through `catch_up` like everybody else's.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from asr.messages import Utterance
from graph.config import JournalConfig
from graph.events import Draft, Journalled, opening
from graph.journal import Journal
from graph.keys import KeyStore
from graph.projection import Change
from graph.tenants import TenantFolder
from graph.view import NeedGraph
from ingest.messages import CallId, CallStarted, TenantId
from intent.adapters import AdapterStore
from intent.labels import LABELS, LabelSet


class Tenant:
    """A tenant's truth and its live picture.

    Hold `lock` while reading `graph` from a thread; `seq` is the last event it holds, `unprojected` what the graph
    engine has not been told yet.
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
        self.graph = NeedGraph(folder.tenant_id)
        self.seq = 0
        self.catch_up()

    def close(self) -> None:
        """Close the journal."""
        with self.lock:
            self.journal.close()

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
            changes = tuple(self._folded(self.graph, after_seq=self.seq))
            self.seq = changes[-1].seq if changes else self.seq
            self.unprojected.extend(changes)
            return changes

    def replayed(self) -> Iterator[Change]:
        """Every change from the first event on, from a fold of its own."""
        yield from self._folded(NeedGraph(self.tenant_id), after_seq=0)

    def _folded(self, graph: NeedGraph, after_seq: int) -> Iterator[Change]:
        for event in self.journal.read(after_seq=after_seq):
            delta = None if event.message is None else graph.apply(event.message)
            yield Change(seq=event.seq, recorded_at=event.recorded_at, message=event.message, delta=delta)

    def open_call(self, started: CallStarted) -> tuple[CallStarted, tuple[Change, ...]]:
        """Name everyone on the call and journal its start."""
        with_ids, participants = opening(
            started, lambda speaker: self.keys.person_id(self.tenant_id, started.account, speaker)
        )
        return with_ids, self.append([with_ids, *participants], "service")

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
            return self.graph.call(call_id) is not None
