"""Fitting and judging the merger on calls of accounts whose wants come again, and on pairs that must not merge."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.development.material import rows
from eval.development.regression import Sample, fitted, joined, sample
from graph.candidates import Query
from graph.encoder import Encoder
from graph.merger import KnownNeed, Merger, Voiced, features, voiced
from graph.messages import NeedId

FOLDS = 7
L2 = 0.3
CONTEXT_TURNS = 2
"""As `intent.config` has it."""
SIGNS = {"cosine_text": 1, "cosine_setting": 1, "same_type": 1, "words_agree": 1}

Account = tuple[tuple[Voiced, str], ...]
"""Voicings in the order they were said, each with the want it is one of."""


@dataclass(frozen=True, slots=True)
class MergeFit:
    """Weights, and for each account the weights that did not know it."""

    weights: dict[str, float]
    left_out: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two voicings, and whether they are one want."""

    a: Voiced
    b: Voiced
    same: bool


def accounts(path: Path, encoder: Encoder) -> dict[str, Account]:
    """Read and measure the signals of a file of labelled calls, whose `need` names the want."""
    calls: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows(path):
        calls[row["account"], row["call_id"]].append(row)
    found: dict[str, list[tuple[Voiced, str]]] = defaultdict(list)
    for (account, _), turns in calls.items():
        for place, turn in enumerate(turns):
            context = tuple(one["text"] for one in turns[max(0, place - CONTEXT_TURNS) : place])
            for signal in turn["signals"]:
                query = Query(
                    text=turn["text"][signal["start"] : signal["end"]],
                    utterance=turn["text"],
                    context=context,
                    kind=signal["kind"],
                    type=signal["type"],
                )
                found[account].append((voiced(query, encoder), signal["need"]))
    return {account: tuple(of) for account, of in found.items()}


def read_pairs(path: Path, encoder: Encoder) -> tuple[Pair, ...]:
    """Read and measure written pairs; without `same` they must not merge."""
    return tuple(
        Pair(_voiced(row["kind"], row["a"], encoder), _voiced(row["kind"], row["b"], encoder), row.get("same", False))
        for row in rows(path)
    )


def fit_merger(known: Mapping[str, Account], pairs: Sequence[Pair]) -> MergeFit:
    """Fit on the pairs within each account and the written ones; judge each account by the others."""
    written = sample([features(one.a, one.b) for one in pairs], [one.same for one in pairs])
    of_account = {name: _sample(account) for name, account in known.items()}
    names = sorted(known)
    left_out: dict[str, dict[str, float]] = {}
    for fold in range(FOLDS):
        others = [of_account[name] for place, name in enumerate(names) if place % FOLDS != fold]
        weights = fitted(joined(written, *others), SIGNS, L2)
        left_out |= {name: weights for place, name in enumerate(names) if place % FOLDS == fold}
    return MergeFit(fitted(joined(written, *of_account.values()), SIGNS, L2), left_out)


def replayed(account: Account, merger: Merger) -> list[NeedId]:
    """The need each voicing gets when they come one after the other."""
    known: dict[NeedId, list[Voiced]] = {}
    given: list[NeedId] = []
    for number, (voicing, _) in enumerate(account):
        needs = [KnownNeed(need_id=need_id, voiced=tuple(of)) for need_id, of in known.items()]
        need_id = merger.decide(voicing, needs).need_id or NeedId(f"n{number}")
        known.setdefault(need_id, []).append(voicing)
        given.append(need_id)
    return given


def figures(known: Mapping[str, Account], merger_of: Callable[[str], Merger]) -> dict[str, float]:
    """Compare the needs of each account with its wants.

    Over pairs of voicings of one account: precision, recall and F1 of "these two are one". Over voicings: B-cubed F1
    (Bagga and Baldwin 1998). wrong: pairs that were merged and are two.
    """
    right = wrong = missed = 0
    shares: list[tuple[float, float]] = []
    for name, account in known.items():
        given, wanted = replayed(account, merger_of(name)), [want for _, want in account]
        for one, other in itertools.combinations(range(len(account)), 2):
            together, same = given[one] == given[other], wanted[one] == wanted[other]
            right += together and same
            wrong += together and not same
            missed += same and not together
        shares += list(_cubed(given, wanted))
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    cubed = np.mean(shares, axis=0)
    return {
        "voicings": len(shares),
        "precision": precision,
        "recall": recall,
        "f1": _harmonic(precision, recall),
        "b_cubed_f1": _harmonic(float(cubed[0]), float(cubed[1])),
        "wrong": wrong,
    }


def merged(pairs: Sequence[Pair], merger: Merger) -> int:
    """How many pairs the merger takes for one want."""
    return sum(
        merger.decide(one.b, [KnownNeed(need_id=NeedId("a"), voiced=(one.a,))]).need_id is not None for one in pairs
    )


def _cubed(given: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[float, float]]:
    for place in range(len(given)):
        ours = {other for other in range(len(given)) if given[other] == given[place]}
        theirs = {other for other in range(len(given)) if wanted[other] == wanted[place]}
        yield len(ours & theirs) / len(ours), len(ours & theirs) / len(theirs)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _sample(account: Account) -> Sample:
    crossed = [(one, other) for one, other in itertools.combinations(account, 2) if one[0].kind == other[0].kind]
    return sample(
        [features(other[0], one[0]) for one, other in crossed], [one[1] == other[1] for one, other in crossed]
    )


def _voiced(kind: Any, side: Mapping[str, Any], encoder: Encoder) -> Voiced:  # noqa: ANN401 - a row of JSON
    words = side.get("words", side["text"])
    context = side.get("context", ())
    query = Query(
        text=words,
        utterance=side.get("utterance", side["text"]),
        context=(context,) if isinstance(context, str) else tuple(one["text"] for one in context),
        kind=kind if kind in ("need", "hesitation") else "need",
        type=side["type"],
    )
    return voiced(query, encoder)
