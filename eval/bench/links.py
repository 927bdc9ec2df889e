"""`needgraph eval links`: what the linker finds and shows, beside searches by words alone."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from eval.bench.floors import Bm25, TfIdf
from eval.bench.options import (
    Progress,
    RunSettings,
    data_root_option,
    finish,
    json_option,
    models_option,
    progress,
    quiet_option,
)
from eval.development.linking import answer, figures, scored
from eval.development.material import TEST_PART, linking_encoder, rows, worlds
from eval.report import table
from graph.candidates import Query
from graph.encoder import Remembered
from graph.imports.items import versioned
from graph.index import ItemIndex
from graph.linker import FLOOR, LINKER_VERSION, WEIGHTS, Linker
from graph.messages import Item, ItemKind
from graph.passages import searched_text
from ingest.messages import TenantId

DEFAULT_ROOT = Path("../shared/data")
OWN_HEAD = ("vendor", "queries", "hit@5", "AUC", "right shown /10", "wrong /10", "wanted /10", "silent")
SET_HEAD = ("set", "items", "queries", "measure", "BM25", "TF-IDF", "linker", "ms p50", "p95")


@dataclass(frozen=True, slots=True)
class PublicSet:
    """Items of one kind, and queries with the ids of the items that answer them.

    own: the query's own id where it stands among the items; it does not count as found.
    """

    name: str
    measure: str
    items: tuple[Item, ...]
    queries: tuple[tuple[Query, frozenset[str], str | None], ...]


@click.command()
@data_root_option
@click.option("--own-only", is_flag=True, help="Only the made-up vendors of the test part.")
@json_option("links")
@quiet_option
@models_option
@click.pass_obj
def links(
    settings: RunSettings, data_root: Path | None, own_only: bool, json_file: Path, quiet: bool, models_dir: Path
) -> None:
    """Link the queries of made-up vendors and of public sets, and compare with BM25 and TF-IDF on the same items.

    Made-up vendors (`eval/test_part/worlds`): nothing was fitted on them; a quarter of the queries has no answer.
    Public sets (`linking/` under --data-root): ranks only, every item of one kind.
    """
    show = progress(quiet)
    encoder = linking_encoder(models_dir)
    own = _own(encoder, show)
    click.echo(table(OWN_HEAD, [(name, *_rounded(of)) for name, of in own.items()]))
    report: dict[str, Any] = {"benchmark": "links", "linker": LINKER_VERSION, "floor": FLOOR, "own": own}
    files = [path for folder in worlds(TEST_PART) for path in folder.rglob("*.*")]
    if not own_only:
        root = (data_root or DEFAULT_ROOT) / "linking"
        found = [_compare(one, encoder, show) for one in _sets(root)]
        click.echo("\n" + table(SET_HEAD, [tuple(one.values()) for one in found]))
        report["sets"] = found
        files += [path for name in READERS for path in (root / name).glob("*.jsonl")]
    finish(json_file, report, files, settings)


def _own(encoder: Remembered, show: Progress) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for folder in worlds(TEST_PART):
        show(folder.name)
        (answered,) = answer([folder], encoder).values()
        found[folder.name] = figures(answered, scored(answered, WEIGHTS), FLOOR)
    return found


def _rounded(of: Mapping[str, float]) -> tuple[object, ...]:
    shown = ("hit_at_5", "auc", "right_per_10", "wrong_per_10", "wanted_per_10", "silent")
    return (of["queries"], *(round(of[name], 3) for name in shown))


def _compare(of: PublicSet, encoder: Remembered, show: Progress) -> dict[str, Any]:
    show(f"{of.name}: {len(of.items)} items")
    texts = [f"{one.title}\n{searched_text(one)}" for one in of.items]
    took_ms: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        index = ItemIndex(Path(folder), encoder)
        index.upsert(of.items)
        linker = Linker()

        def linked(query: Query) -> list[str]:
            began = time.perf_counter()
            ranked = linker.ranked(query, index.candidates(query))[of.items[0].kind]
            took_ms.append((time.perf_counter() - began) * 1000)
            return [name for name, _ in ranked]

        rates = [_rate(of, ranked) for ranked in (_by(Bm25(texts), of), _by(TfIdf(texts), of), linked)]
        index.close()
    p50, p95 = np.percentile(took_ms, [50, 95])
    head = {"set": of.name, "items": len(of.items), "queries": len(of.queries), "measure": of.measure}
    bm25, tfidf, own = (round(one, 3) for one in rates)
    return {**head, "bm25": bm25, "tfidf": tfidf, "linker": own, "p50_ms": round(p50, 1), "p95_ms": round(p95, 1)}


def _by(search: Bm25 | TfIdf, of: PublicSet) -> Callable[[Query], list[str]]:
    def ranked(query: Query) -> list[str]:
        return [of.items[place].id for place in search.best(query.utterance, 20)]

    return ranked


def _rate(of: PublicSet, ranked: Callable[[Query], list[str]]) -> float:
    """hit@n: of the queries, those with an answer among the first n. recall@n: of the answers, those found there."""
    kind, _, depth = of.measure.partition("@")
    rates: list[float] = []
    for query, relevant, own in of.queries:
        found = relevant & set([one for one in ranked(query) if one != own][: int(depth)])
        rates.append(float(bool(found)) if kind == "hit" else len(found) / len(relevant))
    return float(np.mean(rates))


def _sets(root: Path) -> Iterator[PublicSet]:
    for name, read in READERS.items():
        if (root / name).is_dir():
            yield read(root / name)


def _k8s_keps(folder: Path) -> PublicSet:
    items = [_item("roadmap", row["id"], row["title"], row["summary"]) for row in rows(folder / "items.jsonl")]
    asked = rows(folder / "user_stories.dev.jsonl")
    return PublicSet("k8s_keps", "hit@5", tuple(items), tuple(_asked(row["text"], row) for row in asked))


def _openstatus(folder: Path) -> PublicSet:
    held = rows(folder / "items.jsonl")
    items = [_item("ticket", row["id"], row["title"], f"{row['description']}\n{row['body']}") for row in held]
    asked = rows(folder / "faq_queries.dev.jsonl")
    return PublicSet("openstatus", "hit@5", tuple(items), tuple(_asked(row["text"], row) for row in asked))


def _gitbugs_hadoop(folder: Path) -> PublicSet:
    held = rows(folder / "items.jsonl")
    items = [_item("ticket", row["id"], row["title"], row["description"] or "") for row in held]
    asked = [_asked(row["text"], row, row["description"] or "") for row in rows(folder / "dup_queries.dev.jsonl")]
    return PublicSet("gitbugs_hadoop", "recall@10", tuple(items), tuple(asked))


READERS: dict[str, Callable[[Path], PublicSet]] = {
    "k8s_keps": _k8s_keps,
    "openstatus": _openstatus,
    "gitbugs_hadoop": _gitbugs_hadoop,
}


def _asked(text: str, row: Mapping[str, Any], more: str = "") -> tuple[Query, frozenset[str], str | None]:
    utterance = f"{text}\n{more}" if more else text
    query = Query(text=text, utterance=utterance, context=(), kind="need", type="capability")
    return query, frozenset(row["relevant"]), row["qid"]


def _item(kind: ItemKind, item_id: str, title: str, text: str) -> Item:
    tenant = TenantId("public")
    return versioned(Item(tenant_id=tenant, kind=kind, id=item_id, section=None, title=title, text=text, version=""))
