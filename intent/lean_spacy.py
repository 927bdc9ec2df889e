"""spaCy without torch, for the whole room: its one importer."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def _torch_hidden() -> Generator[None]:
    """Hide torch from spaCy, whose thinc imports it where it can: a second and 200 MB of no use for serving."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # pyright: ignore[reportArgumentType]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["torch"]


with _torch_hidden():
    import spacy
    from spacy.language import Language
    from spacy.matcher import Matcher
    from spacy.util import filter_spans

__all__ = ["Language", "Matcher", "blank_english", "entity_pipeline", "filter_spans"]

UNUSED = ("tagger", "parser", "attribute_ruler", "lemmatizer", "senter")


def blank_english() -> Language:
    """A tokenizer; no weights are loaded."""
    return spacy.blank("en")


def entity_pipeline(path: Path) -> Language:
    """The part of a pipeline that finds named entities, with the token vectors it reads.

    Raises:
        OSError: there is no pipeline at this path.
    """
    with _torch_hidden():
        return spacy.load(path, exclude=UNUSED)
