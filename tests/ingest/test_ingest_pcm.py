from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import MalformedFrameError, UnknownEncodingError
from ingest.pcm import Encoding, Resampler, check_format, decode

EVERY_BYTE = bytes(range(256))
NOTHING = np.zeros(0, dtype=np.float32)


def mulaw_by_g711(code: int) -> int:
    """ITU-T G.711, table 2: 14 bits, here as 16."""
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << (code >> 4 & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def alaw_by_g711(code: int) -> int:
    """ITU-T G.711, table 1: 13 bits, here as 16; even bits are inverted on the line."""
    code ^= 0x55
    segment, mantissa = code >> 4 & 7, (code & 0x0F) << 4
    magnitude = mantissa + 8 if segment == 0 else (mantissa + 0x108) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


def test_mulaw_is_the_standards_table() -> None:
    assert (decode(EVERY_BYTE, "mulaw") * 32_768).tolist() == [mulaw_by_g711(code) for code in EVERY_BYTE]


def test_alaw_is_the_standards_table() -> None:
    assert (decode(EVERY_BYTE, "alaw") * 32_768).tolist() == [alaw_by_g711(code) for code in EVERY_BYTE]


def test_s16le() -> None:
    samples = decode(b"\x00\x00\xff\x7f\x00\x80\x00\x40", "s16le")
    assert samples.tolist() == [0.0, 32_767 / 32_768, -1.0, 0.5]


def test_f32le_is_kept_and_clipped() -> None:
    sent = np.array([0.0, -0.25, 1.0, 1.5, -3e38, 1e-40], dtype="<f4")
    assert decode(sent.tobytes(), "f32le").tolist() == [0.0, -0.25, 1.0, 1.0, -1.0, float(sent[5])]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers(value: float) -> None:
    with pytest.raises(MalformedFrameError, match="no numbers"):
        decode(np.array([0.0, value], dtype="<f4").tobytes(), "f32le")


@pytest.mark.parametrize(("encoding", "length"), [("s16le", 1), ("s16le", 3), ("f32le", 2), ("f32le", 5)])
def test_half_a_sample(encoding: Encoding, length: int) -> None:
    with pytest.raises(MalformedFrameError, match="no whole"):
        decode(b"\0" * length, encoding)


@pytest.mark.parametrize("encoding", ["s16le", "f32le", "mulaw", "alaw"])
def test_no_bytes_are_no_samples(encoding: Encoding) -> None:
    assert decode(b"", encoding).shape == (0,)


@given(st.binary(max_size=64).map(lambda payload: payload * 4), st.sampled_from(["s16le", "f32le", "mulaw", "alaw"]))
def test_whatever_is_decoded_is_finite_float32_within_one(payload: bytes, encoding: Encoding) -> None:
    try:
        samples = decode(payload, encoding)
    except MalformedFrameError:
        assert encoding == "f32le"
        return
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert (np.abs(samples) <= 1.0).all()


@pytest.mark.parametrize(
    ("encoding", "rate_hz"), [("s16le", 8_000), ("f32le", 48_000), ("mulaw", 8_000), ("alaw", 16_000)]
)
def test_formats_spoken_here(encoding: str, rate_hz: int) -> None:
    assert check_format(encoding, rate_hz) == encoding


@pytest.mark.parametrize(("encoding", "rate_hz"), [("opus", 16_000), ("", 16_000), ("s16le", 7_999), ("s16le", 96_000)])
def test_formats_not_spoken_here(encoding: str, rate_hz: int) -> None:
    with pytest.raises(UnknownEncodingError):
        check_format(encoding, rate_hz)


def resampled(samples: npt.NDArray[np.float32], rate_hz: int, cuts: tuple[int, ...] = ()) -> npt.NDArray[np.float32]:
    resampler = Resampler(rate_hz)
    borders = [0, *sorted(cut % (len(samples) + 1) for cut in cuts), len(samples)]
    parts = [resampler.push(samples[start:end]) for start, end in pairwise(borders)]
    return np.concatenate([*parts, resampler.push(NOTHING, last=True)])


def tone(rate_hz: int, seconds: float) -> npt.NDArray[np.float32]:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate_hz * seconds)) / rate_hz)).astype(np.float32)


RATES_HZ = [8_000, 16_000, 24_000, 44_100, 48_000]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("seconds", [0.25, 3.0])
def test_resampling_keeps_duration_pitch_and_level(rate_hz: int, seconds: float) -> None:
    samples = resampled(tone(rate_hz, seconds), rate_hz)
    assert samples.dtype == np.float32
    assert abs(len(samples) - 16_000 * seconds) <= 1
    inner = slice(800, len(samples) - 800)
    assert np.abs(samples - tone(16_000, seconds + 0.1)[: len(samples)])[inner].max() < 0.005


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=12).map(tuple))
def test_packet_borders_change_nothing(rate_hz: int, cuts: tuple[int, ...]) -> None:
    samples = np.random.default_rng(7).uniform(-0.5, 0.5, rate_hz // 5).astype(np.float32)
    assert np.array_equal(resampled(samples, rate_hz, cuts), resampled(samples, rate_hz))
