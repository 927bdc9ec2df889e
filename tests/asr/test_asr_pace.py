import pytest

from asr.pace import MOST, Pace


def paced(*waits_ms: float, final: bool, now_s: float = 100.0) -> Pace:
    pace = Pace()
    for waited_ms in waits_ms:
        pace.waited(waited_ms, now_s, final=final)
    return pace


def test_an_idle_machine_asks_as_often_as_configured() -> None:
    pace = Pace()
    assert pace.stretch(0.0) == 1.0
    assert not pace.full(0.0)
    assert not pace.behind(0.0)


@pytest.mark.parametrize(
    ("final", "waits_ms"), [(False, (0.0, 100.0, 500.0, 1_000.0)), (True, (0.0, 60.0, 120.0, 200.0))]
)
def test_passes_lie_further_apart_the_longer_requests_wait(final: bool, waits_ms: tuple[float, ...]) -> None:
    stretches = [paced(*[waited_ms] * 20, final=final).stretch(100.0) for waited_ms in waits_ms]
    assert stretches[0] == 1.0
    assert stretches == sorted(set(stretches))
    assert stretches[2] == pytest.approx(1.0 + (500 / 250 if not final else (120 - 40) / 20), rel=0.1)


def test_waiting_finals_put_passes_further_apart_than_waiting_partials_do() -> None:
    waits_ms = [150.0] * 20
    assert paced(*waits_ms, final=True).stretch(100.0) > 2 * paced(*waits_ms, final=False).stretch(100.0)


def test_passes_never_lie_further_apart_than_the_most() -> None:
    assert paced(*[60_000.0] * 20, final=False).stretch(100.0) == MOST


@pytest.mark.parametrize(
    ("waited_ms", "full", "behind"), [(300.0, False, False), (600.0, True, False), (1_500.0, True, True)]
)
def test_waiting_finals_fill_the_machine_and_then_make_it_late(waited_ms: float, full: bool, behind: bool) -> None:
    pace = paced(*[waited_ms] * 20, final=True)
    assert (pace.full(100.0), pace.behind(100.0)) == (full, behind)


def test_waiting_partials_alone_refuse_nobody() -> None:
    pace = paced(*[5_000.0] * 20, final=False)
    assert not pace.full(100.0)
    assert not pace.behind(100.0)


def test_one_slow_final_is_no_trend() -> None:
    assert not paced(700.0, final=True).full(100.0)
    assert paced(700.0, 700.0, final=True).full(100.0)


def test_what_was_long_ago_is_forgotten() -> None:
    pace = paced(*[2_000.0] * 5, final=True)
    assert (pace.behind(101.0), pace.full(101.0)) == (True, True)
    assert not pace.behind(110.0)
    assert not pace.full(120.0)
    assert pace.stretch(160.0) == pytest.approx(1.0, abs=0.01)


def test_what_is_newer_weighs_more() -> None:
    pace = paced(*[2_000.0] * 5, final=True)
    for _ in range(5):
        pace.waited(0.0, 112.0, final=True)
    assert not pace.full(112.0)
