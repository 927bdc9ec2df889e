"""`needgraph tokens`: who may use the service."""

import json
from pathlib import Path

import click

from server.verbs.options import data_option, json_option, tenant_option

ROLES = ("rep", "supervisor", "engineer", "admin")


@click.group()
def tokens() -> None:
    """Make, list and revoke tokens; a running service takes changes up at once."""


@tokens.command()
@data_option
@tenant_option
@click.option("--person", required=True, help="Who will use it; stands beside their corrections.")
@click.option("--role", type=click.Choice(ROLES), default="rep", show_default=True)
@click.option(
    "--expires-in", type=click.FloatRange(min=0, min_open=True), help="Hours it is good for.  [default: ever]"
)
def add(data: Path, tenant: str, person: str, role: str, expires_in: float | None) -> None:
    """Make a token and print it, once."""
    from datetime import UTC, datetime, timedelta
    from typing import cast

    from graph.tenants import tenant_id
    from server.auth import Principal, PrincipalRole, TokenStore

    expires_at = None if expires_in is None else datetime.now(UTC) + timedelta(hours=expires_in)
    principal = Principal(
        tenant_id=tenant_id(tenant), person=person, role=cast("PrincipalRole", role), expires_at=expires_at
    )
    click.echo(TokenStore(data / "tokens.json").mint(principal))


@tokens.command("list")
@data_option
@json_option
def list_tokens(data: Path, as_json: bool) -> None:
    """List tokens by the first digits of their hash."""
    from dataclasses import asdict

    from server.auth import TokenStore

    rows = [{"token": name, **asdict(one)} for name, one in TokenStore(data / "tokens.json").principals.items()]
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        until = "" if row["expires_at"] is None else f"  until {row['expires_at']:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{row['token']}  {row['tenant_id']:20} {row['role']:10} {row['person']}{until}")


@tokens.command()
@data_option
@click.argument("name")
def revoke(data: Path, name: str) -> None:
    """Revoke the token that `list` shows by this name."""
    from server.auth import TokenStore
    from server.errors import NotFoundError

    if not TokenStore(data / "tokens.json").revoke(name):
        raise NotFoundError(f"no token {name}; `needgraph tokens list` names them")
