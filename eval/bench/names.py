"""`needgraph eval names`: which of the things that turns name are found, and how often what is found is right."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from asr.ordinary import ordinary_words
from eval.bench.options import RunSettings, finish, json_option, models_option, progress, quiet_option
from eval.development.material import DEVELOPMENT, TEST_PART, rows
from eval.report import table
from graph.gazetteer import Gazetteer, gazetteer
from graph.naming import Namer
from intent.entities import Entities
from intent.messages import NamedThing

FILE = "names.jsonl"
LIKE = 0.5
"""A find counts when its words and the labelled ones share at least half of what either covers."""

HEAD = ("type", "there", "found", "precision", "recall", "F1", "exact words", "right name")


@dataclass(slots=True)
class _Tally:
    """Counts of one type."""

    there: Counter[str] = field(default_factory=Counter[str])
    found: Counter[str] = field(default_factory=Counter[str])
    right: Counter[str] = field(default_factory=Counter[str])
    exact: Counter[str] = field(default_factory=Counter[str])
    as_named: Counter[str] = field(default_factory=Counter[str])


@click.command()
@json_option("names")
@click.option("--development", is_flag=True, help="The development part, on which the rules were made.")
@quiet_option
@models_option
@click.pass_obj
def names(settings: RunSettings, json_file: Path, development: bool, quiet: bool, models_dir: Path) -> None:
    """Find the things that written turns of several trades name, and compare with their labels.

    Each trade has names of its own that the namer knows, as a tenant's would be known; other names it must find by
    itself. Nothing was fitted on the test part (`eval/test_part/names.jsonl`).
    """
    path = (DEVELOPMENT if development else TEST_PART) / FILE
    progress(quiet)("naming")
    namer = Namer(Entities(models_dir))
    tally, took_ms, turns = _measured(rows(path), namer)
    figures = {name: _figures(tally, [name]) for name in sorted(tally.there | tally.found)}
    figures["all"] = _figures(tally, list(tally.there | tally.found))
    p50, p95 = (round(float(value), 1) for value in np.percentile(took_ms, [50, 95]))
    click.echo(table(HEAD, [(name, *_rounded(of)) for name, of in figures.items()]))
    click.echo(f"{turns} turns, {p50} ms in the middle, p95 {p95} ms, one thread")
    report: dict[str, Any] = {
        "benchmark": "names",
        "part": "development" if development else "test",
        "namer": namer.version,
        "turns": turns,
        "types": figures,
        "ms": {"p50": p50, "p95": p95},
    }
    finish(json_file, report, [path], settings)


def _measured(lines: Iterable[Mapping[str, Any]], namer: Namer) -> tuple[_Tally, list[float], int]:
    tally, took_ms, known = _Tally(), [0.0], Gazetteer()
    took_ms.clear()
    for line in lines:
        if "known" in line:
            known = _known(line["known"])
            namer.named("Good morning.", known)
            continue
        began = time.perf_counter()
        found = namer.named(line["text"], known)
        took_ms.append((time.perf_counter() - began) * 1000)
        _count(tally, found, line["things"])
    return tally, took_ms, len(took_ms)


def _known(of: Mapping[str, Any]) -> Gazetteer:
    return gazetteer(of["competitors"], of["products"], of["accounts"], of["people"], of["account"], ordinary_words())


def _count(tally: _Tally, found: Iterable[NamedThing], labelled: Iterable[Mapping[str, Any]]) -> None:
    open_labels = list(labelled)
    tally.there.update(one["type"] for one in open_labels)
    for one in found:
        tally.found[one.type] += 1
        match = next((label for label in open_labels if _same(one, label)), None)
        if match is not None:
            open_labels.remove(match)
            tally.right[one.type] += 1
            tally.exact[one.type] += (one.span.start, one.span.end) == (match["start"], match["end"])
            tally.as_named[one.type] += one.name.casefold() == match["name"].casefold()


def _same(one: NamedThing, label: Mapping[str, Any]) -> bool:
    shared = min(one.span.end, label["end"]) - max(one.span.start, label["start"])
    covered = max(one.span.end, label["end"]) - min(one.span.start, label["start"])
    return one.type == label["type"] and shared / covered >= LIKE


def _figures(tally: _Tally, types: list[str]) -> dict[str, float]:
    """Precision, recall and F1 of some types; of the right finds, those with the very words and with the right name."""
    there, found, right, exact, as_named = (
        sum(counts[name] for name in types)
        for counts in (tally.there, tally.found, tally.right, tally.exact, tally.as_named)
    )
    return {
        "there": there,
        "found": found,
        "precision": right / max(1, found),
        "recall": right / max(1, there),
        "f1": 2 * right / max(1, there + found),
        "exact": exact / max(1, right),
        "as_named": as_named / max(1, right),
    }


def _rounded(of: Mapping[str, float]) -> tuple[object, ...]:
    return tuple(round(value, 3) if isinstance(value, float) else value for value in of.values())
