"""Writes a journal as a busy tenant's would be: the development calls again and again, for account after account."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asr.messages import Utterance, UtteranceId, Word
from eval.development.material import DEVELOPMENT, rows
from graph.events import Draft, Journalled, opening
from graph.journal import Journal
from graph.keys import KeyStore
from graph.messages import Link, LinkDecision, NeedAssigned, NeedChanged, NeedId
from graph.tenants import TenantFolder
from ingest.messages import CallEnded, CallId, CallStarted, Channel, ChannelId, PersonId, TenantId
from intent.messages import AdapterId, Signal, SignalAnnotation, SignalId, Span

BEGAN = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
ROUNDS = 6
"""How often an account tells its two calls: twelve calls each."""
WORD_MS, PAUSE_MS = 320, 400
ANSWERED, CHANGED, JUDGED = 0.75, 0.3, 0.08
"""Shares of signals with links (a quarter has no answer), with a later change of their need, and with a verdict."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many events of each kind a journal got."""

    events: int
    calls: int
    kinds: Counter[str]


def write_journal(data_dir: Path, tenant: str, events: int, seed: int = 1) -> Written:
    """Append at least so many events, a call at a time."""
    folder = TenantFolder(data_dir, tenant)
    folder.create()
    keys = KeyStore(folder.keys)
    journal = Journal(folder.journal, keys, folder.tenant_id)
    draw, kinds, count, calls = random.Random(seed), Counter[str](), 0, 0
    try:
        for number, call in enumerate(_calls(folder.tenant_id, keys, draw, events)):
            at = BEGAN + timedelta(minutes=number)
            written = journal.append([Draft(message=one, actor="benchmark", at=at) for one in call])
            kinds.update(event.kind for event in written)
            count, calls = count + len(written), calls + 1
            if count >= events:
                break
    finally:
        journal.close()
        keys.close()
    return Written(count, calls, kinds)


def _calls(tenant_id: TenantId, keys: KeyStore, draw: random.Random, events: int) -> Iterator[list[Journalled]]:
    """Calls of all accounts in turn, so that an account's calls lie far apart in the journal."""
    told = _told()
    accounts = max(1, events // (sum(map(len, told)) // len(told) * 2 * ROUNDS))
    for number in range(ROUNDS * 1_000):
        for account in range(accounts):
            source = told[account % len(told)]
            yield _call(source, f"account {account}", f"{account}-{number}", tenant_id, keys, draw)


def _told() -> list[list[dict[str, Any]]]:
    """The development calls' lines, call by call."""
    calls: dict[str, list[dict[str, Any]]] = {}
    for row in rows(DEVELOPMENT / "calls.jsonl"):
        calls.setdefault(row["call_id"], []).append(row)
    return list(calls.values())


def _call(
    lines: Sequence[dict[str, Any]], account: str, name: str, tenant_id: TenantId, keys: KeyStore, draw: random.Random
) -> list[Journalled]:
    call_id = CallId(f"c-{name}")
    speakers = {row["speaker"]: row["role"] for row in lines}
    channels = tuple(Channel(channel=ChannelId(who), role=role, speaker=who) for who, role in speakers.items())
    started_at = BEGAN + timedelta(hours=int(name.split("-")[1]))
    started = CallStarted(
        tenant_id=tenant_id, call_id=call_id, account=account, language="en", channels=channels, started_at=started_at
    )
    started, people = opening(started, lambda who: keys.person_id(tenant_id, account, who))
    ids = {one.channel: one.person_id for one in people}
    found: list[Journalled] = [started, *people]
    at_ms = 0
    for row in lines:
        spoken = _utterance(row, call_id, tenant_id, ids[ChannelId(row["speaker"])], at_ms)
        at_ms = spoken.end_ms
        found.append(spoken)
        for place, label in enumerate(row["signals"], 1):
            found += _signal(label, place, spoken, account, draw)
    end = started_at + timedelta(milliseconds=at_ms)
    ended = CallEnded(tenant_id=tenant_id, call_id=call_id, reason="ended", end_ms=at_ms, ended_at=end)
    return [*found, ended]


def _utterance(
    row: dict[str, Any], call_id: CallId, tenant_id: TenantId, person_id: PersonId, after_ms: int
) -> Utterance:
    start_ms = after_ms + PAUSE_MS
    words = tuple(
        Word(text=word, start_ms=start_ms + place * WORD_MS, end_ms=start_ms + (place + 1) * WORD_MS, confidence=0.9)
        for place, word in enumerate(row["text"].split())
    )
    return Utterance(
        tenant_id=tenant_id,
        call_id=call_id,
        channel=ChannelId(row["speaker"]),
        utterance_id=UtteranceId(f"u{row['turn']}"),
        revision=1,
        turn=row["turn"],
        role=row["role"],
        speaker=row["speaker"],
        person_id=person_id,
        text=row["text"],
        words=words,
        start_ms=start_ms,
        end_ms=start_ms + max(1, len(words)) * WORD_MS,
        language="en",
    )


def _signal(
    label: dict[str, Any], place: int, spoken: Utterance, account: str, draw: random.Random
) -> Iterator[Journalled]:
    """A labelled signal with all that the service journals after it."""
    tenant_id, call_id, utterance_id = spoken.tenant_id, spoken.call_id, spoken.utterance_id
    signal = Signal(
        tenant_id=tenant_id,
        call_id=call_id,
        utterance_id=utterance_id,
        revision=1,
        signal_id=SignalId(f"{utterance_id}:s{place}"),
        kind=label["kind"],
        type=label["type"],
        span=Span(start=label["start"], end=label["end"]),
        strength=label["strength"],
        confidence=draw.random(),
        adapter_id=AdapterId("default"),
    )
    signal_id, need_id = signal.signal_id, NeedId(f"{account}:{label['need']}")
    yield signal
    yield NeedAssigned(
        tenant_id=tenant_id,
        call_id=call_id,
        signal_id=signal_id,
        need_id=need_id,
        score=draw.random(),
        merger_version="benchmark",
    )
    yield LinkDecision(
        tenant_id=tenant_id,
        call_id=call_id,
        signal_id=signal_id,
        need_id=need_id,
        links=tuple(_link(draw) for _ in range(2)) if draw.random() < ANSWERED else (),
        linker_version="benchmark",
    )
    if draw.random() < CHANGED:
        yield NeedChanged(
            tenant_id=tenant_id,
            call_id=call_id,
            change_id=f"{call_id}:{signal_id}:h",
            need_id=need_id,
            status="addressed",
            decided_by="benchmark",
            at=BEGAN,
            utterance_id=utterance_id,
            revision=1,
            span=signal.span,
            score=draw.random(),
        )
    if draw.random() < JUDGED:
        yield SignalAnnotation(
            tenant_id=tenant_id,
            call_id=call_id,
            utterance_id=utterance_id,
            revision=1,
            annotation_id=f"{call_id}:{signal_id}:a",
            signal_id=signal_id,
            verdict="confirm",
            author="benchmark",
            at=BEGAN,
            label_version="benchmark",
            kind=signal.kind,
            type=signal.type,
            span=signal.span,
            strength=signal.strength,
            adapter_id=signal.adapter_id,
        )


def _link(draw: random.Random) -> Link:
    number = draw.randrange(2_000)
    return Link(
        kind="ticket",
        id=f"T-{number}",
        section=None,
        title=f"Ticket {number}, as its customer wrote it",
        score=draw.random(),
        evidence="The sentence of the ticket that comes nearest to what the customer said.",
        may_say=None,
        source_version=f"{number:064x}",
    )
