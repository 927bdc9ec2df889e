"""`needgraph labels`: annotations of a tenant as files, there and back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

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
