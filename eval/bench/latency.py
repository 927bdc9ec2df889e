"""`needgraph eval latency`: one call at a time over the real socket, in real time."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eval.bench.latency_report import GroupLatency, as_report, as_table
from eval.bench.options import (
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
    from eval.service import ServiceChild

WHOLE_MINUTES = 24 * 60.0


@click.command()
@manifest_option
@data_root_option
@group_option
@click.option("--speed", type=click.FloatRange(0.1, 100.0), default=1.0, show_default=True, help="1 is real time.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=WHOLE_MINUTES,
    help="Only so much of each call.  [default: all]",
)
@json_option("latency")
@quiet_option
@models_option
@service_data_option
@tenant_option
@click.pass_obj
def latency(  # noqa: PLR0913 - a verb has its options
    settings: RunSettings,
    manifest: Path | None,
    data_root: Path | None,
    groups: tuple[str, ...],
    speed: float,
    minutes: float,
    json_file: Path,
    quiet: bool,
    models_dir: Path,
    data: Path | None,
    tenant: str,
) -> None:
    """How long words take to the screen: calls with exact turn times, one at a time, to a service of their own.

    Each call's audio ends with its last turn. The report's file says what each figure means.
    """
    from eval.bench.bundled import calls
    from eval.bench.calls import cut, loaded
    from eval.bench.selection import chosen, with_turns
    from eval.bench.serving import service

    show = progress(quiet)
    material = with_turns(chosen(manifest, data_root, calls, groups, show), show)
    found: dict[str, GroupLatency] = {}
    with service(data, models_dir, tenant, show) as child:
        for recording in material:
            call = cut(loaded(recording), round(minutes * 60_000))
            show(f"{call.group}: {call.name}, {call.length_ms / 1000 / speed:.0f} s")
            found.setdefault(call.group, GroupLatency(name=call.group)).add(_played(child, call, speed))
        peak_mb = dict(child.peak_mb)
    click.echo(as_table(list(found.values())))
    files = [path for one in material for path in one.files]
    finish(json_file, as_report(list(found.values()), speed, peak_mb), files, settings)


def _played(child: "ServiceChild", call: "Call", speed: float) -> GroupLatency:
    import asyncio

    from eval.bench.call_latency import measure
    from eval.bench.serving import sent

    before, began_s = child.usage(), time.monotonic()
    played = asyncio.run(sent(child, call, speed))
    after = child.usage()
    return GroupLatency(
        name=call.group,
        calls=1,
        samples=measure(played, call.turns, call.channels, call.language or "en", call.length_ms),
        cpu_s=after.cpu_s - before.cpu_s,
        engine_cpu_s=after.engine_cpu_s - before.engine_cpu_s,
        wall_s=time.monotonic() - began_s,
    )
