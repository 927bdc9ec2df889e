"""Links to a call's summary, and the one page of the service that needs no token of a user."""

import asyncio
import logging
from datetime import UTC, datetime
from html import escape
from time import monotonic

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from graph.errors import GraphError
from graph.messages import SummaryShared, SummaryUnshared
from graph.view import CallView
from ingest.messages import CallId
from server import bodies, shares, summary, summary_export, summary_files
from server.errors import NotFoundError
from server.routes.access import Caller, OfService, OfTenant, Viewer
from server.routes.summaries import viewed
from server.service import Service
from server.summary_export import Reader
from server.summary_words import WORDS, Language, type_titles
from server.tenant import Tenant

log = logging.getLogger(__name__)
router = APIRouter()

HEADERS = {"Content-Security-Policy": summary_files.POLICY, "X-Robots-Tag": "noindex, nofollow, noarchive"}


@router.post("/v1/calls/{call_id}/shares", status_code=201)
async def share(
    call_id: str, wanted: bodies.ShareRequest, principal: Caller, service: OfService, tenant: OfTenant
) -> bodies.Share:
    """Make a link to a call's summary; its path is told this once."""
    made: list[shares.Token] = []

    def work() -> tuple[SummaryShared, tuple[()]]:
        token, message = shares.made(tenant.graph, CallId(call_id), wanted, principal.person)
        made.append(token)
        return message, ()

    message = await service.annotate(tenant, principal.person, work)
    known = await service.on_worker(lambda: tenant.graph.shares[message.share_id])
    return service.shares.openings.shown(known, path=f"/s/{made[0]}")


@router.get("/v1/calls/{call_id}/shares")
async def share_list(call_id: str, _: Viewer, service: OfService, tenant: OfTenant) -> bodies.ShareList:
    """The links that open a call's summary, the newest first."""
    if not tenant.knows_call(CallId(call_id)):
        raise NotFoundError(f"no call {call_id}")
    now = datetime.now(UTC)
    found = await service.on_worker(lambda: shares.standing(tenant.graph, CallId(call_id), now))
    return bodies.ShareList(shares=tuple(service.shares.openings.shown(one) for one in found))


@router.delete("/v1/shares/{share_id}", status_code=204)
async def unshare(share_id: str, principal: Caller, service: OfService, tenant: OfTenant) -> None:
    """Revoke a link at once."""

    def work() -> tuple[SummaryUnshared, tuple[()]]:
        return shares.revoked(tenant.graph, share_id, principal.person), ()

    await service.annotate(tenant, principal.person, work)


@router.get("/s/{token}", include_in_schema=False)
async def shared_page(token: str, request: Request, service: OfService) -> HTMLResponse:
    """A call's summary for whoever holds the link, as it stands now; whatever opens nothing looks the same."""
    address = request.client.host if request.client else ""
    language: Language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    if service.shares.guesses.too_many(address, monotonic()):
        return _told("many", language, 429)
    found = await _opened(service, token)
    if found is None:
        service.shares.guesses.failed(address, monotonic())
        return _told("gone", language, 404)
    tenant, known = found
    try:
        view, labels = await viewed(service, tenant, known.made.call_id)
    except NotFoundError:
        return _told("gone", language, 404)
    await _count(service, tenant, known)
    titles = type_titles(labels, known.made.language)
    reader = Reader(language=known.made.language, audience="customer", titles=titles)
    return HTMLResponse(await asyncio.to_thread(_page, view, reader), headers=HEADERS)


async def _opened(service: Service, text: str) -> tuple[Tenant, shares.SharedSummary] | None:
    token = shares.read_token(text, service.settings.data)
    if token is None:
        return None
    tenant = await service.tenant(token.tenant_id)

    def look() -> shares.SharedSummary | None:
        with tenant.lock:
            return shares.opened_by(tenant.graph, token, datetime.now(UTC))

    found = await service.on_worker(look)
    return None if found is None else (tenant, found)


async def _count(service: Service, tenant: Tenant, known: shares.SharedSummary) -> None:
    message = service.shares.openings.count(known, datetime.now(UTC))
    if message is None:
        return
    try:
        await service.annotate(tenant, "link", lambda: (message, ()))
    except GraphError:
        # Whoever holds the link reads it all the same; the count in memory goes on.
        log.warning("an opening of a shared summary was not journalled")


def _page(view: CallView, reader: Reader) -> str:
    return summary_files.html(summary_export.document(summary.page(view), reader))


def _told(what: str, language: Language, status: int) -> HTMLResponse:
    words = WORDS[language]
    title, text = words[f"{what}_title"], words[what]
    body = f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
    retry = {"Retry-After": "60"} if status == 429 else {}
    return HTMLResponse(summary_files.page(title, body, language), status_code=status, headers=HEADERS | retry)
