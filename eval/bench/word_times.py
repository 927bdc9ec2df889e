"""How far recognised word times lie from exact ones (pure): the outer edges of each turn."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from eval.bench.alignment import HeardWord, Match, match, spoken_words
from eval.bench.material import SpokenTurn
from eval.metrics import percentiles


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeErrors:
    """Recognised minus exact, in milliseconds; a turn whose first or last word was not heard has no error there."""

    starts_ms: tuple[int, ...] = ()
    ends_ms: tuple[int, ...] = ()

    def __add__(self, other: "EdgeErrors") -> "EdgeErrors":
        return EdgeErrors(starts_ms=self.starts_ms + other.starts_ms, ends_ms=self.ends_ms + other.ends_ms)

    def summary(self) -> dict[str, Any]:
        """Median and p95 of the absolute errors, and the median with its sign."""
        return {"start": _summary(self.starts_ms), "end": _summary(self.ends_ms)}


def edge_errors(
    turns: Sequence[SpokenTurn], channel: str, heard: Sequence[HeardWord], language: str | None
) -> EdgeErrors:
    """Compare the first word's start and the last word's end of each turn of a channel."""
    matches = match(spoken_words(turns, channel), heard, language)
    return EdgeErrors(
        starts_ms=tuple(one.heard.start_ms - turns[one.spoken.turn].start_ms for one in _firsts(matches)),
        ends_ms=tuple(one.heard.end_ms - turns[one.spoken.turn].end_ms for one in _lasts(matches)),
    )


def _firsts(matches: Iterable[Match]) -> list[Match]:
    # A long word's parts may both be paired with it; the earlier is the beginning.
    found: dict[int, Match] = {}
    for one in matches:
        if one.spoken.place == 0:
            found.setdefault(one.spoken.turn, one)
    return list(found.values())


def _lasts(matches: Iterable[Match]) -> list[Match]:
    return list({one.spoken.turn: one for one in matches if one.spoken.after == 0}.values())


def _summary(errors_ms: Sequence[int]) -> dict[str, Any]:
    bias = round(median(errors_ms)) if errors_ms else None
    return {**asdict(percentiles(abs(error) for error in errors_ms)), "bias": bias}
