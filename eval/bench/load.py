"""`needgraph eval load`: more and more calls at once, in real time, until the service is late."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eval.bench.options import (
    Progress,
    RunSettings,
    data_root_option,
    finish,
    group_option,
    json_option,
    manifest_option,
    models_option,
    progress,
    quiet_option,
    service_data_option,
    tenant_option,
)

if TYPE_CHECKING:
    from eval.bench.calls import Call
    from eval.bench.load_curve import Point
    from eval.bench.material import Recording
    from eval.service import ServiceChild

IDLE_S = 5.0


def _counts(context: click.Context, parameter: click.Parameter, text: str) -> tuple[int, ...]:
    try:
        counts = tuple(sorted({int(one) for one in text.split(",")}))
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a list of numbers with commas") from error
    if counts[0] < 1:
        raise click.BadParameter("a point has at least one call")
    return counts


@click.command()
@click.option(
    "--calls", "counts", default="1,2,3,4,6,8,12,16", show_default=True, callback=_counts, help="Points of the curve."
)
@click.option("--seconds", type=click.IntRange(min=5), default=60, show_default=True, help="Length of each call.")
@click.option("--silent", is_flag=True, help="Calls in which nobody speaks.")
@manifest_option
@data_root_option
@group_option
@json_option("load")
@quiet_option
@models_option
@service_data_option
@tenant_option
@click.pass_obj
def load(  # noqa: PLR0913 - a verb has its options
    settings: RunSettings,
    counts: tuple[int, ...],
    seconds: int,
    silent: bool,
    manifest: Path | None,
    data_root: Path | None,
    groups: tuple[str, ...],
    json_file: Path,
    quiet: bool,
    models_dir: Path,
    data: Path | None,
    tenant: str,
) -> None:
    """How many calls one service carries: N calls at once in real time, with intent and graph running.

    N rises until the p95 of turn end → final passes 1 s, a final is 5 s late, or a call is refused (the service takes
    NEEDGRAPH_SERVER__MAX_CALLS). Cores are processor seconds a second; the generator's are those of this command.
    """
    from eval.bench.load_curve import as_report, as_table, streams_at_p95
    from eval.bench.load_point import idle_cores
    from eval.bench.serving import service

    show = progress(quiet)
    material = [] if silent else _material(manifest, data_root, groups, show)
    with service(data, models_dir, tenant, show) as child:
        idle = asyncio.run(idle_cores(child, IDLE_S))
        points = _curve(child, counts, seconds, material, show)
    click.echo(as_table(points, idle))
    if not silent:
        click.echo(f"\nstreams@p95: {streams_at_p95(points)}")
    report = {"benchmark": "load", "seconds": seconds, "silent": silent, **as_report(points, idle)}
    finish(json_file, report, [path for one in material for path in one.files], settings)


def _material(
    manifest: Path | None, data_root: Path | None, groups: tuple[str, ...], show: Progress
) -> list["Recording"]:
    from eval.bench.bundled import calls
    from eval.bench.selection import chosen, with_turns

    return with_turns(chosen(manifest, data_root, calls, groups, show), show)


def _curve(
    child: "ServiceChild", counts: tuple[int, ...], seconds: int, material: list["Recording"], show: Progress
) -> list["Point"]:
    """Points until one does not hold. Without material nobody speaks."""
    from eval.bench.calls import loaded
    from eval.bench.load_point import run_point

    spoken = [loaded(one) for one in material]
    points: list[Point] = []
    for count in counts:
        show(f"{count} call(s) for {seconds} s")
        points.append(asyncio.run(run_point(child, _calls(spoken, count, seconds))))
        if not points[-1].holds:
            show("that was too many")
            break
    return points


def _calls(spoken: list["Call"], count: int, seconds: int) -> list["Call"]:
    from eval.bench.calls import silent
    from eval.bench.load_point import staggered

    return staggered(spoken, count, seconds * 1000) if spoken else [silent(seconds * 1000)] * count
