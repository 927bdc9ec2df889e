"""A journal up to an event, as the need graph reads accounts from it."""

from collections.abc import Collection, Iterator
from typing import cast

from graph.events import CallMessage
from graph.head import Head
from graph.journal import Journal
from graph.view import NeedGraph
from ingest.messages import CallId, CallStarted

KEEP_MESSAGES = 200_000
"""Messages of folded accounts in memory: about 200 MB (1 kB each, measured on the journals of `eval rebuild`)."""


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


def folded(journal: Journal) -> NeedGraph:
    """Make the need graph as it stands, by reading every event once."""
    history = JournalHistory(journal, 0)
    graph = NeedGraph(journal.tenant_id, history, keep_messages=KEEP_MESSAGES)
    for event in journal.read():
        if event.message is not None:
            graph.apply(event.message)
        history.seq = event.seq
    return graph


def graph_at(journal: Journal, seq: int) -> tuple[NeedGraph, JournalHistory]:
    """Make the need graph as it stood after an event: accounts are folded when they are asked for.

    Its list of calls is whole; verdicts, own types and counts are not, as no account was folded for them.
    """
    history = JournalHistory(journal, seq)
    head = Head()
    for event in journal.read(kinds=("call_started",), until_seq=seq):
        if isinstance(event.message, CallStarted):
            head.call(event.message.call_id, event.message.account).started = event.message
    return NeedGraph(journal.tenant_id, history, head, KEEP_MESSAGES), history
