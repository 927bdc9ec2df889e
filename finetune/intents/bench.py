"""`needgraph eval intents`: public intent sets, each beside a bag of words on the same texts."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from eval.bench.options import RunSettings, finish, json_option, models_option, quiet_option
from eval.report import table
from finetune.candidate import require_extra
from finetune.config import RunConfig
from finetune.intents.public import Said, banking77, casino, clinc150, nlupp, swda
from finetune.progress import shown
from intent.config import IntentConfig
from intent.model import IntentModel

SETS = ("banking77", "clinc150", "nlupp", "casino", "swda")
FEW = 10
FOLDS = 5
HEAD = ("set", "measure", "runs", "floor", "encoder", "gain")
FILES = {
    "banking77": ("banking77/train.csv",),
    "clinc150": ("clinc150/data_train_val.json",),
    "nlupp": tuple(f"nlupp/{domain}/fold{number}.json" for domain in ("banking", "hotels") for number in range(10)),
    "casino": ("casino/casino_train.json",),
    "swda": ("swda/train.jsonl.gz",),
}
CASINO = RunConfig(
    seed=3, epochs=5, batch_size=32, learning_rate=1.5e-3, noise=0.0, positive_weight=2.0, token_weight=0.2
)
SWDA = RunConfig(
    seed=3, epochs=2, batch_size=32, learning_rate=1.5e-3, noise=0.0, positive_weight=2.0, token_weight=0.2
)
SWDA_QUIET = 15_000
"""Of 190,000 utterances that are neither hedge nor hold, so many are learnt from."""

Progress = Callable[[float, str], None]
Row = tuple[str, str, list[float], list[float]]
"""Set, measure, the floor's and the model's figure of every run."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(SETS))
@click.option(
    "--sets", "root", type=click.Path(path_type=Path), default=Path("../shared/data/text"), show_default=True,
    help="Folder of the public sets.",
)  # fmt: skip
@click.option("--runs", type=click.IntRange(1), default=FOLDS, show_default=True, help="Seeds or folds.")
@json_option("intents")
@quiet_option
@models_option
@click.pass_obj
def intents(  # noqa: PLR0913 - a verb has its options
    settings: RunSettings,
    names: tuple[str, ...],
    root: Path,
    runs: int,
    json_file: Path,
    quiet: bool,
    models_dir: Path,
) -> None:
    """Classify the texts of NAMES, all sets without one: few-shot, full, out of scope, rare acts.

    banking77, clinc150 and nlupp: the encoder as it is, a linear model on its embeddings, blended with the bag of
    words. casino and swda: LoRA on the encoder, as signals are learnt, five folds by dialogue. No set's official test
    part is read. Needs the extra `train`.
    """
    require_extra()
    bench = _Bench(models_dir, root, runs)
    rows: list[Row] = []
    chosen = names or SETS
    with shown("none" if quiet else "bar") as progress:
        for number, name in enumerate(chosen):
            bench.progress = _part_of(progress, number / len(chosen), 1 / len(chosen), name)
            rows += list(getattr(bench, name)())
    click.echo(table(HEAD, [_cells(one) for one in rows]))
    report = {
        "benchmark": "intents",
        "rows": [
            {"set": name, "measure": measure, "floor": floor, "encoder": encoder}
            for name, measure, floor, encoder in rows
        ],
        "recipes": {"casino": CASINO.model_dump(), "swda": SWDA.model_dump()},
    }
    finish(json_file, report, [root / path for name in chosen for path in FILES[name]], settings)


class _Bench:
    """The encoder, loaded once, and a method for each set."""

    def __init__(self, models_dir: Path, root: Path, runs: int) -> None:
        self._models_dir, self._root, self._runs = models_dir, root, runs
        self._model = IntentModel(models_dir, IntentConfig(threads=2))
        self.progress: Progress = _silent

    def banking77(self) -> Iterator[Row]:
        said = banking77(self._root)
        vectors = self._vectors(said)
        few: list[tuple[float, float]] = []
        full: list[tuple[float, float]] = []
        for run in range(self._runs):
            self.progress(run / self._runs, f"run {run + 1} of {self._runs}")
            learnt = _few(said, run)
            few.append(self._accuracy(said, vectors, learnt, sorted(set(range(len(said))) - set(learnt))))
        for run, asked in enumerate(_folds(said, self._runs)):
            self.progress(run / self._runs, f"full, fold {run + 1} of {self._runs}")
            full.append(self._accuracy(said, vectors, sorted(set(range(len(said))) - set(asked)), asked))
        yield _row("BANKING77", f"accuracy, {FEW} a class", few)
        yield _row("BANKING77", "accuracy, full", full)

    def clinc150(self) -> Iterator[Row]:
        from sklearn.metrics import roc_auc_score

        from finetune.intents.frozen import guess

        sets = clinc150(self._root)
        asked = [*sets.val, *sets.out_of_scope]
        vectors, asked_vectors = self._vectors(sets.train), self._vectors(asked)
        truth = np.array([_one(said) for said in sets.val])
        inside = np.arange(len(asked)) < len(sets.val)

        def run_on(learnt: Sequence[int]) -> tuple[tuple[float, float], tuple[float, float]]:
            found = guess(
                [sets.train[n].text for n in learnt],
                [_one(sets.train[n]) for n in learnt],
                [one.text for one in asked],
                vectors[learnt],
                asked_vectors,
            )
            right = [
                float((found.classes[chances[inside].argmax(1)] == truth).mean())
                for chances in (found.floor, found.blended)
            ]
            apart = [float(roc_auc_score(inside, scores)) for scores in (found.in_scope_floor, found.in_scope)]
            return (right[0], right[1]), (apart[0], apart[1])

        few: list[tuple[float, float]] = []
        for run in range(self._runs):
            self.progress(run / (self._runs + 1), f"run {run + 1} of {self._runs}")
            few.append(run_on(_few(sets.train, run))[0])
        self.progress(self._runs / (self._runs + 1), "full")
        accuracy, apart = run_on(list(range(len(sets.train))))
        yield _row("CLINC150", f"accuracy, {FEW} a class", few)
        yield _row("CLINC150", "accuracy, full", [accuracy])
        yield _row("CLINC150", "out-of-scope AUROC, full", [apart])

    def nlupp(self) -> Iterator[Row]:
        from finetune.intents.frozen import several

        for domain in ("banking", "hotels"):
            said = nlupp(self._root, domain)
            vectors = self._vectors(said)
            few: list[tuple[float, float]] = []
            full: list[tuple[float, float]] = []
            for fold in range(self._runs):
                self.progress(fold / self._runs, f"{domain}, fold {fold + 1} of {self._runs}")
                inside = [n for n, one in enumerate(said) if one.group == str(fold)]
                outside = [n for n, one in enumerate(said) if one.group != str(fold)]
                few.append(several(said, vectors, inside, outside))
                full.append(several(said, vectors, outside, inside))
            yield _row(f"NLU++ {domain}", "micro F1, one fold of ten", few)
            yield _row(f"NLU++ {domain}", "micro F1, nine folds of ten", full)

    def casino(self) -> Iterator[Row]:
        wanted = ("self-need", "other-need")
        yield from self._rare("CaSiNo", casino(self._root), wanted, wanted, CASINO, 1 << 30)

    def swda(self) -> Iterator[Row]:
        yield from self._rare("SwDA", swda(self._root), ("h", "^h"), ("hedge", "hold"), SWDA, SWDA_QUIET)

    def _rare(
        self,
        name: str,
        said: Sequence[Said],
        wanted: Sequence[str],
        titles: Sequence[str],
        recipe: RunConfig,
        kept: int,
    ) -> Iterator[Row]:
        from finetune.intents.tuned import f1_of, find

        groups = sorted({one.group for one in said})
        random.Random(0).shuffle(groups)
        fold_of = {group: number % FOLDS for number, group in enumerate(groups)}
        scores: list[list[tuple[float, float]]] = [[] for _ in wanted]
        for fold in range(min(self._runs, FOLDS)):
            learnt = [one for one in said if fold_of[one.group] != fold]
            asked = [one for one in said if fold_of[one.group] == fold]
            found = find(
                self._models_dir, recipe, wanted, learnt, asked, kept,
                lambda share, text, fold=fold: self.progress((fold + share) / FOLDS, f"fold {fold + 1}, {text}"),
            )  # fmt: skip
            for column, intent in enumerate(wanted):
                truth = np.array([intent in one.intents for one in asked])
                scores[column].append((f1_of(found.floor[:, column], truth), f1_of(found.model[:, column], truth)))
        for title, of in zip(titles, scores, strict=True):
            yield _row(name, f"{title} F1", of)

    def _accuracy(
        self, said: Sequence[Said], vectors: npt.NDArray[np.float32], learnt: list[int], asked: list[int]
    ) -> tuple[float, float]:
        from finetune.intents.frozen import guess

        found = guess(
            [said[n].text for n in learnt],
            [_one(said[n]) for n in learnt],
            [said[n].text for n in asked],
            vectors[learnt],
            vectors[asked],
        )
        truth = np.array([_one(said[n]) for n in asked])
        floor, blended = (float((found.classes[of.argmax(1)] == truth).mean()) for of in (found.floor, found.blended))
        return floor, blended

    def _vectors(self, said: Sequence[Said]) -> npt.NDArray[np.float32]:
        self.progress(0.0, f"embedding {len(said)} texts")
        return self._model.embed([one.text for one in said])


def _part_of(progress: Progress, start: float, share: float, name: str) -> Progress:
    return lambda done, text: progress(start + share * done, f"{name}: {text}")


def _silent(_share: float, _text: str) -> None: ...


def _few(said: Sequence[Said], seed: int) -> list[int]:
    """Ten texts of each class."""
    of: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(said):
        of[_one(one)].append(number)
    source = random.Random(seed)
    return [number for name in sorted(of) for number in source.sample(of[name], FEW)]


def _folds(said: Sequence[Said], count: int) -> list[list[int]]:
    """Every text in one of five folds, each class spread evenly; the first so many of them."""
    of: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(said):
        of[_one(one)].append(number)
    source = random.Random(0)
    folds: list[list[int]] = [[] for _ in range(FOLDS)]
    for name in sorted(of):
        source.shuffle(of[name])
        for place, number in enumerate(of[name]):
            folds[place % FOLDS].append(number)
    return folds[:count]


def _one(said: Said) -> str:
    return next(iter(said.intents))


def _row(name: str, measure: str, runs: Sequence[tuple[float, float]]) -> Row:
    return name, measure, [round(floor, 4) for floor, _ in runs], [round(encoder, 4) for _, encoder in runs]


def _cells(row: Row) -> tuple[object, ...]:
    name, measure, floor, encoder = row
    was, now = float(np.mean(floor)), float(np.mean(encoder))
    return name, measure, len(floor), f"{was:.3f}", f"{now:.3f}", f"{now - was:+.3f}"
