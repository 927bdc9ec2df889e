"""The tenant's label set, and labels as files."""

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from server import label_types
from server.errors import BadRequestError
from server.labels import LabelImport, export_labels, label_form, reviews
from server.routes.access import Annotator, OfService, OfTenant, Trainer, Viewer

router = APIRouter()


MAX_LABEL_FILE_BYTES = 32 << 20
"""Some 60,000 label lines; it is read at once."""


@router.get("/v1/label-set")
async def label_set(_: Viewer, service: OfService, tenant: OfTenant) -> dict[str, Any]:
    """The tenant's kinds and types with titles and hints, retired ones included."""
    return await service.on_worker(partial(label_types.listed, tenant))


@router.post("/v1/label-set/types", status_code=201)
async def add_type(
    new: label_types.NewType, principal: Trainer, service: OfService, tenant: OfTenant
) -> dict[str, Any]:
    """Add a type to the tenant's label set."""
    await service.on_worker(partial(label_types.added, tenant, new, principal.person))
    return await service.on_worker(partial(label_types.listed, tenant))


@router.patch("/v1/label-set/types/{name}")
async def change_type(
    name: str, change: label_types.TypeChange, principal: Trainer, service: OfService, tenant: OfTenant
) -> dict[str, Any]:
    """Rename a type, describe it anew, retire it or take it back into use."""
    await service.on_worker(partial(label_types.changed, tenant, name, change, principal.person))
    return await service.on_worker(partial(label_types.listed, tenant))


@router.get("/v1/labels")
async def labels(_: Viewer, service: OfService, tenant: OfTenant) -> dict[str, Any]:
    """Every verdict on signals, newest first."""
    return {"labels": await service.on_worker(partial(reviews, tenant))}


@router.get("/v1/labels/export")
async def labels_export(_: Viewer, service: OfService, tenant: OfTenant, format: str = "jsonl") -> Response:  # noqa: A002
    """All labels as a file."""
    text, _left_out = await service.on_worker(partial(export_labels, tenant, label_form(format)))
    ending = "jsonl" if format == "jsonl" else f"{format}.txt" if format == "iob2" else f"{format}.json"
    return PlainTextResponse(text, headers={"Content-Disposition": f'attachment; filename="labels.{ending}"'})


@router.post("/v1/labels/import")
async def labels_import(
    request: Request,
    principal: Annotator,
    service: OfService,
    tenant: OfTenant,
    format: str = "jsonl",  # noqa: A002
) -> dict[str, Any]:
    """Take labels from a file; broken lines are reported, the good ones are taken."""
    form = label_form(format)
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MAX_LABEL_FILE_BYTES:
            raise BadRequestError(f"a label file may have {MAX_LABEL_FILE_BYTES} bytes here; use `needgraph labels`")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequestError(f"the file is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    taking = LabelImport(tenant, service.understanding, principal.person)
    # Reading a large file takes seconds, in which neither the sockets nor the journal may wait.
    for step in await asyncio.to_thread(lambda: list(taking.steps(text, form))):
        await service.show_changes(tenant, step)
    return taking.report.as_json()
