"""`needgraph rebuild`: a tenant's graph and search index made again from the journal; nothing is decided anew."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.verbs.options import data_option, json_option, models_option, placed, quiet_option, tenant_option

if TYPE_CHECKING:
    from typing import NoReturn

    from tqdm import tqdm

    from server.settings import Settings


@click.command()
@data_option
@models_option
@tenant_option
@json_option
@quiet_option
@click.pass_obj
def rebuild(settings: "Settings", data: Path, models_dir: Path, tenant: str, as_json: bool, quiet: bool) -> None:
    """Drop the tenant's projection and make it again from the journal; works beside a running service."""
    from tqdm import tqdm

    from graph.index import reindex
    from graph.projection import Projector
    from server.offline import graph_store, opened, understanding
    from server.projecting import projecting_lock

    settings = placed(settings, data, models_dir)
    with opened(settings, tenant, create=False) as whose:
        with understanding(settings) as known:
            bar = tqdm(desc="search index", unit="item", disable=True if quiet else None)
            found = whose.journal.read(kinds=("item", "item_removed"))
            items = reindex(known.index(whose), found, lambda done: _advance(bar, done))
            bar.close()
        with graph_store(settings) as store, projecting_lock(whose):
            store.migrate()
            projector = Projector(store, settings.graph.engine)
            seq = whose.seq
            changes = tqdm(whose.rebuilt(seq), "graph", seq, unit="event", disable=True if quiet else None)
            events = projector.rebuild(whose.tenant_id, changes, seq)
    counts = {"events": events, "items": items}
    click.echo(json.dumps(counts) if as_json else f"{events} events and {items} items are back")


def _advance(bar: "tqdm[NoReturn]", done: int) -> None:
    bar.update(done - bar.n)
