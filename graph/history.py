"""A journal as the need graph reads it: single accounts up to an event, or everything at once."""

from collections.abc import Collection, Iterator
from typing import cast

from graph.events import CallMessage, Event
from graph.head import Head
from graph.journal import Journal
from graph.messages import GraphDelta
from graph.view import NeedGraph
from ingest.messages import CallId, CallStarted

KEEP_MESSAGES = 200_000
"""Messages of folded accounts in memory: about 100 MB (470 bytes each in the journal of `eval rebuild`, 2026-11)."""


class JournalHistory:
    """The events of a journal up to and with `seq`, which whoever applies further ones moves on."""

    def __init__(self, journal: Journal, seq: int) -> None:
        """Stand at an event; 0 is before the first."""
        self._journal = journal
        self.seq = seq

    def of_calls(self, call_ids: Collection[CallId]) -> Iterator[CallMessage]:
        """Read every message of these calls that can be read, in the journal's order."""
        for event in self._journal.read_calls(call_ids, until_seq=self.seq):
            if event.message is not None:
                yield cast("CallMessage", event.message)


def graph_at(journal: Journal, seq: int) -> tuple[NeedGraph, JournalHistory]:
    """Make the need graph as it stood after an event: accounts are folded when they are asked for.

    Its list of calls is whole; verdicts, own types and counts are not, as no account was folded for them.
    """
    history = JournalHistory(journal, seq)
    head = Head()
    for started in _starts(journal, seq):
        head.call(started.call_id, started.account).started = started
    return NeedGraph(journal.tenant_id, history, head, KEEP_MESSAGES), history


def folded(journal: Journal, seq: int, keep_messages: int = KEEP_MESSAGES) -> tuple[NeedGraph, JournalHistory]:
    """Make the need graph as it stood after an event, with all that is known of every call."""
    replay = Replay(journal, seq, keep_messages)
    for _ in replay:
        pass
    return replay.graph, replay.history


class Replay:
    """Every event up to one, applied to a graph; accounts do not depend on each other, so not all at once.

    First what belongs to no call. Then group by group of accounts, as many as `keep_messages` hold, each group in the
    journal's order: an account is folded once, however far apart its calls lie.
    """

    def __init__(self, journal: Journal, seq: int, keep_messages: int = KEEP_MESSAGES) -> None:
        """Prepare; iterating applies."""
        self._journal = journal
        self._seq = seq
        self._keep_messages = keep_messages
        self.history = JournalHistory(journal, 0)
        self.graph = NeedGraph(journal.tenant_id, self.history, keep_messages=keep_messages)

    def __iter__(self) -> Iterator[tuple[Event, GraphDelta | None]]:
        """Apply event after event; each comes with what it changed."""
        for event in self._journal.read_callless(until_seq=self._seq):
            yield event, self._applied(event)
        for calls in self._groups():
            for event in self._journal.read_calls(calls, until_seq=self._seq):
                yield event, self._applied(event)
        self.history.seq = self._seq

    def _applied(self, event: Event) -> GraphDelta | None:
        return None if event.message is None else self.graph.apply(event.message)

    def _groups(self) -> Iterator[list[CallId]]:
        sizes = self._journal.call_sizes(until_seq=self._seq)
        accounts = {started.call_id: started.account for started in _starts(self._journal, self._seq)}
        calls_of: dict[str, list[CallId]] = {}
        for call_id in sizes:
            calls_of.setdefault(accounts.get(call_id, ""), []).append(call_id)
        group: list[CallId] = []
        held = 0
        for calls in calls_of.values():
            messages = sum(sizes[call_id] for call_id in calls)
            if group and held + messages > self._keep_messages:
                yield group
                group, held = [], 0
            group, held = [*group, *calls], held + messages
        if group:
            yield group


def _starts(journal: Journal, seq: int) -> Iterator[CallStarted]:
    for event in journal.read(kinds=("call_started",), until_seq=seq):
        if isinstance(event.message, CallStarted):
            yield event.message
