"""A tiny encoder and items for the tests of searching, linking and merging."""

import hashlib
from collections.abc import Sequence

import numpy as np

from graph.candidates import Candidate, Query
from graph.encoder import DIMENSIONS, Vectors
from graph.imports.items import versioned
from graph.messages import Item, ItemKind
from graph.words import stems
from tests.graph.graph_samples import TENANT


class BagEncoder:
    """Texts are alike as far as they share content words; the same in every process."""

    name = "bag"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def embed(self, texts: Sequence[str], /) -> Vectors:
        self.encoded += texts
        made = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            for word in stems(text) or ["nothing"]:
                made[row, int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % DIMENSIONS] += 1
        return made / np.linalg.norm(made, axis=1, keepdims=True) if len(texts) else made


def made(
    id: str,
    title: str,
    text: str = "",
    kind: ItemKind = "ticket",
    section: str | None = None,
    competitor: str | None = None,
    may_say: bool | None = None,
) -> Item:
    return versioned(
        Item(
            tenant_id=TENANT,
            kind=kind,
            id=id,
            section=section,
            title=title,
            text=text,
            version="",
            competitor=competitor,
            may_say=may_say,
        )
    )


SPLIT = made("T-1", "Split invoices by cost centre", "Each cost centre wants its own part of the bill.")
STOCK = made("T-2", "Stock levels lag behind", "The warehouse counts are an hour old.")
EXPORT = made("R-1", "Ledger export", "Invoices go to the ledger every night.", kind="roadmap", may_say=False)
RIVAL = made(
    "tillwise", "Tillwise · Pricing", "Tillwise takes a fee for each invoice.", "document", "pricing", "Tillwise"
)
WORLD = (SPLIT, STOCK, EXPORT, RIVAL)


def query(text: str, utterance: str | None = None, context: tuple[str, ...] = (), type: str = "capability") -> Query:
    return Query(text=text, utterance=utterance or text, context=context, kind="need", type=type)


def candidate(item: Item, near: float, overlap: float = 0.0, share: float = 0.0) -> Candidate:
    return Candidate(
        item=item,
        cosine_utterance=near,
        cosine_setting=near,
        cosine_text=near,
        lead_utterance=0.0,
        lead_setting=0.0,
        lead_text=0.0,
        overlap=overlap,
        words_share=share,
    )
