"""Batches of several calls through worker threads: whoever fails, everybody gets an answer."""

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from threading import Event

import pytest

from asr.decoder import Cancel, DecodeRequest, Hypothesis
from asr.errors import DecodeFailedError
from ingest.messages import CallId
from server.recognition import Listener, Recognition
from server.telemetry import Telemetry
from tests.asr.asr_samples import request
from tests.asr.asr_talk import heard


@dataclass
class Choosy:
    """A `Decoder` that fails on the requests of one call, and works when it may."""

    fails_on: str = ""
    may_work: Event = field(default_factory=Event)
    batches: list[list[str]] = field(default_factory=list[list[str]])
    languages: tuple[str, ...] = ("en",)

    def batch_key(self, request: DecodeRequest) -> Hashable:
        return request.final

    def decode(self, requests: Sequence[DecodeRequest]) -> tuple[Hypothesis, ...]:
        self.may_work.wait(10)
        self.batches.append([one.call_id for one in requests])
        if any(one.call_id == self.fails_on for one in requests):
            raise DecodeFailedError("this one cannot be decoded")
        return tuple(heard(one, f"for {one.call_id}") for one in requests)


@dataclass
class Answers:
    """What the calls hear back, in order."""

    heard: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue[tuple[str, str]])

    def listener(self, call: str) -> Listener:
        return Listener(
            decoded=lambda hypothesis: self.heard.put_nowait((call, hypothesis.text)),
            dropped=lambda request: self.heard.put_nowait((call, f"dropped {request.number}")),
            failed=lambda request: self.heard.put_nowait((call, f"failed {request.number}")),
        )


def recognition(decoder: Choosy, answers: Answers, calls: str, batch: int = 4) -> Recognition:
    found = Recognition(decoder, workers=1, batch=batch, telemetry=Telemetry())
    for call in calls:
        found.join(CallId(call), answers.listener(call))
    return found


async def heard_back(found: Recognition, decoder: Choosy, answers: Answers, count: int) -> list[tuple[str, str]]:
    """Let the worker go on until so many answers came, and no other."""
    decoder.may_work.set()
    first = [await answers.heard.get() for _ in range(count)]
    await found.close()
    assert answers.heard.empty()
    return first


async def test_calls_that_wait_are_decoded_in_one_batch() -> None:
    decoder, answers = Choosy(), Answers()
    found = recognition(decoder, answers, "wxyz")
    for call in "wxyz":
        found.submit(request(call=call))
    assert await heard_back(found, decoder, answers, 4) == [(call, f"for {call}") for call in "wxyz"]
    assert decoder.batches == [["w"], ["x", "y", "z"]]


async def test_a_batch_is_no_larger_than_configured() -> None:
    decoder, answers = Choosy(), Answers()
    found = recognition(decoder, answers, "wxyz", batch=2)
    for call in "wxyz":
        found.submit(request(call=call))
    await heard_back(found, decoder, answers, 4)
    assert decoder.batches == [["w"], ["x", "y"], ["z"]]


@pytest.mark.parametrize(
    ("final", "outcome", "batches"),
    [
        # Together, then one by one; a final has two tries.
        (True, "failed 1", [["w"], ["x", "y", "z"], ["x"], ["y"], ["y"], ["z"]]),
        # A final that comes meanwhile would wait for a batch of partials.
        (False, "dropped 1", [["w"], ["x"], ["y"], ["z"]]),
    ],
)
async def test_one_window_that_fails_does_not_fail_the_others(
    final: bool, outcome: str, batches: list[list[str]]
) -> None:
    decoder, answers = Choosy(fails_on="y"), Answers()
    found = recognition(decoder, answers, "wxyz")
    for call in "wxyz":
        found.submit(request(call=call, final=final))
    assert await heard_back(found, decoder, answers, 4) == [
        ("w", "for w"),
        ("x", "for x"),
        ("y", outcome),
        ("z", "for z"),
    ]
    assert decoder.batches == batches


async def test_a_withdrawn_final_is_not_decoded_and_nobody_hears_of_it() -> None:
    decoder, answers = Choosy(), Answers()
    found = recognition(decoder, answers, "xy")
    found.submit(request(call="x"))
    unwanted = request(call="y")
    found.submit(unwanted)
    found.cancel(Cancel(call_id=unwanted.call_id, channel=unwanted.channel, number=unwanted.number))
    assert found.waiting == (0, 0)
    assert await heard_back(found, decoder, answers, 1) == [("x", "for x")]


async def test_a_final_that_is_withdrawn_while_it_is_decoded_is_answered() -> None:
    decoder, answers = Choosy(), Answers()
    found = recognition(decoder, answers, "x")
    running = request(call="x")
    found.submit(running)
    found.cancel(Cancel(call_id=running.call_id, channel=running.channel, number=running.number))
    assert await heard_back(found, decoder, answers, 1) == [("x", "for x")]


async def test_a_call_that_left_hears_nothing_and_the_others_do() -> None:
    decoder, answers = Choosy(), Answers()
    found = recognition(decoder, answers, "xyz")
    for call in "xyz":
        found.submit(request(call=call))
    for call in "xy":
        found.leave(CallId(call))
    assert await heard_back(found, decoder, answers, 1) == [("z", "for z")]
