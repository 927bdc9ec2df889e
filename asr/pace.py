"""How busy recognition is, from how long its requests waited: when to ask less, to refuse calls, to say so (pure)."""

from math import exp

FORGET_S = 4.0
"""Waits of the last few seconds count."""
STRETCH_MS, FINAL_FREE_MS, FINAL_STRETCH_MS, MOST = 250.0, 40.0, 20.0, 12.0
"""Each quarter of a second that partials wait puts passes another interval apart, and so do 20 ms that finals wait
beyond the 40 ms that they wait on a machine with room; up to twelve: one in eight seconds."""
FULL_MS = 400.0
"""Finals that wait so long on average leave no room for another call: a final has a second, a pass takes a third."""
BEHIND_MS = 1_000.0
"""Finals that wait so long are late; the calls are told."""


class Pace:
    """Decaying means of the time that finals and partials wait before they are decoded."""

    def __init__(self) -> None:
        """Begin idle."""
        self._sums = {True: 0.0, False: 0.0}
        self._weights = {True: 0.0, False: 0.0}
        self._at_s = 0.0

    def waited(self, waited_ms: float, now_s: float, *, final: bool) -> None:
        """A request was taken from the queue after this long."""
        self._fade(now_s)
        self._sums[final] += waited_ms
        self._weights[final] += 1.0

    def stretch(self, now_s: float) -> float:
        """How many times as far apart passes should lie."""
        self._fade(now_s)
        finals = max(0.0, self._mean(final=True) - FINAL_FREE_MS) / FINAL_STRETCH_MS
        return min(MOST, 1.0 + max(self._mean(final=False) / STRETCH_MS, finals))

    def full(self, now_s: float) -> bool:
        """Whether another call would make finals late."""
        self._fade(now_s)
        return self._mean(final=True) > FULL_MS

    def behind(self, now_s: float) -> bool:
        """Whether finals are late."""
        self._fade(now_s)
        return self._mean(final=True) > BEHIND_MS

    def _mean(self, *, final: bool) -> float:
        # One imagined request that did not wait: a single slow one is no trend.
        return self._sums[final] / (self._weights[final] + 1.0)

    def _fade(self, now_s: float) -> None:
        kept = exp(-max(0.0, now_s - self._at_s) / FORGET_S)
        self._at_s = now_s
        for final in (True, False):
            self._sums[final] *= kept
            self._weights[final] *= kept
