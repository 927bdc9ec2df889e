"""Verdicts of people, and taking them back."""

from fastapi import APIRouter

from graph.messages import NeedChanged
from server import present, wire
from server.corrections import Corrections, LinkVerdict, MergeVerdict, SignalVerdict, StatusVerdict
from server.routes.access import Annotator, OfService, OfTenant

router = APIRouter()


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
