"""How much silence ends an utterance: less after a finished clause, more for who pauses between sentences (pure)."""

from asr.config import AsrConfig

WENT_ON_MS = 800
"""Who speaks again so soon after an utterance was ended had not finished the turn; between turns of the demo call and
the dialogues of two synthetic voices lies a second and more."""
RISE_MS, FALL_MS = 64, 16
"""Cutting a speaker short costs more than waiting, so one such cut outweighs four pauses that were ends."""

MOST_MS = 448
"""Patience ends here: beyond it fewer sentences are saved than seconds are lost (demo call and dialogues)."""


class Endpoint:
    """Patience with one speaker."""

    def __init__(self, config: AsrConfig) -> None:
        """Begin with the configured silences."""
        self._config = config
        self._clause_ms = config.clause_endpoint_ms
        self._ended_ms: int | None = None

    def silence_ms(self, *, finished: bool) -> int:
        """Silence that ends an utterance whose last clause is finished, or is not."""
        return self._clause_ms if finished else self._config.endpoint_ms

    def ended(self, voice_end_ms: int) -> None:
        """An utterance was ended; its voice had ceased here."""
        self._ended_ms = voice_end_ms

    def began(self, voice_ms: int) -> None:
        """The speaker's voice begins again."""
        if self._ended_ms is None:
            return
        went_on = voice_ms - self._ended_ms < WENT_ON_MS
        self._ended_ms = None
        config = self._config
        moved_ms = self._clause_ms + (RISE_MS if went_on else -FALL_MS)
        self._clause_ms = max(config.clause_endpoint_ms, min(MOST_MS, config.endpoint_ms, moved_ms))
