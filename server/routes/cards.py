"""Cards: answers, pauses, the tenant's budget, and how often they interrupt."""

import asyncio
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter

from graph.messages import CardBudgetChanged
from ingest.messages import CallId
from server.bodies import CardAnswer, CardBudget, CardFigures, Snooze
from server.card_figures import figures_for, figures_of_tenant
from server.card_offers import budget_of
from server.errors import ForbiddenError
from server.routes.access import Annotator, OfService, OfTenant, Trainer, Viewer

router = APIRouter()


# Before the route of a card: a card's id is never "pause".
@router.post("/v1/calls/{call_id}/cards/pause")
async def pause(
    call_id: str, snooze: Snooze, principal: Annotator, service: OfService, tenant: OfTenant
) -> dict[str, datetime | None]:
    """Let no card come up for some minutes; 0 lets them come again."""
    call = service.calls.running(tenant, CallId(call_id))
    return {"until": await call.cards.pause(snooze.minutes, principal.person)}


@router.post("/v1/calls/{call_id}/cards/{card_id}")
async def answer(
    call_id: str, card_id: str, given: CardAnswer, principal: Annotator, service: OfService, tenant: OfTenant
) -> dict[str, str | None]:
    """Say what a card was: right, wrong, or later; the last answer of a running call counts."""
    call = service.calls.running(tenant, CallId(call_id))
    return {"annotation_id": await call.cards.answer(card_id, given.outcome, principal.person)}


@router.get("/v1/card-budget")
async def budget(_: Viewer, service: OfService, tenant: OfTenant) -> CardBudget:
    """The tenant's budget."""
    return await service.on_worker(lambda: budget_of(tenant.graph))


@router.put("/v1/card-budget")
async def set_budget(new: CardBudget, principal: Trainer, service: OfService, tenant: OfTenant) -> CardBudget:
    """Set the tenant's budget; running calls heed it at once."""
    changed = CardBudgetChanged(
        tenant_id=tenant.tenant_id, author=principal.person, at=datetime.now(UTC), **new.model_dump()
    )
    await service.show_changes(tenant, lambda: tenant.append([changed], principal.person))
    return new


@router.get("/v1/card-figures")
async def figures(principal: Viewer, service: OfService, tenant: OfTenant, call_id: str | None = None) -> CardFigures:
    """How often cards came up and what became of them: in all calls of the tenant, or in one, for its rep alone."""
    live = service.calls.of(tenant)
    if call_id is not None:
        return await service.on_worker(partial(figures_for, principal.person, tenant, CallId(call_id), live))
    if principal.role == "rep":
        raise ForbiddenError("figures over all calls are not for reps; those of your own calls are")
    # Thousands of calls take a while to read, and nothing else waits for it.
    return await asyncio.to_thread(figures_of_tenant, tenant, live)
