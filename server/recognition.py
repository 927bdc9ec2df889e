"""Worker threads behind the scheduler: requests of all calls in, hypotheses back to the call that asked."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

from asr.decoder import Decoder, DecodeRequest, Hypothesis
from asr.errors import DecodeFailedError
from asr.scheduler import Scheduler
from ingest.messages import CallId
from server.telemetry import Telemetry

log = logging.getLogger(__name__)

FINAL_TRIES = 2
"""A final that fails is decoded once more; then its call is told that words are missing."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What a call wants to hear back, each called on the event loop."""

    decoded: Callable[[Hypothesis], None]
    dropped: Callable[[DecodeRequest], None]
    failed: Callable[[DecodeRequest], None]


class Recognition:
    """One decoder for all calls; at most `workers` windows are decoded at once.

    Two tenants may give their calls one id, so requests and listeners carry ids that the sessions make unique.
    """

    def __init__(self, decoder: Decoder, workers: int, telemetry: Telemetry) -> None:
        """`telemetry` counts every window."""
        self._decoder = decoder
        self._workers = workers
        self._telemetry = telemetry
        self._scheduler = Scheduler()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._listeners: dict[CallId, Listener] = {}
        self._queued_at: dict[tuple[CallId, str, int], float] = {}
        self._running: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> tuple[int, int]:
        """Finals and partials that wait."""
        return self._scheduler.waiting

    def join(self, call_id: CallId, listener: Listener) -> None:
        """A call begins."""
        self._listeners[call_id] = listener

    def leave(self, call_id: CallId) -> None:
        """A call is over; what it still had queued is dropped."""
        self._listeners.pop(call_id, None)
        self._scheduler.forget(call_id)

    def submit(self, request: DecodeRequest) -> None:
        """Queue a request."""
        self._queued_at[_key(request)] = monotonic()
        replaced = self._scheduler.submit(request)
        if replaced is not None:
            self._queued_at.pop(_key(replaced), None)
            self._telemetry.dropped.inc()
            self._listeners[request.call_id].dropped(replaced)
        self._start_workers()

    async def close(self) -> None:
        """Wait for the windows in work and stop."""
        await asyncio.gather(*self._running, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start_workers(self) -> None:
        while len(self._running) < self._workers:
            request = self._scheduler.next()
            if request is None:
                return
            task = asyncio.get_running_loop().create_task(self._decode(request))
            self._running.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start_workers()

    async def _decode(self, request: DecodeRequest) -> None:
        began = monotonic()
        queued_s = began - self._queued_at.pop(_key(request), began)
        hypothesis = await self._try(request)
        self._telemetry.decoded(request, queued_s, monotonic() - began)
        listener = self._listeners.get(request.call_id)
        if listener is None:
            return
        if hypothesis is not None:
            listener.decoded(hypothesis)
        elif request.final:
            self._telemetry.lost.inc()
            listener.failed(request)
        else:
            listener.dropped(request)

    async def _try(self, request: DecodeRequest) -> Hypothesis | None:
        loop = asyncio.get_running_loop()
        for _ in range(FINAL_TRIES if request.final else 1):
            try:
                return (await loop.run_in_executor(self._pool, self._decoder.decode, (request,)))[0]
            except DecodeFailedError:
                log.warning("a window failed to decode", extra={"final": request.final, "call_id": request.call_id})
        return None


def _key(request: DecodeRequest) -> tuple[CallId, str, int]:
    return request.call_id, request.channel, request.number
