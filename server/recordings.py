"""Uploaded recordings, each played as a call of its own: as fast as recognition follows, live calls first.

One at a time for each tenant. The file lies in `DATA/uploads` without a name, so it is gone with whoever holds it open,
also when the service is killed.
"""

import asyncio
import errno
import logging
import tempfile
from collections.abc import AsyncIterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.errors import UnreadableRecordingError
from ingest.messages import SAMPLE_RATE_HZ, CallId, EndReason, TenantId
from ingest.socket import AudioFrame, CallIntake, Start
from server.auth import Principal
from server.bodies import RecordingProgress, RecordingState
from server.errors import BadRequestError, ConflictError, NoSpaceError, NotFoundError, TooLargeError
from server.live_call import LiveCall
from server.recording_source import BLOCK_SAMPLES, RecordingSource

if TYPE_CHECKING:
    from server.service import Service

log = logging.getLogger(__name__)

WRITE_BYTES = 1 << 20
MOST_OWED = 1
"""Finals that may be out before more is read: while nobody else needs them, both workers are busy."""
WAIT_S = 0.05
REMEMBERED = 200
"""Recordings whose progress can still be asked for after they are over."""


@dataclass(slots=True)
class _Upload:
    """A recording that is played, or was."""

    call: LiveCall
    source: RecordingSource
    state: RecordingState = "reading"
    progress: float = 0.0
    message: str = ""
    task: asyncio.Task[None] | None = field(default=None)
    stopped: EndReason = "client_gone"


class Recordings:
    """The uploads of this service."""

    def __init__(self, service: "Service") -> None:
        """Play into this service."""
        self._service = service
        self._claimed: set[TenantId] = set()
        self._uploads: dict[tuple[TenantId, CallId], _Upload] = {}

    async def take(
        self, principal: Principal, start: Start, body: AsyncIterable[bytes], length: int | None
    ) -> RecordingProgress:
        """Receive a file and begin to play it.

        Args:
            principal: who sends it.
            start: the call it becomes; encoding f32le at 16 kHz.
            body: the file.
            length: its bytes as announced, None when they were not.

        Raises:
            ConflictError: another recording of this tenant is under way.
            BadRequestError, UnreadableRecordingError, TooLargeError, NoSpaceError: the file cannot be taken.
            UnknownChannelError, UnknownLanguageError, BusyError: the call cannot begin.
        """
        tenant_id = principal.tenant_id
        intake = CallIntake(self._service.settings.ingest)
        intake.accept(start)
        if tenant_id in self._claimed:
            raise ConflictError("another recording is being read; wait until it is done, or cancel it")
        self._claimed.add(tenant_id)
        source: RecordingSource | None = None
        try:
            source = await self._received(body, length)
            await asyncio.to_thread(source.begin, len(start.channels), self._longest_ms)
            call = await self._service.calls.begin(principal, intake)
        except BaseException:
            self._claimed.discard(tenant_id)
            if source is not None:
                source.close()
            raise
        return self._begin(tenant_id, _Upload(call, source))

    def progress(self, tenant_id: TenantId, call_id: CallId) -> RecordingProgress:
        """How far a recording is.

        Raises:
            NotFoundError: none was uploaded as this call since the service started.
        """
        upload = self._uploads.get((tenant_id, call_id))
        if upload is None:
            raise NotFoundError(f"no recording was uploaded as call {call_id} since the service started")
        return RecordingProgress(call_id=call_id, state=upload.state, progress=upload.progress, message=upload.message)

    async def cancel(self, tenant_id: TenantId, call_id: CallId) -> RecordingProgress:
        """Stop reading; what was read so far stays a call.

        Raises:
            NotFoundError: there is none.
        """
        self.progress(tenant_id, call_id)
        await self._stop(self._uploads[tenant_id, call_id])
        return self.progress(tenant_id, call_id)

    async def close(self) -> None:
        """Stop all of them: the service ends."""
        for upload in list(self._uploads.values()):
            upload.stopped = "service_stopped"
            await self._stop(upload)

    @property
    def _longest_ms(self) -> int:
        return round(self._service.settings.server.recording_hours * 3_600_000)

    async def _received(self, body: AsyncIterable[bytes], length: int | None) -> RecordingSource:
        most = self._service.settings.server.recording_mb << 20
        if length is not None and length > most:
            raise _too_large(most)
        folder = self._service.settings.data / "uploads"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Without a name: nothing is left behind, however this ends.
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the source closes it
        size = 0
        try:
            async for piece in _pieces(body):
                size += len(piece)
                if size > most:
                    raise _too_large(most)
                await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(file.flush)
        except OSError as error:
            # Closing tries to write what is left once more.
            with suppress(OSError):
                file.close()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoSpaceError("the disk has no room for the recording") from error
            raise
        except BaseException:
            file.close()
            raise
        if not size:
            file.close()
            raise BadRequestError("the recording is empty: send the bytes of an audio file as the request's body")
        return RecordingSource(file, size)

    def _begin(self, tenant_id: TenantId, upload: _Upload) -> RecordingProgress:
        session = upload.call.session
        session.begin(SAMPLE_RATE_HZ, recorded=True)
        self._service.publish(tenant_id, upload.call.opening)
        while len(self._uploads) >= REMEMBERED:
            over = next((key for key, one in self._uploads.items() if one.state != "reading"), None)
            if over is None:
                break
            del self._uploads[over]
        self._uploads[tenant_id, session.call_id] = upload
        upload.task = asyncio.get_running_loop().create_task(self._play(tenant_id, upload))
        return self.progress(tenant_id, session.call_id)

    async def _play(self, tenant_id: TenantId, upload: _Upload) -> None:
        reason: EndReason = "failed"
        state: RecordingState = "failed"
        try:
            whole = await self._push_all(upload)
            reason, state = "ended", "done" if whole else "cancelled"
        except asyncio.CancelledError:
            reason, state = upload.stopped, "cancelled"
        except (UnreadableRecordingError, BadRequestError) as error:
            upload.message = str(error)
        except Exception:
            # A border like a session's: nobody waits for this task.
            log.exception("a recording could not be read", extra={"call_id": upload.call.session.call_id})
            upload.message = "the recording could not be read; see the service's log"
        finally:
            await upload.call.session.end(reason)
            upload.source.close()
            self._claimed.discard(tenant_id)
            upload.state = state
            upload.progress = 1.0 if state == "done" else upload.progress

    async def _push_all(self, upload: _Upload) -> bool:
        """Play it to its end; False when the call was ended before."""
        session = upload.call.session
        channels = [one.channel for one in upload.call.start.channels]
        position = 0
        while (block := await asyncio.to_thread(upload.source.next, self._longest_ms)) is not None:
            for at in range(0, block.shape[1], BLOCK_SAMPLES):
                for channel, samples in zip(channels, block[:, at : at + BLOCK_SAMPLES], strict=True):
                    await self._room(upload.call)
                    if session.ending:
                        return False
                    payload = samples.astype("<f4").tobytes()
                    session.push(AudioFrame(channel=channel, start_sample=position + at, payload=payload))
                    await asyncio.sleep(0)
            position += block.shape[1]
            upload.progress = upload.source.progress
        return True

    async def _room(self, call: LiveCall) -> None:
        """Wait until recognition has followed, live calls have what they need, and kept audio is on the disk."""
        service = self._service
        alone = all(self._is_playing(*key) for key in service.calls)
        await call.session.room(MOST_OWED)
        while not call.session.ending and (  # noqa: ASYNC110 - three parts would have to tell when they have room
            service.audio.full or service.recognition.full or (not alone and service.recognition.finals_out)
        ):
            await asyncio.sleep(WAIT_S)

    async def _stop(self, upload: _Upload) -> None:
        if upload.task is not None and not upload.task.done():
            upload.task.cancel()
            await asyncio.wait({upload.task})

    def _is_playing(self, tenant_id: TenantId, call_id: CallId) -> bool:
        upload = self._uploads.get((tenant_id, call_id))
        return upload is not None and upload.state == "reading"


async def _pieces(body: AsyncIterable[bytes]) -> AsyncIterable[bytes]:
    """The same bytes in pieces that are worth a write."""
    held = bytearray()
    async for piece in body:
        held += piece
        if len(held) >= WRITE_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"the recording is larger than {most >> 20} MB; send it as FLAC, Opus or MP3, or in parts")
