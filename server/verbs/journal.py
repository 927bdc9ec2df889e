"""`needgraph journal`: is the tenant's truth whole, and what does it hold?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.verbs.options import (
    data_option,
    json_lines,
    json_option,
    out_option,
    placed,
    quiet_option,
    tenant_option,
    write_file,
)

if TYPE_CHECKING:
    from graph.events import Event
    from server.settings import Settings


@click.group()
def journal() -> None:
    """Check a tenant's journal, or write it out."""


@journal.command()
@data_option
@tenant_option
@json_option
@click.pass_obj
def verify(settings: "Settings", data: Path, tenant: str, as_json: bool) -> None:
    """Recompute the checksum chain over every event; ends with 1 when an event is missing or was changed."""
    from server.offline import opened

    with opened(placed(settings, data), tenant, create=False) as whose:
        found = whose.journal.verify()
    if as_json:
        click.echo(json.dumps({"events": found.events, "broken_seq": found.broken_seq, "reason": found.reason}))
    elif found.ok:
        click.echo(f"{found.events} events, all as they were written")
    else:
        click.echo(
            f"event {found.broken_seq}: {found.reason}. The events before it are whole; put journal.db back from a "
            "backup, then run `needgraph rebuild`"
        )
    if not found.ok:
        raise SystemExit(1)


@journal.command()
@out_option
@data_option
@tenant_option
@quiet_option
@click.pass_obj
def export(settings: "Settings", out: Path, data: Path, tenant: str, quiet: bool) -> None:
    """Write every event as a line of JSON, in order. What a destroyed key sealed comes without its message."""
    from tqdm import tqdm

    from server.offline import opened

    with opened(placed(settings, data), tenant, create=False) as whose:
        count = whose.journal.last_seq()
        events = tqdm(whose.journal.read(), out.name, count, unit="event", disable=True if quiet else None)
        rows = [_row(event) for event in events]
    write_file(out, json_lines(rows))
    click.echo(f"{len(rows)} events in {out}")


def _row(event: "Event") -> dict[str, Any]:
    from graph.events import BY_CLASS

    message = event.message
    return {
        "seq": event.seq,
        "event_id": event.event_id,
        "kind": event.kind,
        "call_id": event.call_id,
        "subject_id": event.subject_id,
        "actor": event.actor,
        "at": event.at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "causes": list(event.causes),
        "message": None if message is None else BY_CLASS[type(message)].adapter.dump_python(message, mode="json"),
    }
