"""`needgraph import`: tickets, documents and roadmap items into the journal and the search index, by id."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.verbs.options import data_option, json_option, models_option, placed, quiet_option, tenant_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.config import ImportConfig
    from graph.imports.rows import Format, Rejected
    from graph.imports.trackers import FieldMapping
    from graph.messages import Item
    from ingest.messages import TenantId
    from server.settings import Settings

    Reader = Callable[[Path, TenantId, "Format | None", ImportConfig, "FieldMapping | None"], Iterator[Item | Rejected]]

BATCH_ITEMS = 256
"""Items journalled in one append: long enough to spare syncs, short enough to show progress."""


@click.group(name="import")
def import_() -> None:
    """Take in what the company knows; items with a known id replace the former version."""


def _options(verb: "Callable[..., int]") -> "Callable[..., int]":
    for option in (
        click.pass_obj,
        quiet_option,
        json_option,
        click.option(
            "--mapping", type=click.Path(path_type=Path), help='TOML that names the fields: title = "Subject".'
        ),
        click.option("--format", "form", type=click.Choice(["jsonl", "json", "csv"]), help="Form of the file."),
        tenant_option,
        models_option,
        data_option,
        click.argument("path", type=click.Path(path_type=Path)),
    ):
        verb = option(verb)
    return verb


@import_.command()
@_options
def tickets(settings: "Settings", **given: Any) -> int:  # noqa: ANN401 - click's values
    """Import tickets: our own form, or an export of Jira, GitHub, Zendesk, Freshdesk or ServiceNow, as JSON or CSV."""
    from graph.imports.tickets import read_tickets

    return _import(settings, read_tickets, **given)


@import_.command()
@_options
def documents(settings: "Settings", **given: Any) -> int:  # noqa: ANN401 - click's values
    """Import documents from a folder of Markdown files, one file, or JSON Lines of sections."""
    from graph.imports.documents import read_documents

    return _import(settings, read_documents, **given)


@import_.command()
@_options
def roadmap(settings: "Settings", **given: Any) -> int:  # noqa: ANN401 - click's values
    """Import roadmap items: our own form, or an export of Jira, Linear or Productboard, as JSON or CSV."""
    from graph.imports.roadmap import read_roadmap

    return _import(settings, read_roadmap, **given)


def _import(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    reader: "Reader",
    *,
    path: Path,
    data: Path,
    models_dir: Path,
    tenant: str,
    form: "Format | None",
    mapping: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    from tqdm import tqdm

    from graph.imports.rows import Rejected
    from graph.imports.trackers import FieldMapping
    from graph.tenants import tenant_id
    from server.importing import Importer
    from server.offline import follow, opened, understanding

    settings = placed(settings, data, models_dir)
    # Read before anything is created: a path that is wrong leaves no tenant behind.
    names = None if mapping is None else FieldMapping.read(mapping)
    found = list(reader(path, tenant_id(tenant), form, settings.graph.imports, names))
    items = [one for one in found if not isinstance(one, Rejected)]
    rejected = [one for one in found if isinstance(one, Rejected)]
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    if items:
        with opened(settings, tenant) as whose, understanding(settings) as known:
            importer = Importer(whose, known.index(whose))
            with tqdm(total=len(items), desc=path.name, unit="item", disable=True if quiet else None) as bar:
                for start in range(0, len(items), BATCH_ITEMS):
                    batch = items[start : start + BATCH_ITEMS]
                    importer.take(batch)
                    bar.update(len(batch))
            counts = importer.counts
            follow(settings, whose)
    for one in rejected:
        field = f" {one.field}:" if one.field else ""
        click.echo(f"{one.file}:{one.line}:{field} {one.reason}", err=True)
    if as_json:
        click.echo(json.dumps({**counts, "rejected": [asdict(one) for one in rejected]}))
    else:
        click.echo(", ".join(f"{count} {name}" for name, count in {**counts, "rejected": len(rejected)}.items()))
    return 0 if items else 2
