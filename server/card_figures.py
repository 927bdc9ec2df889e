"""How often cards came up and what became of them: the interruption rate as a number."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime

from graph.call_record import CallRecord
from graph.messages import CardClosed, CardShown
from ingest.messages import CallEnded, CallId
from server.bodies import CardFigures
from server.errors import ForbiddenError, NotFoundError
from server.tenant import Tenant

KINDS = ("card_shown", "card_closed", "call_ended")
HELD_BY = "service"
"""Who journals the end of a call that was held; a transcript that was read later had nobody to interrupt."""
HOUR_MS = 3_600_000

CardKey = tuple[CallId, str]


def figures_of_call(tenant: Tenant, call_id: CallId, live: Collection[CallId]) -> CardFigures:
    """Figures of one call, over the time it has lasted.

    Raises:
        NotFoundError: the journal has no such call.
    """
    with tenant.lock:
        record = tenant.graph.record(call_id)
        if record is None or record.started is None:
            raise NotFoundError(f"no call {call_id}")
        shown = {(call_id, one) for one in record.cards}
        outcomes = {(call_id, one.card_id): one.outcome for one in record.closed.values()}
        return _counted(shown, outcomes, [_length_ms(record, call_id in live)], {call_id} & set(live))


def figures_for(person: str, tenant: Tenant, call_id: CallId, live: Collection[CallId]) -> CardFigures:
    """Figures of one call for who began it: how a rep's own calls went is the rep's alone.

    Raises:
        NotFoundError: the journal has no such call.
        ForbiddenError: somebody else began it, or nobody.
    """
    found = figures_of_call(tenant, call_id, live)
    with tenant.lock:
        record = tenant.graph.record(call_id)
    if record is None or record.started is None or record.started.host != person:
        raise ForbiddenError("figures of one call are for who began it")
    return found


def figures_of_tenant(tenant: Tenant, live: Collection[CallId]) -> CardFigures:
    """Figures over all calls that were held: those that ended here, and those that are running.

    A call that its service did not live to end has no length, so neither it nor its cards count.
    """
    shown: set[CardKey] = set()
    outcomes: dict[CardKey, str] = {}
    lengths: dict[CallId, int] = {}
    for event in tenant.journal.read(kinds=KINDS):
        match event.message:
            case CardShown(call_id=call_id, card_id=card_id):
                shown.add((call_id, card_id))
            case CardClosed(call_id=call_id, card_id=card_id, outcome=outcome):
                outcomes[call_id, card_id] = outcome
            case CallEnded(call_id=call_id, end_ms=end_ms) if event.actor == HELD_BY:
                lengths[call_id] = end_ms
            case _:
                pass
    with tenant.lock:
        records = {one: tenant.graph.record(one) for one in live if one not in lengths}
    running = {one: record for one, record in records.items() if record is not None and record.started is not None}
    lengths |= {one: _length_ms(record, live=True) for one, record in running.items()}
    shown = {one for one in shown if one[0] in lengths}
    return _counted(shown, outcomes, list(lengths.values()), set(running))


def _counted(
    shown: set[CardKey], outcomes: dict[CardKey, str], lengths_ms: list[int], running: set[CallId]
) -> CardFigures:
    """Count; a card of a call that is over and that nobody closed was ignored."""
    count = Counter(outcomes.get(one, "shown" if one[0] in running else "ignored") for one in shown)
    hours = sum(lengths_ms) / HOUR_MS
    return CardFigures(
        calls=len(lengths_ms),
        hours=hours,
        shown=len(shown),
        used=count["used"],
        dismissed=count["dismissed"],
        later=count["later"],
        ignored=count["ignored"],
        per_hour=len(shown) / hours if hours else None,
    )


def _length_ms(record: CallRecord, live: bool) -> int:
    """How long a call lasted; of one that was cut off, up to the last words."""
    if record.ended is not None:
        return record.ended.end_ms
    if live and record.started is not None:
        return _since_ms(record.started.started_at)
    return max((one.end_ms for one in record.utterances.values()), default=0)


def _since_ms(started_at: datetime) -> int:
    return round((datetime.now(UTC) - started_at).total_seconds() * 1000)
