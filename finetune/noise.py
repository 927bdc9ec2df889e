"""Training text as a recogniser would write it, with the spans moved along (pure)."""

import random
from dataclasses import replace

from eval.signals.labelled import Example, Label
from intent.encode import Turn
from intent.messages import Span

FILLERS = ("um", "uh", "well", "you know", "I mean", "so")
MARKS = '.,;:!?\u2014\u2013\u2026"()'


def plain(example: Example) -> Example:
    """Lower case, no punctuation: what a recogniser gives for unclear speech."""
    text, moved = "", [0]
    for character in example.turn.text:
        text += "" if character in MARKS else character.lower()[:1] or character
        moved.append(len(text))
    return _moved(example, text, moved)


def filled(example: Example, source: random.Random) -> Example:
    """A filler before one word."""
    text = example.turn.text
    starts = [at for at in range(len(text)) if at == 0 or (text[at - 1] == " " and text[at] != " ")]
    at = source.choice(starts or [0])
    filler = source.choice(FILLERS) + " "
    moved = [place if place < at else place + len(filler) for place in range(len(text) + 1)]
    # A span that begins at the filler keeps beginning at its own word; one that ends there ends before the filler.
    ends = [place if place <= at else place + len(filler) for place in range(len(text) + 1)]
    labels = tuple(
        replace(one, span=Span(start=moved[one.span.start], end=ends[one.span.end])) for one in example.labels
    )
    return replace(example, turn=Turn(text[:at] + filler + text[at:], example.turn.context), labels=labels)


def dropped(example: Example, source: random.Random) -> Example:
    """One word lost, outside or inside a span."""
    words = example.turn.text.split(" ")
    if len(words) < 5:
        return example
    lost = source.randrange(len(words))
    text, moved = "", [0]
    for number, word in enumerate(words):
        piece = word + (" " if number < len(words) - 1 else "")
        for character in piece:
            text += "" if number == lost else character
            moved.append(len(text))
    return _moved(example, text, moved)


def noisy(example: Example, share: float, source: random.Random) -> Example:
    """One random form of an example; `share` of them plain, some with a filler or without a word."""
    if source.random() < share:
        example = plain(example)
    if source.random() < share / 2:
        example = filled(example, source)
    if source.random() < share / 3:
        example = dropped(example, source)
    return example


def _moved(example: Example, text: str, moved: list[int]) -> Example:
    labels: list[Label] = []
    for label in example.labels:
        start, end = moved[label.span.start], moved[label.span.end]
        while start < end and text[start] == " ":
            start += 1
        while start < end and text[end - 1] == " ":
            end -= 1
        if start < end:
            labels.append(replace(label, span=Span(start=start, end=end)))
    if not text.strip():
        return example
    return replace(example, turn=Turn(text, example.turn.context), labels=tuple(labels))
