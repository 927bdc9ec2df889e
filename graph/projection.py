"""Journal → graph: replayable, in order, idempotent, with the position stored beside what was written.

The projector is told what the need graph looks like after each event (`NeedGraph` makes these deltas) and writes the
difference. It never decides anything: a rebuild replays decisions and runs no model.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString, Protocol

from graph import queries
from graph.config import EngineConfig
from graph.facts import Change, appended, in_waves, instant
from graph.store import GraphStore, Statement
from ingest.messages import TenantId

ORDER: tuple[tuple[str, LiteralString], ...] = (
    ("items", queries.UPSERT_ITEMS),
    ("removed_items", queries.REMOVE_ITEMS),
    ("calls", queries.UPSERT_CALLS),
    ("people", queries.UPSERT_PEOPLE),
    ("utterances", queries.UPSERT_UTTERANCES),
    ("ended", queries.END_CALLS),
    ("removed_needs", queries.RETIRE_STATES),
    ("needs", queries.UPSERT_NEEDS),
    ("retired_edges", queries.RETIRE_EDGES),
    ("mentions", queries.ADD_MENTIONS),
    ("links", queries.ADD_LINKS),
    ("changes", queries.ADD_CHANGES),
    ("things", queries.UPSERT_THINGS),
    ("about", queries.ADD_ABOUT),
    ("retired_names", queries.RETIRE_NAMES),
    ("names", queries.ADD_NAMES),
    ("called_people", queries.CALL_PEOPLE),
    ("called_accounts", queries.CALL_ACCOUNTS),
)
"""Nodes before the edges that need them; the old version of a fact is retired before the new one is made."""


class Replays(Protocol):
    """A journal that can be gone through again."""

    def replayed(self, after_seq: int) -> Iterable[Change]:
        """Every change after an event, in order."""
        ...

    def rebuilt(self, until_seq: int) -> Iterable[Change]:
        """Every change up to and with an event; accounts may come one after the other."""
        ...


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

    def catch_up(self, tenant_id: TenantId, waiting: Sequence[Change], last_seq: int, replays: Replays) -> int:
        """Write what the graph does not hold of a journal; from the start when it lost what is behind.

        The position is read each time: a rebuild in another process may have written meanwhile.

        Args:
            tenant_id: whose.
            waiting: the journal's newest events, in order, up to `last_seq`; none when nothing is known to wait.
            last_seq: sequence number of the journal's last event.
            replays: the journal again, for what does not wait.

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
        if first == position + 1:
            return self._written(tenant_id, position, waiting)
        if position == 0:
            return self.rebuild(tenant_id, replays.rebuilt(last_seq), last_seq)
        return self._written(tenant_id, position, replays.replayed(position))

    def rebuild(self, tenant_id: TenantId, changes: Iterable[Change], last_seq: int) -> int:
        """Drop what there is of a tenant and write every change up to `last_seq`, in any order of accounts.

        The position stays 0 until all is written, so that a rebuild that was cut short never looks whole.
        """
        self.drop(tenant_id)
        self._store.write([(queries.WRITE_POSITION, {"tenant": tenant_id, "seq": 0})])
        for _, statements in self._transactions(tenant_id, changes):
            if statements:
                self._store.write(statements)
        self._store.write([(queries.WRITE_POSITION, {"tenant": tenant_id, "seq": last_seq})])
        return last_seq

    def _continued(self, tenant_id: TenantId, waiting: Sequence[Change]) -> bool:
        """Write changes to a graph that stands just before them; False when it stands elsewhere, which is rare.

        Its position is looked at in the transaction that moves it, so that nothing is asked beforehand.
        """
        before = waiting[0].seq - 1
        for seq, written in self._transactions(tenant_id, waiting):
            move: Statement = (queries.MOVE_POSITION, {"tenant": tenant_id, "seq": seq})
            # 0 is the position of a drop that was cut short: before the first event there is none.
            stands = before or None
            if not self._store.write([move, *written], lambda rows, stands=stands: rows[0]["before"] == stands):
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
        for seq, statements in self._transactions(tenant_id, news):
            self._store.write([*statements, (queries.WRITE_POSITION, {"tenant": tenant_id, "seq": seq})])
            position = seq
        return position

    def _transactions(self, tenant_id: TenantId, changes: Iterable[Change]) -> Iterator[tuple[int, list[Statement]]]:
        """The statements of each transaction, with the last event in it."""
        limit = self._config.batch_rows
        for seq, waves in in_waves(appended(changes), limit):
            yield (
                seq,
                [
                    (text, {"tenant": tenant_id, "rows": rows[at : at + limit]})
                    for wave in waves
                    for name, text in ORDER
                    if (rows := wave.rows.get(name))
                    for at in range(0, len(rows), limit)
                ],
            )

    def drop(self, tenant_id: TenantId) -> None:
        """Remove everything of a tenant; the journal can make it again.

        The position goes to 0 before the first node goes, so that a graph whose drop was cut short never looks whole.
        """
        self._store.write([(queries.WRITE_POSITION, {"tenant": tenant_id, "seq": 0})])
        parameters = {"tenant": tenant_id, "limit": self._config.batch_rows}
        while self._store.read(queries.COUNT_TENANT, {"tenant": tenant_id})[0]["nodes"]:
            self._store.write([(queries.DROP_TENANT_BATCH, parameters)])
        self._store.write([(queries.DROP_POSITION, {"tenant": tenant_id})])


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
        One row a need: its state with `mentions`, `links`, `changes` and what it is `about`, in the order they were
        voiced.
    """
    kind, scope_id = scope
    text: LiteralString = queries.NEEDS_OF_CALL if kind == "call" else queries.NEEDS_OF_ACCOUNT
    when = instant(at)
    ids = [row["id"] for row in store.read(text, {"tenant": tenant_id, "id": scope_id, "at": when})]
    parameters = {"tenant": tenant_id, "ids": ids, "at": when}
    needs: dict[str, dict[str, Any]] = {
        row["need_id"]: {**row, "mentions": [], "links": [], "changes": [], "about": []}
        for row in store.read(queries.STATES_OF, parameters)
    }
    for name, found in (
        ("mentions", sorted(store.read(queries.MENTIONS_OF, parameters), key=_voiced)),
        ("links", sorted(store.read(queries.LINKS_OF, parameters), key=_rank)),
        ("changes", sorted(store.read(queries.CHANGES_OF, parameters), key=_rank)),
        ("about", sorted(store.read(queries.ABOUT_OF, parameters), key=_rank)),
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
