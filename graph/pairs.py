"""Two voicings as a model reads them side by side: what is asked of it, and the words it is given."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]


class PairReader(Protocol):
    """Reads two voicings side by side.

    name: another one gives other numbers.
    """

    @property
    def name(self) -> str:
        """Which reader this is."""
        ...

    def same(self, one: str, others: Sequence[str], /) -> Logits:
        """Log odds that each of the others is one want with the first. Shape: (others,), float32."""
        ...


def told(type_: str, meaning: str, setting: str) -> str:
    """A voicing with all that says what it means: its type, its words, and the turn before with the clause."""
    return f"{type_}: {meaning} | {setting}"
