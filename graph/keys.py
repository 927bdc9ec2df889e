"""Keys that seal what is personal: one data key per subject and tenant, wrapped by the tenant's own key.

They lie apart from the journal, in a database that overwrites what it deletes and keeps no write-ahead log, so
destroying a key makes every copy of what it sealed unreadable. Never part of an ordinary backup.
"""

import hashlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from graph.errors import KeyStoreBusyError, KeyStoreError
from ingest.messages import PersonId, TenantId

TENANT_SUBJECT = ""
"""Subject of what is about no single person; person ids are never empty."""

KEY_BYTES = 32
"""AES-256: above the 128 bit that NIST SP 800-88r2 asks of cryptographic erase."""

NONCE_BYTES = 12
"""The nonce length AES-GCM is specified for (NIST SP 800-38D)."""

PERSON_ID_BYTES = 12
"""96 bits of HMAC-SHA256: no two speakers of a tenant share an id by chance."""

BUSY_TIMEOUT_S = 10.0
BUSY_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})

SCHEMA = """
CREATE TABLE IF NOT EXISTS tenant_key (tenant TEXT PRIMARY KEY, kek BLOB NOT NULL, person_secret BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS data_key (
  key_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, subject TEXT NOT NULL, wrapped BLOB NOT NULL, UNIQUE (tenant, subject)
);
CREATE TABLE IF NOT EXISTS destroyed (tenant TEXT PRIMARY KEY, keys INTEGER NOT NULL);
"""
COUNT_DESTROYED = "INSERT INTO destroyed VALUES (?, 1) ON CONFLICT (tenant) DO UPDATE SET keys = keys + 1"


def seal(key: bytes, payload: bytes, identity: bytes) -> bytes:
    """Encrypt with a fresh nonce, which stands before the result; `identity` is what it belongs to and is not kept."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, payload, identity)


def unseal(key: bytes, sealed: bytes, identity: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        InvalidTag: another key, another identity, or changed.
    """
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], identity)


class KeyStore:
    """The keys of one data directory; safe between threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open or create `path`, readable by its owner only."""
        self._path = path
        self._lock = threading.RLock()
        self._unwrapped: dict[str, bytes] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._secrets: dict[str, bytes] = {}
        with self._typed_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            for pragma in ("secure_delete=ON", "journal_mode=TRUNCATE", "synchronous=FULL"):
                self._db.execute(f"PRAGMA {pragma}").fetchall()
            self._db.executescript(SCHEMA)
            self._seen_version = self._file_version()

    def close(self) -> None:
        """Forget the unwrapped keys and close the file."""
        with self._lock:
            self._forget()
            self._db.close()

    def key_for(self, tenant: TenantId, subject: str) -> tuple[str, bytes]:
        """Return the key to seal with, made at the first use: its id and its bytes."""
        with self._typed_errors():
            self._drop_if_changed()
            key_id = self._ids.get((tenant, subject))
            if key_id is not None:
                return key_id, self._unwrapped[key_id]
            with self._writing():
                row = self._row("SELECT key_id, wrapped FROM data_key WHERE tenant=? AND subject=?", tenant, subject)
                key_id, wrapped = row or self._create(tenant, subject)
                key = self._unwrap(tenant, key_id, wrapped)
            self._ids[tenant, subject] = key_id
            return key_id, key

    def key(self, key_id: str) -> bytes | None:
        """Return the key that something was sealed with; None once it is destroyed."""
        with self._typed_errors():
            self._drop_if_changed()
            cached = self._unwrapped.get(key_id)
            if cached is not None:
                return cached
            row = self._row("SELECT tenant, wrapped FROM data_key WHERE key_id=?", key_id)
            return None if row is None else self._unwrap(row[0], key_id, row[1])

    def destroy(self, tenant: TenantId, subject: str) -> bool:
        """Make everything sealed for this subject unreadable for good; tell whether there was a key."""
        with self._typed_errors():
            with self._writing():
                cursor = self._db.execute("DELETE FROM data_key WHERE tenant=? AND subject=?", (tenant, subject))
                if cursor.rowcount:
                    self._db.execute(COUNT_DESTROYED, (tenant,))
            self._forget()
            return cursor.rowcount > 0

    def destroyed(self, tenant: TenantId) -> int:
        """Count the destroyed keys of a tenant: what was made before the last one may hold what is erased."""
        with self._typed_errors():
            row = self._row("SELECT keys FROM destroyed WHERE tenant=?", tenant)
            return 0 if row is None else row[0]

    def person_id(self, tenant: TenantId, account: str, speaker: str) -> PersonId:
        """Name a speaker of an account: always the same, and meaningless to who lacks the tenant's secret."""
        with self._typed_errors():
            secret = self._secrets.get(tenant)
            if secret is None:
                with self._writing():
                    secret = self._tenant_row(tenant)[1]
                self._secrets[tenant] = secret
            spoken = f"{len(account)}:{account}|{' '.join(speaker.split()).casefold()}"
            digest = hmac.new(secret, spoken.encode(), hashlib.sha256).hexdigest()
            return PersonId(f"p-{digest[: PERSON_ID_BYTES * 2]}")

    def _create(self, tenant: str, subject: str) -> tuple[str, bytes]:
        key_id = f"k-{secrets.token_hex(12)}"
        wrapped = seal(self._tenant_row(tenant)[0], secrets.token_bytes(KEY_BYTES), _identity(tenant, key_id))
        self._db.execute("INSERT INTO data_key VALUES (?,?,?,?)", (key_id, tenant, subject, wrapped))
        return key_id, wrapped

    def _unwrap(self, tenant: str, key_id: str, wrapped: bytes) -> bytes:
        row = self._row("SELECT kek FROM tenant_key WHERE tenant=?", tenant)
        if row is None:
            raise KeyStoreError(f"{self._path}: the key of tenant {tenant} is missing; restore the key store")
        try:
            key = unseal(row[0], wrapped, _identity(tenant, key_id))
        except InvalidTag as error:
            raise KeyStoreError(f"{self._path}: key {key_id} was changed; restore the key store") from error
        self._unwrapped[key_id] = key
        return key

    def _tenant_row(self, tenant: str) -> tuple[bytes, bytes]:
        row = self._row("SELECT kek, person_secret FROM tenant_key WHERE tenant=?", tenant)
        if row is None:
            row = (secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))
            self._db.execute("INSERT INTO tenant_key VALUES (?,?,?)", (tenant, *row))
        return row[0], row[1]

    def _row(self, sql: str, *values: str) -> tuple[Any, ...] | None:
        return self._db.execute(sql, values).fetchone()

    def _file_version(self) -> int:
        return self._db.execute("PRAGMA data_version").fetchone()[0]

    def _drop_if_changed(self) -> None:
        """Another process may have destroyed a key: nothing cached outlives a change of the file."""
        version = self._file_version()
        if version != self._seen_version:
            self._forget()
            self._seen_version = version

    def _forget(self) -> None:
        self._unwrapped.clear()
        self._ids.clear()

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
            except (sqlite3.Error, OSError) as error:
                busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in BUSY_CODES
                kind = KeyStoreBusyError if busy else KeyStoreError
                raise kind(f"{self._path}: {error}; check the disk and its rights, then try again") from error


def _identity(tenant: str, key_id: str) -> bytes:
    return f"needgraph key|{tenant}|{key_id}".encode()
