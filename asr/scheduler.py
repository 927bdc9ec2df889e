"""One order for the requests of all calls, pure: finals before partials, fair between calls, newest partial wins."""

from collections import deque
from collections.abc import Callable, Hashable

from asr.decoder import Cancel, DecodeRequest
from ingest.messages import CallId, ChannelId

Lane = dict[CallId, deque[DecodeRequest]]


class Scheduler:
    """Queues of finals and partials; `next` says what to decode, round-robin between calls.

    Finals are never dropped, only withdrawn by who asked. Of a channel's partials at most one waits, the newest.
    """

    def __init__(self, batch_key: Callable[[DecodeRequest], Hashable]) -> None:
        """Start with empty lanes. Requests of equal `batch_key` may be decoded together."""
        self._batch_key = batch_key
        self._finals: Lane = {}
        self._partials: Lane = {}

    @property
    def waiting(self) -> tuple[int, int]:
        """How many finals and how many partials wait."""
        return _size(self._finals), _size(self._partials)

    def submit(self, request: DecodeRequest) -> DecodeRequest | None:
        """Queue a request.

        Returns:
            The channel's older partial, which is now needless, if one waited.
        """
        replaced = self._take_partial(request.call_id, request.channel)
        lane = self._finals if request.final else self._partials
        lane.setdefault(request.call_id, deque()).append(request)
        return replaced

    def cancel(self, cancel: Cancel) -> DecodeRequest | None:
        """Withdraw a request; returns it if it still waited."""
        for lane in (self._finals, self._partials):
            for request in lane.get(cancel.call_id, ()):
                if (request.channel, request.number) == (cancel.channel, cancel.number):
                    _remove(lane, request)
                    return request
        return None

    def next(self, limit: int, *, partials: bool) -> tuple[DecodeRequest, ...]:
        """The requests to decode now, in one batch; none when nothing waits.

        Args:
            limit: at most so many.
            partials: whether partials may be taken when no final waits.
        """
        lane = self._finals or (self._partials if partials else {})
        batch: list[DecodeRequest] = []
        for call_id in list(lane):
            if len(batch) >= limit:
                break
            fitting = next((one for one in lane[call_id] if not batch or self._fit(one, batch[0])), None)
            if fitting is not None:
                _serve(lane, fitting)
                batch.append(fitting)
        return tuple(batch)

    def forget(self, call_id: CallId) -> tuple[DecodeRequest, ...]:
        """Drop, and return, what a call that is over had queued."""
        return tuple(request for lane in (self._finals, self._partials) for request in lane.pop(call_id, ()))

    def _fit(self, one: DecodeRequest, other: DecodeRequest) -> bool:
        return self._batch_key(one) == self._batch_key(other)

    def _take_partial(self, call_id: CallId, channel: ChannelId) -> DecodeRequest | None:
        waiting = self._partials.get(call_id, ())
        older = next((request for request in waiting if request.channel == channel), None)
        if older is not None:
            _remove(self._partials, older)
        return older


def _size(lane: Lane) -> int:
    return sum(len(queue) for queue in lane.values())


def _remove(lane: Lane, request: DecodeRequest) -> None:
    lane[request.call_id].remove(request)
    if not lane[request.call_id]:
        del lane[request.call_id]


def _serve(lane: Lane, request: DecodeRequest) -> None:
    # Dicts keep insertion order: the call served goes to the back, which is the round-robin.
    queue = lane.pop(request.call_id)
    queue.remove(request)
    if queue:
        lane[request.call_id] = queue
