"""What of a change is written to the graph: rows of nodes and edges, by the statement that takes them (pure).

Facts go by content: one that did not change has the key it had, and keeps its node or edge.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from asr.messages import Utterance
from graph.messages import (
    GraphDelta,
    Item,
    ItemRemoved,
    Link,
    Mention,
    Need,
    Participant,
    StatusChange,
    Thing,
    ThingsNamed,
)
from ingest.messages import CallEnded, CallStarted
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
class Wave:
    """Rows that touch nothing twice, so each statement can take them all at once, in any order."""

    rows: dict[str, Rows] = field(default_factory=dict[str, Rows])
    size: int = 0

    def add(self, name: str, row: dict[str, Any]) -> None:
        """Take one row for the statement of this name."""
        self.rows.setdefault(name, []).append(row)
        self.size += 1


def appended(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes that were recorded together: one append of the journal, which is never read in part."""
    for _, together in groupby(changes, key=lambda change: change.recorded_at):
        yield list(together)


def in_waves(appends: Iterable[Sequence[Change]], limit: int) -> Iterator[tuple[int, list[Wave]]]:
    """Rows of as many appends as have so many together, and the last event among them.

    What happened to a need one time after the other lies in one wave after the other; different needs share waves. So a
    few statements write what thousands of events did.
    """
    waves: list[Wave] = []
    place: dict[str, int] = {}
    seq = 0
    for changes in appends:
        ids = {one for change in changes for one in _touched(change)}
        number = max((place[one] + 1 for one in ids if one in place), default=0)
        while len(waves) <= number:
            waves.append(Wave())
        for change in changes:
            # Nodes come first of all: what points to them may lie in an earlier wave than what changed them again.
            _add_message(waves[number if _is_item(change) else 0], change)
        _add_needs(waves[number], changes)
        _add_names(waves[number], changes)
        place |= dict.fromkeys(ids, number)
        seq = changes[-1].seq
        if sum(wave.size for wave in waves) >= limit:
            yield seq, waves
            waves, place = [], {}
    if waves:
        yield seq, waves


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


def _is_item(change: Change) -> bool:
    return isinstance(change.message, Item | ItemRemoved)


def _touched(change: Change) -> set[str]:
    """What a change made, changed or removed: needs, names of utterances, or an item."""
    delta, one = change.delta, change.message
    if isinstance(one, Item | ItemRemoved):
        return {item_key(one.kind, one.id, one.section)}
    if delta is None:
        return set()
    named = {utterance_key(one.call_id, one.utterance_id) for one in delta.named}
    return {str(need.need_id) for need in delta.needs} | set(map(str, delta.removed)) | named


def _add_message(wave: Wave, change: Change) -> None:
    """What the message itself says: items, calls, people, utterances. Signals and decisions show in the needs."""
    at = instant(change.recorded_at)
    match change.message:
        case Item() as item:
            wave.add("items", {"id": item_key(item.kind, item.id, item.section), "props": _item_props(item, at)})
        case ItemRemoved() as gone:
            wave.add("removed_items", {"id": item_key(gone.kind, gone.id, gone.section), "at": at})
        case CallStarted() as call:
            props = {
                "account": call.account,
                "language": call.language,
                "started_at": instant(call.started_at),
                "recorded_at": at,
            }
            wave.add("calls", {"id": call.call_id, "account": call.account, "props": props})
        case Participant() as person:
            props = {"name": person.speaker}
            row = {"id": person.person_id, "call_id": person.call_id, "role": person.role, "props": props}
            wave.add("people", row)
        case Utterance() as utterance:
            wave.add("utterances", _utterance_row(utterance, at))
        case CallEnded() as ended:
            props = {"ended_at": instant(ended.ended_at), "reason": ended.reason, "end_ms": ended.end_ms}
            wave.add("ended", {"id": ended.call_id, "props": props})
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


def _add_needs(wave: Wave, changes: Sequence[Change]) -> None:
    """Write down what each need has become after one append; what it was in between was never known to anybody."""
    last: dict[str, tuple[Change, Need | None]] = {}
    for change in changes:
        if change.delta is not None:
            last |= {str(need_id): (change, None) for need_id in change.delta.removed}
            last |= {str(need.need_id): (change, need) for need in change.delta.needs}
    for need_id, (change, need) in last.items():
        at = instant(change.recorded_at)
        if need is not None:
            _add_need(wave, need, change.seq, at)
        else:
            wave.add("removed_needs", {"id": need_id, "at": at})
            wave.add("retired_edges", {"id": need_id, "keys": [], "at": at})


def _add_need(wave: Wave, need: Need, seq: int, at: str) -> None:
    state = {
        "kind": need.kind,
        "type": need.type,
        "strength": need.strength,
        "label": need.label,
        "status": need.status,
        "linked": need.linked,
        "disputed_by": list(need.disputed_by),
    }
    state_key = _digest(_told(state))
    row = {
        "id": need.need_id,
        "need": {**state, "caption": need.label},
        "key": state_key,
        "state": f"{need.need_id}@{seq}",
        "props": {**state, "key": state_key, "recorded_at": at},
        "at": at,
    }
    wave.add("needs", row)
    mentions = [_mention_row(need.need_id, mention, at) for mention in need.mentions]
    links = [_link_row(need.need_id, link, rank, at) for rank, link in enumerate(need.links)]
    changes = [_change_row(need.need_id, change, rank, at) for rank, change in enumerate(need.changes)]
    about = [_about_row(need.need_id, thing, rank, at) for rank, thing in enumerate(need.about)]
    for thing in need.about:
        wave.add("things", _thing_row(thing))
    facts = (("mentions", mentions), ("links", links), ("changes", changes), ("about", about))
    keys = [row["key"] for _, rows in facts for row in rows]
    wave.add("retired_edges", {"id": need.need_id, "keys": keys, "at": at})
    for name, rows in facts:
        for row in rows:
            wave.add(name, row)


def _add_names(wave: Wave, changes: Sequence[Change]) -> None:
    """Write down what each utterance names after one append."""
    last = {
        utterance_key(named.call_id, named.utterance_id): (named, instant(change.recorded_at))
        for change in changes
        if change.delta is not None
        for named in change.delta.named
    }
    for utterance, (named, at) in last.items():
        rows = [_name_row(utterance, named, one, at) for one in named.things]
        wave.add("retired_names", {"id": utterance, "keys": [row["key"] for row in rows], "at": at})
        for row, one in zip(rows, named.things, strict=True):
            wave.add("things", _thing_row(one))
            wave.add("names", row)
            if one.type == "person":
                wave.add("called_people", {"thing": row["thing"], "call_id": named.call_id, "name": one.name})
            if one.type == "account":
                wave.add("called_accounts", {"thing": row["thing"], "name": one.name})


def _thing_row(thing: Thing | NamedThing) -> dict[str, Any]:
    return {"id": thing_key(thing), "props": {"type": thing.type, "name": thing.name, "caption": thing.name}}


def _name_row(utterance: str, named: ThingsNamed, thing: NamedThing, at: str) -> dict[str, Any]:
    props: dict[str, Any] = {
        "start": thing.span.start,
        "end": thing.span.end,
        "revision": named.revision,
        "namer_version": named.namer_version,
    }
    key = thing_key(thing)
    digest = _digest({**props, "thing": key})
    return {"id": utterance, "thing": key, "key": digest, "props": {**props, "key": digest, "recorded_at": at}}


def _about_row(need_id: str, thing: Thing, rank: int, at: str) -> dict[str, Any]:
    props: dict[str, Any] = {"name": thing.name, "rank": rank}
    key = _digest({**props, "thing": thing_key(thing)})
    return {"id": need_id, "thing": thing_key(thing), "key": key, "props": {**props, "key": key, "recorded_at": at}}


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
        "updated_at": link.updated_at,
    }
    item = item_key(link.kind, link.id, link.section)
    key = _digest({**_told(props), "item": item})
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


def _told(content: dict[str, Any]) -> dict[str, Any]:
    """Without the fields of later versions that say nothing: what was written before them keeps its key."""
    return {name: value for name, value in content.items() if value or name not in ("disputed_by", "updated_at")}


def _digest(content: dict[str, Any]) -> str:
    # Content, not identity: an unchanged fact keeps its node or edge, a changed one gets a new version.
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]
