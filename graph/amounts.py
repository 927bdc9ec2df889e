"""Amounts in spoken English: money, shares, lengths of time and counted things, in digits or words (pure).

Rules, because the small spaCy pipeline was trained on written text: of "four hundred euros" it finds the number alone.
"""

import re

from graph.words import BELOW_TWENTY, NUMBER_WORDS, STOP_WORDS, TENS

COUNTS = (*BELOW_TWENTY.split(), *TENS.split(), "hundred", "thousand", "million", "billion", "dozen")
_WORD = "(?:" + "|".join(sorted(COUNTS, key=len, reverse=True)) + ")"
_SPOKEN = (
    rf"(?:(?:a|half a|a couple of) (?:hundred|thousand|million|billion|dozen)|{_WORD})(?:(?:[ -]|,? and ){_WORD}\b)*"
)
_DIGITS = r"\d+(?:[.,']\d+)*(?:\s?(?:k|m|bn)\b)?(?: (?:hundred|thousand|million|billion|dozen)\b)?"
_NUMBER = rf"(?:\b{_SPOKEN}\b(?: point {_WORD}\b)*|(?<![\w.,]){_DIGITS})"

_MONEY = (
    r"(?:us |swiss |canadian |australian )?(?:euros?|dollars?|pounds?|francs?|cents?|pence|bucks?|grand|quid|rand"
    r"|kron(?:er|or|e)|yen|rupees?|pesos?|z\u0142oty|eur|usd|gbp|chf)\b|[\u20ac$\u00a3]"
)
_SHARE = r"per ?cent\b|percentage points?\b|%"
_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|quarters?|nights?)\b"
_ONE = (
    r"(?:an?|each|every) (?:seat|head|user|person|month|year|week|day|hour|quarter|night|shift|site|shop|store|room"
    r"|order|call|vehicle|unit|device|piece)"
)
_RATE = rf"(?:,? (?:per (?!cent)[a-z]+|{_ONE})\b)"
_PRICE = rf"[\u20ac$\u00a3]\s?{_DIGITS}"
_COUNTED = r"(?:[a-z]+(?:-[a-z]+)? )?(?:[a-z]{2,}s|people|children|men|women|staff)\b"

MEASURED = re.compile(rf"(?:{_PRICE}|{_NUMBER}[ -]?(?:{_MONEY}|{_SHARE}|{_TIME})){_RATE}{{0,2}}", re.IGNORECASE)
RATED = re.compile(rf"{_NUMBER}{_RATE}{{1,2}}", re.IGNORECASE)
COUNTED = re.compile(rf"{_NUMBER} {_COUNTED}{_RATE}{{0,2}}", re.IGNORECASE)

NOT_COUNTED = """
things ways questions points reasons options times ones others sides cases sorts kinds ideas words sentences
of us is was does has goes steps topics parts choices examples cents yes this its
"""
VAGUE = frozenset(NOT_COUNTED.split())
"""Counting these says nothing of an account: "two things", "one of us", "ten times"."""


def amounts(text: str) -> list[tuple[int, int]]:
    """Places of a text's amounts, in order, none within another.

    A bare number is none: without what it counts nobody knows what it is.
    """
    found: list[tuple[int, int]] = []
    for pattern in (MEASURED, RATED, COUNTED):
        for match in pattern.finditer(text):
            start, end = match.span()
            if pattern is COUNTED and not _says_something(match.group()):
                continue
            if all(end <= other or start >= last for other, last in found):
                found.append((start, end))
    return sorted(found)


def _says_something(counted: str) -> bool:
    parts = counted.casefold().replace("-", " ").split()
    # What stands before the noun may be another number, or an adjective, but no "who" or "that".
    between = {part for part in parts[1:-1] if part not in NUMBER_WORDS} - {"and", "per", "a", "an", "each", "every"}
    return parts[0] not in ("zero", "one", "0", "1") and not VAGUE & set(parts[1:]) and not between & STOP_WORDS
