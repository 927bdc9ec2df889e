"""`needgraph import`: tickets, documents and roadmap items into the journal and the search index, by id."""

import json
import os
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.verbs.options import data_option, json_option, models_option, placed, quiet_option, tenant_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.config import ImportConfig
    from graph.imports.rows import Format, Rejected
    from graph.imports.trackers import FieldMapping
    from graph.messages import Item, ItemKind
    from ingest.messages import TenantId
    from server.settings import Settings

    Reader = Callable[[Path, TenantId, "Format | None", ImportConfig, "FieldMapping | None"], Iterator[Item | Rejected]]

KINDS: "dict[str, ItemKind]" = {"tickets": "ticket", "documents": "document", "roadmap": "roadmap"}


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
        click.option("--yes", "sure", is_flag=True, help="With --complete: also when more than half would go."),
        click.option("--complete", is_flag=True, help="The source is complete: what it no longer holds is removed."),
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

    return _import(settings, read_tickets, "ticket", **given)


@import_.command()
@_options
def documents(settings: "Settings", **given: Any) -> int:  # noqa: ANN401 - click's values
    """Import documents: a folder or .zip of Markdown, HTML, Word and PDF, a Confluence export, or JSON of sections."""
    from graph.imports.documents import read_documents

    return _import(settings, read_documents, "document", **given)


@import_.command()
@_options
def roadmap(settings: "Settings", **given: Any) -> int:  # noqa: ANN401 - click's values
    """Import roadmap items: our own form, or an export of Jira, Linear or Productboard, as JSON or CSV."""
    from graph.imports.roadmap import read_roadmap

    return _import(settings, read_roadmap, "roadmap", **given)


@import_.command()
@click.argument("source", type=click.Choice(list(KINDS)))
@click.argument("ids", nargs=-1, required=True)
@click.option("--author", default="cli", show_default=True, help="Who removes; kept in the journal.")
@data_option
@models_option
@tenant_option
@json_option
@click.pass_obj
def remove(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    source: str,
    ids: tuple[str, ...],
    author: str,
    data: Path,
    models_dir: Path,
    tenant: str,
    as_json: bool,
) -> int:
    """Take items out of search by their ids, a document with all its sections; what was shown of them stays."""
    from server.importing import Importer
    from server.offline import follow, opened, understanding

    settings = placed(settings, data, models_dir)
    with opened(settings, tenant, create=False) as whose, understanding(settings) as known:
        index = known.index(whose)
        found = {one: index.held(KINDS[source], one) for one in dict.fromkeys(ids)}
        importer = Importer(whose, index)
        importer.remove(chain.from_iterable(found.values()), author)
        follow(settings, whose)
    unknown = [one for one, keys in found.items() if not keys]
    for one in unknown:
        click.echo(f"{source} {one}: not held", err=True)
    counts = {"removed": importer.counts["removed"]}
    click.echo(json.dumps({**counts, "unknown": unknown}) if as_json else f"{counts['removed']} removed")
    return 0 if counts["removed"] else 2


def _import(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    reader: "Reader",
    kind: "ItemKind",
    *,
    path: Path,
    data: Path,
    models_dir: Path,
    tenant: str,
    form: "Format | None",
    complete: bool,
    sure: bool,
    mapping: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    from tqdm import tqdm

    from graph.imports.trackers import FieldMapping
    from graph.tenants import tenant_id
    from server.importing import NOTHING_READ, Importer
    from server.offline import follow, opened, understanding

    settings = _on_all_cores(placed(settings, data, models_dir))
    names = None if mapping is None else FieldMapping.read(mapping)
    rejected: list[Rejected] = []
    batches = _batches(reader(path, tenant_id(tenant), form, settings.graph.imports, names), rejected)
    # Read before anything is created: a path that is wrong leaves no tenant behind.
    first = next(batches, None)
    counts = {"added": 0, "changed": 0, "unchanged": 0, "removed": 0}
    refusal = NOTHING_READ if complete else None
    if first is not None:
        with opened(settings, tenant) as whose, understanding(settings) as known:
            importer = Importer(whose, known.index(whose))
            with tqdm(desc=path.name, unit="item", disable=True if quiet else None) as bar:
                for batch in chain((first,), batches):
                    importer.take(batch)
                    bar.update(len(batch))
            refusal = importer.complete(kind, rejected, sure=sure) if complete else None
            counts = importer.counts
            follow(settings, whose)
    for one in rejected:
        field = f" {one.field}:" if one.field else ""
        click.echo(f"{one.file}:{one.line}:{field} {one.reason}", err=True)
    if refusal is not None:
        click.echo(refusal, err=True)
    if as_json:
        click.echo(json.dumps({**counts, "rejected": [asdict(one) for one in rejected]}))
    else:
        click.echo(", ".join(f"{count} {name}" for name, count in {**counts, "rejected": len(rejected)}.items()))
    if first is None:
        return 2
    return 0 if refusal is None else 1


def _on_all_cores(settings: "Settings") -> "Settings":
    """The settings with an encoder that uses what the machine has; encoding is nearly all of an import's work."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return settings.model_copy(update={"intent": settings.intent.model_copy(update={"embed_workers": cores})})


def _batches(source: "Iterator[Item | Rejected]", rejected: "list[Rejected]") -> "Iterator[list[Item]]":
    """A source's items by the batch, as they are read; what is no item goes into `rejected`."""
    from graph.imports.rows import Rejected
    from server.importing import BATCH_ITEMS

    def items() -> "Iterator[Item]":
        for one in source:
            if isinstance(one, Rejected):
                rejected.append(one)
            else:
                yield one

    read = items()
    while batch := list(islice(read, BATCH_ITEMS)):
        yield batch
