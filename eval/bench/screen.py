"""`needgraph eval screen`: how quickly the built page shows what arrives, what it weighs and what it keeps in memory.

`server/web/dev/measure.mjs` does the measuring in Chromium, against a made-up call over the page's own frames.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click

from eval.bench.options import RunSettings, finish, json_option, progress, quiet_option
from eval.report import table

WEB = Path("server/web")
HEAD = ("what", "measured", "target")
PATIENCE_S = 600
"""A busy machine of two cores took 90 s (2026-11-26)."""

ROWS: tuple[tuple[str, str, float | None, str], ...] = (
    ("needs", "needs in the picture", None, ""),
    ("lines", "transcript lines", None, ""),
    ("events", "events", None, ""),
    ("unpainted", "events that never showed", 0, ""),
    ("painted_p50_ms", "event to painted, p50", None, "ms"),
    ("painted_p95_ms", "event to painted, p95", 50, "ms"),
    ("long_tasks", "tasks over 100 ms", 0, ""),
    ("longest_task_ms", "longest task", 100, "ms"),
    ("moved_nodes", "placed nodes that moved", 0, ""),
    ("layout_shift", "layout shift of placed nodes", 0, ""),
    ("heap_mb", "heap after a call of three hours", 300, "MB"),
    ("first_load_kb", "first load, gzip", 300, "kB"),
)
"""Key of the figure, what it is, the most it should be (issue 7, "Numbers"), its unit."""


@click.command()
@click.option("--needs", type=click.IntRange(min=1), default=300, show_default=True, help="Needs in the picture.")
@click.option("--lines", type=click.IntRange(min=1), default=2000, show_default=True, help="Transcript lines in it.")
@click.option("--events", type=click.IntRange(min=1), default=200, show_default=True, help="Events that then arrive.")
@click.option(
    "--utterances",
    type=click.IntRange(min=0),
    default=3000,
    show_default=True,
    help="Of the call of three hours; 0 leaves it out.",
)
@click.option("--strict", is_flag=True, help="Exit 1 when a target was missed.")
@json_option("screen")
@quiet_option
@click.pass_obj
def screen(settings: RunSettings, json_file: Path, quiet: bool, strict: bool, **sizes: int) -> None:
    """Measure the built page (`server/static`) in Chromium: time to paint, long tasks, shifts, memory, first load.

    Needs node, the page's development packages (`npm ci` in server/web) and Chromium; CHROMIUM names another one.
    """
    progress(quiet)(f"a call with {sizes['needs']} needs and {sizes['lines']} lines, then {sizes['events']} events")
    figures = measured(sizes)
    click.echo(table(HEAD, rows(figures)))
    missed = over_target(figures)
    finish(json_file, {"benchmark": "screen", **figures, "missed": missed}, [WEB / "dev/measure.mjs"], settings)
    if missed:
        click.echo(f"over target: {', '.join(missed)}", err=True)
    if missed and strict:
        raise SystemExit(1)


def measured(sizes: dict[str, int], script: Path = WEB / "dev/measure.mjs") -> dict[str, Any]:
    """What the script reports.

    Raises:
        click.ClickException: node, the script or its packages are missing, or the page could not be measured.
    """
    node = shutil.which("node")
    if node is None:
        raise click.ClickException("node is not installed; the page is measured with it")
    if not script.is_file():
        raise click.ClickException(f"{script} is not here; run this in a checkout of needgraph")
    options = [f"--{name}={value}" for name, value in sizes.items()]
    try:
        done = subprocess.run(
            [node, str(script), *options],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise click.ClickException(f"the page was not measured within {PATIENCE_S} s") from error
    if done.returncode != 0:
        raise click.ClickException(f"the page could not be measured:\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def rows(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The table: every figure that was measured, with its target."""
    return [
        (what, _shown(figures[key], unit), "" if most is None else f"<= {_shown(most, unit)}")
        for key, what, most, unit in ROWS
        if key in figures
    ]


def over_target(figures: dict[str, Any]) -> list[str]:
    """Keys of the figures that are over their target."""
    return [key for key, _, most, _ in ROWS if most is not None and figures.get(key, 0) > most]


def _shown(value: float, unit: str) -> str:
    return f"{value:g} {unit}".strip()
