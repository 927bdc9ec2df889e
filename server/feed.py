"""What the screens of one call see: a snapshot, then numbered events; and the tenant's list of calls.

Everything here runs on the event loop. When the outbox of a slow screen is full, it is given a new snapshot instead of
events with gaps.
"""

import asyncio

from ingest.messages import CallId, TenantId
from server.wire import CallEvent, CallStartedEvent, HealthEvent, PartialEvent, ScreenEvent, UtteranceEvent

Outbox = asyncio.Queue[ScreenEvent | None]
"""None tells the socket that its reader fell behind and events were left out."""


class CallFeed:
    """Numbered events of one call and the state that no journal holds: open partials and health."""

    def __init__(self) -> None:
        """Begin at sequence number 0."""
        self.seq = 0
        self.partials: dict[str, PartialEvent] = {}
        self.health: dict[str, HealthEvent] = {}
        self._screens: set[Outbox] = set()
        self._ended = False

    def subscribe(self, outbox: Outbox) -> None:
        """Send all events after now to this outbox."""
        self._screens.add(outbox)

    def unsubscribe(self, outbox: Outbox) -> None:
        """Stop sending."""
        self._screens.discard(outbox)

    @property
    def over(self) -> bool:
        """Whether the call has ended and nobody watches."""
        return self._ended and not self._screens

    def publish(self, event: CallEvent) -> None:
        """Number an event and hand it to every screen."""
        self.seq += 1
        self._ended = self._ended or event.type == "call_ended"
        if isinstance(event, PartialEvent):
            self.partials[event.utterance_id] = event
            if not event.text:
                del self.partials[event.utterance_id]
        elif isinstance(event, UtteranceEvent):
            self.partials.pop(event.utterance_id, None)
        elif isinstance(event, HealthEvent):
            # Taken out first: what was told last stands last.
            place = f"{event.part}:{event.channel or ''}:{event.code or ''}"
            self.health.pop(place, None)
            self.health[place] = event
        frame = ScreenEvent(seq=self.seq, event=event)
        for outbox in self._screens:
            put(outbox, frame)


class Lobby:
    """All feeds of the service, and who wants to know of new calls."""

    def __init__(self) -> None:
        """Begin empty."""
        self._feeds: dict[tuple[TenantId, CallId], CallFeed] = {}
        self._waiting: dict[asyncio.Event, TenantId] = {}

    def feed(self, tenant_id: TenantId, call_id: CallId) -> CallFeed:
        """The feed of a call, made on first use."""
        return self._feeds.setdefault((tenant_id, call_id), CallFeed())

    def unsubscribe(self, tenant_id: TenantId, call_id: CallId, outbox: Outbox) -> None:
        """Stop sending a call's events to this outbox."""
        feed = self._feeds.get((tenant_id, call_id))
        if feed is not None:
            feed.unsubscribe(outbox)
            if feed.over:
                # A later screen begins with a snapshot, so with any number.
                del self._feeds[tenant_id, call_id]

    def publish(self, tenant_id: TenantId, event: CallEvent) -> None:
        """Publish an event on its call's feed."""
        call_id = CallId(event.call_id)
        self.feed(tenant_id, call_id).publish(event)
        if isinstance(event, CallStartedEvent) or event.type == "call_ended":
            self.calls_changed(tenant_id)

    def enter(self, changed: asyncio.Event, tenant_id: TenantId) -> None:
        """Set this event when the tenant's list of calls changes."""
        self._waiting[changed] = tenant_id

    def leave(self, changed: asyncio.Event) -> None:
        """Let it be."""
        self._waiting.pop(changed, None)

    def calls_changed(self, tenant_id: TenantId) -> None:
        """The list of calls of a tenant changed."""
        for changed, owner in self._waiting.items():
            if owner == tenant_id:
                changed.set()


def put(outbox: Outbox, frame: ScreenEvent) -> None:
    """Queue a frame; a full outbox is emptied and its reader told so."""
    try:
        outbox.put_nowait(frame)
    except asyncio.QueueFull:
        while not outbox.empty():
            outbox.get_nowait()
        outbox.put_nowait(None)
