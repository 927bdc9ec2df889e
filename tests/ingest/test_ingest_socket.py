import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.config import IngestConfig
from ingest.errors import (
    FrameTooLargeError,
    IngestError,
    MalformedFrameError,
    NotStartedError,
    UnknownChannelError,
    UnknownEncodingError,
)
from ingest.socket import AudioFrame, CallIntake, End, Flush, Start, StartChannel, audio_frame

DANA: dict[str, Any] = {"channel": "dana", "role": "rep", "speaker": "Dana"}
PRIYA: dict[str, Any] = {"channel": "priya", "role": "customer", "speaker": "Priya"}
START: dict[str, Any] = {"type": "start", "channels": [DANA, PRIYA], "encoding": "s16le", "sample_rate_hz": 16_000}


def begun(**fields: Any) -> CallIntake:
    intake = CallIntake(IngestConfig())
    intake.receive_text(json.dumps(START | fields))
    return intake


def test_start_names_the_format_and_the_channels() -> None:
    intake = begun(call_id="c-1", account="Norvik", language="auto", encoding="mulaw", sample_rate_hz=8_000)
    assert intake.start == Start(
        call_id="c-1",
        account="Norvik",
        language="auto",
        channels=(
            StartChannel(channel="dana", role="rep", speaker="Dana"),
            StartChannel(channel="priya", role="customer", speaker="Priya"),
        ),
        encoding="mulaw",
        sample_rate_hz=8_000,
    )
    assert intake.audio_format == ("mulaw", 8_000)


def test_what_a_client_writes_is_what_the_service_reads() -> None:
    intake = CallIntake(IngestConfig())
    start = Start(
        channels=(StartChannel(channel="a", role="rep", speaker="Jonas"),), encoding="alaw", sample_rate_hz=8_000
    )
    assert intake.receive_text(start.model_dump_json()) == start
    assert intake.receive_text(Flush().model_dump_json()) == Flush()
    assert intake.receive_text(End().model_dump_json()) == End()


@given(st.integers(0, 1), st.integers(0, 2**64 - 1), st.binary(max_size=64))
def test_an_audio_frame_survives_the_wire(number: int, start_sample: int, samples: bytes) -> None:
    payload = samples * 2
    frame = begun().receive_bytes(audio_frame(number, start_sample, payload))
    assert frame == AudioFrame(channel=("dana", "priya")[number], start_sample=start_sample, payload=payload)


def test_the_header_is_as_documented() -> None:
    assert audio_frame(1, 2, b"ab") == b"\x01\0\0\0\x02\0\0\0\0\0\0\0ab"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"start"',
        "\ufeff{}",
        "{}",
        '{"type": "begin"}',
        '{"type": ["end"]}',
        '{"type": "end", "now": true}',
        "9" * 5_000,
        "[" * 60_000,
        '{"type": "start", "channels": ' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=lambda text: text[:24],
)
def test_text_that_is_no_frame(text: str) -> None:
    with pytest.raises(MalformedFrameError):
        CallIntake(IngestConfig()).receive_text(text)


@pytest.mark.parametrize(
    "change",
    [
        {"channels": []},
        {"channels": [DANA, DANA]},
        {"channels": [DANA | {"role": "boss"}]},
        {"channels": [DANA | {"channel": ""}]},
        {"channels": [DANA | {"channel": "x" * 65}]},
        {"channels": [DANA | {"speaker": ""}]},
        {"channels": [DANA | {"volume": 3}]},
        {"call_id": "a b"},
        {"call_id": "../up"},
        {"call_id": "c\n"},
        {"call_id": ""},
        {"account": "x" * 201},
        {"account": "\ud800"},
        {"language": "english"},
        {"language": "EN"},
        {"encoding": None},
        {"sample_rate_hz": "many"},
        {"sample_rate_hz": float("nan")},
        {"sample_rate_hz": float("inf")},
        {"colour": "red"},
        {"\ud800": 1},
    ],
    ids=str,
)
def test_a_start_that_does_not_hold(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedFrameError):
        begun(**change)


def test_the_error_says_where() -> None:
    with pytest.raises(MalformedFrameError, match=r"^start\.channels\.1\.role: "):
        begun(channels=[DANA, PRIYA | {"role": "boss"}])
    with pytest.raises(MalformedFrameError, match="not JSON at character 8"):
        CallIntake(IngestConfig()).receive_text('{"type":}')


@pytest.mark.parametrize(
    "change",
    [
        {"encoding": "opus"},
        {"encoding": "S16LE"},
        {"encoding": "\ud800"},
        {"sample_rate_hz": 7_999},
        {"sample_rate_hz": 48_001},
        {"sample_rate_hz": -1},
        {"sample_rate_hz": 10**400},
    ],
    ids=lambda change: str(change)[:40],
)
def test_a_format_that_is_not_spoken_here(change: dict[str, Any]) -> None:
    with pytest.raises(UnknownEncodingError) as raised:
        begun(**change)
    assert raised.value.code == "unknown_encoding"
    # The message goes out as UTF-8.
    assert str(raised.value).encode()


def test_too_many_channels() -> None:
    many = [DANA | {"channel": f"c{number}"} for number in range(9)]
    with pytest.raises(UnknownChannelError, match="at most 8"):
        begun(channels=many)
    assert len(begun(channels=many[:8]).start.channels) == 8


def test_nothing_comes_before_start() -> None:
    intake = CallIntake(IngestConfig())
    for early in (Flush(), End()):
        with pytest.raises(NotStartedError, match="before `start`"):
            intake.receive_text(early.model_dump_json())
    with pytest.raises(NotStartedError):
        intake.receive_bytes(audio_frame(0, 0, b""))
    with pytest.raises(NotStartedError):
        _ = intake.audio_format


def test_a_second_start_is_refused_and_the_first_holds() -> None:
    intake = begun()
    with pytest.raises(NotStartedError, match="second `start`"):
        intake.receive_text(json.dumps(START | {"encoding": "mulaw"}))
    assert intake.audio_format == ("s16le", 16_000)


@pytest.mark.parametrize("change", [{"encoding": "opus"}, {"sample_rate_hz": 1}, {"channels": [DANA, DANA]}])
def test_a_refused_start_starts_nothing(change: dict[str, Any]) -> None:
    intake = CallIntake(IngestConfig())
    with pytest.raises(IngestError):
        intake.receive_text(json.dumps(START | change))
    with pytest.raises(NotStartedError):
        _ = intake.start


def test_a_channel_that_start_did_not_name() -> None:
    with pytest.raises(UnknownChannelError, match="channel 2"):
        begun().receive_bytes(audio_frame(2, 0, b""))


def test_sizes_are_checked_before_reading() -> None:
    config = IngestConfig(max_frame_bytes=112, max_text_bytes=300)
    intake = CallIntake(config)
    with pytest.raises(FrameTooLargeError):
        intake.receive_text("[" * 301)
    intake.receive_text(json.dumps(START))
    assert len(intake.receive_bytes(audio_frame(0, 0, b"\0" * 100)).payload) == 100
    with pytest.raises(FrameTooLargeError):
        intake.receive_bytes(audio_frame(99, 0, b"\0" * 101))


@pytest.mark.parametrize("length", [0, 1, 11])
def test_a_frame_shorter_than_its_header(length: int) -> None:
    with pytest.raises(MalformedFrameError, match="shorter than its header"):
        begun().receive_bytes(b"\0" * length)


@pytest.mark.parametrize(("encoding", "length"), [("s16le", 3), ("f32le", 6)])
def test_half_a_sample(encoding: str, length: int) -> None:
    with pytest.raises(MalformedFrameError, match="no whole"):
        begun(encoding=encoding).receive_bytes(audio_frame(0, 0, b"\0" * length))


def test_every_error_has_a_code_and_a_close_code_of_its_own() -> None:
    classes = [MalformedFrameError, NotStartedError, UnknownChannelError, UnknownEncodingError, FrameTooLargeError]
    assert len({one.code for one in classes}) == len({one.close_code for one in classes}) == len(classes)
    assert all(4000 <= one.close_code <= 4999 and not one.retryable for one in classes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CHANGED_STARTS = st.builds(
    lambda key, value: START | {key: value},
    st.sampled_from([*START, "call_id", "account", "language"]) | st.text(max_size=5),
    JSON | st.lists(st.sampled_from([DANA, PRIYA]), max_size=3) | st.sampled_from(["f32le", "mulaw", 44_100]),
)
TEXTS = (
    st.text(max_size=40)
    | st.text(st.characters(), max_size=10)
    | JSON.map(json.dumps)
    | CHANGED_STARTS.map(json.dumps)
    | st.sampled_from([json.dumps(START), '{"type":"flush"}', '{"type":"end"}'])
)
BINARIES = st.binary(max_size=40) | st.builds(
    lambda number, at, payload: struct.pack("<BxxxQ", number, at) + payload,
    st.integers(0, 3),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=16),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(TEXTS | BINARIES, max_size=6))
def test_any_frames_in_any_order_raise_nothing_but_ingest_errors(frames: list[str | bytes]) -> None:
    intake = CallIntake(IngestConfig())
    starts = 0
    for frame in frames:
        try:
            if isinstance(frame, str):
                starts += isinstance(intake.receive_text(frame), Start)
            else:
                audio = intake.receive_bytes(frame)
                assert audio.channel in {one.channel for one in intake.start.channels}
        except IngestError as error:
            # It is sent to the client.
            assert str(error).encode()
    assert starts <= 1
