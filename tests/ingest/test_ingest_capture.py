"""Capture health on the demo call: a healthy one is left in peace, and each fault is found within five seconds."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.capture_faults import Clipping, Delay, Frame, Silence
from ingest.capture_health import CaptureHealth
from ingest.messages import SAMPLE_RATE_HZ, AudioChunk, CaptureFault, CaptureProblem, ChannelId
from ingest.vad import FRAME_MS, FRAME_SAMPLES
from tests.ingest.capture_calls import CALL, CHANNELS, FAULT_MS, TENANT, flags, heard
from tests.ingest.demo_call import recording

Audio = npt.NDArray[np.float32]

FAULT = slice(FAULT_MS * SAMPLE_RATE_HZ // 1000, None)
WITHIN_MS = 5_000


def spoilt(channel: str, samples: Audio) -> dict[str, Audio]:
    """The channel as recorded up to the fault, and these samples from there on."""
    return {channel: np.concatenate([recording()[channel][: FAULT.start], samples[FAULT]]).astype(np.float32)}


def delayed(samples: Audio, by_ms: int) -> Audio:
    return np.concatenate([np.zeros(by_ms * SAMPLE_RATE_HZ // 1000, dtype=np.float32), samples])[: len(samples)]


def only(found: list[tuple[int, CaptureProblem]]) -> tuple[int, CaptureProblem]:
    """The one problem that was said, and that it did not end."""
    assert len(found) == 1, found
    assert not found[0][1].ended
    return found[0]


def spoken_before(channel: str, end_ms: int) -> int:
    """Speech of a channel since the fault, in ms."""
    return sum(flags(channel)[FAULT_MS // FRAME_MS : end_ms // FRAME_MS]) * FRAME_MS


def test_a_healthy_call_raises_nothing() -> None:
    assert heard() == []


def test_a_healthy_call_over_a_jittery_line_raises_nothing() -> None:
    jitter = np.random.default_rng(3)
    assert heard(arrival_ms=lambda _channel, end_ms: end_ms + int(jitter.integers(0, 700))) == []


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("gain", [0.0, 0.001])
def test_a_channel_that_goes_dead(channel: str, gain: float) -> None:
    said_ms, problem = only(heard(spoilt(channel, gain * recording()[channel]), until_ms=60_000))
    assert (problem.channel, problem.problem) == (channel, "silent")
    assert FAULT_MS <= said_ms <= FAULT_MS + WITHIN_MS
    assert problem.since_ms == FAULT_MS


def test_a_channel_that_is_dead_from_the_start() -> None:
    said_ms, problem = only(heard({"priya": np.zeros_like(recording()["priya"])}, until_ms=60_000))
    assert (problem.channel, problem.problem, problem.since_ms) == ("priya", "silent", 0)
    assert said_ms <= WITHIN_MS


def test_a_channel_that_comes_back() -> None:
    back = recording()["priya"].copy()
    back[FAULT.start : FAULT.start + 10 * SAMPLE_RATE_HZ] = 0
    (_, began), (_, ended) = heard({"priya": back}, until_ms=60_000)
    assert (began.problem, began.ended, ended.problem, ended.ended) == ("silent", False, "silent", True)
    assert ended.since_ms - began.since_ms == pytest.approx(10_000, abs=FRAME_MS)


def test_a_sender_that_mutes_its_pauses_is_learnt() -> None:
    gated = {
        name: np.where(np.repeat(np.array(flags(name)), FRAME_SAMPLES), recording()[name][: len(flags(name)) * 512], 0)
        for name in CHANNELS
    }
    found = heard({name: samples.astype(np.float32) for name, samples in gated.items()})
    # Who listens from the start cannot be told from a dead channel before the first word; nothing after that.
    assert {problem.problem for _, problem in found} == {"silent"}
    assert all(said_ms < 12_000 for said_ms, _ in found)


@pytest.mark.parametrize("gain", [6.0, 20.0])
def test_overdriven_speech(gain: float) -> None:
    said_ms, problem = only(heard(spoilt("priya", np.clip(gain * recording()["priya"], -1, 1)), until_ms=60_000))
    assert (problem.channel, problem.problem) == ("priya", "clipped")
    assert said_ms <= FAULT_MS + WITHIN_MS
    assert problem.since_ms >= FAULT_MS


@pytest.mark.parametrize("lag_ms", [0, 40, 200, 480])
@pytest.mark.parametrize("gain", [0.02, 0.1, 0.5])
def test_an_echo(lag_ms: int, gain: float) -> None:
    repeated = recording()["dana"] + gain * delayed(recording()["priya"], lag_ms)
    said_ms, problem = only(heard(spoilt("dana", repeated), until_ms=60_000))
    assert (problem.channel, problem.problem, problem.heard) == ("dana", "echo", "priya")
    assert said_ms <= FAULT_MS + WITHIN_MS


def test_an_echo_in_a_room() -> None:
    """Half of the energy comes straight, half as reverberation that takes 400 ms to fall by 60 dB."""
    random = np.random.default_rng(5)
    tail = random.standard_normal(6_400) * np.exp(-6.9 * np.arange(6_400) / 6_400)
    room = 0.7 * tail / np.sqrt(np.sum(np.square(tail)))
    room[0] = 0.7
    repeated = np.convolve(recording()["priya"], room)[: len(recording()["priya"])]
    _, problem = only(heard(spoilt("dana", recording()["dana"] + 0.15 * delayed(repeated, 150)), until_ms=60_000))
    assert (problem.channel, problem.problem, problem.heard) == ("dana", "echo", "priya")


def test_an_echo_that_is_cancelled_again() -> None:
    repeated = recording()["dana"].copy()
    until = FAULT.start + 30 * SAMPLE_RATE_HZ
    repeated[FAULT.start : until] += 0.3 * delayed(recording()["priya"], 200)[FAULT.start : until]
    (_, began), (_, ended) = heard({"dana": repeated})
    assert (began.problem, began.ended, ended.problem, ended.ended) == ("echo", False, "echo", True)


def test_the_same_audio_on_two_channels() -> None:
    _, problem = only(heard({"martin": recording()["priya"]}, until_ms=40_000))
    assert (problem.channel, problem.problem, problem.heard) == ("martin", "echo", "priya")


@pytest.mark.parametrize("late_ms", [1_200, 4_000])
def test_late_audio(late_ms: int) -> None:
    def arrival_ms(channel: str, end_ms: int) -> int:
        return end_ms + (late_ms if channel == "priya" and FAULT_MS < end_ms <= 60_000 else 0)

    (said_ms, began), (_, ended) = heard(arrival_ms=arrival_ms, until_ms=70_016)
    assert (began.channel, began.problem, began.since_ms, began.ended) == ("priya", "delayed", FAULT_MS, False)
    assert said_ms <= FAULT_MS + WITHIN_MS
    assert (ended.problem, ended.since_ms, ended.ended) == ("delayed", 60_000, True)


def test_a_slow_clock_is_found_when_it_is_a_second_behind() -> None:
    slow = heard(arrival_ms=lambda channel, end_ms: end_ms * 51 // 50 if channel == "dana" else end_ms)
    said_ms, problem = only(slow)
    assert (problem.channel, problem.problem) == ("dana", "delayed")
    assert 50_000 < said_ms < 50_000 + WITHIN_MS


def test_a_stall_that_is_caught_up_is_no_fault() -> None:
    def arrival_ms(channel: str, end_ms: int) -> int:
        return max(end_ms, FAULT_MS + 4_000) if channel == "priya" and end_ms > FAULT_MS else end_ms

    assert heard(arrival_ms=arrival_ms, until_ms=60_000) == []


def test_a_lone_channel_may_be_silent_for_long() -> None:
    health = CaptureHealth((TENANT, CALL), [ChannelId("a")])
    noise = np.random.default_rng(1).standard_normal(FRAME_SAMPLES).astype(np.float32) * 0.001
    said = [
        problem
        for at in range(1_200)
        for problem in health.push(
            AudioChunk(
                tenant_id=TENANT,
                call_id=CALL,
                channel=ChannelId("a"),
                start_ms=at * FRAME_MS,
                samples=noise if at < 300 else np.zeros(FRAME_SAMPLES, dtype=np.float32),
                speech=False,
            ),
            at * FRAME_MS,
        )
    ]
    assert said == []


def noise_of(channel: str, at: int) -> AudioChunk:
    samples = np.random.default_rng(at).standard_normal(FRAME_SAMPLES).astype(np.float32) * 0.001
    return AudioChunk(
        tenant_id=TENANT,
        call_id=CALL,
        channel=ChannelId(channel),
        start_ms=at * FRAME_MS,
        samples=samples,
        speech=False,
    )


def test_a_channel_that_never_sends_is_silent_until_it_does() -> None:
    health = CaptureHealth((TENANT, CALL), [ChannelId("a"), ChannelId("b")])
    said: list[tuple[int, CaptureProblem]] = []
    for at in range(200):
        now_ms = (at + 1) * FRAME_MS
        said += [(now_ms, one) for one in (*health.push(noise_of("a", at), now_ms), *health.tick(now_ms))]
    ((said_ms, problem),) = said
    assert said_ms <= WITHIN_MS
    assert (problem.channel, problem.problem, problem.since_ms, problem.ended) == ("b", "silent", 0, False)
    (over,) = health.push(noise_of("b", 0), 6_432)
    assert (over.channel, over.problem, over.ended) == ("b", "silent", True)
    assert health.tick(6_432) == ()


def test_a_call_of_which_nothing_arrives_has_no_silent_channel() -> None:
    """Its client is gone or held up; whoever serves the socket notices."""
    health = CaptureHealth((TENANT, CALL), [ChannelId("a"), ChannelId("b")])
    for channel in ("a", "b"):
        health.push(noise_of(channel, 0), 32)
    assert [health.tick(now_ms) for now_ms in (4_000, 60_000)] == [(), ()]


FRAMES = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.sampled_from([0.0, 1e-5, 1e-3, 0.1, 1.0]),
        st.booleans(),
        st.booleans(),
        st.sampled_from([0, 200, 800, 1_500, 5_000]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(FRAMES)
def test_every_fault_begins_before_it_ends_and_never_flaps(
    spells: list[tuple[int, float, bool, bool, int]],
) -> None:
    """Any mix of levels, voices and arrivals: reports alternate, with at least the shortest time between two."""
    detectors: dict[CaptureFault, Silence | Clipping | Delay] = {
        "silent": Silence(),
        "clipped": Clipping(),
        "delayed": Delay(),
    }
    turned: dict[CaptureFault, list[int]] = {fault: [] for fault in detectors}
    start_ms = 0
    for count, level, speech, others, late_ms in spells:
        for _ in range(count):
            samples = np.full(FRAME_SAMPLES, level, dtype=np.float32)
            frame = Frame(start_ms, samples, speech, others, start_ms + FRAME_MS + late_ms)
            for fault, detector in detectors.items():
                before = detector.standing
                standing = (
                    detector.push(frame, level * level) if isinstance(detector, Silence) else detector.push(frame)
                )
                if standing != before:
                    assert 0 <= detector.since_ms <= start_ms + FRAME_MS
                    turned[fault].append(start_ms)
            start_ms += FRAME_MS
    for times in turned.values():
        assert all(later - earlier >= 400 for earlier, later in pairwise(times))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.0, 0.05))
def test_noise_alone_is_no_echo_and_no_fault(seed: int, level: float) -> None:
    random = np.random.default_rng(seed)
    channels = [ChannelId("a"), ChannelId("b")]
    health = CaptureHealth((TENANT, CALL), channels)
    for at in range(300):
        for channel in channels:
            samples = (0.0005 + level) * random.standard_normal(FRAME_SAMPLES)
            chunk = AudioChunk(
                tenant_id=TENANT,
                call_id=CALL,
                channel=channel,
                start_ms=at * FRAME_MS,
                samples=samples.astype(np.float32),
                speech=at % 50 > 10,
            )
            assert health.push(chunk, at * FRAME_MS) == ()
