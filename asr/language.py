"""Which language a channel speaks, from detections that may be wrong (pure)."""

from collections.abc import Sequence

from asr.messages import Word

SURE = 0.8
"""One detection at least this sure fixes the language (Whisper base names clear speech at 0.9 and above)."""
EVIDENCE = 1.5
"""So do less sure ones together: a voice that is named at 0.3 to 0.5 is fixed after four (demo call, 2026-11-25)."""
DOUBTFUL = 0.7
"""Mean confidence below which an utterance was perhaps said in another language: read in the wrong one Whisper base
stays below 0.72 or hears nothing, in the right one it reaches 0.83 (Mandarin as English, English as German)."""
DOUBTS = 3
"""So many doubtful utterances in a row make the language open again; two may be mumbled."""


class LanguageLock:
    """The language of one channel: given, or fixed by detections until what is heard in it makes no sense."""

    def __init__(self, language: str | None) -> None:
        """`language` None means detect; a given one stays."""
        self.language = language
        self._given = language is not None
        self._evidence: dict[str, float] = {}
        self._doubts = 0

    def detected(self, language: str, probability: float) -> None:
        """Take a detection of audio in which words were found; a fixed language stays."""
        if self.language is not None:
            return
        evidence = self._evidence[language] = self._evidence.get(language, 0.0) + probability
        if probability >= SURE or evidence >= EVIDENCE:
            self.language = language

    def understood(self, words: Sequence[Word]) -> None:
        """Take the words of a finished utterance, also none: doubtful ones in a row open the language again."""
        if self._given or self.language is None:
            return
        confidence = sum(1.0 if one.confidence is None else one.confidence for one in words) / max(1, len(words))
        self._doubts = self._doubts + 1 if confidence < DOUBTFUL else 0
        if self._doubts == DOUBTS:
            self.language, self._doubts = None, 0
            self._evidence.clear()
