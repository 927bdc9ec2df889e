"""Recordings that are uploaded and read as calls."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import TypeAdapter, ValidationError

from ingest.messages import SAMPLE_RATE_HZ, CallId
from ingest.socket import Start, StartChannel
from server.bodies import RecordedSpeaker, RecordingProgress
from server.errors import BadRequestError
from server.routes.access import Caller, OfService, Viewer

router = APIRouter()

SPEAKERS: TypeAdapter[tuple[RecordedSpeaker, ...]] = TypeAdapter(tuple[RecordedSpeaker, ...])


@router.post("/v1/recordings", status_code=202)
async def upload(
    request: Request,
    channels: Annotated[str, Query(description="JSON: a list of {role, speaker, consent?}, one for each channel")],
    principal: Caller,
    service: OfService,
    account: str | None = None,
    language: str | None = None,
) -> RecordingProgress:
    """Take an audio file, the request's body, and play it as a call of its own; told at once how far it is."""
    start = _start(channels, account, language)
    announced = request.headers.get("content-length")
    length = int(announced) if announced and announced.isdecimal() else None
    return await service.recordings.take(principal, start, request.stream(), length)


@router.get("/v1/recordings/{call_id}")
async def recording(call_id: str, principal: Viewer, service: OfService) -> RecordingProgress:
    """How far a recording has been read."""
    return service.recordings.progress(principal.tenant_id, CallId(call_id))


@router.delete("/v1/recordings/{call_id}")
async def cancel(call_id: str, principal: Caller, service: OfService) -> RecordingProgress:
    """Stop reading a recording; what was read of it stays a call."""
    return await service.recordings.cancel(principal.tenant_id, CallId(call_id))


def _start(channels: str, account: str | None, language: str | None) -> Start:
    try:
        speakers = SPEAKERS.validate_json(channels)
        return Start(
            account=account or None,
            language=language or None,
            channels=tuple(
                StartChannel(channel=str(number), role=one.role, speaker=one.speaker, consent=one.consent)
                for number, one in enumerate(speakers, 1)
            ),
            encoding="f32le",
            sample_rate_hz=SAMPLE_RATE_HZ,
        )
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise BadRequestError(f"channels, account or language: {where}: {problem['msg']}") from error
