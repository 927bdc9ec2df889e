"""What became of a need by an utterance: addressed by the rep, or confirmed, withdrawn, resolved by the customer.

Two linear models. The first reads the turn: does anything happen here, and what? The second looks at one want: is it
this want that it happens to? Weights by `python -m finetune.life`; nothing is said below `THRESHOLD`.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from graph.encoder import Encoder
from graph.messages import NeedId, NeedStatus
from graph.words import clauses, stems, words
from ingest.messages import Role
from intent.messages import Span

LIFE_VERSION = "life-1"
Happening = Literal["addressed", "confirmed", "withdrawn", "resolved"]
HAPPENINGS: Mapping[Role, tuple[Happening, ...]] = {
    "rep": ("addressed",),
    "customer": ("confirmed", "withdrawn", "resolved"),
}
"""What each side's words can do; the rep cannot say for the customer that a matter is settled."""

FROM: Mapping[Happening, frozenset[NeedStatus]] = {
    "addressed": frozenset(("open", "confirmed")),
    "confirmed": frozenset(("open", "addressed")),
    "withdrawn": frozenset(("open", "addressed", "confirmed")),
    "resolved": frozenset(("open", "addressed", "confirmed")),
}
"""Where a need must stand for it."""

THRESHOLD = 0.5
"""Of dialogues left out of the fit, 86 % of what is said above it is right and 58 % is found (2,917 turns,
`python -m finetune.life`, 2026-11-26). Better silent than wrong."""

BUCKETS = 4096
"""Word runs are hashed into so many columns, so no vocabulary is shipped."""
BEFORE_WEIGHT = 0.5
"""The turn before counts half: it says what a "yes, absolutely" answers."""
SIMILARITIES = 5
"""The first numbers of `nearness`; each is compared with the best of the other wants as well."""

Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An utterance and the turn before it."""

    role: Role
    text: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A need as it was voiced last: its words, with the turn before them, and how many turns ago."""

    need_id: NeedId
    status: NeedStatus
    words: str
    setting: str
    turns_ago: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What became of a need, the words that show it, and how likely."""

    need_id: NeedId
    status: Happening
    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class Weights:
    """Linear models: of turns by side, shape (1 + happenings, features + 1), and of wants by happening."""

    turns: Mapping[Role, Numbers]
    wants: Mapping[Happening, Numbers]

    @classmethod
    def load(cls, path: Path | None = None) -> "Weights":
        """The shipped weights, or those of a file."""
        with np.load(path or Path(str(files("graph"))) / "life.npz") as held:
            return cls(
                {role: held[f"turns.{role}"].astype(np.float32) for role in HAPPENINGS},
                {one: held[f"wants.{one}"].astype(np.float32) for of in HAPPENINGS.values() for one in of},
            )


class Life:
    """Follows the needs of a call."""

    version = LIFE_VERSION

    def __init__(self, encoder: Encoder, weights: Weights | None = None) -> None:
        """Use an encoder that remembers: wants come again with every turn."""
        self._encoder = encoder
        self._weights = weights or Weights.load()

    def read(self, heard: Heard, wants: Sequence[Want]) -> tuple[Happened, ...]:
        """What the utterance does to each of these needs; mostly nothing."""
        if not wants or not heard.text.strip():
            return ()
        evidence = self.evidence(heard)
        near = nearness(heard, wants, self._encoder)
        found = [
            happened
            for want, row in zip(wants, near, strict=True)
            if (happened := self._of(heard, want, evidence, row)) is not None
        ]
        return tuple(found) if heard.role == "rep" else _likeliest(found)

    def evidence(self, heard: Heard) -> Numbers:
        """Log odds of each happening of this side against nothing. Shape: (happenings,)."""
        scores = with_one(turn_features(heard, self._encoder)) @ self._weights.turns[heard.role].T
        return scores[1:] - scores[0]

    def _of(self, heard: Heard, want: Want, evidence: Numbers, near: Numbers) -> Happened | None:
        chances: list[tuple[float, Happening]] = [
            (_sigmoid(float(self._weights.wants[one] @ with_one(np.append(odds, near)))), one)
            for one, odds in zip(HAPPENINGS[heard.role], evidence, strict=True)
            if want.status in FROM[one]
        ]
        if not chances:
            return None
        score, happening = max(chances)
        if score < THRESHOLD:
            return None
        return Happened(need_id=want.need_id, status=happening, span=self._span(heard, happening), score=score)

    def _span(self, heard: Heard, happening: Happening) -> Span:
        """The clause that shows it best."""
        number = HAPPENINGS[heard.role].index(happening)
        parts = clauses(heard.text)
        odds = [
            self.evidence(Heard(role=heard.role, text=heard.text[start:end], before=heard.before))[number]
            for start, end in parts
        ]
        start, end = parts[int(np.argmax(odds))]
        return Span(start=start, end=end)


def _likeliest(found: Sequence[Happened]) -> tuple[Happened, ...]:
    """Customers take back or settle one matter at a time; a rep's sentence may answer two."""
    best: dict[Happening, Happened] = {}
    for one in sorted(found, key=lambda one: one.score):
        best[one.status] = one
    return tuple(best.values())


def turn_features(heard: Heard, encoder: Encoder) -> Numbers:
    """The turn's meaning, that of the turn before, and the turn's runs of up to three words. Shape: (4864,)."""
    meaning = encoder.embed([heard.text, heard.before or " "])
    return np.concatenate([meaning[0], BEFORE_WEIGHT * meaning[1], _runs(heard.text)]).astype(np.float32)


def nearness(heard: Heard, wants: Sequence[Want], encoder: Encoder) -> Numbers:
    """How near each want is to the turn, by meaning, words and time, and beside the other wants. Shape: (wants, 16)."""
    parts = [heard.text[start:end] for start, end in clauses(heard.text)]
    turn = encoder.embed([heard.text, heard.before or " ", *parts])
    said, before = set(stems(heard.text)), set(stems(heard.before))
    latest = min(want.turns_ago for want in wants)
    rows: list[list[float]] = []
    for want in wants:
        meaning, setting = encoder.embed([want.words, want.setting])
        held = set(stems(want.words))
        rows.append(
            [
                float(turn[0] @ meaning),
                float(turn[0] @ setting),
                float((turn[2:] @ meaning).max()),
                float(turn[1] @ meaning),
                len(held & said) / max(1, len(held)),
                len(held & before) / max(1, len(held)),
                float(want.turns_ago == latest),
                1 / max(1, want.turns_ago),
                float(len(wants) == 1),
                float(want.turns_ago == 1),
                float(want.turns_ago == 2),
            ]
        )
    made = np.array(rows, np.float32)
    return np.concatenate([made, _lead(made[:, :SIMILARITIES])], axis=1)


def with_one(features: Numbers) -> Numbers:
    """Features with the intercept's column."""
    return np.append(features, np.float32(1))


def _lead(values: Numbers) -> Numbers:
    """By how much each row is above the best other one; 0 when it is alone."""
    if len(values) < 2:
        return np.zeros_like(values)
    second, first = np.partition(values, -2, axis=0)[-2:]
    return values - np.where(values == first, second, first)


def _runs(text: str) -> Numbers:
    said = ["^", *words(text), *("?" if text.rstrip().endswith("?") else "")]
    runs = ("_".join(said[start : start + length]) for length in (1, 2, 3) for start in range(len(said) - length + 1))
    made = np.zeros(BUCKETS, np.float32)
    made[[zlib.crc32(run.encode()) % BUCKETS for run in runs]] = 1
    return made / np.float32(np.linalg.norm(made))


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))
