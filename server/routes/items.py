"""Imported items in full."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from graph.messages import ItemKind
from server.errors import NotFoundError
from server.routes.access import OfService, OfTenant, Viewer

router = APIRouter()


@router.get("/v1/items/{kind}/{item_id:path}")
async def item(
    kind: ItemKind, item_id: str, _: Viewer, service: OfService, tenant: OfTenant, section: str | None = None
) -> dict[str, Any]:
    """The full text of a ticket, a document section or a roadmap item."""
    found = await service.on_worker(lambda: service.understanding.item(tenant, kind, item_id, section))
    if found is None:
        raise NotFoundError(f"no {kind} {item_id}")
    shown = asdict(found)
    del shown["tenant_id"]
    return shown
