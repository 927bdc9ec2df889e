"""Patience with one speaker."""

import pytest

from asr.config import AsrConfig
from asr.endpoint import FALL_MS, MOST_MS, RISE_MS, Endpoint

CONFIG = AsrConfig()


def heard(*gaps_ms: int) -> Endpoint:
    """An endpoint of a speaker whose voice began again so long after each utterance was ended."""
    endpoint = Endpoint(CONFIG)
    for gap_ms in gaps_ms:
        endpoint.ended(10_000)
        endpoint.began(10_000 + gap_ms)
    return endpoint


def test_less_silence_after_a_finished_clause() -> None:
    endpoint = heard()
    assert endpoint.silence_ms(finished=True) == CONFIG.clause_endpoint_ms
    assert endpoint.silence_ms(finished=False) == CONFIG.endpoint_ms


@pytest.mark.parametrize(
    ("gaps_ms", "more_ms"),
    [
        ((), 0),
        ((5_000,), 0),
        ((400,), RISE_MS),
        ((400, 400), 2 * RISE_MS),
        ((400, 5_000), RISE_MS - FALL_MS),
        ((400, *[5_000] * 10), 0),
        ((400,) * 20, MOST_MS - CONFIG.clause_endpoint_ms),
    ],
)
def test_who_goes_on_is_waited_for_longer(gaps_ms: tuple[int, ...], more_ms: int) -> None:
    endpoint = heard(*gaps_ms)
    assert endpoint.silence_ms(finished=True) == CONFIG.clause_endpoint_ms + more_ms
    assert endpoint.silence_ms(finished=False) == CONFIG.endpoint_ms


def test_a_voice_that_only_begins_says_nothing() -> None:
    endpoint = heard()
    endpoint.began(0)
    endpoint.began(100)
    assert endpoint.silence_ms(finished=True) == CONFIG.clause_endpoint_ms
