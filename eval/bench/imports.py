"""`needgraph eval imports`: how long the import of many tickets takes, vectors included, and where the time goes."""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import click

from eval.bench.options import RunSettings, finish, json_option, models_option, progress, quiet_option
from eval.development.material import DEVELOPMENT, world, worlds
from eval.errors import FailedImportError
from eval.report import table
from graph.encoder import Encoder, Vectors
from graph.events import Draft
from graph.imports.tickets import read_tickets
from graph.index import ItemIndex
from graph.journal import Journal
from graph.keys import KeyStore
from graph.messages import Item
from graph.passages import passages
from graph.words import sentences
from ingest.messages import TenantId
from intent.config import IntentConfig
from intent.model import IntentModel, LinkingEncoder

HEAD = ("tickets", "words p50", "passages", "s", "tickets/s", "CPU s", "peak MB")
PARTS_HEAD = ("part, one thread", "ms a ticket")
TENANT = TenantId("imports")
SEED = 20261126
SPREAD = 0.5
"""Of the logarithm of a ticket's words: nine in ten have 26 to 137 where half have 60."""
LEAST_WORDS = 8
SAMPLE = 256
"""Tickets whose import is timed part by part."""


@click.command()
@click.option("--tickets", "count", type=click.IntRange(min=1), default=10_000, show_default=True, help="How many.")
@click.option("--words", type=click.IntRange(min=10), default=60, show_default=True, help="Of a ticket in the median.")
@json_option("imports")
@quiet_option
@models_option
@click.pass_obj
def imports(settings: RunSettings, count: int, words: int, json_file: Path, quiet: bool, models_dir: Path) -> None:
    """Import tickets made of the development vendors' sentences into a temporary directory, as a user would."""
    show = progress(quiet)
    files = [folder / "tickets.jsonl" for folder in worlds(DEVELOPMENT)]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "tickets.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in made_tickets(count, words)), encoding="utf-8")
        items = [one for one in read_tickets(source, TENANT) if isinstance(one, Item)]
        show(f"importing {len(items)} tickets")
        whole = _verb(source, Path(folder) / "data", models_dir)
        show("part by part")
        parts = _parts(source, items[:SAMPLE], Path(folder) / "parts", models_dir)
    used = {
        "tickets": len(items),
        "words_p50": median(len(f"{one.title} {one.text}".split()) for one in items),
        "passages": sum(len(passages(one)) for one in items),
        **whole,
        "tickets_per_s": round(len(items) / whole["s"], 1),
    }
    columns = ("tickets", "words_p50", "passages", "s", "tickets_per_s", "cpu_s", "peak_mb")
    click.echo(table(HEAD, [tuple(used[name] for name in columns)]))
    click.echo("\n" + table(PARTS_HEAD, [(name, round(ms, 2)) for name, ms in parts.items()]))
    finish(json_file, {"benchmark": "imports", "seed": SEED, "import": used, "parts_ms": parts}, files, settings)


def made_tickets(count: int, words: int) -> Iterator[dict[str, Any]]:
    """Tickets of whole sentences from the development vendors, log-normal in length; the same each time.

    Args:
        count: how many.
        words: how many half of them have at most, title included.
    """
    chance = random.Random(SEED)
    known = [item for folder in worlds(DEVELOPMENT) for item in world(folder) if item.kind == "ticket"]
    said = [sentence for item in known for sentence in sentences(item.text)]
    for number in range(count):
        title = chance.choice(known).title
        wanted = max(LEAST_WORDS, round(words * chance.lognormvariate(0, SPREAD))) - len(title.split())
        body: list[str] = []
        while len(body) < wanted:
            # The last sentence is cut, so that the lengths are those drawn.
            body += chance.choice(said).split()[: wanted - len(body)]
        text = " ".join(body)
        yield {"id": f"T-{number}", "title": title, "body": text, "status": "open", "created_at": "2026-01-02"}


def _verb(source: Path, data: Path, models_dir: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "server.cli", "import", "tickets", str(source), "--json", "--quiet"]
    command += ["--data", str(data), "--models", str(models_dir), "--tenant", str(TENANT)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise FailedImportError("the import failed", done.returncode)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "s": round(seconds, 1),
        "cpu_s": round(used, 1),
        "peak_mb": after.ru_maxrss >> 10,
        "counts": {name: count for name, count in json.loads(done.stdout).items() if isinstance(count, int)},
    }


class _Timed:
    """An encoder that remembers how long it took."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self.seconds = 0.0

    def embed(self, texts: Sequence[str], /) -> Vectors:
        began = time.perf_counter()
        found = self._encoder.embed(texts)
        self.seconds += time.perf_counter() - began
        return found


def _parts(source: Path, items: Sequence[Item], folder: Path, models_dir: Path) -> dict[str, float]:
    """Milliseconds a ticket of each part, one after the other and on one thread."""
    encoder = _Timed(LinkingEncoder(IntentModel(models_dir, IntentConfig())))
    began = time.perf_counter()
    read = sum(1 for _ in read_tickets(source, TENANT))
    reading = (time.perf_counter() - began) / read
    keys = KeyStore(folder / "keys.db")
    journal = Journal(folder / "journal.db", keys, TENANT)
    index = ItemIndex(folder / "index", encoder)
    began = time.perf_counter()
    journal.append([Draft(message=one, actor="import", at=datetime.now(UTC)) for one in items])
    journalling = time.perf_counter() - began
    began = time.perf_counter()
    index.upsert(items)
    indexing = time.perf_counter() - began - encoder.seconds
    for opened in (index, journal, keys):
        opened.close()
    seconds = {"journal": journalling, "encoding": encoder.seconds, "index": indexing}
    return {"reading": reading * 1000} | {name: took * 1000 / len(items) for name, took in seconds.items()}
