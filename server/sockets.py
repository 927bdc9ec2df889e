"""The two websockets: `/v1/calls` takes audio in, `/v1/screen` shows calls. Tokens are checked before the upgrade."""

import asyncio
import contextlib
import logging
from functools import partial

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ingest.errors import IngestError
from ingest.messages import CallId, EndReason
from ingest.socket import CallIntake, End, Flush, Start
from server import wire
from server.auth import SUBPROTOCOL, Principal, Right, bearer, check_origin
from server.errors import NotFoundError, ServerError
from server.feed import Outbox
from server.service import LiveCall, Service
from server.tenant import Tenant

log = logging.getLogger(__name__)
router = APIRouter()

NORMAL, GOING_AWAY = 1000, 1001


async def _admitted(websocket: WebSocket, service: Service, right: Right) -> Principal | None:
    """Check token, origin and right before the upgrade; None when it was refused with an HTTP status."""
    headers = websocket.headers
    subprotocols: list[str] = websocket.scope.get("subprotocols", [])
    try:
        check_origin(headers.get("origin"), headers.get("host"), service.settings.server.origins)
        principal = service.tokens.principal(bearer(headers.get("authorization"), subprotocols))
        principal.require(right)
        if right == "call":
            service.check_room()
    except ServerError as error:
        retry = {"Retry-After": "10"} if error.retryable else {}
        body = {"error": {"code": error.code, "message": str(error)}}
        await websocket.send_denial_response(JSONResponse(body, status_code=error.status, headers=retry))
        return None
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in subprotocols else None)
    return principal


@router.websocket("/v1/calls")
async def calls(websocket: WebSocket) -> None:
    """One call: a JSON `start`, binary audio, JSON `flush` and `end`; events come back as they arise."""
    service: Service = websocket.app.state.service
    principal = await _admitted(websocket, service, "call")
    if principal is None:
        return
    connection = CallConnection(websocket, service, principal)
    await connection.serve()


class CallConnection:
    """The client's side of one call: reads frames, writes events, ends the call whatever happens."""

    def __init__(self, websocket: WebSocket, service: Service, principal: Principal) -> None:
        """Serve one accepted connection."""
        self._websocket = websocket
        self._service = service
        self._principal = principal
        self._intake = CallIntake(service.settings.ingest)
        self._outbox: Outbox = asyncio.Queue(service.settings.server.outbox_frames)
        self._call: LiveCall | None = None
        self._writer: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Read until the call is over, then close with the code that says why."""
        reason: EndReason = "client_gone"
        close_code, close_reason = NORMAL, ""
        try:
            await self._read()
            reason = "ended"
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            close_code, close_reason = GOING_AWAY, "nothing was received for too long"
        except (IngestError, ServerError) as error:
            reason = "failed"
            close_code, close_reason = error.close_code, error.code
            self._service.telemetry.refused.labels(error.code).inc()
            await self._send_error(error)
        await self._end(reason)
        await self._close(close_code, close_reason)

    async def _read(self) -> None:
        idle_s = self._service.settings.server.idle_s
        while True:
            message = await asyncio.wait_for(self._websocket.receive(), idle_s)
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", NORMAL))
            binary: bytes | None = message.get("bytes")
            if binary is not None:
                frame = self._intake.receive_bytes(binary)
                if self._call is not None:
                    self._call.session.push(frame)
                continue
            command = self._intake.receive_text(message.get("text") or "")
            match command:
                case Start():
                    await self._begin()
                case Flush() if self._call is not None:
                    await self._call.session.flush()
                case End():
                    return
                case _:
                    pass

    async def _begin(self) -> None:
        call = self._call = await self._service.begin_call(self._principal, self._intake)
        self._writer = asyncio.create_task(self._write())
        feed = self._service.lobby.feed(self._principal.tenant_id, call.session.call_id)
        feed.subscribe(self._outbox)
        call.session.begin(self._intake.start.sample_rate_hz)
        self._service.publish(self._principal.tenant_id, call.opening)

    async def _write(self) -> None:
        while (frame := await self._outbox.get()) is not None:
            if isinstance(frame, wire.ScreenEvent):
                try:
                    await self._websocket.send_text(frame.event.model_dump_json())
                except (WebSocketDisconnect, RuntimeError):
                    return
                if frame.event.type == "call_ended":
                    return

    async def _end(self, reason: EndReason) -> None:
        if self._call is None:
            return
        await self._call.session.end(reason)
        if self._writer is not None:
            # The last events are sent before the close; a client that does not read is not waited for.
            await asyncio.wait({self._writer}, timeout=5.0)
            self._writer.cancel()
        self._service.lobby.leave(self._outbox)

    async def _send_error(self, error: IngestError | ServerError) -> None:
        call_id = self._call.session.call_id if self._call else ""
        event = wire.ErrorEvent(call_id=call_id, code=error.code, message=str(error), retryable=error.retryable)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._websocket.send_text(event.model_dump_json())

    async def _close(self, code: int, reason: str) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._websocket.close(code, reason)


@router.websocket("/v1/screen")
async def screen(websocket: WebSocket) -> None:
    """A screen: the list of calls, and the watched call as a snapshot and numbered events."""
    service: Service = websocket.app.state.service
    principal = await _admitted(websocket, service, "view")
    if principal is None:
        return
    tenant = await service.tenant(principal.tenant_id)
    await ScreenConnection(websocket, service, tenant).serve()


class ScreenConnection:
    """One screen; all frames leave through one outbox, so that they keep their order."""

    def __init__(self, websocket: WebSocket, service: Service, tenant: Tenant) -> None:
        """Serve one accepted connection."""
        self._websocket = websocket
        self._service = service
        self._tenant = tenant
        self._outbox: Outbox = asyncio.Queue(service.settings.server.outbox_frames)
        self._watched: CallId | None = None
        self._calls_changed = asyncio.Event()
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Talk until the screen is gone."""
        self._service.lobby.enter(self._outbox, self._tenant.tenant_id, self._calls_changed.set)
        self._calls_changed.set()
        tasks = [asyncio.create_task(work()) for work in (self._read, self._write, self._list_calls)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._service.lobby.leave(self._outbox)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            try:
                text = await self._websocket.receive_text()
                watch = wire.Watch.model_validate_json(text)
                await self._watch(CallId(watch.call_id))
            except ValidationError:
                await self._send(wire.ScreenError(code="malformed_frame", message="send {type: watch, call_id}"))
            except NotFoundError as error:
                await self._send(wire.ScreenError(code=error.code, message=str(error)))
            except (WebSocketDisconnect, KeyError):
                return

    async def _watch(self, call_id: CallId) -> None:
        lobby, tenant_id = self._service.lobby, self._tenant.tenant_id
        if self._watched is not None:
            lobby.feed(tenant_id, self._watched).unsubscribe(self._outbox)
            self._watched = None
        while not self._outbox.empty():
            self._outbox.get_nowait()
        snapshot = await self._service.snapshot(self._tenant, call_id, self._outbox)
        self._watched = call_id
        await self._send(snapshot)

    async def _write(self) -> None:
        while True:
            frame = await self._outbox.get()
            if frame is None and self._watched is not None:
                await self._watch(self._watched)
            elif isinstance(frame, wire.ScreenEvent) and frame.event.call_id == self._watched:
                await self._send(frame)

    async def _list_calls(self) -> None:
        while True:
            await self._calls_changed.wait()
            self._calls_changed.clear()
            await self._send(await self._service.on_worker(partial(self._service.call_list, self._tenant)))

    async def _send(self, frame: wire.CallList | wire.Snapshot | wire.ScreenEvent | wire.ScreenError) -> None:
        async with self._sending:
            await self._websocket.send_text(frame.model_dump_json())
