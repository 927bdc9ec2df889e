"""Chinese script: Whisper writes Mandarin partly in traditional characters, a reader may want simplified ones.

By OpenCC (Apache-2.0, by its own wheel), which knows phrases: 頭髮 becomes 头发, 發票 becomes 发票.
"""

from dataclasses import replace
from functools import cache

from opencc import OpenCC

from asr.decoder import Hypothesis

MANDARIN = "zh"
"""Whisper's code. Cantonese has its own (`yue`) and is written in traditional characters by choice."""


def to_simplified(text: str) -> str:
    """Write a text in simplified characters; all that is not Chinese stays as it is."""
    return _converter().convert(text)


def in_simplified(hypothesis: Hypothesis) -> Hypothesis:
    """The same hypothesis with text and words in simplified characters, if its language is Mandarin.

    Words are cut from the text's conversion where it keeps the number of characters, which it does for nearly every
    text: a phrase that two of Whisper's words share is then written as in the text. Else each is converted by itself.
    """
    if hypothesis.language != MANDARIN:
        return hypothesis
    spelt = "".join(word.text for word in hypothesis.words)
    simplified = to_simplified(spelt)
    pieces = _cut(simplified, [len(word.text) for word in hypothesis.words])
    if len(simplified) != len(spelt):
        pieces = [to_simplified(word.text) for word in hypothesis.words]
    words = tuple(replace(word, text=piece) for word, piece in zip(hypothesis.words, pieces, strict=True))
    return replace(hypothesis, text=to_simplified(hypothesis.text), words=words)


def _cut(text: str, lengths: list[int]) -> list[str]:
    ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    return [text[end - length : end] for end, length in zip(ends, lengths, strict=True)]


@cache
def _converter() -> OpenCC:
    # Characters only ("t2s"): the regional configurations also exchange words, and nobody said those.
    return OpenCC("t2s")
