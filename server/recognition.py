"""Worker threads behind the scheduler: requests of all calls in, hypotheses back to the call that asked."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

from asr.decoder import Cancel, Decoder, DecodeRequest, Hypothesis
from asr.errors import DecodeFailedError
from asr.pace import Pace
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
    """One decoder for all calls; `workers` threads decode one batch each.

    Two tenants may give their calls one id, so requests and listeners carry ids that the sessions make unique.
    """

    def __init__(self, decoder: Decoder, workers: int, batch: int, telemetry: Telemetry) -> None:
        """`batch` is the most windows of one decoder run; `telemetry` counts every window."""
        self._decoder = decoder
        self._workers = workers
        self._batch = batch
        self._telemetry = telemetry
        self._scheduler = Scheduler(decoder.batch_key)
        self._pace = Pace()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._listeners: dict[CallId, Listener] = {}
        self._queued_at: dict[tuple[CallId, str, int], float] = {}
        self._running: dict[asyncio.Task[None], bool] = {}

    @property
    def waiting(self) -> tuple[int, int]:
        """Finals and partials that wait."""
        return self._scheduler.waiting

    @property
    def finals_out(self) -> bool:
        """Whether any final waits or is being decoded."""
        return self._scheduler.waiting[0] > 0 or any(self._running.values())

    @property
    def stretch(self) -> float:
        """How many times as far apart as configured passes should lie now."""
        return self._pace.stretch(monotonic())

    @property
    def full(self) -> bool:
        """Whether another call would make finals late."""
        return self._pace.full(monotonic())

    @property
    def behind(self) -> bool:
        """Whether finals are late."""
        return self._pace.behind(monotonic())

    def join(self, call_id: CallId, listener: Listener) -> None:
        """A call begins."""
        self._listeners[call_id] = listener

    def leave(self, call_id: CallId) -> None:
        """A call is over; what it still had queued is dropped."""
        self._listeners.pop(call_id, None)
        for request in self._scheduler.forget(call_id):
            self._queued_at.pop(_key(request), None)

    def submit(self, request: DecodeRequest) -> None:
        """Queue a request."""
        self._queued_at[_key(request)] = monotonic()
        replaced = self._scheduler.submit(request)
        if replaced is not None:
            self._queued_at.pop(_key(replaced), None)
            self._telemetry.dropped.inc()
            self._listeners[request.call_id].dropped(replaced)
        self._start_workers()

    def cancel(self, cancel: Cancel) -> None:
        """Withdraw a request that still waits."""
        withdrawn = self._scheduler.cancel(cancel)
        if withdrawn is not None:
            self._queued_at.pop(_key(withdrawn), None)
            self._telemetry.withdrawn.inc()

    async def close(self) -> None:
        """Wait for the windows in work and stop."""
        await asyncio.gather(*self._running, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start_workers(self) -> None:
        while len(self._running) < self._workers:
            batch = self._scheduler.next(self._fair_batch(), partials=self._may_take_partials())
            if not batch:
                return
            task = asyncio.get_running_loop().create_task(self._decode(batch))
            self._running[task] = batch[0].final
            task.add_done_callback(self._finished)

    def _fair_batch(self) -> int:
        """Workers share what waits: a batch saves decoding, but all of it is done as late as its last window.

        So of two finals each worker takes one, also while the other is still busy.
        """
        finals, _ = self._scheduler.waiting
        return max(1, min(self._batch, -(-finals // self._workers)))

    def _may_take_partials(self) -> bool:
        """One worker stays free of partials, and they wait while finals are decoded."""
        return self._workers == 1 or len(self._running) < self._workers - 1

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._start_workers()

    async def _decode(self, batch: Sequence[DecodeRequest]) -> None:
        began = monotonic()
        waits_s = [began - self._queued_at.pop(_key(one), began) for one in batch]
        for request, waited_s in zip(batch, waits_s, strict=True):
            self._pace.waited(waited_s * 1000, began, final=request.final)
        hypotheses = await self._try(batch)
        took_s = (monotonic() - began) / len(batch)
        for request, hypothesis, waited_s in zip(batch, hypotheses, waits_s, strict=True):
            self._telemetry.decoded(request, waited_s, took_s)
            self._answer(request, hypothesis)

    def _answer(self, request: DecodeRequest, hypothesis: Hypothesis | None) -> None:
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

    async def _try(self, batch: Sequence[DecodeRequest]) -> Sequence[Hypothesis | None]:
        if len(batch) > 1:
            try:
                return await self._run(batch)
            except DecodeFailedError:
                # One window must not fail the others.
                return [(await self._try((one,)))[0] for one in batch]
        request = batch[0]
        for _ in range(FINAL_TRIES if request.final else 1):
            try:
                return await self._run(batch)
            except DecodeFailedError:
                log.warning("a window failed to decode", extra={"final": request.final, "call_id": request.call_id})
        return [None]

    async def _run(self, batch: Sequence[DecodeRequest]) -> Sequence[Hypothesis]:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._decoder.decode, batch)


def _key(request: DecodeRequest) -> tuple[CallId, str, int]:
    return request.call_id, request.channel, request.number
