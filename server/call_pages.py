"""The tenant's calls as lists: the newest for every screen, and pages of all. Run while the tenant is locked."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from graph.head import CallHead
from graph.messages import Participant
from graph.view import CallLine, NeedGraph
from ingest.messages import CallId, Channel
from server import bodies, snapshots, wire
from server.errors import BadRequestError

NEWEST = 50
"""Calls on every screen, beside the live ones: a page of the list, and 15 kB of JSON."""
MOST = 200
"""Calls, or accounts, on one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """Which calls: `text` is looked for in accounts and speakers without case, `account` is a whole name."""

    text: str = ""
    account: str | None = None

    def fits(self, head: CallHead) -> bool:
        """Whether a call is asked for by its text."""
        return not self.text or self.text.casefold().strip() in searched(head)


def searched(head: CallHead) -> str:
    """What a call is found by: its account and everybody on it who can still be named, without case."""
    account = head.started.account if head.started else ""
    return "\n".join([account, *[one.speaker for one in on_call(head)]]).casefold()


def on_call(head: CallHead) -> Collection[Participant | Channel]:
    """Who is on a call, by channel; names may be empty."""
    # A past call that is not in the journal yet has its speakers' names in its start alone.
    return head.participants.values() or (head.started.channels if head.started else ())


def newest(graph: NeedGraph, live: set[CallId]) -> wire.CallList:
    """What a screen's list holds: live calls and the newest, the newest first."""
    order = graph.calls()
    recent = order[-NEWEST:]
    older = live - set(recent)
    # Few calls are both live and old, so the whole list is looked through for them only.
    shown = (*(one for one in order[:-NEWEST] if older and one in older), *recent)
    return wire.CallList(calls=summaries(graph.lines(reversed(shown)), live), total=len(order))


def summaries(lines: Iterable[CallLine], live: set[CallId]) -> tuple[wire.CallSummary, ...]:
    """Calls as they stand in a list."""
    return tuple(snapshots.summary(one, one.started.call_id in live) for one in lines)


def page(graph: NeedGraph, live: set[CallId], query: CallQuery, before: str | None, limit: int) -> bodies.CallPage:
    """A page of calls, the newest first.

    Args:
        graph: the tenant's.
        live: calls that are running.
        query: which calls.
        before: the id of a call; the page holds what started before it.
        limit: most calls on the page.

    Raises:
        BadRequestError: `before` is no call of the tenant.
    """
    heads = graph.head.calls
    order = reversed(graph.calls(query.account))
    found = [call_id for call_id in order if query.fits(heads[call_id])] if query.text else list(order)
    rest: Iterator[CallId] = iter(found)
    if before is not None:
        last = heads.get(CallId(before))
        if last is None or last.started is None:
            raise BadRequestError(f"before: there is no call {before[:128]}")
        place = (last.started.started_at, before)
        rest = (one for one in found if (started := heads[one].started) and (started.started_at, one) < place)
    shown = list(islice(rest, limit + 1))
    return bodies.CallPage(
        calls=summaries(graph.lines(shown[:limit]), live),
        total=len(found),
        next=shown[limit - 1] if len(shown) > limit else None,
    )
