"""An item cut into passages short enough for the encoder, each led by the title (pure)."""

from graph.messages import Item
from graph.words import sentences

PASSAGE_WORDS = 80
"""With the title about 120 word pieces; MiniLM-L6 was trained on texts up to 128."""

MAX_PASSAGES = 6
"""Bounds the work on a very long item; its first 480 words say what it is about."""


def passages(item: Item) -> tuple[str, ...]:
    """Cut an item's text at sentence ends; at least one passage, the title alone when there is no text."""
    chunks: list[list[str]] = [[]]
    for sentence in sentences(item.text):
        words = sentence.split()
        for start in range(0, len(words), PASSAGE_WORDS):
            part = words[start : start + PASSAGE_WORDS]
            if chunks[-1] and len(chunks[-1]) + len(part) > PASSAGE_WORDS:
                chunks.append([])
            chunks[-1] += part
        if len(chunks) > MAX_PASSAGES:
            break
    return tuple(f"{item.title}. {' '.join(chunk)}".strip() for chunk in chunks[:MAX_PASSAGES])


def searched_text(item: Item) -> str:
    """Return everything about an item that words may find, besides its title."""
    return "\n".join(part for part in (item.text, " ".join(item.tags), item.competitor or "") if part)
