from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.channel import ChannelInlet, ChannelOut
from ingest.config import IngestConfig, VadConfig
from ingest.errors import IngestError, MalformedFrameError
from ingest.messages import AudioChunk, CallId, Channel, ChannelId, SpeechEnded, SpeechStarted, TenantId
from ingest.pcm import Encoding
from ingest.vad import FRAME_MS, FRAME_SAMPLES, SileroSession, SileroVoice, VoiceModel
from tests.fakes import LevelVoice
from tests.ingest.demo_call import between, turns

CALL = (TenantId("acme"), CallId("c1"))
PRIYA = Channel(channel=ChannelId("priya"), role="customer", speaker="Priya")
SILERO = SileroSession()


def inlet(
    encoding: Encoding = "s16le", rate_hz: int = 16_000, voice: VoiceModel | None = None, max_gap_ms: int = 60_000
) -> ChannelInlet:
    return ChannelInlet(CALL, PRIYA, (encoding, rate_hz), voice or LevelVoice(), IngestConfig(max_gap_ms=max_gap_ms))


def s16le(samples: npt.NDArray[np.float32]) -> bytes:
    return (samples * 32_767).astype("<i2").tobytes()


def voiced(ms: int) -> bytes:
    return s16le(np.full(ms * 16, 0.25, dtype=np.float32))


def silent(ms: int) -> bytes:
    return bytes(ms * 32)


def audio_of(outs: tuple[ChannelOut, ...]) -> npt.NDArray[np.float32]:
    chunks = [out.samples for out in outs if isinstance(out, AudioChunk)]
    return np.concatenate(chunks) if chunks else np.zeros(0, dtype=np.float32)


def edges(outs: tuple[ChannelOut, ...]) -> list[SpeechStarted | SpeechEnded]:
    return [out for out in outs if not isinstance(out, AudioChunk)]


def comparable(outs: tuple[ChannelOut, ...]) -> list[object]:
    """`AudioChunk` compares by identity, because of its array."""
    return [(out.start_ms, out.speech, out.samples.tobytes()) if isinstance(out, AudioChunk) else out for out in outs]


def test_chunks_are_32_ms_in_order_on_the_clock() -> None:
    one = inlet()
    outs = one.push(voiced(100), 0)
    chunks = [out for out in outs if isinstance(out, AudioChunk)]
    assert [(chunk.start_ms, chunk.end_ms, len(chunk.samples)) for chunk in chunks] == [
        (0, 32, 512),
        (32, 64, 512),
        (64, 96, 512),
    ]
    assert {(chunk.tenant_id, chunk.call_id, chunk.channel) for chunk in chunks} == {(*CALL, "priya")}
    assert one.samples_taken == 1_600
    assert one.position_ms == 96


def test_speech_edges_lie_where_the_voice_was() -> None:
    one = inlet()
    outs = one.push(silent(320) + voiced(640) + silent(320), 0)
    started, ended = edges(outs)
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, SpeechEnded)
    assert (started.start_ms, ended.start_ms, ended.end_ms) == (320, 320, 960)
    speech_ms = [out.start_ms for out in outs if isinstance(out, AudioChunk) and out.speech]
    assert (speech_ms[0], speech_ms[-1]) == (352, 992)


def test_an_edge_comes_before_the_chunk_that_shows_it() -> None:
    outs = inlet().push(silent(64) + voiced(320) + silent(320), 0)
    for before, after in pairwise(outs):
        if not isinstance(before, AudioChunk):
            assert isinstance(after, AudioChunk)
            assert after.speech == isinstance(before, SpeechStarted)


def test_a_click_is_no_speech() -> None:
    outs = inlet().push(silent(320) + voiced(32) + silent(320), 0)
    assert edges(outs) == []
    assert not any(out.speech for out in outs if isinstance(out, AudioChunk))


def test_a_gap_becomes_silence() -> None:
    one = inlet()
    first, second = one.push(voiced(320), 0), one.push(voiced(320), 10_240)
    assert [type(edge) for edge in edges(first + second)] == [SpeechStarted, SpeechEnded, SpeechStarted]
    audio = audio_of(first + second)
    assert len(audio) == 15_360
    assert not audio[5_120:10_240].any()
    assert audio[10_240:].all()


def test_what_comes_twice_or_late_is_taken_once() -> None:
    whole = s16le(np.linspace(-1, 1, 4_096, dtype=np.float32))
    straight, stumbling = inlet(), inlet()
    outs: tuple[ChannelOut, ...] = ()
    for start, end in ((0, 1_024), (0, 1_024), (512, 2_048), (100, 200), (2_048, 4_096), (0, 4_096)):
        outs += stumbling.push(whole[2 * start : 2 * end], start)
    assert comparable(outs) == comparable(straight.push(whole, 0))
    assert stumbling.samples_taken == 4_096


def test_a_refused_packet_changes_nothing() -> None:
    one = inlet("f32le", max_gap_ms=1_000)
    with pytest.raises(MalformedFrameError):
        one.push(np.array([np.nan], dtype="<f4").tobytes(), 0)
    with pytest.raises(MalformedFrameError):
        one.push(b"\0" * 4, 16_016)
    with pytest.raises(MalformedFrameError):
        one.push(b"\0" * 5, 0)
    assert (one.samples_taken, one.position_ms) == (0, 0)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
def test_finish_gives_the_rest_and_closes_open_speech(rate_hz: int) -> None:
    one = inlet(rate_hz=rate_hz)
    payload = s16le(0.25 * np.ones(rate_hz // 2, dtype=np.float32))
    outs = one.push(payload, 0) + one.finish()
    assert [type(edge) for edge in edges(outs)] == [SpeechStarted, SpeechEnded]
    assert one.position_ms == 512
    audio = audio_of(outs)
    assert len(audio) == 16 * FRAME_SAMPLES
    assert np.abs(audio[7_500:7_900]).min() > 0.2
    assert np.abs(audio[8_010:]).max() < 0.01


def test_finish_of_silence_and_of_nothing() -> None:
    assert inlet().finish() == ()
    one = inlet()
    one.push(silent(64), 0)
    assert one.finish() == ()


def test_the_threshold_is_the_configs() -> None:
    strict = IngestConfig(vad=VadConfig(start_ms=320))
    one = ChannelInlet(CALL, PRIYA, ("s16le", 16_000), LevelVoice(), strict)
    assert edges(one.push(voiced(288) + silent(320), 0)) == []
    assert [edge.start_ms for edge in edges(one.push(voiced(320), 9_728))] == [608]


def test_a_turn_of_the_demo_call_is_speech_from_its_begin_to_its_end() -> None:
    turn = turns()[5]
    one = inlet(voice=SileroVoice(SILERO))
    outs = one.push(s16le(between("priya", turn.start_ms - 992, turn.end_ms + 992)), 0) + one.finish()
    first, last = edges(outs)[0], edges(outs)[-1]
    assert isinstance(last, SpeechEnded)
    assert abs(first.start_ms - 992) < 150
    assert abs(last.end_ms - (992 + turn.end_ms - turn.start_ms)) < 150


FORMATS: list[tuple[Encoding, int]] = [("s16le", 16_000), ("f32le", 44_100), ("mulaw", 8_000), ("s16le", 48_000)]


@cache
def spoken(encoding: Encoding) -> bytes:
    """A word, a pause and a word; at any rate, for only the borders matter here."""
    pause = np.zeros(6_000, dtype=np.float32)
    word = between("priya", turns()[5].start_ms - 200, turns()[5].start_ms + 900)
    samples = np.concatenate([word, pause, word, pause])
    if encoding == "f32le":
        return samples.astype("<f4").tobytes()
    return s16le(samples) if encoding == "s16le" else (samples * 127).astype(np.int8).tobytes()


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.integers(0, 47_000), st.integers(0, 300)), max_size=15),
)
def test_however_packets_are_cut_the_chunks_are_the_same(
    audio_format: tuple[Encoding, int], cuts: list[tuple[int, int]]
) -> None:
    """Each cut is a border, and how many samples the sender repeats before it."""
    encoding, rate_hz = audio_format
    size = {"s16le": 2, "f32le": 4, "mulaw": 1, "alaw": 1}[encoding]
    payload = spoken(encoding)
    total = len(payload) // size
    straight, cut = (inlet(encoding, rate_hz, SileroVoice(SILERO)) for _ in range(2))
    expected = straight.push(payload, 0) + straight.finish()
    outs: tuple[ChannelOut, ...] = ()
    borders = sorted((min(at, total), back) for at, back in cuts)
    for (at, back), (end, _) in pairwise([(0, 0), *borders, (total, 0)]):
        start = max(0, at - back)
        outs += cut.push(payload[start * size : end * size], start)
    outs += cut.finish()
    assert comparable(outs) == comparable(expected)
    assert cut.samples_taken == total
    if rate_hz == 16_000:
        assert len(edges(outs)) >= 4


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["s16le", "f32le", "mulaw", "alaw"]),
    st.sampled_from([8_000, 16_000, 44_100]),
    st.lists(
        st.tuples(st.binary(max_size=40).map(lambda part: part * 12), st.integers(0, 9_000) | st.integers()), max_size=8
    ),
)
def test_any_packets_raise_nothing_but_ingest_errors_and_keep_the_clock(
    encoding: Encoding, rate_hz: int, packets: list[tuple[bytes, int]]
) -> None:
    one = inlet(encoding, rate_hz, max_gap_ms=500)
    outs: tuple[ChannelOut, ...] = ()
    for payload, start_sample in packets:
        try:
            outs += one.push(payload, max(0, start_sample))
        except IngestError:
            continue
    outs += one.finish()
    starts = [out.start_ms for out in outs if isinstance(out, AudioChunk)]
    assert starts == [at * FRAME_MS for at in range(len(starts))]
    assert abs(one.position_ms - one.samples_taken * 1_000 / rate_hz) <= FRAME_MS + 1
    kinds = [type(edge) for edge in edges(outs)]
    assert kinds == [SpeechStarted, SpeechEnded] * (len(kinds) // 2)
