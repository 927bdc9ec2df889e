"""A journal's file that ends in the middle of a record: after a full disk, or a copy that broke off.

SQLite itself drops what was cut from the write-ahead log. A cut database file it would only call malformed, so the
whole events are read out of it, as far as the checksum chain holds.
"""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.journal_schema import COLUMNS, Row, chained, genesis

DB_HEADER_BYTES = 100
MAGIC = b"SQLite format 3\0"
PAGE_BYTES_AT, PAGES_AT = slice(16, 18), slice(28, 32)
MOST_PAGE_BYTES = 65_536
"""Where a database file says how long a page is, 1 meaning the most, and how many it has (SQLite file format 1.3)."""

WAL_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
WAL_PAGE_BYTES_AT = slice(8, 12)
"""Where a write-ahead log says how long a page is (SQLite file format 4.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a cut file still held: its whole events, and where the file as it was found lies now."""

    events: int
    set_aside: Path


def write_ahead_log(path: Path) -> Path:
    """Path of a database's write-ahead log."""
    return path.with_name(f"{path.name}-wal")


def is_cut(path: Path) -> bool:
    """Whether a database file ends before the last page it speaks of, and no write-ahead log may hold the rest."""
    wal = write_ahead_log(path)
    if not path.is_file() or (wal.is_file() and wal.stat().st_size):
        return False
    return path.stat().st_size < _stated_bytes(path)


def is_cut_log(path: Path) -> bool:
    """Whether the write-ahead log of a database ends inside a frame: the last append was not done when all ended."""
    wal = write_ahead_log(path)
    if not wal.is_file() or wal.stat().st_size < WAL_HEADER_BYTES:
        return False
    with wal.open("rb") as file:
        page_bytes = int.from_bytes(file.read(WAL_HEADER_BYTES)[WAL_PAGE_BYTES_AT])
    return (wal.stat().st_size - WAL_HEADER_BYTES) % (FRAME_HEADER_BYTES + page_bytes) != 0


def whole_rows(path: Path, tenant: str) -> Iterator[Row]:
    """Read the events of a cut file in order, up to the first that is missing or not as it was written.

    The file is filled up with zeros to the length it speaks of: SQLite opens no shorter one.
    """
    os.truncate(path, _stated_bytes(path))
    chain, count = genesis(tenant), 0
    db = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
    try:
        for found in db.execute(f"SELECT {', '.join(COLUMNS)} FROM event NOT INDEXED ORDER BY seq"):
            row: Row = list(found)
            count, chain = count + 1, chained(chain, row)
            if row[0] != count or chain != row[-1]:
                return
            yield row
    except sqlite3.DatabaseError:
        return
    finally:
        db.close()


def _stated_bytes(path: Path) -> int:
    """Length of a database file by its own header; 0 when it has none."""
    with path.open("rb") as file:
        header = file.read(DB_HEADER_BYTES)
    if not header.startswith(MAGIC):
        return 0
    stated = int.from_bytes(header[PAGE_BYTES_AT])
    page_bytes = MOST_PAGE_BYTES if stated == 1 else stated
    return page_bytes * int.from_bytes(header[PAGES_AT])
