"""`needgraph eval search`: how long the linker's search takes in a large tenant, and what its coarse look loses."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from eval.bench.imports import made_tickets
from eval.bench.options import RunSettings, finish, json_option, models_option, progress, quiet_option
from eval.development.material import DEVELOPMENT, linking_encoder, queries, worlds
from eval.report import table
from graph.candidates import Query
from graph.encoder import DIMENSIONS, Encoder, Vectors
from graph.imports.items import versioned
from graph.index import ItemIndex
from graph.matrix import Matrix
from graph.messages import Item, ItemKind
from graph.passages import passages
from graph.words import words
from ingest.messages import TenantId

HEAD = ("items", "passages", "searches", "ms p50", "p95", "with encoding p50", "p95", "nearest lost")
TENANT = TenantId("search")
TICKET_WORDS = 60
NEAREST = 20
KINDS: tuple[tuple[ItemKind, float], ...] = (("roadmap", 0.02), ("document", 0.1), ("ticket", 1.0))
"""Kinds of the items, with the share up to which an item is of that kind."""


class Worded:
    """An encoder that gives what was said its own vectors, and any other text the mean of its words' vectors."""

    name = "worded"

    def __init__(self, encoder: Encoder, said: Sequence[str]) -> None:
        self._encoder = encoder
        self._said = dict(zip(said, encoder.embed(said), strict=True))
        self._words: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str], /) -> Vectors:
        """Encode texts. Shape: (texts, 384), float32, each of length one."""
        found = np.stack([self._said[text] if text in self._said else self._mean(text) for text in texts])
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def _mean(self, text: str) -> Vectors:
        held = words(text) or [text]
        missing = [word for word in dict.fromkeys(held) if word not in self._words]
        if missing:
            self._words |= dict(zip(missing, self._encoder.embed(missing), strict=True))
        return np.mean([self._words[word] for word in held], axis=0)


@click.command()
@click.option("--items", "count", type=click.IntRange(min=100), default=100_000, show_default=True, help="How many.")
@click.option("--searches", type=click.IntRange(min=10), default=200, show_default=True, help="How many.")
@json_option("search")
@quiet_option
@models_option
@click.pass_obj
def search(settings: RunSettings, count: int, searches: int, json_file: Path, quiet: bool, models_dir: Path) -> None:
    """Search a tenant of many items for what the development vendors' customers say, one search at a time.

    Items are made of the development vendors' sentences. Encoding so many would take an hour, so their vectors are the
    mean of their words'; what was said is encoded as in a call.
    """
    show = progress(quiet)
    encoder = linking_encoder(models_dir)
    asked = [one.query for folder in worlds(DEVELOPMENT) for one in queries(folder)][:searches]
    worded = Worded(encoder, list(dict.fromkeys(text for query in asked for text in _texts(query))))
    items = _items(count)
    with tempfile.TemporaryDirectory() as folder:
        show(f"making an index of {count} items")
        index = ItemIndex(Path(folder), worded)
        index.upsert(items)
        show("searching")
        searched_ms, encoded_ms = [], []
        index.candidates(asked[0])
        for query in asked:
            searched_ms.append(_ms(lambda query=query: index.candidates(query)))
            # A blank more makes it a text that nobody remembers.
            encoded_ms.append(_ms(lambda query=query: encoder.embed([f"{text} " for text in _texts(query)])))
        index.close()
    show("looking for what was lost")
    tickets = [passages(one) for one in items if one.kind == "ticket"]
    whole_ms = np.add(searched_ms, encoded_ms)
    figures: dict[str, Any] = {
        "items": len(items),
        "passages": sum(len(passages(one)) for one in items),
        "searches": len(asked),
        "p50_ms": round(float(np.percentile(searched_ms, 50)), 1),
        "p95_ms": round(float(np.percentile(searched_ms, 95)), 1),
        "encoded_p50_ms": round(float(np.percentile(whole_ms, 50)), 1),
        "encoded_p95_ms": round(float(np.percentile(whole_ms, 95)), 1),
        "nearest_lost": _lost(tickets, asked, worded),
    }
    click.echo(table(HEAD, [tuple(figures.values())]))
    files = [folder / "tickets.jsonl" for folder in worlds(DEVELOPMENT)]
    finish(json_file, {"benchmark": "search", **figures}, files, settings)


def _texts(query: Query) -> tuple[str, str, str]:
    return query.utterance, query.setting, query.text


def _items(count: int) -> list[Item]:
    found: list[Item] = []
    for number, row in enumerate(made_tickets(count, TICKET_WORDS)):
        kind: ItemKind = next(kind for kind, share in KINDS if number % 100 < share * 100)
        item = Item(
            tenant_id=TENANT,
            kind=kind,
            id=row["id"],
            section="one" if kind == "document" else None,
            title=row["title"],
            text=row["body"],
            version="",
        )
        found.append(versioned(item))
    return found


def _lost(held: Sequence[Sequence[str]], asked: Sequence[Query], encoder: Encoder) -> str:
    """Of the items nearest to each query, how many a coarse look misses; as "lost of all"."""
    vectors = np.concatenate([encoder.embed(texts) for texts in held]).astype(np.float32)
    assert vectors.shape[1] == DIMENSIONS
    shape = (np.arange(len(held)), np.array([len(texts) for texts in held]), vectors)
    exact, coarse = Matrix(*shape, coarse_from=len(vectors) + 1), Matrix(*shape, coarse_from=1)
    lost = 0
    for query in asked:
        said = encoder.embed(_texts(query))
        all_of, some = exact.near(said), coarse.near(said)
        lost += sum(len({*all_of.best(row, NEAREST)} - {*some.best(row, NEAREST)}) for row in range(len(said)))
    return f"{lost} of {len(asked) * 3 * NEAREST}"


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
