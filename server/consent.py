"""What participants agree to: recorded with its wording, at the start of a call or at any time after, and acted upon.

Without "transcript" a channel is heard no more: what arrives becomes silence. Without "audio" nothing of it is kept,
and what was kept is deleted. A channel whose speaker was never asked is transcribed, and nothing is kept.
"""

import logging
import secrets
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from graph.messages import ConsentRecorded
from ingest.messages import CallId, CallStarted, Channel, ChannelId, ConsentScope
from ingest.socket import Start
from server.bodies import ConsentGiven
from server.errors import NotFoundError
from server.kept_audio import AudioShelf
from server.tenant import Tenant

if TYPE_CHECKING:
    from server.service import Service

log = logging.getLogger(__name__)


def consents_of(start: Start, started: CallStarted, *, author: str) -> tuple[ConsentRecorded, ...]:
    """What everybody agreed to before the call; `started` names them all."""
    given = {one.channel: one.consent for one in start.channels if one.consent is not None}
    return tuple(
        _recorded(started, channel, consent.given, consent.wording, author)
        for channel in started.channels
        if (consent := given.get(channel.channel)) is not None
    )


async def record_consent(
    service: "Service", tenant: Tenant, call_id: CallId, given: ConsentGiven, author: str
) -> ConsentRecorded:
    """Journal a consent, show it, and act upon it; once this returns, what it withdraws is gone.

    Raises:
        NotFoundError: no such call, or the call has no such channel.
        OSError: kept audio could not be deleted.
    """
    started, channel = await service.on_worker(partial(_on_call, tenant, call_id, ChannelId(given.channel)))
    consent = _recorded(started, channel, given.given, given.wording, author)
    live = service.calls.find(tenant.tenant_id, call_id)
    if live is not None and "transcript" not in consent.given:
        # The microphone is deaf at once; the journal may take a moment.
        live.consent(channel.channel, consent.given)
    await service.show_changes(tenant, lambda: tenant.append([consent], author))
    if live is not None:
        live.consent(channel.channel, consent.given)
    if "audio" not in consent.given:
        shelf = AudioShelf(tenant.folder, tenant.keys)
        await service.audio.submit(partial(shelf.remove, call_id, channel.channel))
    return consent


def sweep(tenant: Tenant) -> None:
    """Delete kept audio that nobody agrees to any more: a crash may have come before it was deleted."""
    if not tenant.folder.audio.is_dir():
        return
    agreed: dict[tuple[CallId, ChannelId], bool] = {}
    try:
        for event in tenant.journal.read(kinds=("consent_recorded",)):
            if isinstance(event.message, ConsentRecorded):
                agreed[event.message.call_id, event.message.channel] = "audio" in event.message.given
        shelf = AudioShelf(tenant.folder, tenant.keys)
        shelf.sweep([place for place, kept in agreed.items() if kept])
    except Exception:
        # A border of its own: nobody waits for this work.
        log.exception("kept audio could not be looked through", extra={"tenant_id": tenant.tenant_id})


def _on_call(tenant: Tenant, call_id: CallId, name: ChannelId) -> tuple[CallStarted, Channel]:
    with tenant.lock:
        record = tenant.graph.record(call_id)
    if record is None or record.started is None:
        raise NotFoundError(f"no call {call_id}")
    for channel in record.started.channels:
        if channel.channel == name:
            return record.started, channel
    raise NotFoundError(f"call {call_id} has no channel {name}")


def _recorded(
    started: CallStarted, channel: Channel, given: tuple[ConsentScope, ...], wording: str, author: str
) -> ConsentRecorded:
    if channel.person_id is None:
        raise NotFoundError(f"nobody is known on channel {channel.channel}")
    return ConsentRecorded(
        tenant_id=started.tenant_id,
        call_id=started.call_id,
        consent_id=f"k-{secrets.token_hex(8)}",
        channel=channel.channel,
        person_id=channel.person_id,
        given=tuple(dict.fromkeys(given)),
        wording=wording,
        author=author,
        at=datetime.now(UTC),
    )
