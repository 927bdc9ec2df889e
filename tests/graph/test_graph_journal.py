import multiprocessing
import shutil
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from graph.config import JournalConfig
from graph.errors import JournalBusyError, JournalError, JournalFullError, JournalVersionError, WrongTenantError
from graph.events import Draft, Journalled, nameless
from graph.journal import Journal
from graph.keys import KeyStore
from ingest.messages import CallId, TenantId
from tests.graph.graph_samples import (
    CALL,
    INES,
    NOON,
    TENANT,
    assigned,
    budget,
    card,
    card_closed,
    item,
    judged,
    link,
    paused,
    samples,
    signal,
    started,
    utterance,
    verdict,
)


def drafts(*messages: Journalled) -> list[Draft]:
    return [Draft(message=message, actor="test", at=NOON) for message in messages]


def test_what_is_appended_is_read_back(journal: Journal) -> None:
    appended = journal.append(drafts(*samples()))
    assert [event.seq for event in appended] == list(range(1, len(samples()) + 1))
    assert tuple(journal.read()) == appended
    assert [event.message for event in appended] == [nameless(message) for message in samples()]
    assert journal.last_seq() == len(samples())
    assert journal.verify().ok


def test_envelope(journal: Journal) -> None:
    cause = Draft(message=utterance(1, "We need it."), actor="asr", at=NOON - timedelta(seconds=3))
    effect = Draft(message=signal("s1", on=1), actor="intent", at=NOON, causes=(cause.event_id,))
    first, second = journal.append([cause, effect])
    assert (first.actor, first.kind, first.call_id, first.at) == ("asr", "utterance", "c1", NOON - timedelta(seconds=3))
    assert second.causes == (first.event_id,)
    assert first.recorded_at > NOON


def test_reading_by_position_call_kind_and_time(journal: Journal) -> None:
    first = journal.append(drafts(started()))[0]
    second, third = journal.append(drafts(started(CallId("c2")), utterance(1, "Hello.", CallId("c2"))))
    assert list(journal.read(after_seq=1)) == [second, third]
    assert list(journal.read(call_id=CallId("c1"))) == [first]
    assert list(journal.read(kinds=["utterance"])) == [third]
    assert list(journal.read(until_seq=2)) == [first, second]
    assert list(journal.read_calls([CallId("c2"), CallId("c1")], until_seq=2)) == [first, second]
    assert journal.last_seq(first.recorded_at) == 1
    assert journal.last_seq(NOON - timedelta(days=30_000)) == 0


def test_recorded_times_never_go_back(journal: Journal) -> None:
    for number in range(20):
        journal.append(drafts(utterance(number + 1, "Yes.")))
    times = [event.recorded_at for event in journal.read()]
    assert times == sorted(times)


def test_a_long_journal_is_read_in_pages(tmp_path: Path, keys: KeyStore) -> None:
    journal = Journal(tmp_path / "j.db", keys, TENANT, JournalConfig(page_rows=3))
    journal.append(drafts(*(item(f"T-{number}") for number in range(10))))
    assert [event.seq for event in journal.read()] == list(range(1, 11))
    assert journal.verify().events == 10
    journal.close()


def test_words_and_what_rests_on_them_are_sealed_under_the_speaker(journal: Journal) -> None:
    need = signal("s1", on=1)
    shown = (card("k1", need, "n1", link("T-1", 0.9)), card_closed("k1", need, "ignored"))
    messages = (utterance(1, "We need it."), need, verdict("a1", need, "confirm"), assigned(need, "n1"), *shown)
    assert {event.subject_id for event in journal.append(drafts(*messages))} == {INES}
    reps = journal.append(drafts(started(), utterance(2, "Sure.", role="rep"), item("T-1"), paused(None), budget()))
    assert [event.subject_id for event in reps] == [None] * 5
    assert [event.call_id for event in reps][-2:] == [CALL, None]


def test_nothing_personal_lies_open(tmp_path: Path, journal: Journal) -> None:
    journal.append(drafts(*samples()))
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
    for word in (b"Ines", b"cost centre", b"Mara"):
        assert word not in stored


def test_a_destroyed_key_leaves_the_chain_valid(journal: Journal, keys: KeyStore) -> None:
    journal.append(drafts(started(), utterance(1, "We need it."), signal("s1", on=1), item("T-1")))
    keys.destroy(TENANT, INES)
    assert journal.verify().ok
    assert [event.message is None for event in journal.read()] == [False, True, True, False]
    journal.append(drafts(utterance(2, "Hello again.")))
    assert journal.verify().ok


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET actor = 'me' WHERE seq = 2", "DELETE FROM event WHERE seq = 2"]
)
def test_the_file_refuses_changes(tmp_path: Path, journal: Journal, statement: str) -> None:
    journal.append(drafts(*samples()))
    with sqlite3.connect(tmp_path / "journal.db") as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'me' WHERE seq = 2",
        "UPDATE event SET sealed = zeroblob(40) WHERE seq = 2",
        "UPDATE event SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2",
        "UPDATE event SET subject_id = NULL WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
    ],
)
def test_verify_finds_a_tampered_row(tmp_path: Path, journal: Journal, statement: str) -> None:
    journal.append(drafts(*samples()))
    db = sqlite3.connect(tmp_path / "journal.db")
    db.execute("DROP TRIGGER event_is_final")
    db.execute("DROP TRIGGER event_stays")
    db.execute(statement)
    db.commit()
    db.close()
    found = journal.verify()
    assert not found.ok
    assert found.broken_seq == 2


def test_a_moved_payload_does_not_open(tmp_path: Path, journal: Journal) -> None:
    journal.append(drafts(utterance(1, "We need it."), utterance(2, "We do not need it.")))
    db = sqlite3.connect(tmp_path / "journal.db")
    db.execute("DROP TRIGGER event_is_final")
    db.execute("UPDATE event SET sealed = (SELECT sealed FROM event WHERE seq = 2) WHERE seq = 1")
    db.commit()
    db.close()
    assert [event.message is None for event in journal.read()] == [True, False]


def test_another_tenants_message_is_refused(journal: Journal) -> None:
    foreign = Journal(journal._path.with_name("other.db"), journal._keys, TenantId("other"))
    with pytest.raises(WrongTenantError):
        foreign.append(drafts(item("T-1")))
    assert foreign.last_seq() == 0
    foreign.close()


def test_another_tenants_journal_is_refused(tmp_path: Path, journal: Journal, keys: KeyStore) -> None:
    journal.append(drafts(item("T-1")))
    with pytest.raises(JournalVersionError, match="acme"):
        Journal(tmp_path / "journal.db", keys, TenantId("other"))


def test_a_newer_journal_is_refused(tmp_path: Path, journal: Journal, keys: KeyStore) -> None:
    journal.close()
    db = sqlite3.connect(tmp_path / "journal.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalVersionError, match="newer"):
        Journal(tmp_path / "journal.db", keys, TENANT)


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path, keys: KeyStore) -> None:
    (tmp_path / "j.db").write_bytes(b"this was never a database" * 100)
    with pytest.raises(JournalVersionError, match="no journal"):
        Journal(tmp_path / "j.db", keys, TENANT)


def test_all_or_nothing(journal: Journal) -> None:
    twice = Draft(message=item("T-1"), actor="test", at=NOON)
    with pytest.raises(JournalError):
        journal.append([twice, twice])
    assert journal.last_seq() == 0
    assert journal.append([twice])[0].seq == 1


def test_a_full_disk_keeps_nothing_and_may_be_retried(tmp_path: Path, keys: KeyStore) -> None:
    journal = Journal(tmp_path / "j.db", keys, TENANT, JournalConfig(max_bytes=200_000))
    journal.append(drafts(item("T-1")))
    with pytest.raises(JournalFullError) as raised:
        journal.append(drafts(item("T-2"), item("T-3", text="x" * 300_000)))
    assert raised.value.retryable
    assert journal.last_seq() == 1
    assert journal.append(drafts(item("T-2")))[0].seq == 2
    journal.close()


def test_a_locked_journal_says_so(tmp_path: Path, keys: KeyStore) -> None:
    journal = Journal(tmp_path / "j.db", keys, TENANT, JournalConfig(busy_timeout_ms=1))
    holder = sqlite3.connect(tmp_path / "j.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalBusyError) as raised:
        journal.append(drafts(item("T-1")))
    assert raised.value.retryable
    holder.execute("ROLLBACK")
    holder.close()
    assert journal.append(drafts(item("T-1")))[0].seq == 1
    journal.close()


def append_many(folder: Path, name: str) -> None:
    keys = KeyStore(folder / "keys.db")
    journal = Journal(folder / "journal.db", keys, TENANT)
    for number in range(25):
        journal.append(
            drafts(utterance(number + 1, name, CallId(name)), signal("s", on=number + 1, call_id=CallId(name)))
        )
    journal.close()
    keys.close()


def test_two_processes_append_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(append_many, [(tmp_path, "left"), (tmp_path, "right")])
    keys = KeyStore(tmp_path / "keys.db")
    journal = Journal(tmp_path / "journal.db", keys, TENANT)
    assert journal.verify().ok
    assert journal.last_seq() == 100
    for call_id in ("left", "right"):
        assert [event.message for event in journal.read(call_id=CallId(call_id), kinds=["utterance"])] == [
            utterance(number + 1, call_id, CallId(call_id)) for number in range(25)
        ]
    journal.close()
    keys.close()


def test_threads_share_a_journal(journal: Journal) -> None:
    def work(name: str) -> None:
        for number in range(10):
            journal.append(drafts(utterance(number + 1, name, CallId(name))))

    threads = [threading.Thread(target=work, args=(f"call-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.last_seq() == 40
    assert journal.verify().ok


def cut(path: Path, share: float) -> None:
    stored = path.read_bytes()
    path.write_bytes(stored[: int(len(stored) * share)])


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_journal_cut_in_a_record_is_recovered_to_its_last_whole_event(
    tmp_path: Path, keys: KeyStore, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal.db"
    journal = Journal(path, keys, TENANT)
    written = [journal.append(drafts(utterance(number + 1, "Yes, we do. " * 40)))[0] for number in range(200)]
    journal.close()
    cut(path, share)
    found = Journal(path, keys, TENANT)
    assert found.recovered is not None
    assert "middle of a record" in caplog.text
    assert 0 < found.recovered.events < 200
    assert list(found.read()) == written[: found.recovered.events]
    assert found.recovered.set_aside.exists()
    (resting,) = found.append(drafts(signal("s1", on=1)))
    assert resting.subject_id == INES
    assert found.verify().ok
    found.close()
    again = Journal(path, keys, TENANT)
    assert again.recovered is None
    again.close()


def test_an_append_that_was_cut_off_takes_no_other_with_it(
    tmp_path: Path, keys: KeyStore, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path / "journal.db", keys, TENANT)
    written = [journal.append(drafts(utterance(number + 1, "Yes.")))[0] for number in range(20)]
    (tmp_path / "crash").mkdir()
    for name in ("journal.db", "journal.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / "crash" / name)
    journal.close()
    cut(tmp_path / "crash" / "journal.db-wal", 0.9)
    found = Journal(tmp_path / "crash" / "journal.db", keys, TENANT)
    kept = list(found.read())
    assert 0 < len(kept) < 20
    assert kept == written[: len(kept)]
    assert found.verify().ok
    assert "cut off" in caplog.text
    found.close()


def test_reading_back_gives_the_newest_of_some_kinds_first(tmp_path: Path, keys: KeyStore) -> None:
    journal = Journal(tmp_path / "short.db", keys, TENANT, JournalConfig(page_rows=2))
    need = signal("s1", on=1)
    told = [verdict(f"a{number}", need, "confirm") for number in range(5)]
    links = [judged(f"l{number}", need, "n1", "T-1", "right") for number in range(3)]
    for message in (started(), need, *told, *links, verdict("a9", need, "refuse")):
        journal.append(drafts(message))
    journal.append([Draft(message=verdict("a10", need, "refuse"), actor="intent", at=NOON)])
    kinds = ("signal_annotation", "link_annotation", "words_annotation")
    found = list(journal.read_back(kinds, journal.last_seq() + 1))
    assert [one.seq for one in found] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert found[1].message == verdict("a9", need, "refuse")
    assert [one.seq for one in journal.read_back(kinds, 13, ("intent", "nobody"))][:2] == [11, 10]
    assert [one.seq for one in journal.read_back(("link_annotation",), 10)] == [9, 8]
    assert list(journal.read_back(kinds, 3)) == []
    journal.close()
