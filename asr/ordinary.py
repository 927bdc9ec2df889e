"""Words that a recogniser knows by itself: English ones and well-known names, from a list that ships with the room.

The list joins four sources, case folded (2026-11-25): SCOWL's American and British words up to size 35; its words up to
size 60 that are also one token of Whisper's vocabulary (so "website" and "login" are in); its capitalised words up to
size 60 (months, countries, cities, first and last names); and the lower-case words of `intent/corpus/train.jsonl`.
NOTICE has SCOWL's licence.
"""

from functools import cache
from importlib.resources import files


@cache
def ordinary_words() -> frozenset[str]:
    """About 51,000 words, case folded; read once."""
    return frozenset(files("asr").joinpath("ordinary_words.txt").read_text(encoding="utf-8").split())
