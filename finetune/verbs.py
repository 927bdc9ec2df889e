"""`needgraph train` and `needgraph adapters`: candidates, gates, release and the way back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from finetune.candidate import Wanted
    from intent.adapters import AdapterStore

REPORTED = ("before", "after", "base", "floor", "suspects", "warnings", "compared_with", "own_calls_held_out")
COLUMNS = {"floor": "floor", "base": "base", "champion": "before", "candidate": "after"}
"""What stands above a column of the comparison, and its name in a report."""
SHOWN_SUSPECTS = 10

data_option = click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Where journals and adapters lie."
)
models_option = click.option(
    "--models", "models_dir", type=click.Path(path_type=Path), required=True, help="Where weights lie."
)
tenant_option = click.option("--tenant", default="demo", show_default=True, help="Whose.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
labels_option = click.option(
    "--labels", type=click.Path(path_type=Path), help="More labels, in the form of `labels export`."
)
author_option = click.option("--author", default="cli", show_default=True, help="Who releases; kept in the journal.")


@click.command()
@data_option
@models_option
@tenant_option
@labels_option
@click.option("--run", "run_file", type=click.Path(path_type=Path), help="TOML file with another recipe.")
@click.option("--promote", "release", is_flag=True, help="Release the candidate when the gate lets it pass.")
@author_option
@json_option
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--progress", "lines", is_flag=True, help="Progress as lines `progress SHARE TEXT` on stderr.")
def train(  # noqa: PLR0913 - a verb has its options
    data: Path,
    models_dir: Path,
    tenant: str,
    labels: Path | None,
    run_file: Path | None,
    release: bool,
    author: str,
    as_json: bool,
    quiet: bool,
    lines: bool,
) -> int:
    """Make a candidate adapter from the default one and the tenant's labels; exit 1 when the gate says no."""
    from finetune.candidate import Wanted, make_candidate
    from finetune.config import read_run
    from finetune.progress import shown

    wanted = Wanted(data, models_dir, tenant, labels, read_run(run_file))
    with shown("lines" if lines else "none" if quiet else "bar") as progress:
        manifest = make_candidate(wanted, progress)
    report = {
        "candidate": manifest.adapter_id,
        "parent": manifest.parent,
        "gate": manifest.gate,
        "reasons": list(manifest.gate_reasons),
        **{name: manifest.report[name] for name in REPORTED},
        "before_full": manifest.report["before_full"],
        "after_full": manifest.report["after_full"],
        "training": manifest.training,
    }
    if release and manifest.gate == "passed":
        outcome = _promote(wanted, manifest.adapter_id, author)
        report |= {"champion": outcome["champion"], "reasons": outcome["reasons"]}
    click.echo(json.dumps(report) if as_json else _comparison(report))
    return 1 if report["reasons"] else 0


@click.group()
def adapters() -> None:
    """Versions of a tenant's adapter."""


@adapters.command("list")
@data_option
@tenant_option
@json_option
def list_adapters(data: Path, tenant: str, as_json: bool) -> None:
    """List the adapters with their state and figures, oldest first."""
    store = _store(data, tenant)
    rows: list[dict[str, Any]] = [
        {
            "adapter_id": one.adapter_id,
            "state": store.state_of(one.adapter_id),
            "parent": one.parent,
            "created_at": one.created_at.isoformat(),
            "gate": one.gate,
            "figures": one.report.get("after"),
        }
        for one in store.manifests()
    ]
    if as_json:
        click.echo(json.dumps({"champion": store.champion(), "adapters": rows}))
        return
    for row in rows:
        figures = "  ".join(f"{name} {_figure(value)}" for name, value in (row["figures"] or {}).items())
        click.echo(f"{row['adapter_id']:24} {row['state']:10} gate {row['gate']:8} {figures}")


@adapters.command()
@click.argument("adapter_id", required=False)
@data_option
@tenant_option
def show(adapter_id: str | None, data: Path, tenant: str) -> None:
    """Print an adapter's manifest; the champion's without an id."""
    from intent.manifest import read_manifest

    store = _store(data, tenant)
    click.echo(read_manifest(store.folder_of(adapter_id or store.champion())).model_dump_json(indent=1))


@adapters.command()
@click.argument("adapter_id", required=False)
@data_option
@models_option
@tenant_option
@labels_option
@author_option
@json_option
def promote(  # noqa: PLR0913 - a verb has its options
    adapter_id: str | None,
    data: Path,
    models_dir: Path,
    tenant: str,
    labels: Path | None,
    author: str,
    as_json: bool,
) -> int:
    """Release a candidate that is not worse, the newest one without an id; exit 1 when the gate says no."""
    from finetune.candidate import Wanted
    from finetune.config import RunConfig

    outcome = _promote(Wanted(data, models_dir, tenant, labels, RunConfig()), adapter_id, author)
    if as_json:
        click.echo(json.dumps(outcome))
    elif outcome["reasons"]:
        click.echo("not promoted:\n" + "\n".join(f"  {reason}" for reason in outcome["reasons"]))
    else:
        click.echo(f"{outcome['champion']} is in use now; `needgraph adapters rollback` takes it back")
    return 1 if outcome["reasons"] else 0


@adapters.command()
@data_option
@models_option
@tenant_option
@author_option
@json_option
def rollback(data: Path, models_dir: Path, tenant: str, author: str, as_json: bool) -> None:
    """Take back the last release: the adapter before it is in use again."""
    from finetune.promote import journal_release

    release = _store(data, tenant).rollback()
    journal_release(data, tenant, release, "rollback", author)
    if as_json:
        click.echo(json.dumps({"champion": release.adapter_id, "replaces": release.replaces}))
    else:
        click.echo(f"{release.adapter_id} is in use again")


@adapters.command()
@click.argument("first", required=False)
@click.argument("second", required=False)
@data_option
@models_option
@tenant_option
@json_option
def compare(first: str | None, second: str | None, data: Path, models_dir: Path, tenant: str, as_json: bool) -> None:
    """Score two adapters on the held-out calls; the champion and the newest candidate without ids."""
    from finetune.candidate import compare as compared
    from finetune.candidate import own_labels
    from finetune.judging import Judge

    store = _store(data, tenant)
    before, after = first or store.champion(), second or _newest_candidate(store, tenant)
    figures = compared(
        Judge(models_dir, threads=2), store.folder_of(before), store.folder_of(after), own_labels(data, tenant, None)
    )
    report: dict[str, Any] = {"first": before, "second": after, **figures}
    click.echo(json.dumps(report) if as_json else f"{before} → {after}\n{_comparison(report)}")


def _promote(whose: "Wanted", adapter_id: str | None, author: str) -> dict[str, Any]:
    """Run the gate against today's champion on today's held-out calls, then release."""
    from finetune.candidate import compare, judged, outdated, own_labels
    from finetune.judging import Judge
    from finetune.promote import journal_release
    from intent.manifest import checked_manifest

    store = _store(whose.data_dir, whose.tenant)
    wanted = adapter_id or _newest_candidate(store, whose.tenant)
    folder, champion = store.folder_of(wanted), store.champion()
    if wanted == champion:
        return {"champion": champion, "replaces": champion, "reasons": []}
    manifest, own = checked_manifest(folder), own_labels(whose.data_dir, whose.tenant, whose.labels)
    if outdated(manifest, own, champion):
        report = compare(Judge(whose.models_dir, threads=2), store.folder_of(champion), folder, own)
        manifest = judged(manifest, manifest.report | report | {"compared_with": champion})
        if manifest.adapter_id != store.default_id():
            store.write_manifest(manifest)
    if manifest.gate_reasons:
        return {"champion": champion, "reasons": list(manifest.gate_reasons)}
    release = store.promote(wanted)
    journal_release(whose.data_dir, whose.tenant, release, "promote", author)
    return {"champion": release.adapter_id, "replaces": release.replaces, "reasons": []}


def _store(data: Path, tenant: str) -> "AdapterStore":
    from graph.tenants import TenantFolder
    from intent.adapters import AdapterStore

    return AdapterStore(TenantFolder(data, tenant).adapters)


def _newest_candidate(store: "AdapterStore", tenant: str) -> str:
    from intent.errors import UnknownAdapterError

    found = [one.adapter_id for one in store.manifests() if store.state_of(one.adapter_id) == "candidate"]
    if not found:
        raise UnknownAdapterError(f"tenant {tenant} has no candidate; `needgraph train` makes one")
    return found[-1]


def _comparison(report: dict[str, Any]) -> str:
    """Floor, base, champion and candidate side by side, as far as the report has them."""
    columns = [(title, report[name]) for title, name in COLUMNS.items() if name in report]
    rows = [f"{'on held-out calls':28} " + " ".join(f"{title:>9}" for title, _ in columns)]
    for name in report["before"]:
        rows.append(f"{name:28} " + " ".join(f"{_figure(figures.get(name)):>9}" for _, figures in columns))
    rows += [f"note: {one}" for one in report.get("warnings", ())]
    if report.get("suspects"):
        rows.append(f"labels to look at again: {len(report['suspects'])}")
        rows += [_suspect(one) for one in report["suspects"][:SHOWN_SUSPECTS]]
    if "candidate" in report:
        rows.append(f"candidate {report['candidate']}: gate {report['gate']}")
        rows += [f"  {reason}" for reason in report["reasons"]]
    return "\n".join(rows)


def _suspect(row: dict[str, Any]) -> str:
    labelled = row["labelled"] or "nothing"
    return f"  {row['call_id']} turn {row['turn']}: labelled {labelled}, looks like {row['instead']}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
