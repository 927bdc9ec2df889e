"""A second opinion beside the encoder: words and pieces of words of an utterance, weighed for each shipped type.

TF-IDF and a linear model, as scikit-learn fitted them (`finetune/floor.py`), computed here without it. It knows rare
words that the encoder's pieces blur, fires less on quiet turns, and is the same for every tenant.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from intent.errors import BrokenAdapterError

BAG_FILE = "bag.npz"
WORD = re.compile(r"(?u)\b\w\w+\b")
BLANKS = re.compile(r"\s\s+")
WORD_GRAMS, CHARACTER_GRAMS = (1, 2), (2, 4)

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grams:
    """One kind of features: the number of each, and their inverse document frequencies."""

    numbers: Mapping[str, int]
    idf: npt.NDArray[np.float32]

    def vector(self, counts: Mapping[str, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Numbers and weights of what occurs, of length 1."""
        known = [(self.numbers[gram], count) for gram, count in counts.items() if gram in self.numbers]
        places = np.array([place for place, _ in known], dtype=np.int64)
        weights = np.array([1.0 + np.log(count) for _, count in known], dtype=np.float32) * self.idf[places]
        return places, weights / max(float(np.linalg.norm(weights)), 1e-12)


class WordBag:
    """Logits of the shipped types from the words alone."""

    def __init__(self, types: Sequence[str], words: Grams, characters: Grams, weights: Logits, biases: Logits) -> None:
        """Take what was fitted.

        Args:
            types: by their keys, in the order of the columns.
            words: features of words.
            characters: features of characters; their numbers go on after those of the words.
            weights: Shape: (features, types).
            biases: Shape: (types,).
        """
        self.types = tuple(types)
        self._words, self._characters = words, characters
        self._weights, self._biases = weights, biases

    @classmethod
    def load(cls, folder: Path) -> "WordBag":
        """Read what `save` wrote.

        Raises:
            BrokenAdapterError: it is missing or does not read.
        """
        path = folder / BAG_FILE
        try:
            # numpy leaves a path open that is no zip file.
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                kept: dict[str, Any] = {name: file[name] for name in file.files}
            grams = {name: str(kept[name]).split("\n") for name in ("words", "characters")}
            count = len(grams["words"])
            idf = kept["idf"].astype(np.float32)
            return cls(
                str(kept["types"]).split("\n"),
                Grams({gram: number for number, gram in enumerate(grams["words"])}, idf[:count]),
                Grams({gram: number for number, gram in enumerate(grams["characters"])}, idf[count:]),
                kept["weights"].astype(np.float32),
                kept["biases"].astype(np.float32),
            )
        except (OSError, KeyError, ValueError, BadZipFile) as error:
            raise BrokenAdapterError(f"{path} does not read; install needgraph again") from error

    def save(self, folder: Path) -> None:
        """Write it, in half precision."""
        np.savez_compressed(
            folder / BAG_FILE,
            types=np.array("\n".join(self.types)),
            words=np.array("\n".join(self._words.numbers)),
            characters=np.array("\n".join(self._characters.numbers)),
            idf=np.concatenate([self._words.idf, self._characters.idf]).astype(np.float16),
            weights=self._weights.astype(np.float16),
            biases=self._biases.astype(np.float32),
        )

    def logits(self, text: str) -> Logits:
        """How much the words speak for each type. Shape: (types,)."""
        lowered = text.lower()
        places, weights = self._words.vector(Counter(word_grams(lowered)))
        further, further_weights = self._characters.vector(Counter(character_grams(lowered)))
        total = weights @ self._weights[places] if len(places) else 0.0
        shifted = further + len(self._words.numbers)
        total = total + (further_weights @ self._weights[shifted] if len(further) else 0.0)
        return (total + self._biases).astype(np.float32)


def word_grams(text: str) -> Iterator[str]:
    """Words of two letters and more, and pairs of neighbours."""
    words = WORD.findall(text)
    for size in range(WORD_GRAMS[0], WORD_GRAMS[1] + 1):
        for at in range(len(words) - size + 1):
            yield " ".join(words[at : at + size])


def character_grams(text: str) -> Iterator[str]:
    """Pieces of words with a blank at each end; a word shorter than a piece gives it once."""
    for word in BLANKS.sub(" ", text).split():
        padded = f" {word} "
        for size in range(CHARACTER_GRAMS[0], CHARACTER_GRAMS[1] + 1):
            if len(padded) <= size:
                yield padded
                break
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]
