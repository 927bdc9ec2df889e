"""How alike two words are, by spelling and by sound (pure). English: the sound is Metaphone's."""

from dataclasses import dataclass

import jellyfish


def letters(text: str) -> str:
    """The letters and digits of a text, case folded and joined: "Return Pilot's" → "returnpilots"."""
    return "".join(filter(str.isalnum, text.casefold()))


@dataclass(frozen=True, slots=True)
class Spelt:
    """Letters and their Metaphone code: the consonants as they sound, a vowel only in front."""

    letters: str
    sound: str

    @classmethod
    def of(cls, text: str) -> "Spelt":
        """Spell a text of one or more words as if it were one."""
        joined = letters(text)
        return cls(joined, jellyfish.metaphone(joined).replace(" ", ""))


def spelling(one: Spelt, other: Spelt) -> float:
    """Likeness of the letters in [0, 1]: 1 less the Damerau-Levenshtein distance over the longer length."""
    return _alike(one.letters, other.letters)


def sound(one: Spelt, other: Spelt) -> float:
    """Likeness of the sounds in [0, 1], in the same way."""
    return _alike(one.sound, other.sound)


def _alike(one: str, other: str) -> float:
    longer = max(len(one), len(other))
    return 1 - jellyfish.damerau_levenshtein_distance(one, other) / longer if longer else 0.0
