"""Accounts folded when they are asked for, and the snapshot a tenant starts from."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from graph.events import Journalled
from graph.history import JournalHistory, Replay, folded, graph_at
from graph.journal import Journal
from graph.keys import KeyStore
from graph.messages import GraphDelta
from graph.snapshot import SnapshotFile
from graph.view import NeedGraph
from ingest.messages import CallId
from intent.messages import Signal
from tests.graph.graph_samples import (
    INES,
    NOON,
    TENANT,
    assigned,
    budget,
    decided,
    ended,
    item,
    judged,
    link,
    participant,
    signal,
    started,
    utterance,
    verdict,
)
from tests.graph.test_graph_journal import drafts


def call(name: str, account: str, hour: int, need_id: str) -> list[Journalled]:
    """A call that voices one need, links it, and has it judged."""
    call_id = CallId(name)
    said: Signal = signal("s1", on=1, span=(3, 12), call_id=call_id)
    return [
        started(call_id, account=account, at=NOON + timedelta(hours=hour)),
        replace(participant(), call_id=call_id),
        utterance(1, "We need the split by cost centre.", call_id),
        said,
        assigned(said, need_id),
        decided(said, need_id, link("T-1", 0.9)),
        judged(f"{name}-l1", said, need_id, "T-1", "right"),
        verdict(f"{name}-a1", said, "correct", type="integration"),
    ]


def told() -> list[Journalled]:
    """Two accounts of two calls each, in turns, one call with its end."""
    calls = [call("c1", "Harbour", 0, "n1"), call("c2", "Hill", 1, "n2")]
    calls += [[*call("c3", "Harbour", 2, "n1"), ended(CallId("c3"))], call("c4", "Hill", 3, "n3")]
    return [message for one in calls for message in one]


def replayed(journal: Journal, keep_messages: int | None) -> tuple[NeedGraph, list[GraphDelta | None]]:
    history = JournalHistory(journal, 0)
    graph = NeedGraph(TENANT, history, keep_messages=keep_messages)
    deltas: list[GraphDelta | None] = []
    for event in journal.read():
        assert event.message is not None
        deltas.append(graph.apply(event.message))
        history.seq = event.seq
    return graph, deltas


def fold(journal: Journal) -> NeedGraph:
    return folded(journal, journal.last_seq())[0]


def same(one: NeedGraph, other: NeedGraph) -> None:
    assert list(one.lines()) == list(other.lines()) != []
    assert one.calls() == other.calls()
    for call_id in one.calls():
        assert one.call(call_id) == other.call(call_id)
        assert one.reviews(call_id) == other.reviews(call_id)
    assert one.needs() == other.needs() != ()


def test_a_graph_that_forgets_accounts_is_the_same_graph(journal: Journal) -> None:
    journal.append(drafts(*told()))
    whole, deltas = replayed(journal, None)
    forgetful, deltas_of_forgetful = replayed(journal, 1)
    assert deltas_of_forgetful == deltas
    same(forgetful, whole)
    assert forgetful.judged_links() == whole.judged_links() != ()
    assert forgetful.verdicts == whole.verdicts == 4
    assert forgetful.annotated_calls() == whole.annotated_calls() == whole.calls()


@pytest.mark.parametrize("keep_messages", [1, 20, 1_000])
def test_accounts_one_after_the_other_give_the_same_graph(journal: Journal, keep_messages: int) -> None:
    journal.append(drafts(item("T-1"), *told(), utterance(1, "Nobody started this call.", CallId("c9"))))
    whole, deltas = replayed(journal, None)
    replay = Replay(journal, journal.last_seq(), keep_messages)
    met = dict(sorted((event.seq, delta) for event, delta in replay))
    assert list(met.values()) == deltas
    same(replay.graph, whole)
    assert replay.graph.verdicts == whole.verdicts
    assert set(replay.graph.judged_links()) == set(whole.judged_links())


def test_the_graph_at_an_event_holds_nothing_later(journal: Journal) -> None:
    written = journal.append(drafts(*told()))
    fourth_call = next(event.seq for event in written if event.call_id == "c4")
    then, _ = graph_at(journal, fourth_call - 1)
    assert then.calls() == ("c1", "c2", "c3")
    assert [need.need_id for need in then.needs(account="Hill")] == ["n2"]
    now, _ = graph_at(journal, journal.last_seq())
    assert [need.need_id for need in now.needs(account="Hill")] == ["n2", "n3"]
    assert now.needs() == fold(journal).needs()


@pytest.fixture
def snapshot(tmp_path: Path, keys: KeyStore, journal: Journal) -> Iterator[SnapshotFile]:
    journal.append(drafts(*told(), budget(0.6)))
    found = SnapshotFile(tmp_path / "head.sealed", keys, TENANT)
    found.write(journal, journal.last_seq(), fold(journal).head)
    yield found


def test_a_snapshot_brings_the_graph_back(snapshot: SnapshotFile, journal: Journal) -> None:
    kept = snapshot.read(journal)
    assert kept is not None
    seq, head = kept
    graph = NeedGraph(TENANT, JournalHistory(journal, seq), head, keep_messages=1)
    whole = fold(journal)
    assert graph.judged_links() == whole.judged_links()
    assert graph.card_budget == whole.card_budget == budget(0.6)
    same(graph, whole)


def test_a_snapshot_holds_nothing_readable(tmp_path: Path, snapshot: SnapshotFile) -> None:
    stored = (tmp_path / "head.sealed").read_bytes()
    assert not [word for word in (b"Ines", b"Harbour", b"cost centre") if word in stored]


def test_an_erased_person_leaves_the_snapshot_too(snapshot: SnapshotFile, journal: Journal, keys: KeyStore) -> None:
    keys.destroy(TENANT, INES)
    assert snapshot.read(journal) is None


def test_a_snapshot_of_another_journal_is_passed_over(tmp_path: Path, snapshot: SnapshotFile, keys: KeyStore) -> None:
    other = Journal(tmp_path / "restored.db", keys, TENANT)
    other.append(drafts(*told()))
    assert snapshot.read(other) is None
    other.close()


@pytest.mark.parametrize("cut", [0, 10, 400])
def test_a_broken_snapshot_is_passed_over(tmp_path: Path, snapshot: SnapshotFile, journal: Journal, cut: int) -> None:
    path = tmp_path / "head.sealed"
    path.write_bytes(path.read_bytes()[:cut])
    assert snapshot.read(journal) is None


def test_a_snapshot_that_says_it_is_newer_is_passed_over(
    tmp_path: Path, snapshot: SnapshotFile, journal: Journal
) -> None:
    path = tmp_path / "head.sealed"
    label, _, sealed = path.read_bytes().partition(b"\n")
    older = {**json.loads(label), "seq": 3, "checksum": journal.checksum(3)}
    path.write_bytes(json.dumps(older).encode() + b"\n" + sealed)
    assert snapshot.read(journal) is None


def test_no_snapshot_yet(tmp_path: Path, keys: KeyStore, journal: Journal) -> None:
    assert SnapshotFile(tmp_path / "head.sealed", keys, TENANT).read(journal) is None
