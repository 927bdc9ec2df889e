"""What graph asks of an encoder of texts, and a small memory of what was encoded lately."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
"""Of MiniLM-L6, the base encoder."""


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness in meaning.

    name: another one means other vectors.
    """

    @property
    def name(self) -> str:
        """Which encoder this is."""
        ...

    def embed(self, texts: Sequence[str], /) -> Vectors:
        """Encode texts. Shape: (texts, 384), float32, each of length one."""
        ...


class Remembered:
    """An encoder that keeps its latest vectors: mentions of open needs are compared again with every new signal."""

    def __init__(self, encoder: Encoder, size: int = 4_096) -> None:
        self._encoder = encoder
        self._size = size
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        self.name = encoder.name

    def embed(self, texts: Sequence[str], /) -> Vectors:
        """Encode texts, the unknown ones in one batch. Shape: (texts, 384), float32."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            known |= dict(zip(missing, self._encoder.embed(missing), strict=True))
        with self._lock:
            for text in texts:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return np.stack([known[text] for text in texts])
