"""What it costs to write a live call to the graph: the demo call's turns, signals, needs and links, append by append.

Turns and signals are those of the script. A need is voiced again when the same type was voiced before in the call, and
what a signal is linked to is what the script's author expected. Nothing is recognised or decided here.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import cast

from asr.messages import Utterance, UtteranceId, Word
from eval import demo_world
from eval.demo_world import ScriptedTurn
from eval.development.material import rows, world
from graph.config import EngineConfig
from graph.events import Journalled
from graph.facts import Change
from graph.messages import Item, Link, LinkDecision, NeedAssigned, NeedChanged, NeedId, Participant
from graph.projection import Projector
from graph.store import GraphStore
from graph.view import NeedGraph
from ingest.messages import CallEnded, CallId, CallStarted, Channel, ChannelId, PersonId, TenantId
from intent.messages import AdapterId, Kind, Signal, SignalId, Span

MAKER = "script"
ADAPTER = AdapterId("default")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one turn appends to the journal, one tuple an append: its words, what is in them, what became of needs."""

    appends: tuple[tuple[Journalled, ...], ...]
    signals: int


def items(tenant_id: TenantId) -> tuple[Item, ...]:
    """The demo vendor's tickets, roadmap and pages, as if this tenant had imported them."""
    return world(demo_world.folder(), tenant_id)


def opening(tenant_id: TenantId, call_id: CallId, account: str) -> tuple[Journalled, ...]:
    """What a call's start appends."""
    channels = tuple(
        Channel(channel=ChannelId(one.channel), role=one.role, speaker=one.speaker, person_id=_person(one.channel))
        for one in demo_world.channels()
    )
    started = CallStarted(
        tenant_id=tenant_id,
        call_id=call_id,
        account=account,
        language="en",
        channels=channels,
        started_at=datetime.now(UTC),
    )
    people = tuple(
        Participant(
            tenant_id=tenant_id,
            call_id=call_id,
            channel=one.channel,
            role=one.role,
            person_id=_person(one.channel),
            speaker=one.speaker or "",
        )
        for one in channels
    )
    return (started, *people)


def closing(tenant_id: TenantId, call_id: CallId) -> CallEnded:
    """What a call's end appends."""
    return CallEnded(
        tenant_id=tenant_id,
        call_id=call_id,
        reason="ended",
        end_ms=demo_world.turns()[-1].end_ms,
        ended_at=datetime.now(UTC),
    )


def spoken(tenant_id: TenantId, call_id: CallId, known: Mapping[tuple[str, str, str | None], Item]) -> Iterator[Spoken]:
    """The call turn by turn.

    Args:
        tenant_id: whose call.
        call_id: its id.
        known: items by kind, id and section.
    """
    voiced: list[NeedId] = []
    for turn in demo_world.turns():
        utterance = _utterance(tenant_id, call_id, turn)
        understood: list[Journalled] = []
        for number, scripted in enumerate(turn.signals):
            signal = Signal(
                tenant_id=tenant_id,
                call_id=call_id,
                utterance_id=utterance.utterance_id,
                revision=1,
                signal_id=SignalId(f"s{turn.turn}-{number}"),
                kind=cast("Kind", scripted.kind),
                type=scripted.type,
                span=Span(start=scripted.start, end=scripted.end),
                strength=2,
                confidence=0.8,
                adapter_id=ADAPTER,
            )
            need_id = NeedId(f"{call_id}-{scripted.kind}-{scripted.type}")
            voiced.append(need_id)
            links = tuple(_link(known[key]) for key in _expected().get((turn.turn, scripted.type), ()))
            understood += [signal, *_decided(signal, need_id, links)]
        followed = _answered(utterance, voiced) if turn.role == "rep" else ()
        if followed:
            voiced.clear()
        appends = ((utterance,), tuple(understood), followed)
        yield Spoken(tuple(one for one in appends if one), len(turn.signals))


@dataclass(frozen=True, slots=True)
class Held:
    """Changes in memory, as a journal that can be gone through again."""

    changes: Sequence[Change]

    def replayed(self, after_seq: int) -> Sequence[Change]:
        """Every change after an event."""
        return [change for change in self.changes if change.seq > after_seq]

    def rebuilt(self, until_seq: int) -> Sequence[Change]:
        """Every change up to and with an event."""
        return [change for change in self.changes if change.seq <= until_seq]


def written(store: GraphStore, config: EngineConfig, tenant_id: TenantId, calls: int) -> dict[str, dict[str, float]]:
    """Write the call several times, each for an account of its own, then drop it all.

    Args:
        store: a graph that is migrated.
        config: batches, as in the service.
        tenant_id: a tenant whom nothing else is written for.
        calls: how often; the first one finds the engine cold.

    Returns:
        n, p50, p95 and the most, in milliseconds: of an utterance with all that followed from it, and of one append.
    """
    projector, graph = Projector(store, config), NeedGraph(tenant_id)
    utterances_ms: dict[int, list[float]] = {}
    signalled_ms: list[float] = []
    appends_ms: list[float] = []
    seq = 0

    def write(messages: Sequence[Journalled]) -> float:
        nonlocal seq
        at = datetime.now(UTC)
        changes = [
            Change(seq=number, recorded_at=at, message=message, delta=graph.apply(message))
            for number, message in enumerate(messages, seq + 1)
        ]
        seq += len(messages)
        began = time.perf_counter()
        projector.catch_up(tenant_id, changes, seq, Held(changes))
        return (time.perf_counter() - began) * 1000

    projector.drop(tenant_id)
    imported = items(tenant_id)
    known = {(one.kind, one.id, one.section): one for one in imported}
    write(imported)
    for number in range(calls):
        call_id = CallId(f"call-{number}")
        write(opening(tenant_id, call_id, f"account {number}"))
        for said in spoken(tenant_id, call_id, known):
            took = [write(append) for append in said.appends]
            utterances_ms.setdefault(number, []).append(sum(took))
            if number:
                appends_ms += took
                signalled_ms += [sum(took)] * bool(said.signals)
        write([closing(tenant_id, call_id)])
    projector.drop(tenant_id)
    later_ms = [one for number, each in utterances_ms.items() if number for one in each]
    parts = {
        "an utterance": later_ms,
        "one with signals": signalled_ms,
        "one append": appends_ms,
        "an utterance of the first call": utterances_ms[0],
    }
    return {name: _summary(values) for name, values in parts.items()}


def _summary(values_ms: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values_ms)
    p50, p95 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95))
    return {"n": len(ordered), "p50": round(p50, 1), "p95": round(p95, 1), "most": round(ordered[-1], 1)}


def _decided(signal: Signal, need_id: NeedId, links: tuple[Link, ...]) -> tuple[Journalled, ...]:
    assigned = NeedAssigned(
        tenant_id=signal.tenant_id,
        call_id=signal.call_id,
        signal_id=signal.signal_id,
        need_id=need_id,
        score=None,
        merger_version=MAKER,
    )
    decision = LinkDecision(
        tenant_id=signal.tenant_id,
        call_id=signal.call_id,
        signal_id=signal.signal_id,
        need_id=need_id,
        links=links,
        linker_version=MAKER,
    )
    return assigned, decision


def _answered(utterance: Utterance, voiced: Sequence[NeedId]) -> tuple[Journalled, ...]:
    """The need voiced last, answered by the rep's next turn."""
    return tuple(
        NeedChanged(
            tenant_id=utterance.tenant_id,
            call_id=utterance.call_id,
            change_id=f"{utterance.call_id}-{utterance.utterance_id}",
            need_id=need_id,
            status="addressed",
            decided_by=MAKER,
            at=datetime.now(UTC),
            utterance_id=utterance.utterance_id,
            revision=1,
            span=Span(start=0, end=len(utterance.text)),
            score=0.8,
        )
        for need_id in voiced[-1:]
    )


def _utterance(tenant_id: TenantId, call_id: CallId, turn: ScriptedTurn) -> Utterance:
    words = turn.text.split()
    each_ms = (turn.end_ms - turn.start_ms) // len(words)
    return Utterance(
        tenant_id=tenant_id,
        call_id=call_id,
        channel=ChannelId(turn.channel),
        utterance_id=UtteranceId(f"u{turn.turn}"),
        revision=1,
        turn=turn.turn,
        role=turn.role,
        speaker=turn.speaker,
        person_id=_person(turn.channel),
        text=turn.text,
        words=tuple(
            Word(
                text=word,
                start_ms=turn.start_ms + at * each_ms,
                end_ms=turn.start_ms + (at + 1) * each_ms,
                confidence=0.9,
            )
            for at, word in enumerate(words)
        ),
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        language="en",
    )


def _link(item: Item) -> Link:
    return Link(
        kind=item.kind,
        id=item.id,
        section=item.section,
        title=item.title,
        score=0.8,
        evidence=item.title,
        may_say=item.may_say,
        source_version=item.version,
        updated_at=item.updated_at or item.created_at,
    )


@cache
def _expected() -> dict[tuple[int, str], tuple[tuple[str, str, str | None], ...]]:
    return {
        (row["turn"], row["type"]): tuple((one["kind"], one["id"], one.get("section")) for one in row["links"])
        for row in rows(demo_world.folder() / "expected_links.jsonl")
    }


def _person(channel: str) -> PersonId:
    return PersonId(f"p-{channel}")
