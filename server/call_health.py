"""What a call is told when words are late, lost or not stored, and when that is over; a code names each."""

from collections.abc import Callable

from ingest.messages import CallId
from server import wire


class CallHealth:
    """Health of one call beyond how its channels are captured; says nothing twice."""

    def __init__(self, call_id: CallId, show: Callable[[wire.CallEvent], None]) -> None:
        """All is well at first."""
        self._call_id = call_id
        self._show = show
        self._behind = False
        self._unstored = False

    def recognition(self, behind: bool) -> None:
        """Whether recognition follows."""
        if behind and not self._behind:
            message = "words are late: this machine is busy with too many calls"
            self._tell(message, part="recognition", ok=False, code="words_late")
        elif self._behind and not behind:
            self._tell("words are in time again", part="recognition", ok=True, code="words_late")
        self._behind = behind

    def words_lost(self) -> None:
        """Words were heard and could not be recognised; nothing brings them back."""
        self._tell("some words could not be recognised", part="recognition", ok=False, code="words_lost")

    def last_words_lost(self) -> None:
        """A flush or the end waited in vain."""
        message = "the last words could not be transcribed in time"
        self._tell(message, part="recognition", ok=False, code="last_words_lost")

    def not_stored(self) -> None:
        """An utterance was not taken by the journal, or not understood."""
        self._unstored = True
        message = "an utterance could not be stored or understood; see the service's log"
        self._tell(message, part="journal", ok=False, code="not_stored")

    def stored(self) -> None:
        """The journal took an utterance."""
        if self._unstored:
            self._unstored = False
            self._tell("what is said is stored again", part="journal", ok=True, code="not_stored")

    def _tell(self, message: str, **fields: object) -> None:
        self._show(wire.HealthEvent.model_validate({"call_id": self._call_id, "message": message, **fields}))
