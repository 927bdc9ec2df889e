"""`needgraph eval rebuild`: how a large tenant is written, started and made again from its journal."""

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import click
import httpx

from eval.bench.journals import write_journal
from eval.bench.options import (
    RunSettings,
    finish,
    json_option,
    models_option,
    progress,
    quiet_option,
    service_data_option,
)
from eval.development.material import DEVELOPMENT
from eval.errors import RebuildFailedError
from eval.report import table
from eval.service import ServiceChild
from graph.tenants import TenantFolder

TENANT = "large"
ANSWER_S = 1_800.0
"""The first start without a snapshot folds the whole journal."""


class Place(Protocol):
    """Where the graph lies."""

    @property
    def uri(self) -> str | None:
        """Address of a Neo4j; None for the embedded engine."""
        ...


class GraphSettings(RunSettings, Protocol):
    """Settings with a graph."""

    @property
    def graph(self) -> Place:
        """Where the graph lies."""
        ...


@click.command()
@click.option(
    "--events", type=click.IntRange(min=1_000), default=1_000_000, show_default=True, help="At least so many."
)
@click.option("--no-rebuild", is_flag=True, help="Only write the journal and start the service.")
@service_data_option
@json_option("rebuild")
@quiet_option
@models_option
@click.pass_obj
def rebuild(  # noqa: PLR0913 - a verb has its options
    settings: GraphSettings,
    events: int,
    no_rebuild: bool,
    data: Path | None,
    json_file: Path,
    quiet: bool,
    models_dir: Path,
) -> None:
    """Write a tenant's journal from the development calls, start the service on it, and rebuild its graph.

    A data directory that holds the tenant already is used as it is. With NEEDGRAPH_GRAPH__URI set, the graph is that
    Neo4j; else it is the embedded engine.
    """
    show = progress(quiet)
    with ExitStack() as stack:
        data = data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        report: dict[str, Any] = {"benchmark": "rebuild", "engine": "neo4j" if settings.graph.uri else "embedded"}
        folder = TenantFolder(data, TENANT)
        if not folder.journal.exists():
            show(f"writing {events} events")
            began = monotonic()
            written = write_journal(data, TENANT, events)
            report |= {"events": written.events, "calls": written.calls, "kinds": dict(written.kinds)}
            report["write_s"] = round(monotonic() - began, 1)
        report["journal_mb"] = sum(one.stat().st_size for one in folder.path.glob("journal.db*")) >> 20
        for name in ("first_start", "restart"):
            show(name.replace("_", " "))
            report[name] = _start(data, models_dir)
        if not no_rebuild:
            show("rebuild")
            report |= _rebuilt(data, models_dir, quiet)
    click.echo(table(("", "value"), [(name, value) for name, value in _rows(report)]))
    finish(json_file, report, [DEVELOPMENT / "calls.jsonl"], settings)


def _start(data: Path, models_dir: Path) -> dict[str, Any]:
    """Seconds from a listening service to the list of calls, then to the newest call of an account not yet folded."""
    with ServiceChild(data, models_dir, TENANT, 0) as service:
        headers = {"Authorization": f"Bearer {service.address.token}"}
        with httpx.Client(base_url=service.address.url, headers=headers, timeout=ANSWER_S) as api:
            began = monotonic()
            calls = api.get("/v1/calls").raise_for_status().json()["calls"]
            listed = monotonic()
            api.get(f"/v1/calls/{calls[0]['call_id']}").raise_for_status()
            drawn = monotonic()
        rss_mb = service.usage().rss_mb
    return {
        "list_s": round(listed - began, 2),
        "call_s": round(drawn - listed, 2),
        "calls": len(calls),
        "service_mb": rss_mb,
    }


def _rebuilt(data: Path, models_dir: Path, quiet: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "server.cli", "rebuild", "--data", str(data), "--models", str(models_dir)]
    command += ["--tenant", TENANT, "--json", *(["--quiet"] if quiet else [])]
    began = monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RebuildFailedError("the rebuild failed; its message stands above", done.returncode)
    return {"rebuild_s": round(monotonic() - began, 1), "rebuilt": json.loads(done.stdout)}


def _rows(report: dict[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in report.items():
        if isinstance(value, dict):
            rows += [(f"{name} {key}", inner) for key, inner in value.items()]
        else:
            rows.append((name, value))
    return rows
