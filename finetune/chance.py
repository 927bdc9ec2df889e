"""Whether one adapter is worse than another on the same calls, or only unlucky: a paired bootstrap by call (pure)."""

from collections.abc import Mapping

import numpy as np

from eval.signals.tally import Tally

DRAWS = 2000
"""Resampled sets of calls. The share of a set at .95 is then known to within .01 (twice its standard error)."""
LESS_IS_BETTER = frozenset({"quiet_fired"})


def worse_share(before: Tally, after: Tally, seed: int = 0) -> Mapping[str, float]:
    """For each figure, the share of resampled sets of calls on which `after` is worse than `before`.

    Args:
        before: the champion's counts.
        after: the candidate's on the same calls in the same order.
        seed: of the draws; the same seed gives the same shares.
    """
    calls = len(before.quiet)
    draws = np.random.default_rng(seed).multinomial(calls, np.full(calls, 1 / calls), size=DRAWS).astype(np.float64)
    was, now = before.weighed(draws).figures(), after.weighed(draws).figures()
    found: dict[str, float] = {}
    for name in was:
        # A figure that is not defined cannot be compared: nothing there was to find.
        fell = np.nan_to_num(was[name] - now[name])
        found[name] = round(float(np.mean(fell < 0 if name in LESS_IS_BETTER else fell > 0)), 3)
    return found
