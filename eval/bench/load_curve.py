"""The curve of latency over calls (pure): its points, when it ends, how many streams it says fit."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics import percentiles
from eval.report import table

P95_LIMIT_MS = 1_000
WORST_LIMIT_MS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What `calls` calls at once gave; of latencies those from a turn's end to its final.

    lost: turns whose end came in no final. refused: calls that the service did not take. broken: calls whose
    connection ended early.
    """

    calls: int
    late_ms: tuple[float, ...]
    lost: int
    refused: int
    broken: int
    partials_per_call_s: float
    service_cores: float
    engine_cores: float
    generator_cores: float
    rss_mb: int

    @property
    def p50_ms(self) -> int | None:
        """Half of the turns are final by then; None where there were none, or half are lost."""
        return self._rank("p50")

    @property
    def p95_ms(self) -> int | None:
        """A lost turn counts as one that is late for ever; None when more than one in twenty is lost."""
        return self._rank("p95")

    @property
    def worst_ms(self) -> int | None:
        """The latest final that came."""
        return round(max(self.late_ms)) if self.late_ms else None

    @property
    def holds(self) -> bool:
        """Whether so many calls are served well: nothing refused or broken, p95 and the latest final in time."""
        if self.refused or self.broken:
            return False
        if not self.late_ms and not self.lost:
            return True
        p95_ms, worst_ms = self.p95_ms, self.worst_ms
        return p95_ms is not None and p95_ms <= P95_LIMIT_MS and worst_ms is not None and worst_ms < WORST_LIMIT_MS

    def _rank(self, name: str) -> int | None:
        # Lost ones are the largest; a number beyond any real latency keeps the ranks whole.
        never = 1e12
        found = getattr(percentiles([*self.late_ms, *([never] * self.lost)]), name)
        return None if found is None or found >= never else found


def streams_at_p95(points: Sequence[Point]) -> int:
    """The most calls that were served well, with all smaller numbers served well too; 0 when one was too many."""
    most = 0
    for point in sorted(points, key=lambda one: one.calls):
        if not point.holds:
            break
        most = point.calls
    return most


def mb_per_extra_call(points: Sequence[Point], point: Point) -> float | None:
    """Memory that each call beyond those of the first point adds."""
    first = points[0]
    extra = point.calls - first.calls
    return round((point.rss_mb - first.rss_mb) / extra, 1) if extra > 0 else None


def as_report(points: Sequence[Point], idle_cores: float) -> dict[str, Any]:
    """Everything measured, for the report's file."""
    rows: list[dict[str, Any]] = []
    for point in points:
        row = asdict(point)
        late_ms = row.pop("late_ms")
        figures = {"p50_ms": point.p50_ms, "p95_ms": point.p95_ms, "worst_ms": point.worst_ms}
        row |= {"turns": len(late_ms) + point.lost, **figures, "holds": point.holds}
        row["mb_per_extra_call"] = mb_per_extra_call(points, point)
        row["cores_per_call"] = cores_per_call(point, idle_cores)
        rows.append(row)
    return {"points": rows, "streams_at_p95": streams_at_p95(points), "idle_service_cores": round(idle_cores, 3)}


def cores_per_call(point: Point, idle_cores: float) -> float | None:
    """Service processor seconds that a second of one call takes, beyond what an idle service takes."""
    taken = point.calls - point.refused
    return round((point.service_cores - idle_cores) / taken, 4) if taken else None


def as_table(points: Sequence[Point], idle_cores: float) -> str:
    """What people read: a row for each number of calls."""
    head = ("calls", "p50 ms", "p95 ms", "worst", "lost", "refused", "broken", "partials/s/call")
    head += ("service cores", "a call", "engine", "generator", "RSS MB", "MB/extra call")
    rows = [
        (
            point.calls,
            point.p50_ms,
            point.p95_ms,
            point.worst_ms,
            point.lost,
            point.refused,
            point.broken,
            round(point.partials_per_call_s, 2),
            round(point.service_cores, 2),
            cores_per_call(point, idle_cores),
            round(point.engine_cores, 2),
            round(point.generator_cores, 2),
            point.rss_mb,
            mb_per_extra_call(points, point),
        )
        for point in points
    ]
    return table(head, rows)
