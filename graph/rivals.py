"""Whether a text names a competitor, also as a recogniser may have written it (pure)."""

from difflib import SequenceMatcher

from graph.words import words

LIKENESS = 0.85
"""One letter in seven may differ: "Vetarria" is Vetaria, "Vitara" is not. Judged on names of the development world."""

MIN_FUZZY_CHARS = 6
"""Shorter names must be equal; at five letters one slip already gives another word."""

MAX_SPLIT = 3
"""A recogniser may write one name as up to three words."""


def names(text: str, competitor: str) -> bool:
    """Tell whether a text names a competitor by its full name or by its first word, when that is no common one."""
    said = words(text)
    parts = words(competitor)
    if not parts:
        return False
    wanted = {"".join(parts), parts[0]} if len(parts[0]) >= MIN_FUZZY_CHARS else {"".join(parts)}
    heard = {
        "".join(said[start : start + length])
        for length in range(1, MAX_SPLIT + 1)
        for start in range(len(said) - length + 1)
    }
    return any(alike(one, other) for one in heard for other in wanted)


def alike(heard: str, name: str) -> bool:
    """Tell whether a heard word is a name, both case folded and without spaces: equal, its genitive, or nearly so."""
    if heard in (name, f"{name}s", f"{name}'s"):
        return True
    if min(len(heard), len(name)) < MIN_FUZZY_CHARS or abs(len(heard) - len(name)) > 2:
        return False
    return SequenceMatcher(None, heard, name).ratio() >= LIKENESS
