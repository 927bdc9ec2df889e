"""The journal: everything that happened to a tenant, once, in order. The source of truth; all else is made from it.

Append-only SQLite, synced before an append returns, safe between threads and processes. Payloads are sealed under
their subject's key with the event's identity as associated data; a checksum chain runs over what is stored, so a
destroyed key breaks nothing and a changed byte shows.
"""

import heapq
import json
import logging
import shutil
import sqlite3
import threading
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag

from graph.config import JournalConfig
from graph.errors import JournalBusyError, JournalError, JournalFullError, JournalVersionError, WrongTenantError
from graph.events import Draft, Event, Journalled, call_of, decode, encode, introduces, nameless, speaks_about
from graph.journal_recovery import Recovered, is_cut, is_cut_log, whole_rows
from graph.journal_schema import COLUMNS, ENVELOPE_COLUMNS, Row, chained, genesis, identity, migrate
from graph.keys import TENANT_SUBJECT, KeyStore, seal, unseal
from ingest.messages import CallId, PersonId, TenantId

logger = logging.getLogger(__name__)

TIME_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Sorts as text in the order of time."""

BACK_ROWS = 100
"""Rows read at once from the end: two pages of the review queue."""

BUSY_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
INSERT = f"INSERT INTO event ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
REMEMBER = "INSERT OR REPLACE INTO spoken VALUES (?,?,?)"
SEQS_OF_CALL = "SELECT seq FROM event WHERE call_id = ? AND seq <= ?"
CALL_SIZES = "SELECT call_id, count(*) FROM event WHERE call_id IS NOT NULL AND seq <= ? GROUP BY call_id"
SELECT = f"SELECT {', '.join(COLUMNS)} FROM event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify` found: how many events, and the first one that is not as it was written."""

    events: int
    broken_seq: int | None
    reason: str | None

    @property
    def ok(self) -> bool:
        """Whether every event is as it was written."""
        return self.broken_seq is None


class Journal:
    """One tenant's event log."""

    def __init__(self, path: Path, keys: KeyStore, tenant_id: TenantId, config: JournalConfig | None = None) -> None:
        """Open or create `path` and bring its form up to date.

        A file that ends in the middle of a record is recovered to its last whole event; `recovered` says so.

        Raises:
            JournalVersionError: when a newer program wrote it, or it is another tenant's.
        """
        self._path = path
        self._keys = keys
        self._config = config or JournalConfig()
        self._lock = threading.RLock()
        self.tenant_id = tenant_id
        self.recovered: Recovered | None = None
        with self._typed_errors():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if is_cut_log(path):
                logger.warning("the last append to the journal was cut off; every acknowledged event is there")
            if is_cut(path):
                self._recover()
            self._open(path)

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(
            path, timeout=self._config.busy_timeout_ms / 1000, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _recover(self) -> None:
        """Write the whole events of a cut file into a new one; the file as it was found is set aside."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        ends = (f"cut-{moment}", "filled", "recovering")
        aside, filled, fresh = (self._path.with_name(f"{self._path.name}.{end}") for end in ends)
        fresh.unlink(missing_ok=True)
        shutil.copy2(self._path, aside)
        shutil.copy2(self._path, filled)
        self._open(fresh)
        try:
            with self._writing():
                events = 0
                for row in whole_rows(filled, self.tenant_id):
                    self._db.execute(INSERT, row)
                    message = self._opened(row)
                    ref = None if message is None else introduces(message)
                    if ref is not None:
                        self._db.execute(REMEMBER, (row[3], ref, row[4]))
                    events += 1
        finally:
            self._db.close()
            filled.unlink()
        fresh.replace(self._path)
        self.recovered = Recovered(events=events, set_aside=aside)
        told = "the journal ended in the middle of a record: %d whole events are kept, the file lies aside as %s"
        logger.error(told, events, aside.name)

    def _prepare(self) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        if self._config.max_bytes is not None:
            page_bytes: int = self._db.execute("PRAGMA page_size").fetchone()[0]
            self._db.execute(f"PRAGMA max_page_count={self._config.max_bytes // page_bytes}").fetchall()
        with self._writing():
            migrate(self._db, self.tenant_id, str(self._path))

    def close(self) -> None:
        """Close the file; nothing can be read or appended after."""
        with self._lock:
            self._db.close()

    def append(self, drafts: Sequence[Draft]) -> tuple[Event, ...]:
        """Append all or nothing, in one transaction that is on the disk when this returns.

        Raises:
            JournalBusyError: another process held the file for too long; try again.
            JournalFullError: no room; nothing was kept.
            WrongTenantError: a message is another tenant's.
        """
        for draft in drafts:
            if draft.message.tenant_id != self.tenant_id:
                raise WrongTenantError(f"this journal is of tenant {self.tenant_id}, not of {draft.message.tenant_id}")
        if not drafts:
            return ()
        with self._typed_errors(), self._writing():
            last = self._db.execute("SELECT seq, recorded_at, chain FROM event ORDER BY seq DESC LIMIT 1").fetchone()
            seq, recorded_at, chain = last or (0, "", genesis(self.tenant_id))
            recorded_at = max(recorded_at, _text(datetime.now(UTC)))
            events: list[Event] = []
            for draft in drafts:
                seq += 1
                row = self._sealed(draft, seq, recorded_at)
                chain = row[-1] = chained(chain, row)
                self._db.execute(INSERT, row)
                events.append(_event(row, nameless(draft.message)))
        return tuple(events)

    def read(
        self,
        after_seq: int = 0,
        call_id: CallId | None = None,
        until_seq: int | None = None,
        kinds: Sequence[str] | None = None,
    ) -> Iterator[Event]:
        """Read events in order, decoded; those whose key is destroyed come without a message.

        Args:
            after_seq: Only events after this one.
            call_id: Only those of one call.
            until_seq: None after this one.
            kinds: Only these kinds.
        """
        clauses, values = ["seq > ?"], [after_seq]
        if call_id is not None:
            clauses, values = [*clauses, "call_id = ?"], [*values, call_id]
        if until_seq is not None:
            clauses, values = [*clauses, "seq <= ?"], [*values, until_seq]
        if kinds is not None:
            clauses, values = [*clauses, f"kind IN ({','.join('?' * len(kinds))})"], [*values, *kinds]
        yield from self._paged(clauses, values)

    def read_back(self, kinds: Sequence[str], before_seq: int, not_by: Sequence[str] = ()) -> Iterator[Event]:
        """Read events of some kinds from the newest one before `before_seq` back to the first, decoded as `read` does.

        Pages of each kind are read as they are needed, so the newest ones of a long journal come at once; events of the
        actors in `not_by` are passed over unopened.
        """
        return heapq.merge(*(self._paged_back(kind, before_seq, not_by) for kind in kinds), key=_seq, reverse=True)

    def read_calls(self, call_ids: Collection[CallId], until_seq: int) -> Iterator[Event]:
        """Read the events of some calls in order, up to and with one event; decoded as `read` does."""
        found: list[int] = []
        for call_id in call_ids:
            found += [row[0] for row in self._rows(SEQS_OF_CALL, (call_id, until_seq))]
        found.sort()
        for start in range(0, len(found), self._config.page_rows):
            page = found[start : start + self._config.page_rows]
            sql = f"{SELECT} WHERE seq IN ({','.join('?' * len(page))}) ORDER BY seq"
            yield from self._events(self._rows(sql, page))

    def read_callless(self, until_seq: int) -> Iterator[Event]:
        """Read the events that belong to no call in order, up to and with one event."""
        yield from self._paged(["seq > ?", "seq <= ?", "call_id IS NULL"], [0, until_seq])

    def call_sizes(self, until_seq: int) -> dict[CallId, int]:
        """Count the events of every call, up to and with one event."""
        return {CallId(row[0]): row[1] for row in self._rows(CALL_SIZES, (until_seq,))}

    def last_seq(self, recorded_by: datetime | None = None) -> int:
        """Return the number of the newest event, or of the last one recorded by then; 0 when there is none."""
        with self._typed_errors():
            if recorded_by is None:
                return self._db.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]
            # Recorded times never go back, so the first one met from the end is the last.
            sql = "SELECT seq FROM event WHERE recorded_at <= ? ORDER BY seq DESC LIMIT 1"
            row = self._db.execute(sql, (_text(recorded_by),)).fetchone()
            return 0 if row is None else row[0]

    def checksum(self, seq: int) -> str | None:
        """Return the checksum over all events up to this one, hexadecimal; None when there is no such event."""
        with self._typed_errors():
            row = self._db.execute("SELECT chain FROM event WHERE seq = ?", (seq,)).fetchone()
            return None if row is None else row[0].hex()

    def verify(self) -> Verification:
        """Recompute the checksum chain and say where it breaks first."""
        chain, count = genesis(self.tenant_id), 0
        sql = f"{SELECT} WHERE seq > ? ORDER BY seq LIMIT {self._config.page_rows}"
        while rows := self._rows(sql, [count]):
            for row in rows:
                count += 1
                if row[0] != count:
                    return Verification(events=count, broken_seq=count, reason="an event is missing")
                chain = chained(chain, row)
                if chain != row[-1]:
                    return Verification(events=count, broken_seq=count, reason="the event was changed")
        return Verification(events=count, broken_seq=None, reason=None)

    def _sealed(self, draft: Draft, seq: int, recorded_at: str) -> Row:
        kind, payload = encode(draft.message)
        call_id = call_of(draft.message)
        subject = self._subject(draft.message, call_id)
        key_id, key = self._keys.key_for(self.tenant_id, subject or TENANT_SUBJECT)
        causes = json.dumps(draft.causes)
        row: Row = [seq, draft.event_id, self.tenant_id, call_id, subject, draft.actor, kind.name, kind.schema]
        row += [_text(draft.at), recorded_at, causes, key_id]
        row += [seal(key, payload, identity(row)), b""]
        return row

    def _subject(self, message: Journalled, call_id: CallId | None) -> str | None:
        """Find whom a message is about, and remember it for what will rest on this message."""
        subject: str | None = getattr(message, "person_id", None)
        rests_on = speaks_about(message)
        if rests_on is not None:
            sql = "SELECT subject_id FROM spoken WHERE call_id = ? AND ref = ?"
            found = self._db.execute(sql, (call_id, rests_on)).fetchone()
            subject = found[0] if found else None
        ref = introduces(message)
        if ref is not None:
            self._db.execute(REMEMBER, (call_id, ref, subject))
        return subject

    def _opened(self, row: Row) -> Journalled | None:
        key = self._keys.key(row[11])
        if key is None:
            return None
        try:
            payload = unseal(key, row[ENVELOPE_COLUMNS], identity(row))
        except InvalidTag:
            logger.error("journal event does not open: it was changed", extra={"seq": row[0], "event_kind": row[6]})
            return None
        return decode(row[6], row[7], payload)

    def _paged(self, clauses: Sequence[str], values: Sequence[object]) -> Iterator[Event]:
        """Events that the clauses name, page after page; the first one is `seq > ?`."""
        sql = f"{SELECT} WHERE {' AND '.join(clauses)} ORDER BY seq LIMIT {self._config.page_rows}"
        while rows := self._rows(sql, values):
            yield from self._events(rows)
            values = [rows[-1][0], *values[1:]]

    def _paged_back(self, kind: str, before_seq: int, not_by: Sequence[str]) -> Iterator[Event]:
        others = f"actor NOT IN ({','.join('?' * len(not_by))})"
        limit = min(BACK_ROWS, self._config.page_rows)
        sql = f"{SELECT} WHERE kind = ? AND seq < ? AND {others} ORDER BY seq DESC LIMIT {limit}"
        while rows := self._rows(sql, (kind, before_seq, *not_by)):
            yield from self._events(rows)
            before_seq = rows[-1][0]

    def _events(self, rows: Iterable[Row]) -> Iterator[Event]:
        return (_event(row, self._opened(row)) for row in rows)

    def _rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        with self._typed_errors():
            return [list(row) for row in self._db.execute(sql, values)]

    @contextmanager
    def _writing(self) -> Generator[None, None, None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _typed_errors(self) -> Generator[None, None, None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise _typed(error, self._path) from error
            except OSError as error:
                raise JournalError(f"{self._path}: {error}; check the folder and its rights") from error


def _seq(event: Event) -> int:
    return event.seq


def _typed(error: sqlite3.Error, path: Path) -> JournalError:
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF in BUSY_CODES:
        return JournalBusyError(f"{path} is held by another process; try again")
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return JournalFullError(f"{path}: no room for the event; free some disk space or raise the tenant's quota")
    if code & 0xFF == sqlite3.SQLITE_NOTADB:
        return JournalVersionError(f"{path} is no journal; move it away or restore it")
    return JournalError(f"{path}: {error}; check the disk and the folder's rights")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(TIME_FORM)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _event(row: Row, message: Journalled | None) -> Event:
    return Event(
        seq=row[0],
        event_id=row[1],
        kind=row[6],
        call_id=None if row[3] is None else CallId(row[3]),
        subject_id=None if row[4] is None else PersonId(row[4]),
        actor=row[5],
        at=_moment(row[8]),
        recorded_at=_moment(row[9]),
        causes=tuple(json.loads(row[10])),
        message=message,
    )
