"""The caller, and calls as they stand."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from graph.export import graph_json
from ingest.messages import CallId
from server import bodies, call_pages, wire
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
async def calls(
    _: Viewer,
    service: OfService,
    tenant: OfTenant,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=call_pages.MOST)] = call_pages.NEWEST,
    query: Annotated[str, Query(max_length=200)] = "",
    account: str | None = None,
) -> bodies.CallPage:
    """A page of the tenant's calls, newest first."""
    live = service.calls.of(tenant)
    wanted = call_pages.CallQuery(text=query, account=account)

    def draw() -> bodies.CallPage:
        with tenant.lock:
            return call_pages.page(tenant.graph, live, wanted, before, limit)

    return await service.on_worker(draw)


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
