"""Tables of a tenant's search index. It holds readable text and can always be dropped and made again."""

from typing import Literal

from graph.messages import ItemKind

WordsTable = Literal["words_ticket", "words_document", "words_roadmap"]
WORDS_TABLES: dict[ItemKind, WordsTable] = {
    "ticket": "words_ticket",
    "document": "words_document",
    "roadmap": "words_roadmap",
}
TITLE_WEIGHT = 2.0
"""A word in the title counts double: titles name the thing, texts go around it. BM25F practice."""

_ITEM = """CREATE TABLE IF NOT EXISTS item (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, section TEXT NOT NULL, version TEXT NOT NULL,
  content TEXT NOT NULL, vectors BLOB NOT NULL, UNIQUE (kind, id, section)
)"""
_TERM = "CREATE TABLE IF NOT EXISTS term (word TEXT PRIMARY KEY, items INTEGER NOT NULL) WITHOUT ROWID"
_STATE = "CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL)"
_ENCODER = "CREATE TABLE IF NOT EXISTS encoder (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL)"
_WORDS = "CREATE VIRTUAL TABLE IF NOT EXISTS {} USING fts5 (title, text, tokenize = 'porter unicode61')"

SCHEMA = (
    _ITEM,
    _TERM,
    _STATE,
    _ENCODER,
    *(_WORDS.format(table) for table in WORDS_TABLES.values()),
    "INSERT OR IGNORE INTO state VALUES (1, 0)",
)

FIND = "SELECT number, version FROM item WHERE kind=? AND id=? AND section=?"
CONTENT = "SELECT content FROM item WHERE number=?"
NEWEST = "SELECT content FROM item ORDER BY number DESC LIMIT ?"
INSERT = "INSERT INTO item (kind, id, section, version, content, vectors) VALUES (?,?,?,?,?,?)"
DELETE = "DELETE FROM item WHERE number=?"
HELD = "SELECT id, section FROM item WHERE kind=? ORDER BY number"
SECTIONS = "SELECT section FROM item WHERE kind=? AND id=? ORDER BY number"
FORGET_TERMS = "DELETE FROM term WHERE items <= 0"
UPDATE = "UPDATE item SET version=?, content=?, vectors=? WHERE number=?"
VECTORS = "SELECT number, vectors FROM item WHERE kind=? ORDER BY number"
COUNT_TERM = "INSERT INTO term VALUES (?,?) ON CONFLICT (word) DO UPDATE SET items = items + excluded.items"
ENCODED_BY = "SELECT name FROM encoder"
SET_ENCODER = "INSERT INTO encoder VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET name = excluded.name"
NUMBERS = "SELECT number FROM item ORDER BY number"
SET_VECTORS = "UPDATE item SET vectors=? WHERE number=?"
COMPETITORS = "SELECT DISTINCT json_extract(content, '$.competitor') AS name FROM item WHERE name IS NOT NULL"
VERSION = "SELECT version FROM state"
TOUCH = "UPDATE state SET version = version + 1"


def insert_words(table: WordsTable) -> str:
    """Add an item's words."""
    return f"INSERT INTO {table} (rowid, title, text) VALUES (?,?,?)"


def delete_words(table: WordsTable) -> str:
    """Take an item's words away."""
    return f"DELETE FROM {table} WHERE rowid=?"


def match_words(table: WordsTable) -> str:
    """Find items by words, best first, each with its BM25 (SQLite gives it below zero)."""
    score = f"bm25({table}, {TITLE_WEIGHT}, 1.0)"
    return f"SELECT rowid, {score} AS score FROM {table} WHERE {table} MATCH ? ORDER BY score LIMIT ?"
