"""Which language a channel speaks, from detections that may be wrong (pure)."""

SURE = 0.8
"""One detection at least this sure fixes the language (Whisper base names clear speech at 0.9 and above)."""
EVIDENCE = 1.5
"""So do less sure ones together: a voice that is named at 0.3 to 0.5 is fixed after four (demo call, 2026-11-25)."""


class LanguageLock:
    """The language of one channel: given, or fixed by detections."""

    def __init__(self, language: str | None) -> None:
        """`language` None means detect."""
        self.language = language
        self._evidence: dict[str, float] = {}

    def detected(self, language: str, probability: float) -> None:
        """Take a detection of audio in which words were found; once fixed, the language stays."""
        if self.language is not None:
            return
        evidence = self._evidence[language] = self._evidence.get(language, 0.0) + probability
        if probability >= SURE or evidence >= EVIDENCE:
            self.language = language
