"""`needgraph doctor`: checks every part and says what is wrong and how to mend it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.verbs.options import data_option, json_option, models_option, placed

if TYPE_CHECKING:
    from server.settings import Settings

MARKS = {"right": "✓", "note": "·", "missing": "✗", "broken": "✗"}


@click.command()
@data_option
@models_option
@json_option
@click.pass_obj
def doctor(settings: "Settings", data: Path, models_dir: Path, as_json: bool) -> int:
    """Check every part; exit 3 when one is missing, 1 when one is broken."""
    from dataclasses import asdict

    from server.doctor import examine

    found = []
    for one in examine(placed(settings, data, models_dir)):
        found.append(one)
        if not as_json:
            remedy = f"\n    → {one.remedy}" if one.remedy else ""
            click.echo(f"{MARKS[one.state]} {one.part:12} {one.message}{remedy}")
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found]))
    states = {one.state for one in found}
    return 1 if "broken" in states else 3 if "missing" in states else 0
