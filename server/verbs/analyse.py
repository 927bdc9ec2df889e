"""`needgraph analyse`: transcript lines of past calls through the tenant's model, merging and linker."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.verbs.options import (
    data_option,
    file_argument,
    json_lines,
    models_option,
    out_option,
    placed,
    quiet_option,
    read_file,
    tenant_option,
    write_file,
)

if TYPE_CHECKING:
    from server.settings import Settings


@click.command()
@file_argument
@out_option
@data_option
@models_option
@tenant_option
@click.option("--no-links", is_flag=True, help="Do not search for tickets, documents and roadmap items.")
@click.option("--no-store", is_flag=True, help="Keep nothing in journal and graph.")
@quiet_option
@click.pass_obj
def analyse(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    file: Path,
    out: Path,
    data: Path,
    models_dir: Path,
    tenant: str,
    no_links: bool,
    no_store: bool,
    quiet: bool,
) -> None:
    """Find needs and hesitations in transcripts, one JSON line a turn."""
    from contextlib import ExitStack

    from tqdm import tqdm

    from graph.tenants import TenantFolder
    from server.analysis import Analysis, Scratch
    from server.offline import follow, opened, understanding
    from server.past_calls import by_call, read_transcript

    settings = placed(settings, data, models_dir)
    rows, lines = read_transcript(read_file(file), str(file))
    calls = by_call(lines)
    folder = TenantFolder(data, tenant)
    signals: dict[tuple[str, int], list[dict[str, Any]]] = {}
    with ExitStack() as stack:
        known = stack.enter_context(understanding(settings))
        # A tenant that nothing is known of needs no folder to be read for: default adapter, nothing to link to.
        wanted = not no_store or folder.exists()
        whose = stack.enter_context(opened(settings, tenant)) if wanted else None
        analysis = Analysis(Scratch(folder, whose), known, links=whose is not None and not no_links)
        bar = stack.enter_context(tqdm(total=len(calls), desc=file.name, unit="call", disable=True if quiet else None))
        for call in analysis.read(calls):
            if whose is not None and not no_store:
                whose.keep_call(call.started, call.messages, "analyse")
            signals |= {(call.past.call_id, turn): found for turn, found in call.signals.items()}
            bar.update()
        if whose is not None and not no_store:
            follow(settings, whose)
    write_file(out, json_lines([{**row, "signals": signals[row["call_id"], row["turn"]]} for row in rows]))
