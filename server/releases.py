"""Releases from the page: what the tenant's adapters are, and promote and rollback through their verb.

The gates live in one place, `needgraph adapters promote`; the service runs it as a child, as it runs `train`.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Literal

from ingest.messages import TenantId
from server.errors import ConflictError, GateError, NotFoundError
from server.tenant import Tenant

DONE, REFUSED, WRONG_USE = 0, 1, 2


def adapter_rows(tenant: Tenant) -> dict[str, Any]:
    """Every adapter of a tenant with its place in the line and its figures, oldest first."""
    return {
        "champion": tenant.adapters.champion(),
        "adapters": [
            {
                "adapter_id": one.adapter_id,
                "parent": one.parent,
                "created_at": one.created_at.isoformat(),
                "state": tenant.adapters.state_of(one.adapter_id),
                "gate": one.gate,
                "gate_reasons": one.gate_reasons,
                "metrics": one.report.get("after"),
            }
            for one in tenant.adapters.manifests()
        ],
    }


async def release(
    tenant_id: TenantId, verb: Literal["promote", "rollback"], author: str, options: tuple[str, ...]
) -> str:
    """Run `needgraph adapters promote` or `rollback`.

    Args:
        tenant_id: whose champion changes.
        verb: which.
        author: who asked; it goes into the journal.
        options: adapter id and directories.

    Returns:
        The champion from now on.

    Raises:
        GateError: the candidate is worse, with the gate's reasons.
        NotFoundError: no such adapter, or nothing to go back to.
    """
    command = ("-m", "server.cli", "adapters", verb, *options, "--tenant", tenant_id, "--author", author, "--json")
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await child.communicate()
    last_words = errors.decode(errors="replace").strip().rsplit("\n", 1)[-1].removeprefix("needgraph: ")
    if child.returncode == DONE:
        return json.loads(output)["champion"]
    if child.returncode == REFUSED and output:
        raise GateError("\n".join(json.loads(output)["reasons"]))
    if child.returncode == WRONG_USE:
        raise NotFoundError(last_words)
    raise ConflictError(last_words or f"adapters {verb} failed")


def directories(data: Path, models: Path) -> tuple[str, ...]:
    """The options that say where things lie."""
    return ("--data", str(data), "--models", str(models))
