"""Journal → graph: replayable, in order, idempotent, with the position stored beside what was written.

The projector is told what the need graph looks like after each event (`NeedGraph` makes these deltas) and writes the
difference. It never decides anything: a rebuild replays decisions and runs no model.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString

from asr.messages import Utterance
from graph import queries
from graph.config import EngineConfig
from graph.messages import (
    GraphDelta,
    Item,
    Link,
    Mention,
    Need,
    Participant,
    StatusChange,
    Thing,
    ThingsNamed,
)
from graph.store import GraphStore, Statement
from ingest.messages import CallEnded, CallStarted, TenantId
from intent.messages import NamedThing

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
    """Rows of several changes that touch no need and no utterance's names twice, so one transaction can write them."""

    seq: int = 0
    touched: set[str] = field(default_factory=set[str])
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
    ("speakers", queries.LINK_SPEAKERS),
    ("ended", queries.END_CALLS),
    ("needs", queries.UPSERT_NEEDS),
    ("retired_states", queries.RETIRE_STATES),
    ("states", queries.ADD_STATES),
    ("retired_mentions", queries.RETIRE_MENTIONS),
    ("mentions", queries.ADD_MENTIONS),
    ("retired_links", queries.RETIRE_LINKS),
    ("links", queries.ADD_LINKS),
    ("retired_changes", queries.RETIRE_CHANGES),
    ("changes", queries.ADD_CHANGES),
    ("shown", queries.SHOW_CHANGES),
    ("things", queries.UPSERT_THINGS),
    ("retired_names", queries.RETIRE_NAMES),
    ("names", queries.ADD_NAMES),
    ("called_people", queries.CALL_PEOPLE),
    ("called_accounts", queries.CALL_ACCOUNTS),
    ("retired_about", queries.RETIRE_ABOUT),
    ("about", queries.ADD_ABOUT),
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
        rows = self._store.read(queries.READ_POSITION, {"tenant": tenant_id})
        position = int(rows[0]["seq"]) if rows else 0
        if rows and position == 0:
            # Somebody began to drop this tenant and did not end.
            self.drop(tenant_id)
        news = (change for change in changes if change.seq > position)
        for batch in _batches(news, self._config.batch_rows):
            self._store.write(_statements(tenant_id, batch))
            position = batch.seq
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


def thing_key(thing: Thing | NamedThing) -> str:
    """Identity of a named thing within its tenant: its type, and its name without case and the width of spaces."""
    return json.dumps([thing.type, " ".join(thing.name.split()).casefold()], ensure_ascii=False)


def _statements(tenant_id: TenantId, batch: _Batch) -> list[Statement]:
    statements: list[Statement] = [
        (text, {"tenant": tenant_id, "rows": batch.rows[name]}) for name, text in ORDER if name in batch.rows
    ]
    return [*statements, (queries.WRITE_POSITION, {"tenant": tenant_id, "seq": batch.seq})]


def _batches(changes: Iterable[Change], limit: int) -> Iterator[_Batch]:
    batch = _Batch()
    for change in changes:
        touched = _touched(change.delta)
        if batch.seq and (touched & batch.touched or batch.size >= limit):
            yield batch
            batch = _Batch()
        batch.seq = change.seq
        batch.touched |= touched
        _add_message(batch, change)
        if change.delta is not None:
            _add_delta(batch, change.delta, change)
    if batch.seq:
        yield batch


def _touched(delta: GraphDelta | None) -> set[str]:
    if delta is None:
        return set()
    named = {utterance_key(one.call_id, one.utterance_id) for one in delta.named}
    return {str(need.need_id) for need in delta.needs} | set(map(str, delta.removed)) | named


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
            if utterance.person_id is not None:
                key = utterance_key(utterance.call_id, utterance.utterance_id)
                batch.add("speakers", {"id": key, "person_id": utterance.person_id})
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
    return {"id": key, "call_id": utterance.call_id, "props": props}


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


def _add_delta(batch: _Batch, delta: GraphDelta, change: Change) -> None:
    at = instant(change.recorded_at)
    for need in delta.needs:
        _add_need(batch, need, change.seq, at)
    for need_id in delta.removed:
        for name in ("retired_states", "retired_mentions", "retired_links", "retired_changes", "retired_about"):
            batch.add(name, {"id": need_id, "keys": [], "at": at})
    for named in delta.named:
        _add_names(batch, named, at)


def _add_names(batch: _Batch, named: ThingsNamed, at: str) -> None:
    rows = [_name_row(named, one, at) for one in named.things]
    utterance = utterance_key(named.call_id, named.utterance_id)
    batch.add("retired_names", {"id": utterance, "keys": [row["key"] for row in rows], "at": at})
    for row, one in zip(rows, named.things, strict=True):
        batch.add("things", _thing_row(one))
        batch.add("names", row)
        if one.type == "person":
            batch.add("called_people", {"thing": row["thing"], "call_id": named.call_id, "name": one.name})
        if one.type == "account":
            batch.add("called_accounts", {"thing": row["thing"], "name": one.name})


def _thing_row(thing: Thing | NamedThing) -> dict[str, Any]:
    return {"id": thing_key(thing), "props": {"type": thing.type, "name": thing.name, "caption": thing.name}}


def _name_row(named: ThingsNamed, thing: NamedThing, at: str) -> dict[str, Any]:
    props: dict[str, Any] = {
        "start": thing.span.start,
        "end": thing.span.end,
        "revision": named.revision,
        "namer_version": named.namer_version,
    }
    utterance, key = utterance_key(named.call_id, named.utterance_id), thing_key(thing)
    digest = _digest({**props, "thing": key})
    return {"id": utterance, "thing": key, "key": digest, "props": {**props, "key": digest, "recorded_at": at}}


def _about_row(need_id: str, thing: Thing, rank: int, at: str) -> dict[str, Any]:
    props: dict[str, Any] = {"name": thing.name, "rank": rank}
    key = _digest({**props, "thing": thing_key(thing)})
    return {"id": need_id, "thing": thing_key(thing), "key": key, "props": {**props, "key": key, "recorded_at": at}}


def _add_need(batch: _Batch, need: Need, seq: int, at: str) -> None:
    state = {
        "kind": need.kind,
        "type": need.type,
        "strength": need.strength,
        "label": need.label,
        "status": need.status,
        "linked": need.linked,
    }
    batch.add("needs", {"id": need.need_id, "props": {**state, "caption": need.label}})
    state_key = _digest(state)
    mentions = [_mention_row(need.need_id, mention, at) for mention in need.mentions]
    links = [_link_row(need.need_id, link, rank, at) for rank, link in enumerate(need.links)]
    props = {**state, "key": state_key, "recorded_at": at}
    batch.add("retired_states", {"id": need.need_id, "keys": [state_key], "at": at})
    batch.add("states", {"id": need.need_id, "key": state_key, "state": f"{need.need_id}@{seq}", "props": props})
    batch.add("retired_mentions", {"id": need.need_id, "keys": [row["key"] for row in mentions], "at": at})
    batch.add("retired_links", {"id": need.need_id, "keys": [row["key"] for row in links], "at": at})
    for row in mentions:
        batch.add("mentions", row)
    for row in links:
        batch.add("links", row)
    changes = [_change_row(need.need_id, change, rank, at) for rank, change in enumerate(need.changes)]
    batch.add("retired_changes", {"id": need.need_id, "keys": [row["key"] for row in changes], "at": at})
    about = [_about_row(need.need_id, thing, rank, at) for rank, thing in enumerate(need.about)]
    batch.add("retired_about", {"id": need.need_id, "keys": [row["key"] for row in about], "at": at})
    for row in about:
        batch.add("about", row)
    for row in changes:
        batch.add("changes", row)
        if row["utterance"] is not None:
            batch.add("shown", {"change": row["change"], "utterance": row["utterance"]})


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
