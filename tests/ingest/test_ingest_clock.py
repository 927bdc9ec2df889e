import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clock import SampleClock, samples_to_ms
from ingest.errors import MalformedFrameError


def clock_at(position: int) -> SampleClock:
    clock = SampleClock(rate_hz=16_000, max_gap_ms=1_000)
    assert clock.place(0, position) == (0, 0)
    return clock


@pytest.mark.parametrize(
    ("start_sample", "count", "placed", "position"),
    [
        (1_000, 160, (0, 0), 1_160),
        (1_320, 160, (320, 0), 1_480),
        (900, 160, (0, 100), 1_060),
        (840, 160, (0, 160), 1_000),
        (0, 160, (0, 160), 1_000),
        (0, 2_000, (0, 1_000), 2_000),
        (1_000, 0, (0, 0), 1_000),
        (1_010, 0, (10, 0), 1_010),
        (17_000, 160, (16_000, 0), 17_160),
    ],
    ids=["next", "gap", "overlap", "doubled", "late", "all again and more", "empty", "empty ahead", "longest gap"],
)
def test_place(start_sample: int, count: int, placed: tuple[int, int], position: int) -> None:
    clock = clock_at(1_000)
    assert clock.place(start_sample, count) == placed
    assert clock.position == position


@pytest.mark.parametrize("start_sample", [17_016, 2**64 - 1])
def test_a_jump_too_far_is_refused_and_moves_nothing(start_sample: int) -> None:
    clock = clock_at(1_000)
    with pytest.raises(MalformedFrameError, match="jumps"):
        clock.place(start_sample, 160)
    assert clock.place(1_000, 160) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 500)), max_size=30))
def test_the_clock_never_goes_back_and_every_sample_is_placed_once(packets: list[tuple[int, int]]) -> None:
    clock = SampleClock(rate_hz=8_000, max_gap_ms=1_000)
    taken = [False] * 4_000
    for start_sample, count in packets:
        before = clock.position
        gap, skip = clock.place(start_sample, count)
        assert clock.position >= before
        assert clock.position - before == gap + count - skip
        # What is kept of the packet lies exactly where the sender said.
        assert skip == count or start_sample + skip == before + gap
        for at in range(start_sample + skip, start_sample + count):
            assert not taken[at]
            taken[at] = True


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 44_100, 48_000])
def test_an_hour_of_packets_does_not_drift(rate_hz: int) -> None:
    clock = SampleClock(rate_hz=rate_hz, max_gap_ms=0)
    packet = rate_hz // 50 + 1
    for _ in range(3_600 * rate_hz // packet):
        clock.place(clock.position, packet)
    clock.place(clock.position, 3_600 * rate_hz - clock.position)
    assert samples_to_ms(clock.position, rate_hz) == 3_600_000
