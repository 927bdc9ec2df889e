"""A played call against its script: latencies, words, signals (pure)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from eval.client import Played
from eval.demo_world import ScriptedSignal, ScriptedTurn
from eval.metrics import percentiles, word_errors
from eval.report import table

Arrived = tuple[float, dict[str, Any]]
"""Arrival in seconds, and the event."""


def measure(played: Played, script: Sequence[ScriptedTurn]) -> dict[str, Any]:
    """Everything the demo report says of one call; see `commands.md` for the definitions."""
    utterances = _of_type(played, "utterance")
    signals, links = _of_type(played, "signal"), _of_type(played, "link")
    arrived = {event["utterance_id"]: at for at, event in utterances}
    spoken = {event["utterance_id"]: event for _, event in utterances}
    ends = {event["utterance_id"]: _speech_end_ms(event, utterances, script) for _, event in utterances}
    to_utterance = [
        _ms(at - played.sent_s(turn.end_ms))
        for turn in script
        if (found := _holding_last_word(turn, utterances)) is not None
        for at in (found[0],)
    ]
    to_signal = [_ms(at - arrived[event["utterance_id"]]) for at, event in signals if event["utterance_id"] in arrived]
    to_link = [
        _ms(at - played.sent_s(ends[event["utterance_id"]])) for at, event in links if event["utterance_id"] in ends
    ]
    return {
        "latency_ms": {
            "speech_end_to_utterance": asdict(percentiles(to_utterance)),
            "utterance_to_signal": asdict(percentiles(to_signal)),
            "speech_end_to_link": asdict(percentiles(to_link)),
        },
        "wer": _words(script, [event for _, event in utterances]).rate,
        "words": asdict(_words(script, [event for _, event in utterances])),
        "turns_without_final": [turn.turn for turn in script if _holding_last_word(turn, utterances) is None],
        "finals": len(utterances),
        "signals": _signals(script, [event for _, event in signals], spoken),
        "links": {"decided": len(links), "abstained": sum(not event["links"] for _, event in links)},
    }


def report_table(report: dict[str, Any]) -> str:
    """The report as people read it."""
    rows: list[Sequence[object]] = [
        (name.replace("_", " "), figures["p50"], figures["p95"], figures["n"])
        for name, figures in report["latency_ms"].items()
    ]
    found = report["signals"]
    lines = [table(("milliseconds", "p50", "p95", "n"), rows), ""]
    lines.append(f"signals found     {found['found']} of {found['scripted']} scripted, {found['false_alarms']} others")
    lines.append(
        f"links             {report['links']['decided']} decisions, {report['links']['abstained']} abstentions"
    )
    lines.append(f"word error rate   {_percent(report['wer'])} of {report['words']['words']} words")
    if report.get("telephone"):
        lines.append(f"  by telephone    {_percent(report['telephone']['rate'])} (8 kHz mu-law, office noise)")
    memory = report.get("memory_mb")
    if memory:
        lines.append(f"peak memory       service {memory['service']} MB, engine {memory['engine']} MB")
    return "\n".join(lines)


def _of_type(played: Played, kind: str) -> list[Arrived]:
    return [(at, event) for at, event in played.events if event["type"] == kind]


def _ms(seconds: float) -> float:
    return seconds * 1000


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate * 100:.1f} %"


def _holding_last_word(turn: ScriptedTurn, utterances: Sequence[Arrived]) -> Arrived | None:
    """The final of the turn's channel that covers its end: the last one that began before it."""
    begun = [
        one
        for one in utterances
        if one[1]["channel"] == turn.channel and one[1]["start_ms"] < turn.end_ms and one[1]["end_ms"] > turn.start_ms
    ]
    return max(begun, key=lambda one: one[1]["start_ms"], default=None)


def _speech_end_ms(event: dict[str, Any], utterances: Sequence[Arrived], script: Sequence[ScriptedTurn]) -> int:
    """End of the turn that a final closes; of a final inside a turn its own last word."""
    for turn in script:
        last = _holding_last_word(turn, utterances)
        if last is not None and last[1]["utterance_id"] == event["utterance_id"]:
            return turn.end_ms
    return event["end_ms"]


def _words(script: Sequence[ScriptedTurn], utterances: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401 - WordErrors
    names = dict.fromkeys(turn.channel for turn in script)
    pairs: list[tuple[str, str]] = []
    for name in names:
        said = sorted((one for one in utterances if one["channel"] == name), key=lambda one: one["start_ms"])
        reference = " ".join(turn.text for turn in script if turn.channel == name)
        pairs.append((reference, " ".join(one["text"] for one in said)))
    return word_errors(pairs)


def _signals(
    script: Sequence[ScriptedTurn], signals: Sequence[dict[str, Any]], spoken: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """How many scripted signals were found with the right kind and type in the turn that holds them."""
    placed = [(_turn_of(spoken[one["utterance_id"]], script), one) for one in signals if one["utterance_id"] in spoken]
    wanted = [(turn.turn, one) for turn in script for one in turn.signals]
    missing: list[str] = []
    used: set[str] = set()
    for number, scripted in wanted:
        hit = next(
            (one for turn, one in placed if turn == number and _same(one, scripted) and one["id"] not in used), None
        )
        if hit is None:
            missing.append(f"turn {number}: {scripted.type}")
        else:
            used.add(hit["id"])
    others = [f"turn {turn}: {one['signal_type']}" for turn, one in placed if one["id"] not in used]
    return {
        "scripted": len(wanted),
        "found": len(wanted) - len(missing),
        "false_alarms": len(others),
        "missing": missing,
        "others": others,
    }


def _same(event: dict[str, Any], scripted: ScriptedSignal) -> bool:
    return (event["kind"], event["signal_type"]) == (scripted.kind, scripted.type)


def _turn_of(event: dict[str, Any], script: Sequence[ScriptedTurn]) -> int | None:
    """The turn of the same channel that shares most time with a final."""

    def shared(turn: ScriptedTurn) -> int:
        return min(turn.end_ms, event["end_ms"]) - max(turn.start_ms, event["start_ms"])

    same = [turn for turn in script if turn.channel == event["channel"] and shared(turn) > 0]
    return max(same, key=shared).turn if same else None
