"""A client that was away, a laptop that slept: the time away and what fills it are no fault of a channel."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest

from ingest.capture_health import CaptureHealth
from ingest.channel import STEP_S
from ingest.errors import MalformedFrameError
from ingest.messages import SAMPLE_RATE_HZ, AudioChunk, CallId, CaptureProblem, ChannelId, TenantId
from ingest.vad import FRAME_MS, FRAME_SAMPLES
from tests.ingest.test_ingest_channel import audio_of, inlet, voiced

A, B = ChannelId("a"), ChannelId("b")
TENANT, CALL = TenantId("acme"), CallId("c1")
BEFORE, AWAY, AFTER = 300, 3_000, 400
"""Frames: ten seconds, a minute and a half, and so long again that every fault would have shown."""

Back = Literal["jumps ahead", "goes on where it was", "sends what it missed"]


def chunk(channel: ChannelId, at: int, level: float) -> AudioChunk:
    noise = np.random.default_rng(at).standard_normal(FRAME_SAMPLES).astype(np.float32)
    return AudioChunk(
        tenant_id=TENANT,
        call_id=CALL,
        channel=channel,
        start_ms=at * FRAME_MS,
        samples=noise * np.float32(level),
        # One of the two talks all the time, so the other's silence would count.
        speech=channel == A and level > 0,
    )


def sent(back: Back) -> Iterator[tuple[AudioChunk, int]]:
    """Both channels' chunks after the return, with their arrival; the second channel's come half a second later."""
    first = BEFORE + (AWAY if back == "jumps ahead" else 0)
    for at in range(first, first + AFTER):
        now_ms = (BEFORE + AWAY + at - first + 1) * FRAME_MS
        for channel, later_ms in ((A, 0), (B, 500)):
            if at == first and back != "goes on where it was":
                # All at once: silence for what was not sent, or what was heard meanwhile.
                level = 0.0 if back == "jumps ahead" else 0.001
                for missed in range(BEFORE, BEFORE + AWAY):
                    yield chunk(channel, missed, level), now_ms + later_ms
            if back == "sends what it missed":
                yield chunk(channel, at + AWAY, 0.001), now_ms + later_ms
            else:
                yield chunk(channel, at, 0.001), now_ms + later_ms


def said(back: Back, *, told: bool) -> list[CaptureProblem]:
    health = CaptureHealth((TENANT, CALL), [A, B])
    for at in range(BEFORE):
        for channel in (A, B):
            assert health.push(chunk(channel, at, 0.001), (at + 1) * FRAME_MS) == ()
    found = list(health.resumed((BEFORE + AWAY) * FRAME_MS)) if told else []
    waiting = sorted(sent(back), key=lambda one: one[1])
    for one, arrived_ms in waiting:
        found += [*health.push(one, arrived_ms), *health.tick(arrived_ms)]
    return found


@pytest.mark.parametrize("back", ["jumps ahead", "goes on where it was", "sends what it missed"])
def test_who_comes_back_is_neither_silent_nor_late(back: Back) -> None:
    assert said(back, told=True) == []


@pytest.mark.parametrize(("back", "wrong"), [("jumps ahead", "silent"), ("goes on where it was", "delayed")])
def test_without_being_told_it_would_be(back: Back, wrong: str) -> None:
    assert wrong in {one.problem for one in said(back, told=False)}


def test_a_channel_that_is_dead_after_the_return_is_told() -> None:
    health = CaptureHealth((TENANT, CALL), [A, B])
    for at in range(BEFORE):
        for channel in (A, B):
            health.push(chunk(channel, at, 0.001), (at + 1) * FRAME_MS)
    health.resumed((BEFORE + AWAY) * FRAME_MS)
    found: list[tuple[int, CaptureProblem]] = []
    for at in range(BEFORE, BEFORE + AFTER):
        now_ms = (AWAY + at + 1) * FRAME_MS
        for channel, level in ((A, 0.001), (B, 0.0)):
            found += [(now_ms, one) for one in health.push(chunk(channel, at, level), now_ms)]
    ((now_ms, problem),) = found
    assert (problem.channel, problem.problem, problem.ended) == (B, "silent", False)
    assert now_ms - (BEFORE + AWAY) * FRAME_MS < 7_000


def test_what_stood_before_is_over_after_the_return() -> None:
    health = CaptureHealth((TENANT, CALL), [A, B])
    for at in range(BEFORE):
        for channel, level in ((A, 0.001), (B, 0.0)):
            health.push(chunk(channel, at, level), (at + 1) * FRAME_MS)
    (over,) = health.resumed((BEFORE + AWAY) * FRAME_MS)
    assert (over.channel, over.problem, over.ended) == (B, "silent", True)
    assert health.resumed((BEFORE + AWAY) * FRAME_MS) == ()


def test_a_long_gap_is_filled_in_steps() -> None:
    straight, bit_by_bit = inlet(max_gap_ms=30_000), inlet(max_gap_ms=30_000)
    start = 22 * SAMPLE_RATE_HZ
    for one in (straight, bit_by_bit):
        one.push(voiced(1_000), 0)
    steps = bit_by_bit.steps_to(start)
    outs = [out for position in steps for out in bit_by_bit.push(b"", position)]
    assert [position // SAMPLE_RATE_HZ for position in steps] == [1 + STEP_S, 1 + 2 * STEP_S, 1 + 3 * STEP_S, 21]
    outs += bit_by_bit.push(voiced(320), start)
    assert np.array_equal(audio_of(tuple(outs)), audio_of(straight.push(voiced(320), start)))
    # What follows without a gap, or lies before, needs none.
    assert not bit_by_bit.steps_to(bit_by_bit.samples_taken)
    assert not bit_by_bit.steps_to(0)
    with pytest.raises(MalformedFrameError, match="jumps"):
        bit_by_bit.steps_to(bit_by_bit.samples_taken + 31 * SAMPLE_RATE_HZ)


def test_a_muted_channel_is_silence_on_the_same_clock() -> None:
    one = inlet()
    one.push(voiced(1_024), 0)
    one.muted = True
    muted = audio_of(one.push(voiced(1_024), 16_384))
    assert len(muted) == 16_384
    assert not muted.any()
    one.muted = False
    assert audio_of(one.push(voiced(1_024), 32_768)).all()
