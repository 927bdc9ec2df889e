"""The journal's tables, their migrations, and the checksum that chains its rows."""

import hashlib
import json
import sqlite3
from typing import Any

from graph.errors import JournalVersionError

Row = list[Any]
"""An event's columns in the order of `COLUMNS`; SQLite gives int, str, bytes or None."""

COLUMNS = (
    "seq",
    "event_id",
    "tenant",
    "call_id",
    "subject_id",
    "actor",
    "kind",
    "schema",
    "at",
    "recorded_at",
    "causes",
    "key_id",
    "sealed",
    "chain",
)
ENVELOPE_COLUMNS = COLUMNS.index("sealed")

APPLICATION_ID = 0x6E656564
"""Marks the file as a journal of needgraph ("need" in ASCII)."""

VERSION_1 = (
    """CREATE TABLE event (
      seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, call_id TEXT, subject_id TEXT,
      actor TEXT NOT NULL, kind TEXT NOT NULL, schema INTEGER NOT NULL, at TEXT NOT NULL, recorded_at TEXT NOT NULL,
      causes TEXT NOT NULL, key_id TEXT NOT NULL, sealed BLOB NOT NULL, chain BLOB NOT NULL
    )""",
    "CREATE INDEX event_of_call ON event (call_id, seq)",
    "CREATE INDEX event_of_kind ON event (kind, seq)",
    """CREATE TRIGGER event_is_final BEFORE UPDATE ON event
      BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER event_stays BEFORE DELETE ON event
      BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    # Whose words an utterance or a signal rests on: sealing asks this, so it stands outside the sealed payload.
    "CREATE TABLE spoken (call_id TEXT, ref TEXT, subject_id TEXT, PRIMARY KEY (call_id, ref)) WITHOUT ROWID",
    "CREATE TABLE owner (tenant TEXT NOT NULL)",
)
MIGRATIONS: tuple[tuple[str, ...], ...] = (VERSION_1,)
"""Statements that lead from version n to n + 1."""


def migrate(db: sqlite3.Connection, tenant: str, name: str) -> None:
    """Bring an opened journal up to date, inside the caller's transaction.

    Raises:
        JournalVersionError: when a newer program wrote it, or it is another tenant's or no journal.
    """
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    if version > len(MIGRATIONS):
        raise JournalVersionError(f"{name} was written by a newer needgraph (version {version}): update the program")
    if version and application != APPLICATION_ID:
        raise JournalVersionError(f"{name} is no journal of needgraph; move it away")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            db.execute(statement)
    if version == 0:
        db.execute("INSERT INTO owner VALUES (?)", (tenant,))
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    owner = db.execute("SELECT tenant FROM owner").fetchone()[0]
    if owner != tenant:
        raise JournalVersionError(f"{name} is the journal of tenant {owner}, not of {tenant}")


def identity(row: Row) -> bytes:
    """Write the envelope as the associated data that a payload is sealed with."""
    return json.dumps(row[:ENVELOPE_COLUMNS], ensure_ascii=False, separators=(",", ":")).encode()


def genesis(tenant: str) -> bytes:
    """Begin the chain of a tenant's journal."""
    return hashlib.sha256(f"needgraph journal|{tenant}".encode()).digest()


def chained(before: bytes, row: Row) -> bytes:
    """Checksum a row and all rows before it."""
    envelope = identity(row)
    digest = hashlib.sha256(before)
    digest.update(len(envelope).to_bytes(8, "big") + envelope)
    digest.update(row[ENVELOPE_COLUMNS])
    return digest.digest()
