"""`needgraph eval signals`: an adapter's readings against labelled turns, and how long a reading takes."""

import time
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, Literal

import click
import numpy as np

from eval.bench.options import RunSettings, finish, json_option, models_option, progress, quiet_option
from eval.report import table
from eval.signals.labelled import Example, examples, fingerprint, read_lines
from eval.signals.scoring import score
from graph.tenants import TenantFolder
from intent.adapters import AdapterStore, default_folder
from intent.config import IntentConfig
from intent.labels import LABELS
from intent.model import IntentModel
from intent.spans import Finding

HEAD = (
    "file",
    "turns",
    "signals",
    "kind F1",
    "type F1",
    "span F1",
    "strength ±1",
    "ECE",
    "quiet fired",
    "ms p50",
    "p95",
)
TYPES_HEAD = ("type", "found", "wrong", "missed", "F1")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One file, read."""

    path: Path
    sha256: str
    figures: dict[str, Any]
    took_ms: list[float]


@click.command()
@click.argument("label_files", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--adapter", type=click.Path(path_type=Path), help="Folder of an adapter.  [default: the tenant's champion]"
)
@click.option("--tenant", default="demo", show_default=True, help="Whose champion; with --data.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Where tenants lie.  [default: the shipped adapter is read]"
)
@click.option(
    "--precision", type=click.Choice(["int8", "fp32"]), default="int8", show_default=True, help="Of the encoder."
)
@json_option("signals")
@quiet_option
@models_option
@click.pass_obj
def signals(  # noqa: PLR0913 - a verb has its options
    settings: RunSettings,
    label_files: tuple[Path, ...],
    adapter: Path | None,
    tenant: str,
    data: Path | None,
    precision: Literal["int8", "fp32"],
    json_file: Path,
    quiet: bool,
    models_dir: Path,
) -> None:
    """Read the customer's turns of LABEL_FILES and compare with their labels.

    Files are JSON Lines as `labels export` writes them; without one, the held-out calls of the shipped corpus are read.
    Turns are read one by one on one thread, each with the two before it. Figures of several files stand below each
    other and, pooled, in the last row.
    """
    show = progress(quiet)
    paths = label_files or (Path(str(package_files("intent"))) / "corpus" / "held_out.jsonl",)
    lines = {path: read_lines(path) for path in paths}
    model = IntentModel(models_dir, IntentConfig(precision=precision))
    folder = adapter or _champion(data, tenant)
    loaded = model.load_adapter(folder)
    readings: list[_Reading] = []
    everything: list[Example] = []
    found: list[tuple[Finding, ...]] = []
    for path, of in lines.items():
        turns = examples(of)
        show(f"{path.name}: {len(turns)} turns of customers")
        took_ms: list[float] = []
        read: list[tuple[Finding, ...]] = []
        for one in turns:
            began = time.perf_counter()
            read.append(model.read(one.turn, loaded))
            took_ms.append((time.perf_counter() - began) * 1000)
        figures = score(turns, read, LABELS)
        readings.append(_Reading(path=path, sha256=fingerprint(of), figures=figures, took_ms=took_ms))
        everything += turns
        found += read
    pooled = score(everything, found, LABELS)
    rows = [_row(one.path.stem, one.figures, one.took_ms) for one in readings]
    if len(readings) > 1:
        rows.append(_row("pooled", pooled, [one for reading in readings for one in reading.took_ms]))
    click.echo(table(HEAD, rows))
    click.echo("\n" + table(TYPES_HEAD, [(name, *of.values()) for name, of in pooled["types"].items()]))
    report = {
        "benchmark": "signals",
        "adapter": loaded.manifest.adapter_id,
        "precision": precision,
        "files": [
            {"file": one.path.name, "sha256": one.sha256, "ms": _times(one.took_ms), **one.figures} for one in readings
        ],
        "pooled": pooled,
    }
    finish(json_file, report, paths, settings)


def _champion(data: Path | None, tenant: str) -> Path:
    if data is None:
        return default_folder()
    store = AdapterStore(TenantFolder(data, tenant).adapters)
    return store.folder_of(store.champion())


def _row(name: str, figures: dict[str, Any], took_ms: list[float]) -> tuple[object, ...]:
    fired = f"{figures['quiet_fired']} of {figures['quiet']}"
    kept = ("kind_f1", "type_macro_f1", "span_f1", "strength_within_one", "ece")
    times = _times(took_ms)
    return (name, figures["utterances"], figures["signals"], *(figures[one] for one in kept), fired, *times.values())


def _times(took_ms: list[float]) -> dict[str, float | None]:
    if not took_ms:
        return {"p50": None, "p95": None}
    return {name: round(float(np.percentile(took_ms, share)), 1) for name, share in (("p50", 50), ("p95", 95))}
