"""Options and settings that the benchmarks share, and how each one ends: a table on stdout, a report in a file."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import click

from asr.config import AsrConfig
from eval.report import provenance, write_report

Progress = Callable[[str], None]
"""Takes a line for people who wait."""

REPORTS = Path("eval/reports")

models_option = click.option(
    "--models", "models_dir", type=click.Path(path_type=Path), required=True, help="Where weights lie."
)
manifest_option = click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="JSON Lines of your own recordings.  [default: the demo call and what --data-root holds]",
)
data_root_option = click.option(
    "--data-root", type=click.Path(path_type=Path), help="Folder of the test data.  [default: ../shared/data]"
)
group_option = click.option("--group", "groups", multiple=True, help="Only recordings of this group; may be repeated.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress.")
service_data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Where the benchmark's service keeps journals.  [default: a temporary folder]",
)
tenant_option = click.option("--tenant", default="demo", show_default=True, help="Whose.")


def json_option(name: str) -> Callable[[Any], Any]:
    """`--json FILE` of the benchmark called `name`."""
    return click.option(
        "--json",
        "json_file",
        type=click.Path(path_type=Path),
        default=REPORTS / f"{name}.json",
        show_default=True,
        help="Write the report here.",
    )


class RunSettings(Protocol):
    """What a benchmark takes from the command's settings."""

    @property
    def asr(self) -> AsrConfig:
        """The streaming policy and the decoder."""
        ...


def progress(quiet: bool) -> Progress:
    """Lines on stderr, or nowhere."""

    def show(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    return show


def finish(json_file: Path, report: dict[str, Any], files: Iterable[Path], settings: RunSettings) -> None:
    """Write the report with machine, versions, commit, the hash of its material and the recogniser's settings."""
    write_report(json_file, {**report, "config": {"asr": settings.asr.model_dump()}, **provenance(set(files))})
    click.echo(f"\nreport: {json_file}")
