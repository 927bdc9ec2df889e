from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.decoder import Cancel, DecodeRequest
from asr.scheduler import Scheduler
from ingest.messages import CallId
from tests.asr.asr_samples import request


def final(call: str, number: int, channel: str = "a") -> DecodeRequest:
    return request(call=call, channel=channel, number=number, final=True)


def partial(call: str, number: int, channel: str = "a") -> DecodeRequest:
    return request(call=call, channel=channel, number=number, final=False)


def scheduled(*requests: DecodeRequest) -> Scheduler:
    """Requests of one language fit into one batch."""
    scheduler = Scheduler(lambda one: one.language)
    for one in requests:
        scheduler.submit(one)
    return scheduler


def taken(scheduler: Scheduler) -> DecodeRequest | None:
    """The next request, alone."""
    return next(iter(scheduler.next(1, partials=True)), None)


def named(requests: Iterable[DecodeRequest]) -> list[tuple[str, int]]:
    return [(one.call_id, one.number) for one in requests]


def drained(scheduler: Scheduler) -> list[tuple[str, int]]:
    order = named(iter(lambda: taken(scheduler), None))
    assert scheduler.waiting == (0, 0)
    return order


@pytest.mark.parametrize(
    ("requests", "order"),
    [
        ([], []),
        ([partial("x", 1), final("y", 1), final("x", 2, "b")], [("y", 1), ("x", 2), ("x", 1)]),
        ([final("x", number) for number in (1, 2, 3)], [("x", 1), ("x", 2), ("x", 3)]),
        (
            [final("x", 1), final("x", 2), final("x", 3), final("y", 1), final("z", 1), final("y", 2)],
            [("x", 1), ("y", 1), ("z", 1), ("x", 2), ("y", 2), ("x", 3)],
        ),
        (
            [partial("x", 1, "a"), partial("x", 2, "b"), partial("y", 1, "a")],
            [("x", 1), ("y", 1), ("x", 2)],
        ),
    ],
    ids=["nothing", "finals first", "a call's finals in order", "finals round robin", "partials round robin"],
)
def test_order(requests: list[DecodeRequest], order: list[tuple[str, int]]) -> None:
    assert drained(scheduled(*requests)) == order


def test_a_newer_partial_replaces_the_one_that_waits() -> None:
    old, new = partial("x", 1), partial("x", 2)
    scheduler = scheduled(old, partial("x", 1, "b"), partial("y", 1))
    assert scheduler.submit(new) is old
    assert scheduler.waiting == (0, 3)
    assert drained(scheduler) == [("x", 1), ("y", 1), ("x", 2)]


def test_a_final_makes_the_partial_of_its_channel_needless() -> None:
    old, other = partial("x", 1), partial("x", 7, "b")
    scheduler = scheduled(old, other)
    assert scheduler.submit(final("x", 2)) is old
    assert scheduler.waiting == (1, 1)
    assert drained(scheduler) == [("x", 2), ("x", 7)]


def test_a_partial_that_left_is_not_replaced() -> None:
    scheduler = scheduled(partial("x", 1))
    assert taken(scheduler) is not None
    assert scheduler.submit(partial("x", 2)) is None
    assert scheduler.submit(partial("y", 2)) is None


def test_a_final_is_never_replaced() -> None:
    scheduler = scheduled(final("x", 1))
    assert scheduler.submit(final("x", 2)) is None
    assert scheduler.submit(partial("x", 3)) is None
    assert drained(scheduler) == [("x", 1), ("x", 2), ("x", 3)]


def test_a_forgotten_call_leaves_nothing_and_the_others_stay() -> None:
    scheduler = scheduled(final("x", 1), partial("x", 2, "b"), final("y", 1), partial("y", 2, "b"))
    scheduler.forget(CallId("x"))
    scheduler.forget(CallId("never seen"))
    assert scheduler.waiting == (1, 1)
    assert drained(scheduler) == [("y", 1), ("y", 2)]


def test_a_call_that_floods_does_not_hold_up_another() -> None:
    scheduler = scheduled(*(final("x", number) for number in range(50)), final("y", 1))
    assert [one.call_id for one in (taken(scheduler), taken(scheduler)) if one] == ["x", "y"]


def test_a_batch_takes_one_request_of_each_call() -> None:
    scheduler = scheduled(*(final(call, number) for number in (1, 2) for call in "xyz"))
    assert named(scheduler.next(8, partials=True)) == [("x", 1), ("y", 1), ("z", 1)]
    assert named(scheduler.next(8, partials=True)) == [("x", 2), ("y", 2), ("z", 2)]
    assert scheduler.next(8, partials=True) == ()


def test_calls_that_found_no_room_in_a_batch_are_the_first_of_the_next() -> None:
    scheduler = scheduled(*(final(call, number) for number in (1, 2) for call in "wxyz"))
    batches = [named(scheduler.next(3, partials=True)) for _ in range(3)]
    assert batches == [[("w", 1), ("x", 1), ("y", 1)], [("z", 1), ("w", 2), ("x", 2)], [("y", 2), ("z", 2)]]


def test_a_batch_is_of_one_key() -> None:
    german = request(call="y", channel="a", number=1, language="de")
    scheduler = scheduled(final("x", 1), german, request(call="z", channel="a", number=1, language="de"), final("z", 2))
    assert named(scheduler.next(8, partials=True)) == [("x", 1), ("z", 2)]
    assert named(scheduler.next(8, partials=True)) == [("y", 1), ("z", 1)]


def test_a_batch_has_finals_or_partials_never_both() -> None:
    scheduler = scheduled(partial("x", 1), final("y", 1), partial("z", 1))
    assert named(scheduler.next(8, partials=True)) == [("y", 1)]
    assert named(scheduler.next(8, partials=True)) == [("x", 1), ("z", 1)]


def test_partials_wait_while_they_may_not_be_taken() -> None:
    scheduler = scheduled(partial("x", 1), final("y", 1))
    assert named(scheduler.next(8, partials=False)) == [("y", 1)]
    assert scheduler.next(8, partials=False) == ()
    assert scheduler.waiting == (0, 1)


@pytest.mark.parametrize("is_final", [True, False])
def test_a_withdrawn_request_is_handed_back_and_the_others_stay(is_final: bool) -> None:
    unwanted = request(call="x", channel="a", number=1, final=is_final)
    others = [final("x", 1, "b"), final("x", 2), final("y", 1)]
    scheduler = scheduled(unwanted, *others) if is_final else scheduled(*others[:1], others[2], unwanted)
    waiting = sum(scheduler.waiting)
    assert scheduler.cancel(Cancel(call_id=CallId("x"), channel=unwanted.channel, number=1)) is unwanted
    assert sum(scheduler.waiting) == waiting - 1
    assert ("y", 1) in drained(scheduler)


def test_a_request_that_left_or_never_was_cannot_be_withdrawn() -> None:
    scheduler = scheduled(final("x", 1), final("x", 2))
    left = taken(scheduler)
    assert left is not None
    assert scheduler.cancel(Cancel(call_id=left.call_id, channel=left.channel, number=1)) is None
    assert scheduler.cancel(Cancel(call_id=CallId("y"), channel=left.channel, number=2)) is None
    assert drained(scheduler) == [("x", 2)]


STEPS = st.lists(
    st.none() | st.tuples(st.sampled_from("xyz"), st.sampled_from("ab"), st.booleans()),
    max_size=40,
)


@given(STEPS)
def test_every_final_comes_out_once_and_every_partial_comes_out_or_is_handed_back(
    steps: list[tuple[str, str, bool] | None],
) -> None:
    """A step is a request to submit, or None: a worker takes the next batch."""
    scheduler = scheduled()
    submitted: list[DecodeRequest] = []
    left: list[DecodeRequest] = []
    replaced: list[DecodeRequest] = []
    for number, step in enumerate(steps):
        if step is None:
            finals, partials = scheduler.waiting
            batch = scheduler.next(3, partials=True)
            assert bool(batch) == (finals + partials > 0)
            assert len({one.call_id for one in batch}) == len(batch) <= 3
            assert all(one.final == (finals > 0) for one in batch)
            left += batch
            continue
        call, channel, is_final = step
        one = request(call=call, channel=channel, number=number, final=is_final)
        submitted.append(one)
        given_back = scheduler.submit(one)
        if given_back is not None:
            assert (given_back.call_id, given_back.channel, given_back.final) == (call, channel, False)
            replaced.append(given_back)
    left += iter(lambda: taken(scheduler), None)
    assert Counter(map(id, left + replaced)) == Counter(map(id, submitted))
    for call in "xyz":
        finals_of_call = [one.number for one in left if one.final and one.call_id == call]
        assert finals_of_call == sorted(finals_of_call)


@given(st.dictionaries(st.sampled_from("vwxyz"), st.integers(1, 6), min_size=1))
def test_between_two_turns_of_a_call_every_waiting_call_has_one(counts: dict[str, int]) -> None:
    scheduler = scheduled(*(final(call, number) for call, count in counts.items() for number in range(count)))
    order = [call for call, _ in drained(scheduler)]
    for round_ in range(max(counts.values())):
        waiting = [call for call, count in counts.items() if count > round_]
        assert sorted(order[: len(waiting)]) == sorted(waiting)
        order = order[len(waiting) :]
