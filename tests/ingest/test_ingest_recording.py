import struct
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from ingest.errors import UnreadableRecordingError
from ingest.recording import read_recording
from tests.ingest.demo_call import CHANNELS, RECORDING, between, recording, turns

PCM, UNHEARD_OF = 1, 0x1234


def wav(samples: npt.NDArray[np.int16], rate_hz: int = 16_000, codec: int = PCM) -> bytes:
    """RIFF by hand. Shape: (n, channels)."""
    channels = samples.shape[1]
    fmt = struct.pack("<HHIIHH", codec, channels, rate_hz, rate_hz * channels * 2, channels * 2, 16)
    payload = samples.tobytes()
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", len(body)) + body


def aac(path: Path, rate_hz: int, layout: str) -> bytes:
    with av.open(str(path), "w", format="adts") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * rate_hz), dtype=np.int16), format="s16", layout="stereo")
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate_hz, frame_size=1_024)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(part))
    return path.read_bytes()


def test_the_demo_call_has_three_channels() -> None:
    channels = recording()
    assert tuple(channels) == CHANNELS
    last_ms = max(turn.end_ms for turn in turns().values())
    for samples in channels.values():
        assert samples.dtype == np.float32
        assert samples.ndim == 1
        assert samples.flags.c_contiguous
        assert last_ms <= len(samples) / 16 <= last_ms + 5_000


def test_each_speaker_is_on_a_channel_of_their_own() -> None:
    for number in (1, 2, 3):
        turn = turns()[number]
        level = {name: np.abs(between(name, turn.start_ms, turn.end_ms)).mean() for name in CHANNELS}
        assert max(level, key=lambda name: level[name]) == turn.channel


@pytest.mark.parametrize("channels", [1, 2, 5, 8, 16, 32])
@pytest.mark.parametrize("rate_hz", [16_000, 8_000, 44_100])
def test_channels_are_kept_apart_and_resampled(tmp_path: Path, channels: int, rate_hz: int) -> None:
    path = tmp_path / "call.wav"
    levels = (np.arange(channels, dtype=np.int16) + 1) * 1_000
    path.write_bytes(wav(np.tile(levels, (rate_hz, 1)), rate_hz))
    found = read_recording(path)
    assert len(found) == channels
    for samples, level in zip(found, levels, strict=True):
        assert abs(len(samples) - 16_000) <= 1
        assert np.allclose(samples[1_000:15_000], level / 32_768, atol=1e-3)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.wav", tmp_path):
        with pytest.raises(UnreadableRecordingError, match="no such file"):
            read_recording(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"no audio at all, only words. " * 50, b'{"type": "start"}', RECORDING.read_bytes()[:60]],
    ids=["empty", "text", "json", "cut in its header"],
)
def test_a_file_that_is_no_recording(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "call.ogg"
    path.write_bytes(content)
    with pytest.raises(UnreadableRecordingError, match=r"call\.ogg"):
        read_recording(path)


def test_a_file_without_audio(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10, width=64, height=64, pix_fmt="yuv420p")
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), dtype=np.uint8))))
        container.mux(stream.encode(None))
    with pytest.raises(UnreadableRecordingError, match="no audio"):
        read_recording(path)


def test_a_file_without_samples(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(wav(np.zeros((0, 1), dtype=np.int16)))
    with pytest.raises(UnreadableRecordingError, match="no samples"):
        read_recording(path)


def test_a_codec_nobody_knows(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(wav(np.ones((1_600, 1), dtype=np.int16), codec=UNHEARD_OF))
    with pytest.raises(UnreadableRecordingError, match="codec"):
        read_recording(path)


def test_a_recording_that_changes_midway(tmp_path: Path) -> None:
    path = tmp_path / "call.aac"
    path.write_bytes(aac(tmp_path / "a.aac", 16_000, "mono") + aac(tmp_path / "b.aac", 48_000, "stereo"))
    with pytest.raises(UnreadableRecordingError, match="midway"):
        read_recording(path)


def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "call.ogg"
    path.write_bytes(RECORDING.read_bytes()[:200_000])
    found = read_recording(path)
    assert len(found) == 3
    assert np.array_equal(found[1][:160_000], recording()["priya"][:160_000])
