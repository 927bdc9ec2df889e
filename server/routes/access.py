"""Who asks: the principal of a request, its rights, and its tenant."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from server.auth import Principal, Right, bearer
from server.service import Service
from server.tenant import Tenant


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
Caller = Annotated[Principal, Depends(allowed("call"))]
Annotator = Annotated[Principal, Depends(allowed("annotate"))]
Trainer = Annotated[Principal, Depends(allowed("train"))]
OfService = Annotated[Service, Depends(service_of)]
OfTenant = Annotated[Tenant, Depends(tenant_of)]
