"""Accounts over all their calls."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from server import accounts, bodies
from server.call_pages import MOST, NEWEST
from server.errors import NotFoundError
from server.routes.access import OfService, OfTenant, Viewer

router = APIRouter()


@router.get("/v1/accounts")
async def account_list(
    _: Viewer,
    service: OfService,
    tenant: OfTenant,
    query: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = NEWEST,
) -> bodies.AccountList:
    """Accounts whose name or people hold the query, the last called first."""

    def draw() -> bodies.AccountList:
        with tenant.lock:
            return accounts.found(tenant.graph.head, query, limit)

    return await service.on_worker(draw)


@router.get("/v1/accounts/{account:path}")
async def account_view(account: str, _: Viewer, service: OfService, tenant: OfTenant) -> bodies.AccountView:
    """Everything known of an account."""
    live = service.calls.of(tenant)

    def read() -> accounts.AccountRead | None:
        with tenant.lock:
            return accounts.read(tenant.graph, account, live)

    found = await service.on_worker(read)
    if found is None:
        raise NotFoundError(f"no account {account[:200]}: it has no call")
    # Reading the words of hundreds of calls takes its time, in which live calls need the worker.
    return await asyncio.to_thread(partial(accounts.view, found))
