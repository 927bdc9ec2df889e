"""What linking asks of the index, and what the index measured about an item; no judgement yet."""

from dataclasses import dataclass

from graph.messages import Item
from graph.words import clause_around
from intent.messages import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A signal to be linked. `text` is its span's words; `context` the turns before the utterance, oldest first.

    rivals: the competitors it is about, see `graph/reference.py`; None where nobody looked, then names in these texts
    count.
    """

    text: str
    utterance: str
    context: tuple[str, ...]
    kind: Kind
    type: str
    rivals: frozenset[str] | None = None

    @property
    def clause(self) -> str:
        """The part of the utterance that holds the signal."""
        return clause_around(self.utterance, self.text)

    @property
    def setting(self) -> str:
        """The clause after the turn it answers: what a short "yes, that one is a must" is about."""
        return " ".join((*self.context[-1:], self.clause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An item and its evidence for one query.

    cosine_utterance, cosine_setting, cosine_text: likeness in meaning of the item's nearest passage to the whole
    utterance, to the setting and to the signal's own words, in [-1, 1].
    lead_utterance, lead_setting, lead_text: by how much it is nearer than the nearest other item of its kind; negative
    for all but one.
    overlap: share of the setting's content words that the item holds, by rarity, in [0, 1].
    words_share: its score by words (BM25) as a share of the first one's, in [0, 1]; 0 when not among the first.
    """

    item: Item
    cosine_utterance: float
    cosine_setting: float
    cosine_text: float
    lead_utterance: float
    lead_setting: float
    lead_text: float
    overlap: float
    words_share: float
