"""What the screens of one call see: a snapshot, then numbered events; and the tenant's list of calls.

Everything here runs on the event loop. Partials may be dropped for a slow screen; when its outbox is full it is told
to reload instead of being fed with gaps.
"""

import asyncio
from collections.abc import Callable

from ingest.messages import CallId, TenantId
from server.wire import CallEvent, CallList, CallStartedEvent, HealthEvent, PartialEvent, ScreenEvent, UtteranceEvent

Outbox = asyncio.Queue[ScreenEvent | CallList | None]
"""None tells the socket that its screen fell behind and needs a new snapshot."""


class CallFeed:
    """Numbered events of one call and the state that no journal holds: open partials and health."""

    def __init__(self) -> None:
        """Begin at sequence number 0."""
        self.seq = 0
        self.partials: dict[str, PartialEvent] = {}
        self.health: dict[str, HealthEvent] = {}
        self._screens: set[Outbox] = set()

    def subscribe(self, outbox: Outbox) -> None:
        """Send all events after now to this outbox."""
        self._screens.add(outbox)

    def unsubscribe(self, outbox: Outbox) -> None:
        """Stop sending."""
        self._screens.discard(outbox)

    def publish(self, event: CallEvent) -> None:
        """Number an event and hand it to every screen."""
        self.seq += 1
        if isinstance(event, PartialEvent):
            self.partials[event.utterance_id] = event
            if not event.text:
                del self.partials[event.utterance_id]
        elif isinstance(event, UtteranceEvent):
            self.partials.pop(event.utterance_id, None)
        elif isinstance(event, HealthEvent):
            self.health[event.part] = event
        frame = ScreenEvent(seq=self.seq, event=event)
        for outbox in self._screens:
            put(outbox, frame)


class Lobby:
    """All feeds of the service, and who wants to know of new calls."""

    def __init__(self) -> None:
        """Begin empty."""
        self._feeds: dict[tuple[TenantId, CallId], CallFeed] = {}
        self._waiting: dict[Outbox, tuple[TenantId, Callable[[], None]]] = {}

    def feed(self, tenant_id: TenantId, call_id: CallId) -> CallFeed:
        """The feed of a call, made on first use."""
        return self._feeds.setdefault((tenant_id, call_id), CallFeed())

    def publish(self, tenant_id: TenantId, event: CallEvent) -> None:
        """Publish an event on its call's feed."""
        call_id = CallId(event.call_id)
        self.feed(tenant_id, call_id).publish(event)
        if isinstance(event, CallStartedEvent) or event.type == "call_ended":
            self.calls_changed(tenant_id)

    def broadcast(self, event_of: Callable[[CallId], CallEvent], tenant_id: TenantId, calls: set[CallId]) -> None:
        """Publish one event for each of several calls."""
        for call_id in calls:
            self.publish(tenant_id, event_of(call_id))

    def enter(self, outbox: Outbox, tenant_id: TenantId, changed: Callable[[], None]) -> None:
        """Tell this screen when the tenant's list of calls changes."""
        self._waiting[outbox] = (tenant_id, changed)

    def leave(self, outbox: Outbox) -> None:
        """Forget a screen everywhere."""
        self._waiting.pop(outbox, None)
        for feed in self._feeds.values():
            feed.unsubscribe(outbox)

    def calls_changed(self, tenant_id: TenantId) -> None:
        """The list of calls of a tenant changed."""
        for owner, changed in list(self._waiting.values()):
            if owner == tenant_id:
                changed()


def put(outbox: Outbox, frame: ScreenEvent | CallList) -> None:
    """Queue a frame; a full outbox is emptied and its screen told to reload."""
    try:
        outbox.put_nowait(frame)
    except asyncio.QueueFull:
        while not outbox.empty():
            outbox.get_nowait()
        outbox.put_nowait(None)
