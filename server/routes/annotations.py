"""Verdicts of people, and taking them back."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from graph.messages import WordsAnnotation
from server import present, review_queue, wire
from server.bodies import AnnotationForm, AnnotationPage, WordsVerdict
from server.corrections import Corrections, LinkVerdict, MergeVerdict, SignalVerdict, StatusVerdict, id_of
from server.rewording import Rewording
from server.routes.access import Annotator, OfService, OfTenant, Viewer

router = APIRouter()


@router.get("/v1/annotations")
async def annotations(
    _: Viewer,
    service: OfService,
    tenant: OfTenant,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    form: AnnotationForm | None = None,
) -> AnnotationPage:
    """Verdicts of people in all forms or in one, newest first; `next` of a page is `before` of the next one."""
    return await service.on_worker(partial(review_queue.page, tenant, before, limit, form))


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


@router.post("/v1/annotations/words")
async def annotate_words(
    verdict: WordsVerdict, principal: Annotator, service: OfService, tenant: OfTenant
) -> wire.WireWordsCorrection:
    """Say what was said instead of misheard words."""
    rewording = Rewording(tenant, service.understanding, principal.person)
    message = await service.annotate(tenant, principal.person, lambda: rewording.words(verdict))
    await service.calls.learn_words(tenant)
    return present.words(message)


@router.post("/v1/annotations/{annotation_id}/undo")
async def undo(annotation_id: str, principal: Annotator, service: OfService, tenant: OfTenant) -> dict[str, str]:
    """Take back an annotation, or what was read of a need's life."""
    corrections = Corrections(tenant, service.understanding, principal.person)
    message = await service.annotate(tenant, principal.person, lambda: corrections.undo(annotation_id))
    if isinstance(message, WordsAnnotation):
        await service.calls.learn_words(tenant)
    return {"annotation_id": id_of(message)}
