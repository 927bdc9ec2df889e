"""Latencies as a report and as a table (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from eval.bench.call_latency import Samples
from eval.metrics import percentiles
from eval.report import table

DEFINITIONS = {
    "turn_to_final": "exact end of a turn, as sent → arrival of the final that holds its last word; not of the turn "
    "with which the audio ends, whose final `end` asks for",
    "word_to_final": "end of a word → first final with it; words heard right only; exact at a turn's end, else the "
    "recognised end",
    "word_to_shown": "the same → first partial (else the final) that shows the word, when all later ones keep it",
    "first_partial": "exact start of a turn → first text about it",
    "end_to_last_final": "`end` sent → last final; 0 when it came before",
    "end_to_close": "`end` sent → `call_ended`",
    "stability": "words of partials that a later text of the utterance changed / words of finals",
    "finals_inside_sentence": "finals whose last word stands inside a sentence of the reference / finals whose last "
    "word was said",
    "words_lost_at_end": "words at the end of the call's last turn, with which its audio ends, in no final",
    "cpu": "processor seconds of the service a second of call; its graph engine apart",
}
TIMES = ("turn_to_final", "word_to_final", "word_to_shown", "first_partial", "end_to_last_final", "end_to_close")


@dataclass(slots=True, kw_only=True)
class GroupLatency:
    """The calls of a group, one after another."""

    name: str
    calls: int = 0
    samples: Samples = field(default_factory=Samples)
    cpu_s: float = 0.0
    engine_cpu_s: float = 0.0
    wall_s: float = 0.0

    def add(self, other: "GroupLatency") -> None:
        """Take in other calls."""
        self.calls += other.calls
        self.samples.add(other.samples)
        self.cpu_s += other.cpu_s
        self.engine_cpu_s += other.engine_cpu_s
        self.wall_s += other.wall_s

    def summary(self) -> dict[str, Any]:
        """Percentiles and shares, for the report's file."""
        samples = self.samples
        return {
            "group": self.name,
            "calls": self.calls,
            "call_s": round(samples.call_ms / 1000, 1),
            "latency_ms": {name: asdict(percentiles(getattr(samples, f"{name}_ms"))) for name in TIMES},
            "worst_turn_to_final_ms": round(max(samples.turn_to_final_ms)) if samples.turn_to_final_ms else None,
            "turns": samples.turns,
            "turns_without_final": samples.turns_without_final,
            "stability": _ratio(samples.changed_words, samples.final_words),
            "finals": samples.finals,
            "finals_inside_sentence": _ratio(samples.finals_inside, samples.finals_judged),
            "words_lost_at_end": samples.words_lost_at_end,
            "partials_per_call_s": _ratio(samples.partials, samples.call_ms / 1000),
            "partials_per_speech_s": _ratio(samples.partials, samples.speech_ms / 1000),
            "cpu_s_per_call_s": _ratio(self.cpu_s, samples.call_ms / 1000),
            "engine_cpu_s_per_call_s": _ratio(self.engine_cpu_s, samples.call_ms / 1000),
            "service_cores": _ratio(self.cpu_s, self.wall_s),
        }


def together(groups: Sequence[GroupLatency]) -> list[GroupLatency]:
    """The groups, and below several of them all of their calls."""
    if len(groups) < 2:
        return list(groups)
    whole = GroupLatency(name="all")
    for group in groups:
        whole.add(group)
    return [*groups, whole]


def as_report(groups: Sequence[GroupLatency], speed: float, peak_mb: Mapping[str, int]) -> dict[str, Any]:
    """Everything measured, for the report's file."""
    return {
        "benchmark": "latency",
        "network": "loopback",
        "speed": speed,
        "packet_ms": 100,
        "definitions": DEFINITIONS,
        "groups": [one.summary() for one in together(groups)],
        "peak_memory_mb": dict(peak_mb),
    }


def as_table(groups: Sequence[GroupLatency]) -> str:
    """What people read: a column for each group."""
    found = [one.summary() for one in together(groups)]
    rows: list[Sequence[object]] = []
    for name in TIMES:
        rows += [
            (f"{name.replace('_', ' ')}, ms, {figure}", *(one["latency_ms"][name][figure] for one in found))
            for figure in ("p50", "p95")
        ]
    rows += [(name.replace("_", " "), *(one[name] for one in found)) for name in FIGURES]
    return table(("", *(one["group"] for one in found)), rows)


FIGURES = (
    "worst_turn_to_final_ms",
    "turns",
    "turns_without_final",
    "stability",
    "finals",
    "finals_inside_sentence",
    "words_lost_at_end",
    "partials_per_speech_s",
    "cpu_s_per_call_s",
    "engine_cpu_s_per_call_s",
)


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 3) if whole else None
