"""The benchmark of the page: what it makes of the script's report, and what it says when there is none."""

import json
from pathlib import Path

import click
import pytest

from eval.bench.screen import ROWS, measured, over_target, rows

GOOD = {key: most if most is not None else 7 for key, _, most, _ in ROWS}


def script(folder: Path, text: str) -> Path:
    """A stand-in for the page's own script."""
    path = folder / "measure.mjs"
    path.write_text(text, encoding="utf-8")
    return path


def test_figures_at_their_targets_are_met() -> None:
    assert over_target(GOOD) == []


@pytest.mark.parametrize("key", [key for key, _, most, _ in ROWS if most is not None])
def test_a_figure_over_its_target_is_named(key: str) -> None:
    assert over_target({**GOOD, key: GOOD[key] + 0.1}) == [key]


def test_the_table_leaves_out_what_was_not_measured() -> None:
    shown = rows({"painted_p95_ms": 31.5, "heap_mb": 41})
    assert shown == [
        ("event to painted, p95", "31.5 ms", "<= 50 ms"),
        ("heap after a call of three hours", "41 MB", "<= 300 MB"),
    ]


def test_sizes_reach_the_script_and_its_last_line_is_the_report(tmp_path: Path) -> None:
    echo = script(tmp_path, "console.log('a warning'); console.log(JSON.stringify({ given: process.argv.slice(2) }))")
    assert measured({"needs": 3, "lines": 5}, echo) == {"given": ["--needs=3", "--lines=5"]}


def test_a_script_that_fails_is_told_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="no browser here"):
        measured({}, script(tmp_path, "console.error('no browser here'); process.exit(3)"))


def test_a_missing_script_says_where_to_run_it(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="checkout"):
        measured({}, tmp_path / "nothing.mjs")


def test_the_script_of_the_page_takes_every_size() -> None:
    text = Path("server/web/dev/measure.mjs").read_text(encoding="utf-8")
    assert all(f"{name}: number(" in text for name in ("needs", "lines", "events", "utterances"))
    assert all(key in text for key, *_ in ROWS), json.dumps([key for key, *_ in ROWS if key not in text])
