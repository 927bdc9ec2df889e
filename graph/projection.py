"""Journal → graph: replayable, in order, idempotent, with the position stored beside what was written.

The projector is told what the need graph looks like after each event (`NeedGraph` makes these deltas) and writes the
difference. It never decides anything: a rebuild replays decisions and runs no model.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, LiteralString

from graph import queries
from graph.config import EngineConfig
from graph.facts import Batch, Change, add_message, add_needs, instant, touched
from graph.store import GraphStore, Statement
from ingest.messages import TenantId

ORDER: tuple[tuple[str, LiteralString], ...] = (
    ("items", queries.UPSERT_ITEMS),
    ("calls", queries.UPSERT_CALLS),
    ("people", queries.UPSERT_PEOPLE),
    ("utterances", queries.UPSERT_UTTERANCES),
    ("ended", queries.END_CALLS),
    ("removed", queries.RETIRE_STATES),
    ("needs", queries.UPSERT_NEEDS),
    ("retired_edges", queries.RETIRE_EDGES),
    ("mentions", queries.ADD_MENTIONS),
    ("links", queries.ADD_LINKS),
    ("changes", queries.ADD_CHANGES),
)
"""Nodes before the edges that need them; the old version of a fact is retired before the new one is made."""


class Projector:
    """Writes changes of any tenant to the graph."""

    def __init__(self, store: GraphStore, config: EngineConfig) -> None:
        """Write through this store."""
        self._store = store
        self._config = config

    def position(self, tenant_id: TenantId) -> int:
        """Sequence number of the last journal event in the graph; 0 when nothing is."""
        rows = self._store.read(queries.READ_POSITION, {"tenant": tenant_id})
        return int(rows[0]["seq"]) if rows else 0

    def project(self, tenant_id: TenantId, changes: Iterable[Change]) -> int:
        """Write changes in order; those that the graph holds already are passed over.

        Returns:
            The position after them.
        """
        return self._written(tenant_id, self._settled(tenant_id), changes)

    def catch_up(
        self, tenant_id: TenantId, waiting: Sequence[Change], last_seq: int, replayed: Callable[[], Iterable[Change]]
    ) -> int:
        """Write what the graph does not hold of a journal; from the start when it lost what is behind.

        The position is read each time: a rebuild in another process may have written meanwhile.

        Args:
            tenant_id: whose.
            waiting: the journal's newest events, in order, up to `last_seq`; none when nothing is known to wait.
            last_seq: sequence number of the journal's last event.
            replayed: every event from the first one on.

        Returns:
            The position after it.
        """
        if waiting and self._continued(tenant_id, waiting):
            return last_seq
        position = self._settled(tenant_id)
        if position > last_seq:
            # The graph knows more than this journal: it belongs to another data directory.
            self.drop(tenant_id)
            position = 0
        first = waiting[0].seq if waiting else last_seq + 1
        return self._written(tenant_id, position, replayed() if first > position + 1 else waiting)

    def _continued(self, tenant_id: TenantId, waiting: Sequence[Change]) -> bool:
        """Write changes to a graph that stands just before them; False when it stands elsewhere, which is rare.

        Its position is looked at in the transaction that moves it, so that nothing is asked beforehand.
        """
        before = waiting[0].seq - 1
        for batches in _transactions(_batches(_appends(waiting)), self._config.batch_rows):
            seq = batches[-1].seq
            move: Statement = (queries.MOVE_POSITION, {"tenant": tenant_id, "seq": seq})
            # 0 is the position of a drop that was cut short: before the first event there is none.
            stands = before or None
            statements = [move, *_statements(tenant_id, batches, self._config.batch_rows)]
            if not self._store.write(statements, lambda rows, stands=stands: rows[0]["before"] == stands):
                return False
            before = seq
        return True

    def _settled(self, tenant_id: TenantId) -> int:
        """The position of a graph that is whole."""
        rows = self._store.read(queries.READ_POSITION, {"tenant": tenant_id})
        position = int(rows[0]["seq"]) if rows else 0
        if rows and position == 0:
            # Somebody began to drop this tenant and did not end.
            self.drop(tenant_id)
        return position

    def _written(self, tenant_id: TenantId, position: int, changes: Iterable[Change]) -> int:
        news = (change for change in changes if change.seq > position)
        for batches in _transactions(_batches(_appends(news)), self._config.batch_rows):
            position = batches[-1].seq
            move: Statement = (queries.WRITE_POSITION, {"tenant": tenant_id, "seq": position})
            self._store.write([*_statements(tenant_id, batches, self._config.batch_rows), move])
        return position

    def drop(self, tenant_id: TenantId) -> None:
        """Remove everything of a tenant; the journal can make it again.

        The position goes to 0 before the first node goes, so that a graph whose drop was cut short never looks whole.
        """
        self._store.write([(queries.WRITE_POSITION, {"tenant": tenant_id, "seq": 0})])
        parameters = {"tenant": tenant_id, "limit": self._config.batch_rows}
        while self._store.read(queries.COUNT_TENANT, {"tenant": tenant_id})[0]["nodes"]:
            self._store.write([(queries.DROP_TENANT_BATCH, parameters)])
        self._store.write([(queries.DROP_POSITION, {"tenant": tenant_id})])


def _statements(tenant_id: TenantId, batches: Sequence[Batch], limit: int) -> list[Statement]:
    return [
        (text, {"tenant": tenant_id, "rows": rows[at : at + limit]})
        for batch in batches
        for name, text in ORDER
        if (rows := batch.rows.get(name))
        for at in range(0, len(rows), limit)
    ]


def _appends(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes that were recorded together: one append of the journal, which is never read in part."""
    for _, together in groupby(changes, key=lambda change: change.recorded_at):
        yield list(together)


def _batches(appends: Iterable[Sequence[Change]]) -> Iterator[Batch]:
    batch = Batch()
    for changes in appends:
        needs = {need_id for change in changes for need_id in touched(change.delta)}
        if batch.seq and needs & batch.needs:
            yield batch
            batch = Batch()
        batch.seq = changes[-1].seq
        batch.needs |= needs
        for change in changes:
            add_message(batch, change)
        add_needs(batch, changes)
    if batch.seq:
        yield batch


def _transactions(batches: Iterable[Batch], limit: int) -> Iterator[list[Batch]]:
    """As many batches as have so many rows together: a commit waits for the disk, so few are better."""
    held, size = [], 0
    for batch in batches:
        held.append(batch)
        size += batch.size
        if size >= limit:
            yield held
            held, size = [], 0
    if held:
        yield held


def read_needs(
    store: GraphStore, tenant_id: TenantId, scope: tuple[str, str], at: datetime
) -> Sequence[dict[str, Any]]:
    """Needs of a call or an account as known at a time.

    Args:
        store: where to read.
        tenant_id: whose.
        scope: ("call", call id) or ("account", account name).
        at: over `recorded_at`.

    Returns:
        One row a need: its state with `mentions`, `links` and `changes`, in the order they were voiced.
    """
    kind, scope_id = scope
    text: LiteralString = queries.NEEDS_OF_CALL if kind == "call" else queries.NEEDS_OF_ACCOUNT
    when = instant(at)
    ids = [row["id"] for row in store.read(text, {"tenant": tenant_id, "id": scope_id, "at": when})]
    parameters = {"tenant": tenant_id, "ids": ids, "at": when}
    needs: dict[str, dict[str, Any]] = {
        row["need_id"]: {**row, "mentions": [], "links": [], "changes": []}
        for row in store.read(queries.STATES_OF, parameters)
    }
    for name, found in (
        ("mentions", sorted(store.read(queries.MENTIONS_OF, parameters), key=_voiced)),
        ("links", sorted(store.read(queries.LINKS_OF, parameters), key=_rank)),
        ("changes", sorted(store.read(queries.CHANGES_OF, parameters), key=_rank)),
    ):
        for row in found:
            if row["need_id"] in needs:
                needs[row["need_id"]][name].append(row)
    voiced = [need for need in needs.values() if need["mentions"]]
    return sorted(voiced, key=lambda need: (_voiced(need["mentions"][0])[:3], need["need_id"]))


def _voiced(row: dict[str, Any]) -> tuple[str, int, int, str]:
    return row["started_at"], row["start_ms"], row["start"], row["signal_id"]


def _rank(row: dict[str, Any]) -> int:
    return row["rank"]
