"""Words as text: how they are joined, compared, and whether a clause ends with them (pure)."""

from collections.abc import Sequence

from asr.messages import Word

UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km", "bo"})
"""Languages written without spaces between words; Whisper's word split follows the same list."""
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")  # noqa: RUF001 - full-width marks are meant
TRAILING_OFF = ("...", "…")
DANGLING = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "because",
        "but",
        "by",
        "from",
        "he",
        "her",
        "his",
        "i",
        "if",
        "into",
        "is",
        "its",
        "my",
        "of",
        "or",
        "our",
        "she",
        "than",
        "the",
        "their",
        "they",
        "to",
        "uh",
        "um",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "with",
        "your",
    ]
)
"""English words after which a speaker goes on, whatever mark Whisper puts there: it likes to end on a full stop."""


def normal(word: Word) -> str:
    """The word without case and punctuation; as written when nothing else is left of it."""
    return "".join(filter(str.isalnum, word.text.casefold())) or word.text


def separator(language: str | None) -> str:
    """What stands between two words."""
    return "" if language in UNSPACED else " "


def joined(words: Sequence[Word], language: str | None) -> str:
    """The words as one text."""
    return separator(language).join(word.text for word in words)


def ends_clause(words: Sequence[Word]) -> bool:
    """Whether the speaker may well be done here: a sentence's mark, and no word that asks for another."""
    if not words:
        return False
    last = words[-1]
    text = last.text.rstrip("\"'”’)")  # noqa: RUF001 - typographic quotes are meant
    if text.endswith(TRAILING_OFF) or not text.endswith(SENTENCE_ENDS):
        return False
    return text.endswith(("?", "？")) or normal(last) not in DANGLING  # noqa: RUF001
