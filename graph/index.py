"""Candidate search of one tenant: words by SQLite's FTS5, meaning by an exact search over all vectors.

Made from the journal's items and always replaceable; every tenant has a file of its own, so that no score of one
depends on what another imported.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graph.candidates import Candidate, Query
from graph.encoder import Encoder
from graph.errors import SearchIndexError
from graph.events import Event
from graph.index_schema import (
    COMPETITORS,
    CONTENT,
    COUNT_TERM,
    DELETE,
    ENCODED_BY,
    FIND,
    FORGET_TERMS,
    HELD,
    INSERT,
    NEWEST,
    NUMBERS,
    SCHEMA,
    SECTIONS,
    SET_ENCODER,
    SET_VECTORS,
    TOUCH,
    UPDATE,
    VERSION,
    WORDS_TABLES,
    delete_words,
    insert_words,
)
from graph.messages import Item, ItemKind, ItemRemoved
from graph.passages import passages, searched_text
from graph.search import ITEM, KINDS, Search
from graph.words import paired, stems

logger = logging.getLogger(__name__)

ItemKey = tuple[ItemKind, str, str | None]
"""Kind, id and section of an item."""

FILE = "items.db"
BUSY_TIMEOUT_S = 30.0

ENCODE_BATCH = 512
"""Items given to the encoder and written at a time; it sorts them by length, so that little of a run is padding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Items of an import beside those held: by id, and by the version of their content."""

    added: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    unchanged: tuple[Item, ...] = ()


class ItemIndex:
    """The searchable items of one tenant; safe between threads and processes."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Open or create the index in `folder`; vectors are loaded at the first search.

        Vectors of another encoder are made anew, which takes as long as importing the items did.
        """
        self._path = folder / FILE
        self._encoder = encoder
        self._lock = threading.RLock()
        with self._typed_errors():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode=WAL").fetchall()
            self._db.execute("PRAGMA synchronous=NORMAL")
            with self._writing():
                for statement in SCHEMA:
                    self._db.execute(statement)
            self._search = Search(self._db)
        self._renew_vectors()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def clear(self) -> None:
        """Forget every item; a rebuild adds them again."""
        with self._typed_errors(), self._writing():
            for table in ("item", "term", *WORDS_TABLES.values()):
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute(TOUCH)

    def count(self) -> dict[ItemKind, int]:
        """Count the items of each kind."""
        with self._typed_errors():
            found = dict(self._db.execute("SELECT kind, count(*) FROM item GROUP BY kind").fetchall())
        return {kind: found.get(kind, 0) for kind in KINDS}

    def get(self, kind: ItemKind, id: str, section: str | None = None) -> Item | None:
        """Return the newest version of an item; None when there is none of this id."""
        with self._typed_errors():
            row = self._db.execute(FIND, (kind, id, section or "")).fetchone()
            content = None if row is None else self._db.execute(CONTENT, row[:1]).fetchone()[0]
        return None if content is None else ITEM.validate_json(content)

    def newest(self, limit: int) -> list[Item]:
        """The items that came in or changed last, newest first."""
        with self._typed_errors():
            rows = self._db.execute(NEWEST, (limit,)).fetchall()
        return [ITEM.validate_json(content) for (content,) in rows]

    def competitors(self) -> frozenset[str]:
        """Everyone that an item is about."""
        with self._typed_errors():
            return frozenset(name for (name,) in self._db.execute(COMPETITORS).fetchall())

    @property
    def version(self) -> int:
        """Rises with every change."""
        with self._typed_errors():
            return self._db.execute(VERSION).fetchone()[0]

    def compare(self, items: Sequence[Item]) -> Compared:
        """Tell which items are new, changed, or held as they are."""
        added: list[Item] = []
        changed: list[Item] = []
        unchanged: list[Item] = []
        with self._typed_errors():
            for item in items:
                row = self._db.execute(FIND, (item.kind, item.id, item.section or "")).fetchone()
                known = None if row is None else row[1]
                (added if known is None else unchanged if known == item.version else changed).append(item)
        return Compared(added=tuple(added), changed=tuple(changed), unchanged=tuple(unchanged))

    def upsert(self, items: Sequence[Item], progress: Callable[[int], None] | None = None) -> Compared:
        """Add or replace items by their id; those held in the same version cost nothing.

        Args:
            items: Items; of one id given twice the last counts.
            progress: Told how many items are in so far.
        """
        latest = {(item.kind, item.id, item.section): item for item in items}
        compared = self.compare(tuple(latest.values()))
        wanted = (*compared.added, *compared.changed)
        for start in range(0, len(wanted), ENCODE_BATCH):
            batch = wanted[start : start + ENCODE_BATCH]
            encoded = self._encoded(batch)
            with self._typed_errors(), self._writing():
                for item, vectors in zip(batch, encoded, strict=True):
                    self._store(item, vectors)
                self._db.execute(TOUCH)
            if progress is not None:
                progress(start + len(batch))
        return compared

    def held(self, kind: ItemKind, id: str | None = None) -> tuple[ItemKey, ...]:
        """Keys of the items of a kind, or of all sections of one id."""
        with self._typed_errors():
            if id is None:
                rows = self._db.execute(HELD, (kind,)).fetchall()
            else:
                rows = [(id, section) for (section,) in self._db.execute(SECTIONS, (kind, id))]
        return tuple((kind, found, section or None) for found, section in rows)

    def remove(self, keys: Iterable[ItemKey]) -> int:
        """Take items out with their words, counts and vectors; those not held are passed over. Returns how many."""
        removed = 0
        with self._typed_errors(), self._writing():
            for kind, id, section in keys:
                row = self._db.execute(FIND, (kind, id, section or "")).fetchone()
                if row is None:
                    continue
                self._forget_words(kind, row[0])
                self._db.execute(DELETE, row[:1])
                removed += 1
            if removed:
                self._db.execute(FORGET_TERMS)
                self._db.execute(TOUCH)
        return removed

    def candidates(self, query: Query, count: int = 20) -> dict[ItemKind, tuple[Candidate, ...]]:
        """Find the items of each kind that words or meaning bring near a signal, with the evidence for each.

        Args:
            query: The signal.
            count: How many each way of searching gives per kind.
        """
        asked = self._encoder.embed([query.utterance, query.setting, query.text])
        with self._typed_errors():
            return self._search.candidates(query, asked, count)

    def _renew_vectors(self) -> None:
        with self._typed_errors():
            row = self._db.execute(ENCODED_BY).fetchone()
            if row is not None and row[0] == self._encoder.name:
                return
            numbers: list[int] = [number for (number,) in self._db.execute(NUMBERS)]
            if numbers:
                logger.info("the encoder has changed: encoding %d items anew", len(numbers))
            for start in range(0, len(numbers), ENCODE_BATCH):
                batch = numbers[start : start + ENCODE_BATCH]
                items = [ITEM.validate_json(self._db.execute(CONTENT, (one,)).fetchone()[0]) for one in batch]
                with self._writing():
                    self._db.executemany(SET_VECTORS, zip(self._encoded(items), batch, strict=True))
            with self._writing():
                self._db.execute(SET_ENCODER, (self._encoder.name,))
                self._db.execute(TOUCH)

    def _encoded(self, items: Sequence[Item]) -> list[bytes]:
        cut = [passages(item) for item in items]
        vectors = self._encoder.embed([text for texts in cut for text in texts]).astype(np.float32)
        ends = np.cumsum([len(texts) for texts in cut])[:-1]
        return [part.tobytes() for part in np.split(vectors, ends)]

    def _store(self, item: Item, vectors: bytes) -> None:
        table = WORDS_TABLES[item.kind]
        content = ITEM.dump_json(item).decode()
        row = self._db.execute(FIND, (item.kind, item.id, item.section or "")).fetchone()
        if row is None:
            values = (item.kind, item.id, item.section or "", item.version, content, vectors)
            number = self._db.execute(INSERT, values).lastrowid
        else:
            number = row[0]
            self._forget_words(item.kind, number)
            self._db.execute(UPDATE, (item.version, content, vectors, number))
        self._db.execute(insert_words(table), (number, paired(item.title), paired(searched_text(item))))
        self._count(item, 1)

    def _forget_words(self, kind: ItemKind, number: int) -> None:
        self._count(ITEM.validate_json(self._db.execute(CONTENT, (number,)).fetchone()[0]), -1)
        self._db.execute(delete_words(WORDS_TABLES[kind]), (number,))

    def _count(self, item: Item, by: int) -> None:
        held = {*stems(item.title), *stems(searched_text(item))}
        self._db.executemany(COUNT_TERM, [(word, by) for word in sorted(held)])

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
                remedy = "check the disk; `needgraph rebuild` makes the index again from the journal"
                raise SearchIndexError(f"{self._path}: {error}; {remedy}") from error


def reindex(index: ItemIndex, events: Iterable[Event], progress: Callable[[int], None] | None = None) -> int:
    """Make the index again from a journal's events of items and removals; return how many items it holds."""
    latest: dict[ItemKey, Item] = {}
    for event in events:
        match event.message:
            case Item() as item:
                latest[item.kind, item.id, item.section] = item
            case ItemRemoved() as gone:
                latest.pop((gone.kind, gone.id, gone.section), None)
            case _:
                pass
    index.clear()
    index.upsert(tuple(latest.values()), progress)
    return len(latest)
