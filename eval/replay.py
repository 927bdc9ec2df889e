"""Recordings through ingest and asr without a service: as fast as the machine decodes, on one thread."""

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import soxr

from asr.config import AsrConfig
from asr.decoder import Decoder, DecodeRequest
from asr.messages import Utterance
from asr.stream import Out, Transcriber
from ingest.channel import ChannelInlet
from ingest.config import IngestConfig
from ingest.messages import SAMPLE_RATE_HZ, AudioChunk, CallId, Channel, ChannelId, TenantId
from ingest.pcm import SAMPLE_BYTES, Encoding
from ingest.vad import SileroSession, SileroVoice

Audio = npt.NDArray[np.float32]

CALL = (TenantId("replay"), CallId("replay"))
PACKET_MS = 100
ANSWER_MS = 250
"""Audio that goes by until a request is answered; about what a window takes on a free core of the test machine."""
TELEPHONE_HZ = 8_000
OFFICE_SNR_DB = 20.0
"""A headset in an open office: speech about 20 dB above the room."""


class _SimulatedWorker:
    """Answers a transcriber's requests in order, each `ANSWER_MS` of audio after it was asked.

    So partials take part as they do live, and the same audio always gives the same words, however fast the machine is.
    """

    def __init__(self, transcriber: Transcriber, decoder: Decoder) -> None:
        self._transcriber = transcriber
        self._decoder = decoder
        self._waiting: deque[tuple[int, DecodeRequest]] = deque()
        self.utterances: list[Utterance] = []

    def push(self, chunk: AudioChunk) -> None:
        while self._waiting and self._waiting[0][0] <= chunk.end_ms:
            self._answer()
        self._take(self._transcriber.push(chunk), chunk.end_ms)

    def finish(self, now_ms: int) -> None:
        self._take(self._transcriber.finish(), now_ms)
        while self._waiting:
            self._answer()

    def _answer(self) -> None:
        due_ms, request = self._waiting.popleft()
        self._take(self._transcriber.accept(self._decoder.decode((request,))[0]), due_ms)

    def _take(self, outs: Iterable[Out], now_ms: int) -> None:
        for out in outs:
            if isinstance(out, DecodeRequest):
                self._waiting.append((now_ms + ANSWER_MS, out))
            elif isinstance(out, Utterance):
                self.utterances.append(out)


def transcribe(
    audio: bytes,
    audio_format: tuple[Encoding, int],
    decoder: Decoder,
    language: str | None,
    config: AsrConfig | None = None,
) -> tuple[Utterance, ...]:
    """Finals of one channel, by the same policy that runs live, partials decoded too.

    Args:
        audio: one channel as a client would send it.
        audio_format: its encoding and its rate in Hz.
        decoder: asked as the service asks it, one request at a time.
        language: ISO 639-1; None detects and locks it.
        config: of the policy; None is the default.
    """
    encoding, rate_hz = audio_format
    channel = Channel(channel=ChannelId("0"), role="customer", speaker="speaker")
    inlet = ChannelInlet(CALL, channel, audio_format, SileroVoice(SileroSession()), IngestConfig())
    worker = _SimulatedWorker(Transcriber(CALL, channel, config or AsrConfig(), language), decoder)
    sample_bytes = SAMPLE_BYTES[encoding]
    packet = rate_hz * PACKET_MS // 1000
    for at in range(0, len(audio) // sample_bytes, packet):
        for out in inlet.push(audio[at * sample_bytes : (at + packet) * sample_bytes], at):
            if isinstance(out, AudioChunk):
                worker.push(out)
    for out in inlet.finish():
        if isinstance(out, AudioChunk):
            worker.push(out)
    worker.finish(inlet.position_ms)
    return tuple(worker.utterances)


def telephone(channels: Sequence[Audio], seed: int = 7) -> tuple[bytes, ...]:
    """The same call over a telephone in an office: 8 kHz mu-law with babble, hiss and hum at 20 dB.

    The babble is the call itself, shifted and laid over itself, so no other recording is needed.
    """
    noise = _office(channels, np.random.default_rng(seed))
    return tuple(_mulaw(_resample(channel) + noise[: len(_resample(channel))]) for channel in channels)


def _office(channels: Sequence[Audio], random: np.random.Generator) -> Audio:
    mixed = _resample(np.sum(np.stack(list(channels)), axis=0).astype(np.float32))
    babble = np.sum([np.roll(mixed, int(random.integers(len(mixed)))) for _ in range(6)], axis=0)
    hiss = random.standard_normal(len(mixed))
    hum = np.sin(2 * np.pi * 100.0 * np.arange(len(mixed)) / TELEPHONE_HZ)
    speech_level = float(np.sqrt(np.mean(np.square(mixed[np.abs(mixed) > 0.01]))))
    room = babble / np.std(babble) + 0.5 * hiss + 0.1 * hum
    return (room / np.std(room) * speech_level * 10 ** (-OFFICE_SNR_DB / 20)).astype(np.float32)


def _resample(samples: Audio) -> Audio:
    return soxr.resample(samples, SAMPLE_RATE_HZ, TELEPHONE_HZ)


def _mulaw(samples: Audio) -> bytes:
    """G.711 mu-law by its definition: sign, three bits of segment, four of mantissa, all inverted."""
    pcm = np.clip(samples * 32767.0, -32635, 32635).astype(np.int32)
    magnitude = np.abs(pcm) + 132
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (segment + 3)) & 0x0F
    sign = np.where(pcm < 0, 0x80, 0)
    return (~(sign | (segment << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes()
