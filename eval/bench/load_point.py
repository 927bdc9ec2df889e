"""N calls at once against one service, in real time: one point of the curve."""

import asyncio
import time
from collections.abc import Sequence
from typing import Literal

import psutil

from eval.bench.call_latency import Samples, measure
from eval.bench.calls import Call, cut, followed_by_silence, rotated
from eval.bench.load_curve import Point
from eval.bench.serving import sent
from eval.client import Played
from eval.errors import CallRefusedError, ServiceUnreachableError
from eval.service import ServiceChild

Outcome = Played | Literal["refused", "broken"]

STAGGER_S = 1.0
"""Calls begin spread over this time, so that neither their packets nor their partials come in step."""
TAIL_MS = 2_000
"""Silence after the last turn: a final that comes because the call ends says nothing about the endpoint."""
MEMORY_EVERY_S = 1.0


def staggered(material: Sequence[Call], count: int, length_ms: int) -> list[Call]:
    """So many calls from the same material, each begun at another place of it and cut to this length."""
    rounds = -(-count // len(material))
    calls = (
        cut(rotated(material[number % len(material)], number // len(material) / rounds), length_ms - TAIL_MS)
        for number in range(count)
    )
    return [followed_by_silence(call, TAIL_MS) for call in calls]


async def run_point(child: ServiceChild, calls: Sequence[Call]) -> Point:
    """Send all calls at once and measure them together.

    Raises:
        ServiceUnreachableError: the service has ended.
    """
    before, began_s, own_before_s = child.usage(), time.monotonic(), _own_cpu_s()
    resident_mb = [before.rss_mb]
    watch = asyncio.create_task(_watch_memory(child, resident_mb))
    try:
        sending = (_outcome(child, call, STAGGER_S * place / len(calls)) for place, call in enumerate(calls))
        outcomes = await asyncio.gather(*sending)
        after, wall_s, own_s = child.usage(), time.monotonic() - began_s, _own_cpu_s() - own_before_s
    finally:
        watch.cancel()
    samples = _together(calls, outcomes)
    return Point(
        calls=len(calls),
        late_ms=tuple(samples.turn_to_final_ms),
        lost=samples.turns_without_final,
        refused=outcomes.count("refused"),
        broken=outcomes.count("broken"),
        partials_per_call_s=samples.partials / (samples.call_ms / 1000) if samples.call_ms else 0.0,
        service_cores=(after.cpu_s - before.cpu_s) / wall_s,
        engine_cores=(after.engine_cpu_s - before.engine_cpu_s) / wall_s,
        generator_cores=own_s / wall_s,
        rss_mb=max(*resident_mb, after.rss_mb),
    )


async def idle_cores(child: ServiceChild, seconds: float) -> float:
    """What the service takes while no call is open."""
    before = child.usage()
    await asyncio.sleep(seconds)
    return (child.usage().cpu_s - before.cpu_s) / seconds


async def _outcome(child: ServiceChild, call: Call, wait_s: float) -> Outcome:
    await asyncio.sleep(wait_s)
    try:
        return await sent(child, call, 1.0)
    except CallRefusedError:
        return "refused"
    except ServiceUnreachableError:
        return "broken"


async def _watch_memory(child: ServiceChild, resident_mb: list[int]) -> None:
    while True:
        await asyncio.sleep(MEMORY_EVERY_S)
        resident_mb.append(child.usage().rss_mb)


def _together(calls: Sequence[Call], outcomes: Sequence[Outcome]) -> Samples:
    samples = Samples()
    for call, outcome in zip(calls, outcomes, strict=True):
        if isinstance(outcome, Played):
            samples.add(measure(outcome, call.turns, call.channels, call.language or "en", call.length_ms))
    return samples


def _own_cpu_s() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system
