"""Word errors as a report and as tables (pure)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.bench.word_times import EdgeErrors
from eval.metrics import WordErrors
from eval.report import table

NONE = WordErrors(words=0, substitutions=0, deletions=0, insertions=0)


@dataclass(slots=True, kw_only=True)
class GroupWords:
    """What was heard in the recordings of a group; `pooled` ones count in the last row."""

    name: str
    pooled: bool
    recordings: int = 0
    audio_s: float = 0.0
    streaming: WordErrors = NONE
    offline: WordErrors = NONE
    edges: EdgeErrors = EdgeErrors()  # noqa: RUF009 - immutable
    streaming_cpu_s: float = 0.0
    offline_cpu_s: float = 0.0

    @property
    def difference_points(self) -> float | None:
        """Streaming minus offline, in percentage points."""
        if self.streaming.rate is None or self.offline.rate is None:
            return None
        return round((self.streaming.rate - self.offline.rate) * 100, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundWords:
    """Words heard where nobody speaks."""

    name: str
    minutes: float
    streaming: int
    offline: int


def pooled(groups: Sequence[GroupWords]) -> GroupWords:
    """All words of the groups that count together."""
    whole = GroupWords(name="pooled", pooled=True)
    for group in groups:
        if group.pooled:
            whole.recordings += group.recordings
            whole.audio_s += group.audio_s
            whole.streaming += group.streaming
            whole.offline += group.offline
            whole.edges += group.edges
            whole.streaming_cpu_s += group.streaming_cpu_s
            whole.offline_cpu_s += group.offline_cpu_s
    return whole


def as_report(groups: Sequence[GroupWords], invented: Sequence[BackgroundWords]) -> dict[str, Any]:
    """Everything measured, for the report's file."""
    return {
        "benchmark": "asr",
        "groups": [_group(one) for one in groups],
        "pooled": _group(pooled(groups)),
        "background": [asdict(one) for one in invented],
    }


def as_table(groups: Sequence[GroupWords], invented: Sequence[BackgroundWords]) -> str:
    """What people read: words, invented words, word times."""
    rows = [*groups, pooled(groups)]
    parts = [table(WORDS_HEAD, [_words_row(one) for one in rows])]
    if any(not one.pooled for one in groups):
        parts.append("(x) is not in the pooled row")
    timed = [one for one in rows if one.edges.starts_ms or one.edges.ends_ms]
    if timed:
        parts += ["", table(TIMES_HEAD, [_times_row(one) for one in timed])]
    if invented:
        parts += [
            "",
            table(
                ("words heard where nobody speaks", "minutes", "streaming", "offline"),
                [(one.name, round(one.minutes, 1), one.streaming, one.offline) for one in invented],
            ),
        ]
    return "\n".join(parts)


WORDS_HEAD = ("group", "words", "sub", "del", "ins", "WER", "offline", "points", "CPU s/s", "offline")
TIMES_HEAD = ("word times against turns, ms", "start p50", "p95", "bias", "end p50", "p95", "bias", "turns")


def _group(one: GroupWords) -> dict[str, Any]:
    return {
        "group": one.name,
        "pooled": one.pooled,
        "recordings": one.recordings,
        "audio_s": round(one.audio_s, 1),
        "streaming": {**asdict(one.streaming), "wer": one.streaming.rate},
        "offline": {**asdict(one.offline), "wer": one.offline.rate},
        "difference_points": one.difference_points,
        "word_time_error_ms": one.edges.summary(),
        "cpu_s_per_audio_s": {
            "streaming": _share(one.streaming_cpu_s, one.audio_s),
            "offline": _share(one.offline_cpu_s, one.audio_s),
        },
    }


def _words_row(one: GroupWords) -> tuple[object, ...]:
    errors = one.streaming
    counts = (errors.words, errors.substitutions, errors.deletions, errors.insertions)
    points = None if one.difference_points is None else f"{one.difference_points:+.1f}"
    costs = (_share(one.streaming_cpu_s, one.audio_s), _share(one.offline_cpu_s, one.audio_s))
    name = one.name if one.pooled else f"{one.name} (x)"
    return (name, *counts, _percent(errors.rate), _percent(one.offline.rate), points, *costs)


def _times_row(one: GroupWords) -> tuple[object, ...]:
    found = one.edges.summary()
    edges = [found[edge][figure] for edge in ("start", "end") for figure in ("p50", "p95", "bias")]
    return (one.name, *edges, found["end"]["n"])


def _percent(rate: float | None) -> str | None:
    return None if rate is None else f"{rate * 100:.1f} %"


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 3) if whole else None
