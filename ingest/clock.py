"""The call's clock: milliseconds by sample count, and gaps that become silence."""

from dataclasses import dataclass

from ingest.errors import MalformedFrameError


def samples_to_ms(samples: int, rate_hz: int) -> int:
    """Whole milliseconds that `samples` cover, rounded down."""
    return samples * 1000 // rate_hz


@dataclass(slots=True)
class SampleClock:
    """Where the next sample of one channel belongs, counted at the sender's rate.

    Counting samples instead of adding milliseconds keeps fractions, so the clock cannot drift.
    """

    rate_hz: int
    max_gap_ms: int
    position: int = 0

    def place(self, start_sample: int, count: int) -> tuple[int, int]:
        """Place `count` samples that the sender says begin at `start_sample`.

        Returns:
            (gap, skip): samples of silence to insert before them, and how many of them were already taken.

        Raises:
            MalformedFrameError: the jump forward is longer than `max_gap_ms`.
        """
        self.check(start_sample)
        gap = start_sample - self.position
        skip = min(count, max(0, -gap))
        gap = max(0, gap)
        self.position += gap + count - skip
        return gap, skip

    def check(self, start_sample: int) -> None:
        """Whether a packet may begin there.

        Raises:
            MalformedFrameError: the jump forward is longer than `max_gap_ms`.
        """
        gap = start_sample - self.position
        if samples_to_ms(gap, self.rate_hz) > self.max_gap_ms:
            raise MalformedFrameError(f"audio jumps {gap} samples ahead; send start_sample as a running count")
