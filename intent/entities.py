"""People, organisations and dates in English words, by spaCy's small pipeline.

It knows no tenant: `graph/naming.py` puts the tenant's own names before what is found here. Amounts are no part of it,
because the pipeline was trained on written text and misses most that are spoken out ("four hundred euros").
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from intent.messages import NamedThing, Span, ThingType

if TYPE_CHECKING:
    from intent.lean_spacy import Language

logger = logging.getLogger(__name__)

PIPELINE = "spacy-en"
"""Directory of the weights within the models directory."""

TYPES: dict[str, ThingType] = {"PERSON": "person", "ORG": "organisation", "DATE": "date", "TIME": "date"}
"""spaCy's labels (OntoNotes 5) that say what a call is about; PRODUCT and GPE were wrong as often as right."""


class Entities:
    """Finds named entities; the weights are loaded at the first use, which takes 0.3 s and 50 MB."""

    version = "en-core-web-sm-3.8.0"

    def __init__(self, models_dir: Path) -> None:
        """Take the pipeline from this directory of weights."""
        self._path = models_dir / PIPELINE
        self._pipeline: Language | None = None
        self._missing = False

    def load(self) -> None:
        """Load the weights now. Without them nothing is found, and a warning says so once: no call fails for it."""
        from intent.lean_spacy import entity_pipeline

        if self._pipeline is not None or self._missing:
            return
        try:
            self._pipeline = entity_pipeline(self._path)
        except OSError:
            self._missing = True
            logger.warning("no spaCy pipeline: people and dates are not named; run `needgraph models fetch`")

    def found(self, text: str) -> tuple[NamedThing, ...]:
        """What stands in a text, in its order."""
        self.load()
        if self._pipeline is None:
            return ()
        return tuple(
            NamedThing(type=TYPES[one.label_], name=one.text, span=Span(start=one.start_char, end=one.end_char))
            for one in self._pipeline(text).ents
            if one.label_ in TYPES and one.text.strip()
        )
