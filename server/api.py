"""The HTTP API of the page. Every route knows its principal; none names a tenant."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from graph.export import graph_json
from graph.messages import ItemKind, NeedChanged
from ingest.messages import CallId
from server import label_types, present, wire
from server.auth import RIGHTS, Principal, Right, bearer
from server.corrections import Corrections, LinkVerdict, MergeVerdict, SignalVerdict, StatusVerdict
from server.errors import BadRequestError, NotFoundError
from server.jobs import INSTALL, INSTALL_SIZE, training_available
from server.labels import LabelImport, export_labels, label_form, reviews
from server.releases import adapter_rows, directories, release
from server.service import Service
from server.tenant import Tenant

router = APIRouter()

MAX_LABEL_FILE_BYTES = 32 << 20
"""Some 60,000 label lines; it is read at once."""


def service_of(request: Request) -> Service:
    """The service this app serves."""
    return request.app.state.service


def principal_of(request: Request) -> Principal:
    """Who asks.

    Raises:
        UnauthorisedError: nobody known.
    """
    return service_of(request).tokens.principal(bearer(request.headers.get("authorization")))


def allowed(right: Right) -> Callable[[Request], Principal]:
    """A dependency that refuses principals without this right."""

    def check(request: Request) -> Principal:
        principal = principal_of(request)
        principal.require(right)
        return principal

    return check


async def tenant_of(request: Request) -> Tenant:
    """The tenant of who asks."""
    return await service_of(request).tenant(principal_of(request).tenant_id)


Viewer = Annotated[Principal, Depends(allowed("view"))]
Annotator = Annotated[Principal, Depends(allowed("annotate"))]
Trainer = Annotated[Principal, Depends(allowed("train"))]
OfService = Annotated[Service, Depends(service_of)]
OfTenant = Annotated[Tenant, Depends(tenant_of)]


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


@router.get("/v1/items/{kind}/{item_id:path}")
async def item(
    kind: ItemKind, item_id: str, _: Viewer, service: OfService, tenant: OfTenant, section: str | None = None
) -> dict[str, Any]:
    """The full text of a ticket, a document section or a roadmap item."""
    found = await service.on_worker(lambda: service.understanding.item(tenant, kind, item_id, section))
    if found is None:
        raise NotFoundError(f"no {kind} {item_id}")
    return present.item(found)


@router.post("/v1/annotations/signals")
async def annotate_signal(
    verdict: SignalVerdict, principal: Annotator, service: OfService, tenant: OfTenant
) -> wire.WireAnnotation:
    """Confirm, correct or refuse a signal, or add a missed one."""
    corrections = Corrections(tenant, service.understanding, principal.person)
    annotation = await service.annotate(tenant, principal.person, lambda: corrections.signal(verdict))
    return present.annotation(annotation)


@router.post("/v1/annotations/links")
async def annotate_link(
    verdict: LinkVerdict, principal: Annotator, service: OfService, tenant: OfTenant
) -> dict[str, str]:
    """Call a link right or wrong."""
    corrections = Corrections(tenant, service.understanding, principal.person)
    message = await service.annotate(tenant, principal.person, lambda: corrections.link(verdict))
    return {"annotation_id": message.annotation_id}


@router.post("/v1/annotations/merges")
async def annotate_merge(
    verdict: MergeVerdict, principal: Annotator, service: OfService, tenant: OfTenant
) -> dict[str, str]:
    """Make two needs one, or a signal a need of its own."""
    corrections = Corrections(tenant, service.understanding, principal.person)
    message = await service.annotate(tenant, principal.person, lambda: corrections.merge(verdict))
    return {"annotation_id": message.annotation_id, "need_id": message.other_id}


@router.post("/v1/annotations/statuses")
async def annotate_status(
    verdict: StatusVerdict, principal: Annotator, service: OfService, tenant: OfTenant
) -> dict[str, str]:
    """Say where a need stands."""
    corrections = Corrections(tenant, service.understanding, principal.person)
    message = await service.annotate(tenant, principal.person, lambda: corrections.status(verdict))
    return {"annotation_id": message.change_id}


@router.post("/v1/annotations/{annotation_id}/undo")
async def undo(annotation_id: str, principal: Annotator, service: OfService, tenant: OfTenant) -> dict[str, str]:
    """Take back an annotation, or what was read of a need's life."""
    corrections = Corrections(tenant, service.understanding, principal.person)
    message = await service.annotate(tenant, principal.person, lambda: corrections.undo(annotation_id))
    return {"annotation_id": message.change_id if isinstance(message, NeedChanged) else message.annotation_id}


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


@router.get("/v1/adapters")
async def adapters(_: Viewer, tenant: OfTenant) -> dict[str, Any]:
    """The tenant's adapters and whether training is installed."""
    training = {"available": training_available(), "install": INSTALL, "size": INSTALL_SIZE}
    return {**adapter_rows(tenant), "training": training}


@router.post("/v1/adapters/{adapter_id}/promote")
async def promote(adapter_id: str, principal: Trainer, service: OfService, tenant: OfTenant) -> dict[str, str]:
    """Release a candidate that is not worse; running calls take it up between two utterances."""
    options = (adapter_id, *directories(service.settings.data, service.settings.models))
    champion = await release(principal.tenant_id, "promote", principal.person, options)
    await service.show_changes(tenant, tenant.catch_up)
    return {"champion": champion}


@router.post("/v1/adapters/rollback")
async def rollback(principal: Trainer, service: OfService, tenant: OfTenant) -> dict[str, str]:
    """Take the champion back to the one before."""
    options = directories(service.settings.data, service.settings.models)
    champion = await release(principal.tenant_id, "rollback", principal.person, options)
    await service.show_changes(tenant, tenant.catch_up)
    return {"champion": champion}


@router.post("/v1/train", status_code=202)
async def train(principal: Trainer, service: OfService) -> dict[str, Any]:
    """Begin a training run."""
    return present.training(service.jobs.start(principal.tenant_id))


@router.get("/v1/train")
async def training(principal: Viewer, service: OfService) -> dict[str, Any]:
    """How far the training run is."""
    return present.training(service.jobs.run_of(principal.tenant_id))
