"""Recordings through ingest and asr without a service: as fast as the machine decodes, on one thread."""

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
from ingest.pcm import Encoding
from ingest.vad import SileroSession, SileroVoice

Audio = npt.NDArray[np.float32]

CALL = (TenantId("replay"), CallId("replay"))
PACKET_MS = 100
TELEPHONE_HZ = 8_000
OFFICE_SNR_DB = 20.0
"""A headset in an open office: speech about 20 dB above the room."""


def transcribe(
    audio: bytes, audio_format: tuple[Encoding, int], decoder: Decoder, language: str | None
) -> tuple[Utterance, ...]:
    """Finals of one channel, by the same policy that runs live; partials are not decoded."""
    encoding, rate_hz = audio_format
    channel = Channel(channel=ChannelId("0"), role="customer", speaker="speaker")
    inlet = ChannelInlet(CALL, channel, audio_format, SileroVoice(SileroSession()), IngestConfig())
    transcriber = Transcriber(CALL, channel, AsrConfig(), language)
    sample_bytes = {"s16le": 2, "f32le": 4}.get(encoding, 1)
    packet = rate_hz * PACKET_MS // 1000
    utterances: list[Utterance] = []
    for at in range(0, len(audio) // sample_bytes, packet):
        payload = audio[at * sample_bytes : (at + packet) * sample_bytes]
        for out in inlet.push(payload, at):
            if isinstance(out, AudioChunk):
                utterances += _settle(transcriber, transcriber.push(out), decoder)
    for out in inlet.finish():
        if isinstance(out, AudioChunk):
            utterances += _settle(transcriber, transcriber.push(out), decoder)
    return (*utterances, *_settle(transcriber, transcriber.finish(), decoder))


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


def _settle(transcriber: Transcriber, outs: Iterable[Out], decoder: Decoder) -> list[Utterance]:
    utterances: list[Utterance] = []
    for out in outs:
        if isinstance(out, Utterance):
            utterances.append(out)
        elif isinstance(out, DecodeRequest):
            if out.final:
                utterances += _settle(transcriber, transcriber.accept(decoder.decode((out,))[0]), decoder)
            else:
                transcriber.dropped(out)
    return utterances
