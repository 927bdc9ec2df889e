"""Audio that was kept with consent."""

import asyncio
from functools import partial

from fastapi import APIRouter, Response

from ingest.messages import CallId, ChannelId
from server.bodies import AudioSegment, CallAudio, ChannelAudio
from server.errors import NotFoundError
from server.kept_audio import AudioShelf
from server.routes.access import OfService, OfTenant, Viewer
from server.tenant import Tenant

router = APIRouter()


@router.get("/v1/calls/{call_id}/audio")
async def call_audio(call_id: str, _: Viewer, service: OfService, tenant: OfTenant) -> CallAudio:
    """What is kept of a call; channels of which nothing is kept are left out."""
    channels = await service.on_worker(partial(_agreed, tenant, CallId(call_id)))
    # In the audio thread: whatever the call gave it before is listed.
    return await service.audio.submit(partial(_listed, tenant, CallId(call_id), channels))


@router.get("/v1/calls/{call_id}/audio/{channel:path}/{number}")
async def audio_segment(
    call_id: str, channel: str, number: int, _: Viewer, service: OfService, tenant: OfTenant
) -> Response:
    """A segment of kept audio as an Ogg file with Opus."""
    agreed = await service.on_worker(partial(_agreed, tenant, CallId(call_id)))
    found: bytes | None = None
    if ChannelId(channel) in agreed:
        shelf = AudioShelf(tenant.folder, tenant.keys)
        found = await asyncio.to_thread(shelf.read, CallId(call_id), ChannelId(channel), number)
    if found is None:
        raise NotFoundError(f"no audio {number} of channel {channel} is kept of call {call_id}")
    return Response(found, media_type="audio/ogg", headers={"Cache-Control": "private, max-age=300"})


def _agreed(tenant: Tenant, call_id: CallId) -> tuple[ChannelId, ...]:
    """Channels whose speakers agree to it now."""
    with tenant.lock:
        record = tenant.graph.record(call_id)
    if record is None or record.started is None:
        raise NotFoundError(f"no call {call_id}")
    consents = record.consents
    return tuple(
        one.channel
        for one in record.started.channels
        if one.channel in consents and "audio" in consents[one.channel].given
    )


def _listed(tenant: Tenant, call_id: CallId, channels: tuple[ChannelId, ...]) -> CallAudio:
    shelf = AudioShelf(tenant.folder, tenant.keys)
    kept = ((channel, shelf.segments(call_id, channel)) for channel in channels)
    return CallAudio(
        channels=tuple(
            ChannelAudio(
                channel=channel,
                segments=tuple(
                    AudioSegment(number=one.number, start_ms=one.start_ms, end_ms=one.end_ms) for one in segments
                ),
            )
            for channel, segments in kept
            if segments
        )
    )
