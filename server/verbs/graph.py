"""`needgraph graph`: the need graph of a call or an account, as it is or as it was known at a time."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from server.verbs.options import data_option, json_option, placed, tenant_option

if TYPE_CHECKING:
    from server.settings import Settings


@click.group()
def graph() -> None:
    """Look at the need graph."""


@graph.command()
@data_option
@tenant_option
@click.option("--call", "call_id", help="The needs voiced in this call.")
@click.option("--account", help="All needs of this account.")
@click.option("--at", "at_text", help="As it was known at this time (RFC 3339).")
@json_option
@click.pass_obj
def show(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    data: Path,
    tenant: str,
    call_id: str | None,
    account: str | None,
    at_text: str | None,
    as_json: bool,
) -> None:
    """Print the needs and hesitations with their mentions and links, from the journal."""
    from graph.export import graph_json
    from graph.history import graph_at
    from ingest.messages import CallId
    from server.errors import NotFoundError
    from server.offline import opened

    if (call_id is None) == (account is None):
        raise click.UsageError("say either --call or --account")
    with opened(placed(settings, data), tenant, create=False) as whose:
        at = None if at_text is None else _moment(at_text)
        known, _ = graph_at(whose.journal, whose.journal.last_seq(at))
        there = known.calls(account) if call_id is None else known.call(CallId(call_id))
        if not there:
            then = f" at {at_text}" if at_text else ""
            raise NotFoundError(f"tenant {tenant} has no {'account' if account else 'call'} {account or call_id}{then}")
        found = graph_json(known, call_id=None if call_id is None else CallId(call_id), account=account)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else _listing(found))


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--at {text}: not a time such as 2026-11-25T12:04:00Z") from error
    if at.tzinfo is None:
        raise click.UsageError(f"--at {text}: say the time zone, for instance {text}Z")
    return at


def _listing(found: dict[str, object]) -> str:
    lines: list[str] = []
    for node in cast("list[dict[str, Any]]", found["nodes"]):
        lines.append(f"{node['kind']:10} {node['type']:12} {'●' * node['strength']:3}  {node['label']}")
        against = f", not wanted by {', '.join(node['disputed_by'])}" if node["disputed_by"] else ""
        told = f"{len(node['mentions'])} mention(s), {node['status']}{against}"
        lines.append(f"{'':27}{', '.join(node['raised_by'])}; {told}")
        for link in node["links"]:
            place = f"{link['id']}#{link['section']}" if "section" in link else link["id"]
            quiet = "  must not be said" if link.get("may_say") is False else ""
            lines.append(f"{'':27}{link['score']:.2f} {link['kind']} {place}: {link['title']}{quiet}")
    return "\n".join(lines) or "no needs or hesitations"
