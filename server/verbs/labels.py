"""`needgraph labels`: annotations of a tenant as files, there and back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.verbs.options import (
    data_option,
    file_argument,
    json_option,
    models_option,
    placed,
    quiet_option,
    read_file,
    tenant_option,
    write_file,
)

if TYPE_CHECKING:
    from intent.messages import Kind
    from server.settings import Settings

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "label-studio", "doccano", "prodigy", "iob2"]),
    default="jsonl",
    show_default=True,
)


@click.group()
def labels() -> None:
    """Take annotations out and in."""


@labels.group("types")
def types_() -> None:
    """The tenant's own label set: add, rename, retire types."""


author_option = click.option("--author", default="cli", show_default=True, help="Who changes; kept in the journal.")


@types_.command("list")
@data_option
@tenant_option
@json_option
@click.pass_obj
def list_types(settings: "Settings", data: Path, tenant: str, as_json: bool) -> None:
    """List the types, the tenant's own with the number of labelled wordings."""
    from server.label_types import listed
    from server.offline import opened

    with opened(placed(settings, data), tenant, create=False) as whose:
        found = listed(whose)
    click.echo(json.dumps(found) if as_json else _type_table(found))


@types_.command("add")
@click.argument("kind", type=click.Choice(["need", "hesitation"]))
@click.argument("name")
@click.argument("title")
@click.option("--hint", default="", help="One line that says when it applies.")
@data_option
@tenant_option
@author_option
@click.pass_obj
def add_type(  # noqa: PLR0913 - a verb has its options
    settings: "Settings", kind: "Kind", name: str, title: str, hint: str, data: Path, tenant: str, author: str
) -> None:
    """Add a type NAME of KIND that people see as TITLE; it is found after five labels, and learnt by `train`."""
    from server.label_types import LEAST_EXAMPLES, NewType, added
    from server.offline import opened

    with opened(placed(settings, data), tenant) as whose:
        added(whose, NewType(type=name, kind=kind, title=title, hint=hint), author)
    click.echo(
        f"{name} is there; it is found once {LEAST_EXAMPLES} wordings are labelled, and learnt by the next training"
    )


@types_.command("change")
@click.argument("name")
@click.option("--title", help="What people see from now on.")
@click.option("--hint", help="One line that says when it applies.")
@click.option("--retire/--restore", "retired", default=None, help="Find and offer it no more; or again.")
@data_option
@tenant_option
@author_option
@click.pass_obj
def change_type(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    name: str,
    title: str | None,
    hint: str | None,
    retired: bool | None,
    data: Path,
    tenant: str,
    author: str,
) -> None:
    """Rename type NAME, describe it anew, retire it or take it back; its key and old labels stay."""
    from server.label_types import TypeChange, changed
    from server.offline import opened

    with opened(placed(settings, data), tenant) as whose:
        now = changed(whose, name, TypeChange(title=title, hint=hint, retired=retired), author)
    click.echo(f"{name}: {now.title}{', retired' if now.retired else ''}")


def _type_table(found: dict[str, Any]) -> str:
    rows = [f"{'type':16} {'kind':11} {'title':24} {'labels':>6}  (version {found['version']})"]
    for one in found["types"]:
        count = "" if one["examples"] is None else one["examples"]
        state = "retired" if one["retired"] else "young" if one["young"] else ""
        rows.append(f"{one['type']:16} {one['kind']:11} {one['title']:24} {count:>6}  {state}".rstrip())
    return "\n".join(rows)


@labels.command("export")
@file_argument
@format_option
@data_option
@tenant_option
@click.pass_obj
def export(settings: "Settings", file: Path, form: str, data: Path, tenant: str) -> None:
    """Write every labelled utterance with its signals."""
    from server.labels import export_labels, label_form
    from server.offline import opened

    with opened(placed(settings, data), tenant, create=False) as whose:
        text, lost = export_labels(whose, label_form(form))
    write_file(file, text)
    for left_out in lost:
        click.echo(f"{form} cannot hold {left_out}; they are left out", err=True)


@labels.command("import")
@file_argument
@format_option
@data_option
@models_option
@tenant_option
@click.option("--author", default="import", show_default=True, help="Who labelled; stands beside each label.")
@json_option
@quiet_option
@click.pass_obj
def import_(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    file: Path,
    form: str,
    data: Path,
    models_dir: Path,
    tenant: str,
    author: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Take labels in as annotations; calls that the journal does not hold come along."""
    from tqdm import tqdm

    from server.labels import LabelImport, label_form
    from server.offline import follow, opened, understanding

    text = read_file(file)
    settings = placed(settings, data, models_dir)
    with opened(settings, tenant) as whose, understanding(settings) as known:
        taking = LabelImport(whose, known, author)
        steps = list(taking.steps(text, label_form(form)))
        for step in tqdm(steps, desc=file.name, unit="call", disable=True if quiet else None):
            step()
        follow(settings, whose)
    report = taking.report
    for one in report.rejected:
        click.echo(f"{file}:{one.line}: {one.field}: {one.reason}", err=True)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        click.echo(f"{report.changed} changed, {report.unchanged} unchanged, {len(report.rejected)} rejected")
    return 0 if report.changed or report.unchanged else 2
