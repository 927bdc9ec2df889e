"""Journal → graph: replayable, in order, idempotent, with the position stored beside what was written.

The projector is told what the need graph looks like after each event (`NeedGraph` makes these deltas) and writes the
difference. It never decides anything: a rebuild replays decisions and runs no model.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, LiteralString

from asr.messages import Utterance
from graph import queries
from graph.config import EngineConfig
from graph.messages import GraphDelta, Item, Link, Mention, Need, Participant, StatusChange
from graph.store import GraphStore, Statement
from ingest.messages import CallEnded, CallStarted, TenantId

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One journal event with what it did to the need graph."""

    seq: int
    recorded_at: datetime
    message: object | None
    delta: GraphDelta | None


@dataclass(slots=True)
class _Batch:
    """Rows of several appends that touch no need twice, so each statement can take them all at once."""

    seq: int = 0
    needs: set[str] = field(default_factory=set[str])
    rows: dict[str, Rows] = field(default_factory=dict[str, Rows])
    size: int = 0

    def add(self, name: str, row: dict[str, Any]) -> None:
        self.rows.setdefault(name, []).append(row)
        self.size += 1


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


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with six digits: compares as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def item_key(kind: str, item_id: str, section: str | None) -> str:
    """Identity of an item within its tenant."""
    return json.dumps([kind, item_id, section], ensure_ascii=False)


def utterance_key(call_id: str, utterance_id: str) -> str:
    """Identity of an utterance within its tenant: two calls may use the same utterance id."""
    return json.dumps([call_id, utterance_id], ensure_ascii=False)


def _statements(tenant_id: TenantId, batches: Sequence[_Batch], limit: int) -> list[Statement]:
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


def _batches(appends: Iterable[Sequence[Change]]) -> Iterator[_Batch]:
    batch = _Batch()
    for changes in appends:
        touched = {need_id for change in changes for need_id in _touched(change.delta)}
        if batch.seq and touched & batch.needs:
            yield batch
            batch = _Batch()
        batch.seq = changes[-1].seq
        batch.needs |= touched
        for change in changes:
            _add_message(batch, change)
        _add_needs(batch, changes)
    if batch.seq:
        yield batch


def _transactions(batches: Iterable[_Batch], limit: int) -> Iterator[list[_Batch]]:
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


def _touched(delta: GraphDelta | None) -> set[str]:
    return set() if delta is None else {str(need.need_id) for need in delta.needs} | set(map(str, delta.removed))


def _add_message(batch: _Batch, change: Change) -> None:
    at = instant(change.recorded_at)
    match change.message:
        case Item() as item:
            batch.add("items", {"id": item_key(item.kind, item.id, item.section), "props": _item_props(item, at)})
        case CallStarted() as call:
            props = {
                "account": call.account,
                "language": call.language,
                "started_at": instant(call.started_at),
                "recorded_at": at,
            }
            batch.add("calls", {"id": call.call_id, "account": call.account, "props": props})
        case Participant() as person:
            props = {"name": person.speaker}
            row = {"id": person.person_id, "call_id": person.call_id, "role": person.role, "props": props}
            batch.add("people", row)
        case Utterance() as utterance:
            batch.add("utterances", _utterance_row(utterance, at))
        case CallEnded() as ended:
            props = {"ended_at": instant(ended.ended_at), "reason": ended.reason, "end_ms": ended.end_ms}
            batch.add("ended", {"id": ended.call_id, "props": props})
        case _:
            pass


def _utterance_row(utterance: Utterance, at: str) -> dict[str, Any]:
    props = {
        "utterance_id": utterance.utterance_id,
        "text": utterance.text,
        "revision": utterance.revision,
        "turn": utterance.turn,
        "role": utterance.role,
        "speaker": utterance.speaker,
        "channel": utterance.channel,
        "start_ms": utterance.start_ms,
        "end_ms": utterance.end_ms,
        "recorded_at": at,
    }
    key = utterance_key(utterance.call_id, utterance.utterance_id)
    return {"id": key, "call_id": utterance.call_id, "person_id": utterance.person_id, "props": props}


def _item_props(item: Item, at: str) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "item_id": item.id,
        "section": item.section,
        "title": item.title,
        "status": item.status,
        "competitor": item.competitor,
        "quarter": item.quarter,
        "may_say": item.may_say,
        "url": item.url,
        "version": item.version,
        "recorded_at": at,
    }


def _add_needs(batch: _Batch, changes: Sequence[Change]) -> None:
    """What each need has become after one append; what it was in between was never known to anybody."""
    last: dict[str, tuple[Change, Need | None]] = {}
    for change in changes:
        if change.delta is not None:
            last |= {str(need_id): (change, None) for need_id in change.delta.removed}
            last |= {str(need.need_id): (change, need) for need in change.delta.needs}
    for need_id, (change, need) in last.items():
        at = instant(change.recorded_at)
        if need is not None:
            _add_need(batch, need, change.seq, at)
        else:
            batch.add("removed", {"id": need_id, "at": at})
            batch.add("retired_edges", {"id": need_id, "keys": [], "at": at})


def _add_need(batch: _Batch, need: Need, seq: int, at: str) -> None:
    state = {
        "kind": need.kind,
        "type": need.type,
        "strength": need.strength,
        "label": need.label,
        "status": need.status,
        "linked": need.linked,
    }
    state_key = _digest(state)
    row = {
        "id": need.need_id,
        "need": {**state, "caption": need.label},
        "key": state_key,
        "state": f"{need.need_id}@{seq}",
        "props": {**state, "key": state_key, "recorded_at": at},
        "at": at,
    }
    batch.add("needs", row)
    mentions = [_mention_row(need.need_id, mention, at) for mention in need.mentions]
    links = [_link_row(need.need_id, link, rank, at) for rank, link in enumerate(need.links)]
    changes = [_change_row(need.need_id, change, rank, at) for rank, change in enumerate(need.changes)]
    facts = (("mentions", mentions), ("links", links), ("changes", changes))
    keys = [row["key"] for _, rows in facts for row in rows]
    batch.add("retired_edges", {"id": need.need_id, "keys": keys, "at": at})
    for name, rows in facts:
        for row in rows:
            batch.add(name, row)


def _mention_row(need_id: str, mention: Mention, at: str) -> dict[str, Any]:
    props: dict[str, Any] = {
        "signal_id": mention.signal_id,
        "turn": mention.turn,
        "speaker": mention.speaker,
        "person_id": mention.person_id,
        "start": mention.span.start,
        "end": mention.span.end,
        "text": mention.text,
        "start_ms": mention.start_ms,
        "end_ms": mention.end_ms,
        "strength": mention.strength,
        "confidence": mention.confidence,
        "adapter_id": mention.adapter_id,
    }
    key = _digest(props)
    row_props = {**props, "key": key, "recorded_at": at}
    utterance = utterance_key(mention.call_id, mention.utterance_id)
    return {"id": need_id, "utterance": utterance, "key": key, "props": row_props}


def _link_row(need_id: str, link: Link, rank: int, at: str) -> dict[str, Any]:
    props: dict[str, Any] = {
        "title": link.title,
        "score": link.score,
        "evidence": link.evidence,
        "may_say": link.may_say,
        "source_version": link.source_version,
        "rank": rank,
    }
    item = item_key(link.kind, link.id, link.section)
    key = _digest({**props, "item": item})
    return {"id": need_id, "item": item, "key": key, "props": {**props, "key": key, "recorded_at": at}}


def _change_row(need_id: str, change: StatusChange, rank: int, at: str) -> dict[str, Any]:
    props: dict[str, Any] = {
        "call_id": change.call_id,
        "status": change.status,
        "at": instant(change.at),
        "decided_by": change.decided_by,
        "score": change.score,
        "utterance_id": change.utterance_id,
        "turn": change.turn,
        "speaker": change.speaker,
        "start": change.span.start if change.span else None,
        "end": change.span.end if change.span else None,
        "text": change.text,
        "start_ms": change.start_ms,
    }
    key = _digest({**props, "change": change.change_id, "rank": rank})
    edge = {"key": key, "rank": rank, "recorded_at": at}
    utterance = utterance_key(change.call_id, change.utterance_id) if change.utterance_id else None
    return {"id": need_id, "change": change.change_id, "utterance": utterance, "key": key, "props": props, "edge": edge}


def _digest(content: dict[str, Any]) -> str:
    # Content, not identity: an unchanged fact keeps its node or edge, a changed one gets a new version.
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


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
