"""Audio that people agreed to have kept: segments of ten seconds on the call's clock, Opus, sealed under their key.

`AudioShelf` is the storage, for one thread at a time; `KeptCall` brings a live call's audio there without ever waiting
for it. Destroying a person's key makes all that was kept of them unreadable.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag

from graph.keys import KeyStore, seal, unseal
from graph.tenants import TenantFolder
from ingest.messages import SAMPLE_RATE_HZ, AudioChunk, CallId, CallStarted, Channel, ChannelId
from ingest.opus import opus

log = logging.getLogger(__name__)

T = TypeVar("T")

SEGMENT_MS = 10_000
"""What a crash loses at most, and what a player fetches at once: 27 kB (demo call, 2026-11-26)."""
SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
SEGMENT_SAMPLES = SEGMENT_MS * SAMPLES_PER_MS
MOST_WAITING = 256
"""Segments that may wait for the disk over all calls, 80 MB; a client that slept for minutes brings dozens at once."""
DIGEST_CHARS = 32
"""128 bits of SHA-256: no two calls of a tenant share a folder by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSegment:
    """A stretch of kept audio: it begins at `number` times ten seconds."""

    number: int
    length_ms: int

    @property
    def start_ms(self) -> int:
        """Its first millisecond on the call's clock."""
        return self.number * SEGMENT_MS

    @property
    def end_ms(self) -> int:
        """First millisecond after it."""
        return self.start_ms + self.length_ms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """Audio of a segment before it is encoded. Shape of samples: (n,), int16, 16 kHz."""

    number: int
    samples: npt.NDArray[np.int16]


class Segmenter:
    """One channel's chunks → whole segments on the call's clock (pure)."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._samples = np.zeros(SEGMENT_SAMPLES, dtype=np.int16)
        self._number = 0
        self._filled = 0

    def push(self, chunk: AudioChunk) -> tuple[Stretch, ...]:
        """Take a chunk that does not lie before the last one; what is missing between them is silence."""
        at = chunk.start_ms * SAMPLES_PER_MS
        samples = np.rint(np.clip(chunk.samples, -1.0, 1.0) * 32767.0).astype(np.int16)
        whole: list[Stretch] = []
        while len(samples):
            number, place = divmod(at, SEGMENT_SAMPLES)
            if number != self._number:
                whole += self._taken(SEGMENT_SAMPLES)
                self._number = number
            part = samples[: SEGMENT_SAMPLES - place]
            self._samples[place : place + len(part)] = part
            self._filled = place + len(part)
            at, samples = at + len(part), samples[len(part) :]
        return (*whole, *(self._taken(SEGMENT_SAMPLES) if self._filled == SEGMENT_SAMPLES else ()))

    def finish(self) -> tuple[Stretch, ...]:
        """What is left, up to its last sample."""
        return self._taken(self._filled)

    def _taken(self, length: int) -> tuple[Stretch, ...]:
        if not self._filled:
            return ()
        stretch = Stretch(number=self._number, samples=self._samples[:length].copy())
        self._samples[:] = 0
        self._filled = 0
        return (stretch,)


class AudioShelf:
    """What is kept of a tenant's calls, below `audio/<call>/<channel>/`; paths tell neither names nor ids.

    A file is `<number>-<milliseconds>.sealed`: the id of its key, a line end, and the sealed Opus file.
    """

    def __init__(self, folder: TenantFolder, keys: KeyStore) -> None:
        """Store in the tenant's folder, under the tenant's keys."""
        self._path = folder.audio
        self._tenant_id = folder.tenant_id
        self._keys = keys

    def write(self, call_id: CallId, channel: Channel, stretch: Stretch) -> None:
        """Encode, seal and store a segment; on the disk when this returns.

        Raises:
            OSError: the disk is full or failed.
            GraphError: the keys cannot be read.
        """
        segment = KeptSegment(number=stretch.number, length_ms=len(stretch.samples) // SAMPLES_PER_MS)
        key_id, key = self._keys.key_for(self._tenant_id, channel.person_id or "")
        sealed = seal(key, opus(stretch.samples), self._identity(call_id, channel.channel, segment))
        folder = self._folder(call_id, channel.channel)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f"{segment.number:06d}.fresh"
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(key_id.encode() + b"\n" + sealed)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(folder / f"{segment.number:06d}-{segment.length_ms}.sealed")
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def segments(self, call_id: CallId, channel: ChannelId) -> tuple[KeptSegment, ...]:
        """What can be read of a channel, in order."""
        found = sorted(self._folder(call_id, channel).glob("*.sealed"))
        return tuple(_segment(path) for path in found if self._keys.key(_key_id(path)) is not None)

    def read(self, call_id: CallId, channel: ChannelId, number: int) -> bytes | None:
        """A segment as an Ogg file; None when there is none, or its key is destroyed."""
        for path in self._folder(call_id, channel).glob(f"{number:06d}-*.sealed"):
            key_id, _, sealed = path.read_bytes().partition(b"\n")
            key = self._keys.key(key_id.decode())
            if key is None:
                continue
            try:
                return unseal(key, sealed, self._identity(call_id, channel, _segment(path)))
            except InvalidTag:
                log.error("kept audio does not open: it was changed", extra={"call_id": call_id})
        return None

    def remove(self, call_id: CallId, channel: ChannelId) -> None:
        """Delete everything that was kept of a channel.

        Raises:
            OSError: it cannot be deleted.
        """
        folder = self._folder(call_id, channel)
        if folder.is_dir():
            shutil.rmtree(folder)

    def sweep(self, agreed: Collection[tuple[CallId, ChannelId]]) -> None:
        """Delete what was kept of all channels but these, and files that were not finished."""
        wanted = {self._folder(call_id, channel) for call_id, channel in agreed}
        for folder in self._path.glob("*/*"):
            if folder not in wanted:
                shutil.rmtree(folder)
        for unfinished in self._path.glob("*/*/*.fresh"):
            unfinished.unlink(missing_ok=True)

    def _folder(self, call_id: CallId, channel: ChannelId) -> Path:
        return self._path / _digest(call_id) / _digest(f"{call_id}|{channel}")

    def _identity(self, call_id: CallId, channel: ChannelId, segment: KeptSegment) -> bytes:
        place = f"{len(call_id)}:{call_id}|{channel}|{segment.number}|{segment.length_ms}"
        return f"needgraph audio|{self._tenant_id}|{place}".encode()


class KeptCall:
    """A live call's audio on its way to the shelf. On the event loop; encoding and writing are the worker's.

    One worker serves all calls, so what is deleted after something was written is gone.
    """

    def __init__(
        self,
        shelf: AudioShelf,
        worker: "AudioWorker",
        started: CallStarted,
        trouble: Callable[[str | None], None],
    ) -> None:
        """`trouble` is told when audio cannot be stored, and with None when it can be again."""
        self._shelf = shelf
        self._worker = worker
        self._call_id = started.call_id
        self._channels = {one.channel: one for one in started.channels}
        self._segmenters: dict[ChannelId, Segmenter] = {}
        self._trouble = trouble
        self._failing = False

    def keep(self, channel: ChannelId, *, kept: bool) -> None:
        """Keep this channel from now on, or no longer; what waits for its segment is dropped then."""
        if not kept:
            self._segmenters.pop(channel, None)
        elif channel not in self._segmenters:
            self._segmenters[channel] = Segmenter()

    def push(self, chunk: AudioChunk) -> None:
        """Take a chunk of a channel; one that is not kept is passed over."""
        segmenter = self._segmenters.get(chunk.channel)
        if segmenter is not None:
            self._write(chunk.channel, segmenter.push(chunk))

    def finish(self) -> None:
        """The call is over: store what is left."""
        for channel, segmenter in self._segmenters.items():
            self._write(channel, segmenter.finish())
        self._segmenters.clear()

    def _write(self, channel: ChannelId, stretches: Iterable[Stretch]) -> None:
        for stretch in stretches:
            if self._worker.full:
                self._tell("the disk does not follow")
                continue
            work = partial(self._shelf.write, self._call_id, self._channels[channel], stretch)
            self._worker.submit(work).add_done_callback(self._written)

    def _written(self, written: asyncio.Future[None]) -> None:
        if written.cancelled():
            return
        error = written.exception()
        if error is None:
            self._tell(None)
            return
        log.error("audio could not be kept", exc_info=error, extra={"call_id": self._call_id})
        self._tell(error.strerror or "the disk failed" if isinstance(error, OSError) else "see the service's log")

    def _tell(self, reason: str | None) -> None:
        if self._failing != (reason is not None):
            self._failing = reason is not None
            self._trouble(reason)


class AudioWorker:
    """The one thread that encodes, writes and deletes kept audio, in order."""

    def __init__(self, executor: Executor) -> None:
        """`executor` has one thread."""
        self._executor = executor
        self._waiting = 0

    @property
    def full(self) -> bool:
        """Whether so much waits that no more is taken."""
        return self._waiting >= MOST_WAITING

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Queue work; on the event loop."""
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        future.add_done_callback(self._done)
        return future

    def later(self, work: Callable[[], None]) -> None:
        """Queue work that nobody waits for; from any thread."""
        self._executor.submit(work)

    def close(self) -> None:
        """Wait for all that was queued."""
        self._executor.shutdown()

    def _done(self, _: asyncio.Future[Any]) -> None:
        self._waiting -= 1


def _segment(path: Path) -> KeptSegment:
    number, length_ms = path.stem.split("-")
    return KeptSegment(number=int(number), length_ms=int(length_ms))


def _key_id(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(64).strip().decode()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:DIGEST_CHARS]
