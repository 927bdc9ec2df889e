"""One channel heard twice: by the streaming policy as a live call, and by the same model offline."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from asr.config import AsrConfig
from asr.messages import Utterance
from eval.bench.alignment import HeardWord
from eval.bench.material import Audio
from eval.client import to_s16le
from eval.replay import TELEPHONE_HZ, transcribe
from ingest.messages import SAMPLE_RATE_HZ
from ingest.pcm import SAMPLE_BYTES, Encoding, Resampler, decode

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A channel as a client sends it: bytes, their encoding, their rate in Hz."""

    payload: bytes
    encoding: Encoding
    rate_hz: int

    @property
    def bytes_a_second(self) -> int:
        """How many bytes hold one second."""
        return self.rate_hz * SAMPLE_BYTES[self.encoding]

    def samples(self) -> Audio:
        """What the bytes hold. Shape: (n,), float32, 16 kHz."""
        return Resampler(self.rate_hz).push(decode(self.payload, self.encoding), last=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Words of one channel by both ways, with the processor seconds that each took."""

    finals: tuple[Utterance, ...]
    offline: str
    streaming_cpu_s: float
    offline_cpu_s: float

    @property
    def streaming(self) -> str:
        """Text of all finals."""
        return " ".join(one.text for one in self.finals)

    @property
    def words(self) -> list[HeardWord]:
        """Words of all finals with their times."""
        return [
            HeardWord(final=final, place=place, text=word.text, start_ms=word.start_ms, end_ms=word.end_ms)
            for final, utterance in enumerate(self.finals)
            for place, word in enumerate(utterance.words)
        ]


def studio(samples: Audio) -> Sound:
    """16 kHz, 16 bits."""
    return Sound(payload=to_s16le(samples), encoding="s16le", rate_hz=SAMPLE_RATE_HZ)


def by_telephone(payload: bytes) -> Sound:
    """8 kHz mu-law."""
    return Sound(payload=payload, encoding="mulaw", rate_hz=TELEPHONE_HZ)


class Listener:
    """Both models, loaded once."""

    def __init__(self, models_dir: Path, config: AsrConfig) -> None:
        """Load them.

        Raises:
            MissingModelError: the weights are not there.
        """
        from asr.offline import OfflineWhisper
        from asr.whisper import WhisperDecoder

        self._config = config
        self._decoder = WhisperDecoder(models_dir, config)
        self._offline = OfflineWhisper(models_dir, config)

    def hear(self, sound: Sound, language: str | None) -> Heard:
        """Both transcripts of one channel."""
        finals, streaming_cpu_s = _timed(
            lambda: transcribe(
                sound.payload, (sound.encoding, sound.rate_hz), self._decoder, language, config=self._config
            )
        )
        offline, offline_cpu_s = _timed(lambda: self._offline.text(sound.samples(), language))
        return Heard(finals=finals, offline=offline, streaming_cpu_s=streaming_cpu_s, offline_cpu_s=offline_cpu_s)


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    began = time.process_time()
    found = work()
    return found, time.process_time() - began
