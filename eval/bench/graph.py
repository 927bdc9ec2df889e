"""`needgraph eval graph`: merging of voicings into needs, and what becomes of needs, on the test part."""

from pathlib import Path
from typing import Any

import click

from eval.bench.options import RunSettings, finish, json_option, models_option, progress, quiet_option
from eval.development.lives import figures as life_figures
from eval.development.lives import moments
from eval.development.material import TEST_PART, linking_encoder, rows
from eval.development.merging import accounts, figures, merged, read_pairs
from eval.report import table
from graph.life import LIFE_VERSION, Life
from graph.merger import MERGER_VERSION, Merger

MERGE_HEAD = ("merging", "voicings", "pair precision", "recall", "F1", "B-cubed F1", "wrong pairs")
LIFE_HEAD = ("life", "there", "said", "precision", "recall")
NEVER = 1.1


@click.command()
@json_option("graph")
@quiet_option
@models_option
@click.pass_obj
def graph(settings: RunSettings, json_file: Path, quiet: bool, models_dir: Path) -> None:
    """Merge the labelled voicings of the test part's accounts, and follow the needs of its episodes.

    Signals are taken as labelled, so figures are the merger's and the follower's own. Nothing was fitted on these.
    """
    show = progress(quiet)
    encoder = linking_encoder(models_dir)
    files = [TEST_PART / name for name in ("calls.jsonl", "apart.jsonl", "episodes.jsonl")]
    show("merging")
    known = accounts(files[0], encoder)
    mergers = {MERGER_VERSION: Merger(), "nothing merged": Merger(threshold=NEVER)}
    merging = {name: figures(known, lambda _, of=of: of) for name, of in mergers.items()}
    apart = read_pairs(files[1], encoder)
    wrongly = merged(apart, Merger())
    show("what becomes of needs")
    lives = life_figures(list(moments(rows(files[2]))), Life(encoder))
    click.echo(table(MERGE_HEAD, [(name, *_rounded(of)) for name, of in merging.items()]))
    click.echo(f"of {len(apart)} written pairs that must not merge, {wrongly} do\n")
    click.echo(table(LIFE_HEAD, [(name, *_rounded(of)) for name, of in lives.items()]))
    report: dict[str, Any] = {
        "benchmark": "graph",
        "merger": MERGER_VERSION,
        "life": LIFE_VERSION,
        "merging": merging,
        "must_not_merge": {"pairs": len(apart), "merged": wrongly},
        "lives": lives,
    }
    finish(json_file, report, files, settings)


def _rounded(of: dict[str, float]) -> tuple[object, ...]:
    return tuple(round(value, 3) if isinstance(value, float) else value for value in of.values())
