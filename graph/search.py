"""Finding the items that words or meaning bring near a signal, and measuring how near."""

import math
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from graph.candidates import Candidate, Query
from graph.encoder import Vectors
from graph.index_schema import CONTENT, VECTORS, VERSION, WORDS_TABLES, match_words
from graph.matrix import Matrix, stacked
from graph.messages import Item, ItemKind
from graph.passages import searched_text
from graph.words import STOP_WORDS, overlap, stem, stems, words

ITEM: TypeAdapter[Item] = TypeAdapter(Item)
KINDS: tuple[ItemKind, ...] = ("ticket", "document", "roadmap")

MAX_QUERY_WORDS = 32
"""The rarest words of a query are searched; more only slow it down."""

MANY_ITEMS = 10_000
COMMON = math.log(1 + 1 / 0.02)
"""From so many items on, words that one item in fifty holds are not searched for: they tell items little apart, and
their lists are what a search reads (`eval search`)."""

MAX_KEPT_ITEMS = 20_000
"""Items whose words stay in memory, some kilobytes each; a bigger tenant's are read again."""


@dataclass(frozen=True, slots=True)
class _Kept:
    item: Item
    stems: frozenset[str]


class Search:
    """A view of the index file for searching: vectors and words in memory, renewed when another process imported.

    The caller holds the connection's lock.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._version: int | None = None
        self._matrices: dict[ItemKind, Matrix] = {}
        self._kept: dict[int, _Kept] = {}
        self._items = 0
        self._rarities: dict[str, float] = {}

    def candidates(self, query: Query, asked: Vectors, count: int) -> dict[ItemKind, tuple[Candidate, ...]]:
        """Find candidates of each kind. asked: vectors of utterance, setting and text, Shape: (3, 384)."""
        self._renew()
        weights = self._rarity(set(stems(query.setting)))
        return {kind: self._of_kind(kind, query, asked, weights, count) for kind in KINDS}

    def _of_kind(
        self, kind: ItemKind, query: Query, asked: Vectors, weights: Mapping[str, float], count: int
    ) -> tuple[Candidate, ...]:
        by_words = self._by_words(kind, query.setting, weights, count)
        near = self._matrices[kind].near(asked, by_words)
        scores, leads = near.scores, near.leads
        by_meaning = [number for place in range(len(asked)) for number in near.best(place, count)]
        setting = set(stems(query.setting))
        made: list[Candidate] = []
        for number in dict.fromkeys((*by_words, *by_meaning)):
            column = near.place(number)
            if column is None:
                continue
            kept = self._item(number)
            candidate = Candidate(
                item=kept.item,
                cosine_utterance=float(scores[0, column]),
                cosine_setting=float(scores[1, column]),
                cosine_text=float(scores[2, column]),
                lead_utterance=float(leads[0, column]),
                lead_setting=float(leads[1, column]),
                lead_text=float(leads[2, column]),
                overlap=overlap(setting, kept.stems, weights),
                words_share=by_words.get(number, 0.0),
            )
            made.append(candidate)
        return tuple(made)

    def _by_words(self, kind: ItemKind, text: str, weights: Mapping[str, float], count: int) -> dict[int, float]:
        """Search by words: the best items, each with its share of the first one's score.

        What people said is data, so every word goes in quotes.
        """
        said = dict.fromkeys(word for word in words(text) if word not in STOP_WORDS)
        rarest = sorted(said, key=lambda word: -weights.get(stem(word), 0.0))[:MAX_QUERY_WORDS]
        if self._items >= MANY_ITEMS:
            rarest = [word for word in rarest if weights.get(stem(word), 0.0) >= COMMON] or rarest[:1]
        if not rarest:
            return {}
        asked = " OR ".join(f'"{word}"' for word in rarest)
        found = self._db.execute(match_words(WORDS_TABLES[kind]), (asked, count)).fetchall()
        best = min((score for _, score in found), default=0.0) or -1.0
        return {number: score / best for number, score in found}

    def _rarity(self, wanted: Collection[str]) -> dict[str, float]:
        """Inverse document frequency of stems over all the tenant's items."""
        for word in wanted:
            if word not in self._rarities:
                row = self._db.execute("SELECT items FROM term WHERE word=?", (word,)).fetchone()
                self._rarities[word] = math.log(1 + (self._items + 0.5) / ((row[0] if row else 0) + 0.5))
        return {word: self._rarities[word] for word in wanted}

    def _item(self, number: int) -> _Kept:
        kept = self._kept.get(number)
        if kept is None:
            item = ITEM.validate_json(self._db.execute(CONTENT, (number,)).fetchone()[0])
            kept = _Kept(item, frozenset((*stems(item.title), *stems(searched_text(item)))))
            if len(self._kept) < MAX_KEPT_ITEMS:
                self._kept[number] = kept
        return kept

    def _renew(self) -> None:
        version: int = self._db.execute(VERSION).fetchone()[0]
        if version == self._version:
            return
        self._matrices = {kind: stacked(self._db.execute(VECTORS, (kind,))) for kind in KINDS}
        self._kept, self._rarities = {}, {}
        self._items = sum(len(matrix) for matrix in self._matrices.values())
        self._version = version
