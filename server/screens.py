"""One screen behind its socket: the tenant's list of calls, and the call it watches."""

import asyncio
import contextlib
from functools import partial

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from graph.errors import GraphError
from ingest.messages import CallId
from server import wire
from server.errors import NotFoundError
from server.feed import Outbox
from server.service import Service
from server.tenant import Tenant


class ScreenConnection:
    """One screen: its list of calls, and the call it watches, each kept up by a task of its own."""

    def __init__(self, websocket: WebSocket, service: Service, tenant: Tenant) -> None:
        """Serve one accepted connection."""
        self._websocket = websocket
        self._service = service
        self._tenant = tenant
        self._watching: asyncio.Task[None] | None = None
        self._calls_changed = asyncio.Event()
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Talk until the screen is gone."""
        self._service.lobby.enter(self._calls_changed, self._tenant.tenant_id)
        self._calls_changed.set()
        tasks = [asyncio.create_task(work()) for work in (self._read, self._list_calls)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._service.lobby.leave(self._calls_changed)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, self._watch(None), return_exceptions=True)

    async def _read(self) -> None:
        while True:
            try:
                watch = wire.Watch.model_validate_json(await self._websocket.receive_text())
                await self._watch(CallId(watch.call_id))
            except ValidationError:
                await self._send(wire.ScreenError(code="malformed_frame", message="send {type: watch, call_id}"))
            except (WebSocketDisconnect, KeyError):
                return

    async def _watch(self, call_id: CallId | None) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        self._watching = None if call_id is None else asyncio.create_task(self._show(call_id))

    async def _show(self, call_id: CallId) -> None:
        """A snapshot and what follows it; from another snapshot when the screen fell behind."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            try:
                while True:
                    await self._show_from_snapshot(call_id)
            except (NotFoundError, GraphError) as error:
                await self._send(wire.ScreenError(code=error.code, message=str(error)))

    async def _show_from_snapshot(self, call_id: CallId) -> None:
        outbox: Outbox = asyncio.Queue(self._service.settings.server.outbox_frames)
        try:
            await self._send(await self._service.snapshot(self._tenant, call_id, outbox))
            while (frame := await outbox.get()) is not None:
                await self._send(frame)
        finally:
            self._service.lobby.unsubscribe(self._tenant.tenant_id, call_id, outbox)

    async def _list_calls(self) -> None:
        while True:
            await self._calls_changed.wait()
            self._calls_changed.clear()
            await self._send(await self._service.on_worker(partial(self._service.call_list, self._tenant)))

    async def _send(self, frame: wire.CallList | wire.Snapshot | wire.ScreenEvent | wire.ScreenError) -> None:
        async with self._sending:
            await self._websocket.send_text(frame.model_dump_json())
