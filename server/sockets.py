"""The two websockets: `/v1/calls` takes audio in, `/v1/screen` shows calls. Tokens are checked before the upgrade."""

import asyncio
import contextlib
import logging

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from graph.errors import GraphError
from ingest.errors import IngestError
from ingest.messages import EndReason
from ingest.pcm import SAMPLE_BYTES
from ingest.socket import CallIntake, End, Flush, Resume, Start
from server import wire
from server.auth import SUBPROTOCOL, Principal, Right, bearer, check_origin
from server.errors import ServerError, TakenUpError
from server.feed import Outbox
from server.live_call import LiveCall
from server.screens import ScreenConnection
from server.service import Service

log = logging.getLogger(__name__)
router = APIRouter()

NORMAL, GOING_AWAY, SERVICE_RESTART, DEFECT = 1000, 1001, 1012, 1011
TOO_SLOW = "events were left out because they were not read in time; the call goes on, its page shows them all"


RESUMES = "resume"
"""Query parameter, `1` when the first frame will be `resume`: the HTTP answer comes before any frame."""


async def _admitted(websocket: WebSocket, service: Service, right: Right) -> Principal | None:
    """Check token, origin and right before the upgrade; None when it was refused with an HTTP status."""
    headers = websocket.headers
    subprotocols: list[str] = websocket.scope.get("subprotocols", [])
    try:
        check_origin(headers.get("origin"), headers.get("host"), service.settings.server.origins)
        principal = service.tokens.principal(bearer(headers.get("authorization"), subprotocols))
        principal.require(right)
        # A call that is taken up again has its room; what begins on such a socket all the same is checked then.
        if right == "call" and websocket.query_params.get(RESUMES) != "1":
            service.calls.check_room()
    except ServerError as error:
        retry = {"Retry-After": "10"} if error.retryable else {}
        body = {"error": {"code": error.code, "message": str(error)}}
        await websocket.send_denial_response(JSONResponse(body, status_code=error.status, headers=retry))
        return None
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in subprotocols else None)
    return principal


@router.websocket("/v1/calls")
async def calls(websocket: WebSocket) -> None:
    """One call: a JSON `start` or `resume`, binary audio, JSON `flush` and `end`; events come back as they arise."""
    service: Service = websocket.app.state.service
    principal = await _admitted(websocket, service, "call")
    if principal is None:
        return
    connection = CallConnection(websocket, service, principal)
    await connection.serve()


class CallConnection:
    """The client's side of one call: reads frames, writes events, ends the call or lets it wait for its client."""

    def __init__(self, websocket: WebSocket, service: Service, principal: Principal) -> None:
        """Serve one accepted connection."""
        self._websocket = websocket
        self._service = service
        self._principal = principal
        self._intake = CallIntake(service.settings.ingest)
        self._outbox: Outbox = asyncio.Queue(service.settings.server.outbox_frames)
        self._call: LiveCall | None = None
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._taken_up = False
        self._ended_elsewhere = False
        self._sent_turn = 0

    async def serve(self) -> None:
        """Read until the call is over, then close with the code that says why."""
        reason: EndReason = "failed"
        close_code, close_reason = NORMAL, ""
        waits = False
        try:
            self._reading = asyncio.create_task(self._read())
            await self._reading
            reason = "ended"
        except WebSocketDisconnect as gone:
            reason = "service_stopped" if gone.code == SERVICE_RESTART else "client_gone"
            waits = gone.code not in (NORMAL, SERVICE_RESTART)
        except TimeoutError:
            # A laptop that sleeps says nothing either, and comes back.
            reason, waits = "client_gone", True
            close_code, close_reason = GOING_AWAY, "nothing was received for too long"
        except (IngestError, ServerError, GraphError) as error:
            close_code, close_reason = getattr(error, "close_code", DEFECT), error.code
            self._service.telemetry.refused.labels(error.code).inc()
            await self._send_error(error)
        except asyncio.CancelledError:
            if self._taken_up:
                close_code, close_reason = TakenUpError.close_code, TakenUpError.code
            elif not self._ended_elsewhere:
                raise
        finally:
            await self._leave(reason, waits=waits)
        await self._close(close_code, close_reason)

    async def _read(self) -> None:
        idle_s = self._service.settings.server.idle_s
        while True:
            message = await asyncio.wait_for(self._websocket.receive(), idle_s)
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", NORMAL))
            binary: bytes | None = message.get("bytes")
            if binary is not None:
                await self._take(binary)
                continue
            command = self._intake.receive_text(message.get("text") or "")
            match command:
                case Start():
                    await self._begin()
                case Resume():
                    await self._resume(command)
                case Flush() if self._call is not None:
                    await self._call.session.flush()
                case End():
                    return
                case _:
                    pass

    async def _take(self, binary: bytes) -> None:
        frame = self._intake.receive_bytes(binary)
        if self._call is None or self._call.session.ending:
            return
        session = self._call.session
        encoding, rate_hz = self._intake.audio_format
        self._service.telemetry.audio.inc(len(frame.payload) / SAMPLE_BYTES[encoding] / rate_hz)
        for step in session.steps(frame):
            session.push(step)
            await session.room()
            # A gap becomes minutes of silence; others get their turn in between.
            await asyncio.sleep(0)

    async def _begin(self) -> None:
        call = self._call = await self._service.calls.begin(self._principal, self._intake)
        call.attach(self._taken_up_by_another)
        self._subscribe(call)
        self._writer = asyncio.create_task(self._write())
        call.session.begin(self._intake.start.sample_rate_hz)
        self._service.publish(self._principal.tenant_id, call.opening)

    async def _resume(self, resume: Resume) -> None:
        call = self._service.calls.resume(self._principal, resume)
        self._intake.accept(call.start)
        self._call = call
        call.attach(self._taken_up_by_another)
        self._sent_turn = resume.turn
        # Before the finals are drawn: what comes twice is sent once, what comes in between is not missed.
        self._subscribe(call)
        missed = await self._service.utterances_after(call, resume.turn)
        resumed = wire.ResumedEvent(call_id=call.session.call_id, samples=call.session.samples_taken)
        for event in (resumed, *missed):
            await self._send(event)
        self._writer = asyncio.create_task(self._write())

    def _subscribe(self, call: LiveCall) -> None:
        self._service.lobby.feed(self._principal.tenant_id, call.session.call_id).subscribe(self._outbox)

    def _taken_up_by_another(self) -> None:
        self._taken_up = True
        if self._reading is not None:
            self._reading.cancel()

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                frame = await self._outbox.get()
                await self._send(self._error("too_slow", TOO_SLOW) if frame is None else frame.event)
                if frame is not None and frame.event.type == "call_ended":
                    if self._reading is not None and not self._reading.done():
                        self._ended_elsewhere = True
                        self._reading.cancel()
                    return

    async def _send(self, event: wire.CallEvent) -> None:
        if isinstance(event, wire.CallStartedEvent) and self._call is not None:
            event = event.model_copy(update={"resume_token": self._call.resume_token})
        elif isinstance(event, wire.UtteranceEvent) and event.revision == 1:
            if event.turn <= self._sent_turn:
                return
            self._sent_turn = event.turn
        await self._websocket.send_text(event.model_dump_json())

    async def _leave(self, reason: EndReason, *, waits: bool) -> None:
        call = self._call
        if call is None:
            return
        resume_s = self._service.settings.server.resume_s
        if not self._taken_up and waits and resume_s and not call.session.ending:
            call.park(resume_s)
        elif not self._taken_up:
            await call.session.end(reason)
            if self._writer is not None:
                # The last events are sent before the close; a client that does not read is not waited for.
                await asyncio.wait({self._writer}, timeout=5.0)
        if self._writer is not None:
            self._writer.cancel()
        self._service.lobby.unsubscribe(self._principal.tenant_id, call.session.call_id, self._outbox)

    def _error(self, code: str, message: str, retryable: bool = False) -> wire.ErrorEvent:
        call_id = self._call.session.call_id if self._call else ""
        return wire.ErrorEvent(call_id=call_id, code=code, message=message, retryable=retryable)

    async def _send_error(self, error: IngestError | ServerError | GraphError) -> None:
        event = self._error(error.code, str(error), error.retryable)
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
