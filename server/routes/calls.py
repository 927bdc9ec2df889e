"""The caller, and calls as they stand."""

from functools import partial
from typing import Any

from fastapi import APIRouter

from graph.export import graph_json
from ingest.messages import CallId
from server import wire
from server.auth import RIGHTS
from server.errors import NotFoundError
from server.routes.access import OfService, OfTenant, Viewer

router = APIRouter()


@router.get("/v1/me")
async def me(principal: Viewer) -> dict[str, Any]:
    """Who the token stands for and what that role may do."""
    return {
        "tenant": principal.tenant_id,
        "person": principal.person,
        "role": principal.role,
        "can": RIGHTS[principal.role],
    }


@router.get("/v1/calls")
async def calls(_: Viewer, service: OfService, tenant: OfTenant) -> wire.CallList:
    """The tenant's calls, newest first."""
    return await service.on_worker(partial(service.call_list, tenant))


@router.get("/v1/calls/{call_id}")
async def call(call_id: str, _: Viewer, service: OfService, tenant: OfTenant) -> wire.Snapshot:
    """One call as it stands."""
    return await service.snapshot(tenant, CallId(call_id))


@router.get("/v1/calls/{call_id}/graph")
async def call_graph(call_id: str, _: Viewer, service: OfService, tenant: OfTenant) -> dict[str, object]:
    """The need graph of a call, in the form of `graph show --json`."""
    if not tenant.knows_call(CallId(call_id)):
        raise NotFoundError(f"no call {call_id}")
    return await service.on_worker(lambda: graph_json(tenant.graph, call_id=CallId(call_id)))
