"""`needgraph link`: given signals through the tenant's linker; nothing is stored."""

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
@quiet_option
@click.pass_obj
def link(  # noqa: PLR0913 - a verb has its options
    settings: "Settings", file: Path, out: Path, data: Path, models_dir: Path, tenant: str, quiet: bool
) -> None:
    """Find the tickets, document sections and roadmap items that answer each signal."""
    from tqdm import tqdm

    from graph.export import link_json
    from server.link_queries import read_queries
    from server.offline import opened, understanding

    settings = placed(settings, data, models_dir)
    queries = read_queries(read_file(file), str(file))
    rows: list[dict[str, Any]] = []
    with opened(settings, tenant, create=False) as whose, understanding(settings) as known:
        for asked in tqdm(queries, desc=file.name, unit="query", disable=True if quiet else None):
            links, ranked = known.links(whose, asked.query)
            rows.append({"qid": asked.qid, "links": [link_json(one) for one in links], "ranked": ranked})
    write_file(out, json_lines(rows))
