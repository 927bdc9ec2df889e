"""A tenant's adapters: training, release and the way back."""

from typing import Any

from fastapi import APIRouter

from server.jobs import INSTALL, INSTALL_SIZE, TrainingRun, training_available
from server.releases import adapter_rows, directories, release
from server.routes.access import OfService, OfTenant, Trainer, Viewer

router = APIRouter()


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
    return _shown(service.jobs.start(principal.tenant_id))


@router.get("/v1/train")
async def training(principal: Viewer, service: OfService) -> dict[str, Any]:
    """How far the training run is."""
    return _shown(service.jobs.run_of(principal.tenant_id))


def _shown(run: TrainingRun) -> dict[str, Any]:
    """How far a training run is, and its report once it is done."""
    report = run.report or {}
    return {
        "state": run.state,
        "progress": run.progress,
        "message": run.message,
        "candidate": report.get("candidate"),
        "before": report.get("before"),
        "after": report.get("after"),
        "base": report.get("base"),
        "floor": report.get("floor"),
        "suspects": report.get("suspects", []),
        "warnings": report.get("warnings", []),
        "gate": report.get("gate"),
        "reasons": report.get("reasons", []),
    }
