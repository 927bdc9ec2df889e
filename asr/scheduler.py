"""One order for the requests of all calls, pure: finals before partials, fair between calls, newest partial wins."""

from collections import deque

from asr.decoder import DecodeRequest
from ingest.messages import CallId, ChannelId

Lane = dict[CallId, deque[DecodeRequest]]


class Scheduler:
    """Queues of finals and partials; `next` says what to decode, round-robin between calls.

    Finals are never dropped. Of a channel's partials at most one waits, the newest.
    """

    def __init__(self) -> None:
        """Start with empty lanes."""
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

    def next(self) -> DecodeRequest | None:
        """The request to decode now, or None when nothing waits."""
        return _take_first(self._finals) or _take_first(self._partials)

    def forget(self, call_id: CallId) -> None:
        """Drop what a call that failed had queued."""
        self._finals.pop(call_id, None)
        self._partials.pop(call_id, None)

    def _take_partial(self, call_id: CallId, channel: ChannelId) -> DecodeRequest | None:
        queue = self._partials.get(call_id, deque())
        older = next((request for request in queue if request.channel == channel), None)
        if older is not None:
            queue.remove(older)
        return older


def _size(lane: Lane) -> int:
    return sum(len(queue) for queue in lane.values())


def _take_first(lane: Lane) -> DecodeRequest | None:
    # Dicts keep insertion order: the call served goes to the back, which is the round-robin.
    for call_id in list(lane):
        queue = lane.pop(call_id)
        if queue:
            request = queue.popleft()
            if queue:
                lane[call_id] = queue
            return request
    return None
