"""`needgraph eval adapters`: what a thousand tenants' adapters cost, and whether batches would pay."""

import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click
import numpy as np
import psutil

from eval.bench.options import Progress, RunSettings, finish, json_option, models_option, progress, quiet_option
from eval.report import table
from eval.signals.labelled import Example, examples, read_lines
from ingest.messages import TenantId
from intent.adapters import AdapterStore, default_folder
from intent.config import IntentConfig
from intent.loaded import LoadedAdapters
from intent.manifest import ADAPTER_FILE, MANIFEST_FILE, read_manifest, sha256_of
from intent.messages import AdapterId
from intent.model import READ_BATCH, IntentModel, read_adapter, write_adapter

HEAD = ("what", "p50", "p95", "n")
TURNS = 100
PRECISIONS: tuple[Literal["fp32", "int8"], ...] = ("fp32", "int8")
HELD_OUT = Path(str(default_folder().parent)) / "corpus" / "held_out.jsonl"


@click.command()
@click.option(
    "--tenants", type=click.IntRange(1), default=1_000, show_default=True, help="With an adapter of their own."
)
@click.option("--in-memory", type=click.IntRange(1), default=200, show_default=True, help="Adapters kept loaded.")
@json_option("adapters")
@quiet_option
@models_option
@click.pass_obj
def adapters(
    settings: RunSettings, tenants: int, in_memory: int, json_file: Path, quiet: bool, models_dir: Path
) -> None:
    """Give TENANTS an adapter each, read through all of them in random order, and measure time and memory.

    Also: one utterance after the other against padded batches of similar length, for one adapter, in fp32 and int8.
    """
    show = progress(quiet)
    turns = examples(read_lines(HELD_OUT))[:TURNS]
    with tempfile.TemporaryDirectory() as name:
        show(f"writing {tenants} adapters")
        stores = _stores(Path(name), tenants)
        report: dict[str, Any] = {"benchmark": "adapters", "tenants": tenants, "in_memory": in_memory}
        report |= _switching(models_dir, stores, in_memory, turns, show)
    show("one by one, and in batches")
    report["batches"] = {one: _batches(models_dir, one, turns) for one in PRECISIONS}
    rows = [
        ("load and first activation, ms", *report["load_ms"].values()),
        ("activation of a loaded one, ms", *report["activate_ms"].values()),
    ]
    click.echo(table(HEAD, rows))
    click.echo(f"\n{in_memory} adapters in memory: {report['memory_mb']} MB over the base")
    for precision, of in report["batches"].items():
        click.echo(
            f"{precision}: {of['single_ms']} ms an utterance one by one, {of['batched_ms']} in batches of "
            f"{READ_BATCH}; largest difference of a logit {of['difference']}"
        )
    finish(json_file, report, [HELD_OUT], settings)


def _stores(folder: Path, tenants: int) -> list[AdapterStore]:
    """Adapters that differ in every weight, each released for its tenant."""
    tensors, manifest = read_adapter(default_folder() / ADAPTER_FILE), read_manifest(default_folder())
    source = np.random.default_rng(1)
    stores: list[AdapterStore] = []
    staged = folder / "staged"
    for number in range(tenants):
        staged.mkdir()
        shaken = {name: one * np.float32(1 + source.normal(0, 1e-3)) for name, one in tensors.items()}
        write_adapter(staged / ADAPTER_FILE, shaken)
        own = AdapterId(f"own-{number}-{secrets.token_hex(2)}")
        changed = manifest.model_copy(update={"adapter_id": own, "sha256": sha256_of(staged / ADAPTER_FILE)})
        (staged / MANIFEST_FILE).write_text(changed.model_dump_json(), encoding="utf-8")
        store = AdapterStore(folder / str(number))
        store.add(staged, own)
        store.promote(own)
        shutil.rmtree(staged, ignore_errors=True)
        stores.append(store)
    return stores


def _switching(
    models_dir: Path, stores: Sequence[AdapterStore], in_memory: int, turns: Sequence[Example], show: Progress
) -> dict[str, Any]:
    model = IntentModel(models_dir, IntentConfig())
    loaded = LoadedAdapters(model, in_memory)
    for one in turns:
        model.read(one.turn, loaded.champion(TenantId("none"), AdapterStore(Path("none"))))
    before = psutil.Process().memory_info().rss
    load_ms, activate_ms = [], []
    show(f"reading through {len(stores)} adapters")
    order = np.random.default_rng(2).permutation(len(stores))
    for number in order:
        tenant, turn = TenantId(f"t{number}"), turns[int(number) % len(turns)].turn
        began = time.perf_counter()
        adapter = loaded.champion(tenant, stores[number])
        load_ms.append((time.perf_counter() - began) * 1000)
        model.read(turn, adapter)
        began = time.perf_counter()
        loaded.champion(tenant, stores[number])
        activate_ms.append((time.perf_counter() - began) * 1000)
    memory = psutil.Process().memory_info().rss - before
    return {"load_ms": _spread(load_ms), "activate_ms": _spread(activate_ms), "memory_mb": round(memory / 2**20)}


def _batches(models_dir: Path, precision: Literal["fp32", "int8"], turns: Sequence[Example]) -> dict[str, Any]:
    model = IntentModel(models_dir, IntentConfig(precision=precision))
    adapter = model.load_adapter(default_folder())
    chosen = [one.turn for one in turns]
    model.logits(chosen[0], adapter)
    began = time.perf_counter()
    single = [model.logits(one, adapter)[0] for one in chosen]
    single_ms = (time.perf_counter() - began) * 1000 / len(chosen)
    began = time.perf_counter()
    batched = [windows[0] for windows in model.logits_batched(chosen, adapter)]
    batched_ms = (time.perf_counter() - began) * 1000 / len(chosen)
    pairs = zip(single, batched, strict=True)
    difference = max(float(np.abs(one.tokens - other.tokens).max()) for one, other in pairs)
    return {
        "single_ms": round(single_ms, 2),
        "batched_ms": round(batched_ms, 2),
        "difference": float(f"{difference:.1e}"),
    }


def _spread(took_ms: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(took_ms, [50, 95])
    return {"p50": round(float(p50), 3), "p95": round(float(p95), 3), "n": len(took_ms)}
