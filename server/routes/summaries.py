"""What a call came to: for the page, and as a file."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from graph.view import CallView
from ingest.messages import CallId
from intent.labels import LabelSet
from server import bodies, summary, summary_export, summary_files
from server.auth import Principal
from server.card_figures import figures_of_call
from server.errors import NotFoundError
from server.routes.access import OfService, OfTenant, Viewer
from server.service import Service
from server.summary import ForRep
from server.summary_export import Audience, Reader
from server.summary_files import MEDIA, Form
from server.summary_words import Language, type_titles
from server.tenant import Tenant

router = APIRouter()


class Export(BaseModel):
    """How a summary is wanted: the file's form, its language, and whom it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Form = "markdown"
    language: Language = "en"
    audience: Audience = "own"


@router.get("/v1/calls/{call_id}/summary")
async def call_summary(call_id: str, principal: Viewer, service: OfService, tenant: OfTenant) -> bodies.CallSummaryPage:
    """What a call came to; talk metrics and figures of cards only for the rep of the call."""
    view, _ = await viewed(service, tenant, CallId(call_id))
    for_rep = await _for_rep(view, principal, service, tenant)
    return await asyncio.to_thread(summary.page, view, for_rep)


@router.get("/v1/calls/{call_id}/summary/export")
async def summary_export_file(
    call_id: str,
    principal: Viewer,
    service: OfService,
    tenant: OfTenant,
    wanted: Annotated[Export, Query()],
) -> Response:
    """The summary as a file. For the audience `customer` nothing stands in it that must not be said."""
    view, labels = await viewed(service, tenant, CallId(call_id))
    titles = type_titles(labels, wanted.language)
    reader = Reader(language=wanted.language, audience=wanted.audience, titles=titles)
    for_rep = await _for_rep(view, principal, service, tenant)
    text = await asyncio.to_thread(_written, view, for_rep, wanted.format, reader)
    media_type, ending = MEDIA[wanted.format]
    name = summary_files.file_name(view.started.account, view.started.started_at, ending)
    return Response(text, media_type=media_type, headers={"Content-Disposition": summary_files.attachment(name)})


async def viewed(service: Service, tenant: Tenant, call_id: CallId) -> tuple[CallView, LabelSet]:
    """A call as it stands, and the tenant's types; neither changes any more.

    Raises:
        NotFoundError: the journal has no such call.
    """

    def read() -> tuple[CallView | None, LabelSet]:
        with tenant.lock:
            return (tenant.graph.call(call_id) if tenant.graph.knows(call_id) else None), tenant.labels

    view, labels = await service.on_worker(read)
    if view is None:
        raise NotFoundError(f"no call {call_id}")
    return view, labels


async def _for_rep(view: CallView, principal: Principal, service: Service, tenant: Tenant) -> ForRep | None:
    """What the call's rep sees beside everybody's summary; cards came up only in calls that somebody held."""
    found = summary.seen_by(view, principal)
    if found is None or view.started.host is None:
        return found
    call_id, live = view.started.call_id, service.calls.of(tenant)
    return replace(found, cards=await service.on_worker(partial(figures_of_call, tenant, call_id, live)))


def _written(view: CallView, for_rep: ForRep | None, form: Form, reader: Reader) -> str:
    page = summary.page(view, for_rep)
    if form == "json" and reader.audience == "own":
        return page.model_dump_json(indent=2) + "\n"
    document = summary_export.document(page, reader)
    match form:
        case "markdown":
            return summary_files.markdown(document)
        case "html":
            return summary_files.html(document)
        case "json":
            return summary_files.document_json(document)
