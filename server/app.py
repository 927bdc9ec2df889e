"""The web application: API, sockets, page, health and metrics, and how errors look on the wire."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from graph.errors import GraphError
from ingest.errors import IngestError
from intent.errors import IntentError
from server import sockets
from server.body_limit import BodyLimit
from server.errors import ServerError
from server.routes import ROUTERS
from server.service import Service

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
FILES = ("/v1/recordings", "/v1/labels/import")
"""Routes whose body is a file."""
NO_PAGE = (
    "<!doctype html><title>needgraph</title><p>The service runs, its page is not built. "
    "Run <code>make setup</code>, which needs Node 20."
)
ROOM_STATUS = {2: 400, 3: 503}
"""HTTP status for the exit codes that errors of other rooms carry."""


def create_app(service: Service) -> FastAPI:
    """The application around a service; it starts and stops the service with itself."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await service.start()
        yield
        await service.stop()

    app = FastAPI(title="needgraph", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.service = service
    for router in (*ROUTERS, sockets.router):
        app.include_router(router)
    app.add_exception_handler(ServerError, _server_error)
    app.add_exception_handler(IngestError, _room_error)
    app.add_exception_handler(IntentError, _room_error)
    app.add_exception_handler(GraphError, _room_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(BodyLimit, files=FILES)
    # The last one added is the outermost: refusals get these headers as well.
    app.middleware("http")(_headers)
    app.get("/health")(lambda: _health(service))
    app.get("/metrics")(lambda: _metrics(service))
    if (STATIC / "index.html").is_file():
        app.mount("/", StaticFiles(directory=STATIC, html=True))
    else:
        app.get("/")(lambda: HTMLResponse(NO_PAGE))
    return app


def _health(service: Service) -> JSONResponse:
    parts = service.parts()
    return JSONResponse({"ok": all(part["ok"] for part in parts.values()), "parts": parts})


def _metrics(service: Service) -> PlainTextResponse:
    service.telemetry.behind.set(service.projecting.behind)
    return PlainTextResponse(service.telemetry.page(), media_type="text/plain; version=0.0.4")


async def _headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in HEADERS.items():
        # A route may have a policy of its own: a shared page is allowed less than ours.
        response.headers.setdefault(name, value)
    if not request.url.path.startswith("/assets/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _body(code: str, message: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"error": {"code": code, "message": message, **more}}


async def _server_error(_: Request, error: Exception) -> JSONResponse:
    status = error.status if isinstance(error, ServerError) else 500
    code = error.code if isinstance(error, ServerError) else "server"
    return JSONResponse(_body(code, str(error)), status_code=status)


async def _room_error(_: Request, error: Exception) -> JSONResponse:
    code: str = getattr(error, "code", "server")
    status = ROOM_STATUS.get(getattr(error, "exit_code", 1), 500)
    return JSONResponse(_body(code, str(error)), status_code=status)


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    """What the framework refuses by itself: an unknown route, a wrong method, a body that is not UTF-8."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = {400: "bad_request", 404: "not_found", 405: "wrong_method", 413: "too_large"}.get(status, "server")
    message = str(error.detail) if isinstance(error, HTTPException) else "failed"
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse(_body(code, message), status_code=status, headers=headers)


async def _bad_request(_: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, RequestValidationError) else ()
    first = next(iter(problems), {"loc": (), "msg": "unreadable"})
    field = ".".join(str(part) for part in first["loc"][1:])
    return JSONResponse(_body("bad_request", f"{field}: {first['msg']}", field=field), status_code=400)
