"""What a decoder is asked and what it answers; `whisper.py` is the real one."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from asr.messages import UtteranceId, Word
from ingest.messages import CallId, ChannelId


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodeRequest:
    """Audio of one open utterance to be turned into words.

    final: False asks for a partial, which may be dropped or replaced by a newer one of the channel.
    samples: Shape: (n,), float32, 16 kHz, at most 28 s; the first lies at `start_ms` of the call.
    language: None asks the decoder to detect it.
    """

    call_id: CallId
    channel: ChannelId
    utterance_id: UtteranceId
    number: int
    final: bool
    start_ms: int
    samples: npt.NDArray[np.float32]
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """A request is no longer wanted; one that is being decoded already may still be answered."""

    call_id: CallId
    channel: ChannelId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """Words for one request, on the call's clock; no words when nothing was said.

    language_probability: of the detection, None when the language was given or there was nothing to detect it in.
    """

    call_id: CallId
    channel: ChannelId
    utterance_id: UtteranceId
    number: int
    final: bool
    text: str
    words: tuple[Word, ...]
    language: str
    language_probability: float | None = None


class Decoder(Protocol):
    """Turns requests into hypotheses; called from worker threads, so it must be safe to call from several."""

    @property
    def languages(self) -> Collection[str]:
        """Codes of the languages it knows; a request in another one fails."""
        ...

    def batch_key(self, request: DecodeRequest) -> Hashable:
        """Requests of equal keys may be decoded in one batch."""
        ...

    def decode(self, requests: Sequence[DecodeRequest]) -> tuple[Hypothesis, ...]:
        """One hypothesis for each request, in order; all of them have one `batch_key`.

        Raises:
            DecodeFailedError: at least one of them could not be decoded; alone, the others may be.
        """
        ...
