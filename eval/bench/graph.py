"""`needgraph eval graph`: merging of voicings into needs, what becomes of needs, and what writing the graph costs."""

import tempfile
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import click
from pydantic import SecretStr

from eval import demo_world
from eval.bench.graph_writing import written
from eval.bench.options import Progress, RunSettings, finish, json_option, models_option, progress, quiet_option
from eval.development.lives import figures as life_figures
from eval.development.lives import moments
from eval.development.material import TEST_PART, linking_encoder, rows
from eval.development.merging import accounts, figures, merged, read_pairs
from eval.report import table
from graph.config import EngineConfig
from graph.engine import EmbeddedEngine
from graph.life import LIFE_VERSION, Life
from graph.merger import MERGER_VERSION, Merger
from graph.store import Endpoint, GraphStore
from ingest.messages import TenantId

MERGE_HEAD = ("merging", "voicings", "pair precision", "recall", "F1", "B-cubed F1", "wrong pairs")
LIFE_HEAD = ("life", "there", "said", "precision", "recall")
WRITE_HEAD = ("graph write, ms", "n", "p50", "p95", "most")
NEVER = 1.1
SCRATCH = TenantId("needgraph-benchmark")
"""Written to the outside graph and dropped from it again; nobody's name."""


class OutsideGraph(Protocol):
    """A Neo4j of the settings."""

    @property
    def uri(self) -> str | None:
        """None while the embedded engine is used."""
        ...

    @property
    def user(self) -> str:
        """Who writes."""
        ...

    @property
    def password(self) -> SecretStr:
        """Of the user."""
        ...

    @property
    def database(self) -> str:
        """Where."""
        ...


class GraphRunSettings(RunSettings, Protocol):
    """What this benchmark takes from the command's settings."""

    @property
    def graph(self) -> OutsideGraph:
        """Where a Neo4j is, if one is."""
        ...


@click.command()
@click.option("--uri", help="Measure writing on this Neo4j as well.  [default: NEEDGRAPH_GRAPH__URI]")
@click.option("--calls", type=click.IntRange(2), default=6, show_default=True, help="Calls written to each engine.")
@click.option("--only-writing", is_flag=True, help="Neither merging nor lives; needs no weights.")
@json_option("graph")
@quiet_option
@models_option
@click.pass_obj
def graph(  # noqa: PLR0913 - a verb has its options
    settings: GraphRunSettings,
    uri: str | None,
    calls: int,
    only_writing: bool,
    json_file: Path,
    quiet: bool,
    models_dir: Path,
) -> None:
    """Merge labelled voicings, follow the needs of episodes, and write the demo call to the graph as the service does.

    Merging and lives are measured on the test part with signals as labelled, so the figures are the merger's and the
    follower's own; nothing was fitted on it.
    """
    show = progress(quiet)
    report: dict[str, Any] = {"benchmark": "graph"}
    files: list[Path] = []
    if not only_writing:
        files += _deciding(report, models_dir, show)
    writing: dict[str, dict[str, dict[str, float]]] = {}
    for name, endpoint in _engines(settings.graph, uri):
        show(f"writing to {name}")
        with endpoint as where, GraphStore(where) as store:
            store.migrate()
            writing[name] = written(store, EngineConfig(), SCRATCH, calls)
    rows_ms = [(f"{name}, {part}", *of.values()) for name, parts in writing.items() for part, of in parts.items()]
    click.echo(table(WRITE_HEAD, rows_ms))
    report["writing_ms"] = writing
    finish(json_file, report, [*files, demo_world.folder() / "call.jsonl"], settings)


def _deciding(report: dict[str, Any], models_dir: Path, show: Progress) -> list[Path]:
    """Measure merging and lives into the report; return the files measured on."""
    encoder = linking_encoder(models_dir)
    files = [TEST_PART / name for name in ("calls.jsonl", "apart.jsonl", "episodes.jsonl")]
    show("merging")
    known = accounts(files[0], encoder)
    mergers = {MERGER_VERSION: Merger(), "nothing merged": Merger(threshold=NEVER)}
    merging = {name: figures(known, lambda _, of=of: of) for name, of in mergers.items()}
    apart = read_pairs(files[1], encoder)
    wrongly = merged(apart, Merger())
    show("what becomes of needs")
    lives = life_figures(list(moments(rows(files[2]))), Life(encoder))
    click.echo(table(MERGE_HEAD, [(name, *_rounded(of)) for name, of in merging.items()]))
    click.echo(f"of {len(apart)} written pairs that must not merge, {wrongly} do\n")
    click.echo(table(LIFE_HEAD, [(name, *_rounded(of)) for name, of in lives.items()]))
    report |= {
        "merger": MERGER_VERSION,
        "life": LIFE_VERSION,
        "merging": merging,
        "must_not_merge": {"pairs": len(apart), "merged": wrongly},
        "lives": lives,
    }
    return files


def _engines(outside: OutsideGraph, uri: str | None) -> Iterator[tuple[str, AbstractContextManager[Endpoint]]]:
    yield "embedded", _embedded()
    where = uri or outside.uri
    if where is not None:
        password = outside.password.get_secret_value()
        endpoint = Endpoint(uri=where, user=outside.user, password=password, database=outside.database)
        yield "neo4j", nullcontext(endpoint)


@contextmanager
def _embedded() -> Generator[Endpoint]:
    with tempfile.TemporaryDirectory() as folder, EmbeddedEngine(Path(folder), EngineConfig()) as engine:
        yield engine.endpoint


def _rounded(of: dict[str, float]) -> tuple[object, ...]:
    return tuple(round(value, 3) if isinstance(value, float) else value for value in of.values())
