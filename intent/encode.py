"""Text → token ids with offsets; the one place where serving and training turn words into numbers.

Segment A is the context (the turns before, roles marked), segment B the customer's words. Offsets are code points into
the customer's words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from ingest.messages import Role
from intent.errors import MissingEncoderError

MAX_CONTEXT_TOKENS = 64
"""Cut from the left: the words just before the utterance carry its meaning."""
MAX_TEXT_TOKENS = 188
"""A spoken utterance is under 100 tokens; longer ones are read in windows."""
WINDOW_OVERLAP_TOKENS = 40
ROLE_MARKS: dict[Role, str] = {"rep": "rep:", "customer": "customer:"}


@dataclass(frozen=True, slots=True)
class ContextTurn:
    """A turn before the utterance."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A customer's words and the turns before them, oldest first."""

    text: str
    context: tuple[ContextTurn, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoded:
    """One window of a turn.

    ids, types: Shape: (tokens,), int64. types is 1 on the customer's words and the separator after them.
    offsets: code points of each token of the customer's words. Shape: (words tokens, 2).
    first: position of the first token of the customer's words in ids.
    """

    ids: npt.NDArray[np.int64]
    types: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    first: int


class TurnEncoder:
    """The tokenizer of the encoder with its special tokens."""

    def __init__(self, models_dir: Path) -> None:
        """Load the tokenizer.

        Raises:
            MissingEncoderError: it is not there.
        """
        path = models_dir / "minilm-l6" / "tokenizer.json"
        if not path.is_file():
            raise MissingEncoderError(f"no tokenizer in {path}; run `needgraph models fetch`")
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._cls, self.separator, self.mask = map(self._special, ("[CLS]", "[SEP]", "[MASK]"))

    def encode(self, turn: Turn) -> tuple[Encoded, ...]:
        """Windows of a turn; one for anything but a monologue, none for empty text."""
        words = self._tokenizer.encode(turn.text, add_special_tokens=False)
        context = self._context(turn.context)
        step = MAX_TEXT_TOKENS - WINDOW_OVERLAP_TOKENS
        starts = range(0, max(1, len(words.ids) - WINDOW_OVERLAP_TOKENS), step) if words.ids else ()
        return tuple(
            self._window(context, words.ids[at : at + MAX_TEXT_TOKENS], words.offsets[at : at + MAX_TEXT_TOKENS])
            for at in starts
        )

    def plain(self, text: str) -> npt.NDArray[np.int64]:
        """Ids of a text alone, as sentence embeddings take it; cut at 256 tokens. Shape: (tokens,), int64."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids[:254]
        return np.array([self._cls, *ids, self.separator], dtype=np.int64)

    def _special(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise MissingEncoderError(f"the tokenizer has no {token}; run `needgraph models fetch`")
        return found

    def _context(self, turns: Sequence[ContextTurn]) -> list[int]:
        ids: list[int] = []
        for turn in turns:
            marked = f"{ROLE_MARKS[turn.role]} {turn.text}"
            ids += self._tokenizer.encode(marked, add_special_tokens=False).ids
        return ids[-MAX_CONTEXT_TOKENS:]

    def _window(self, context: list[int], ids: list[int], offsets: list[tuple[int, int]]) -> Encoded:
        before = [self._cls, *context, self.separator]
        types = [0] * len(before) + [1] * (len(ids) + 1)
        return Encoded(
            ids=np.array([*before, *ids, self.separator], dtype=np.int64),
            types=np.array(types, dtype=np.int64),
            offsets=np.array(offsets, dtype=np.int64).reshape(-1, 2),
            first=len(before),
        )
