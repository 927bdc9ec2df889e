"""What may be said to a call from outside its connection: what people agree to, and that it is over."""

from fastapi import APIRouter

from ingest.messages import CallId
from server import present, wire
from server.bodies import ConsentGiven
from server.consent import record_consent
from server.errors import ForbiddenError, NotFoundError
from server.routes.access import Caller, OfService, OfTenant

router = APIRouter()


@router.post("/v1/calls/{call_id}/consents")
async def give_consent(
    call_id: str, given: ConsentGiven, principal: Caller, service: OfService, tenant: OfTenant
) -> wire.WireConsent:
    """Record what a participant agrees to; nothing in `given` withdraws it."""
    return present.consent(await record_consent(service, tenant, CallId(call_id), given, principal.person))


@router.post("/v1/calls/{call_id}/end")
async def end_call(call_id: str, principal: Caller, service: OfService, tenant: OfTenant) -> dict[str, str]:
    """End a call whose client cannot: by who began it, or an admin. Ending it again changes nothing."""
    if not tenant.knows_call(CallId(call_id)):
        raise NotFoundError(f"no call {call_id}")
    call = service.calls.find(tenant.tenant_id, CallId(call_id))
    if call is not None:
        if principal.role != "admin" and principal.person != call.host:
            raise ForbiddenError("only who began a call, or an admin, may end it")
        await call.end("ended")
    return {"call_id": call_id}
