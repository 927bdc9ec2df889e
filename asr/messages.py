"""What asr emits: partials, which may be replaced or dropped, and utterances, which are final."""

from dataclasses import dataclass
from typing import NewType

from ingest.messages import CallId, ChannelId, PersonId, Role, TenantId

UtteranceId = NewType("UtteranceId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A recognised word on the call's clock; `confidence` in [0, 1], None when the source gave none."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """What an open utterance sounds like so far. A higher `revision` replaces a lower one.

    committed_chars: length in code points of the part of `text` that every later revision and the final begin with.
    """

    tenant_id: TenantId
    call_id: CallId
    channel: ChannelId
    utterance_id: UtteranceId
    revision: int
    text: str
    committed_chars: int = 0
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Final words of one speaker between two pauses.

    `turn` counts the utterances of the call in the order they became final, from 1; 0 while the call has not numbered
    it yet. `revision` is 1; a corrected
    transcript is a new revision of the same utterance, so spans always name the text they point into.
    """

    tenant_id: TenantId
    call_id: CallId
    channel: ChannelId
    utterance_id: UtteranceId
    revision: int
    turn: int
    role: Role
    speaker: str
    person_id: PersonId | None
    text: str
    words: tuple[Word, ...]
    start_ms: int
    end_ms: int
    language: str | None = None
