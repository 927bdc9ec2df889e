"""What leaves the service: events of the call socket, frames of the screen socket, bodies of the HTTP API.

One tagged union each way; the JSON Schema, the AsyncAPI page and the TypeScript types are generated from here
(`server/contract.py`). A signal's and a need's own type travels as `signal_type` and `need_type` where `type`
already names the event.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ingest.messages import ConsentScope, EndReason, Role
from intent.messages import CueName, Kind, Strength, ThingType, Verdict, WordingName

ItemKindName = Literal["ticket", "document", "roadmap"]
StatusName = Literal["open", "addressed", "confirmed", "withdrawn", "resolved"]
CardState = Literal["shown", "used", "dismissed", "later", "ignored"]
HealthCode = Literal[
    "silent",
    "clipped",
    "echo",
    "delayed",
    "not_consented",
    "words_late",
    "words_lost",
    "last_words_lost",
    "not_stored",
    "graph_away",
    "adapter",
]


def now() -> datetime:
    """Wall time, aware UTC."""
    return datetime.now(UTC)


class Wire(BaseModel):
    """Base of everything on the wire: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WireWord(Wire):
    """One recognised word on the call's clock."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


class WireLink(Wire):
    """One item that answers a signal; `may_say` is always there for roadmap items.

    updated_at: when the item was last changed, else made, as its source wrote it.
    """

    kind: ItemKindName
    id: str
    section: str | None = None
    title: str
    score: float
    evidence: str
    may_say: bool | None = None
    updated_at: str | None = None


class WireMention(Wire):
    """Where a need was voiced; `text` holds the very words, start and end are code points into the utterance.

    started_at: when its call began.
    """

    call_id: str
    utterance_id: str
    turn: int
    signal_id: str
    speaker: str
    start: int
    end: int
    text: str
    start_ms: int
    end_ms: int
    strength: Strength
    confidence: float
    adapter_id: str
    started_at: datetime | None


class WireStatusChange(Wire):
    """One step of a need's life: by whose words, or by whom. Without an utterance a person of the company said so."""

    change_id: str
    call_id: str
    status: StatusName
    at: datetime
    decided_by: str
    score: float | None
    utterance_id: str | None
    turn: int | None
    speaker: str | None
    text: str | None
    start: int | None
    end: int | None
    start_ms: int


class WireThing(Wire):
    """Something with a name, the same in all calls."""

    type: ThingType
    name: str


class WireNamed(WireThing):
    """Where an utterance names a thing; offsets in code points."""

    start: int
    end: int


class WireNames(Wire):
    """All that an utterance names, in this revision of it; nothing when it names nothing any more."""

    utterance_id: str
    revision: int
    things: tuple[WireNamed, ...]


class WireNeed(Wire):
    """A node of the need graph as it is now. `linked` with no links is an abstention.

    about: what is named in the clauses of its mentions. disputed_by: who does not want it while others do.
    """

    need_id: str
    kind: Kind
    type: str
    strength: Strength
    label: str
    status: StatusName
    raised_by: tuple[str, ...]
    mentions: tuple[WireMention, ...]
    changes: tuple[WireStatusChange, ...]
    links: tuple[WireLink, ...]
    linked: bool
    about: tuple[WireThing, ...] = ()
    disputed_by: tuple[str, ...] = ()


class WireChannel(Wire):
    """A participant."""

    channel: str
    role: Role
    speaker: str


class Event(Wire):
    """Fields of every event."""

    call_id: str
    at: datetime = Field(default_factory=now)


class SpeechEvent(Event):
    """Fields of every event about speech on a channel."""

    channel: str
    speaker: str
    start_ms: int
    end_ms: int


class CallStartedEvent(Event):
    """The call was accepted; audio may follow. Its own client gets a `resume_token`, a screen does not.

    host: the person whose token began the call; None for calls that were read from transcripts.
    """

    type: Literal["call_started"] = "call_started"
    account: str
    language: str | None
    channels: tuple[WireChannel, ...]
    started_at: datetime
    host: str | None = None
    resume_token: str | None = None


class ResumedEvent(Event):
    """A broken call goes on, told to its client: samples taken of each channel, at the channel's own rate."""

    type: Literal["resumed"] = "resumed"
    samples: dict[str, int]


class SpeechStartedEvent(SpeechEvent):
    """A voice began; end_ms equals start_ms."""

    type: Literal["speech_started"] = "speech_started"


class SpeechEndedEvent(SpeechEvent):
    """A voice stopped at end_ms."""

    type: Literal["speech_ended"] = "speech_ended"


class PartialEvent(SpeechEvent):
    """Words of an open utterance so far; a higher revision replaces a lower one.

    The first `committed_chars` code points of the text stay: later revisions and the final begin with them.
    """

    type: Literal["partial"] = "partial"
    utterance_id: str
    revision: int
    text: str
    committed_chars: int = 0


class UtteranceEvent(SpeechEvent):
    """Final words; sent after the journal holds them."""

    type: Literal["utterance"] = "utterance"
    utterance_id: str
    revision: int
    turn: int
    role: Role
    text: str
    words: tuple[WireWord, ...]


class FlushedEvent(Event):
    """Everything said before the `flush` is now final."""

    type: Literal["flushed"] = "flushed"


class WireCue(Wire):
    """Something in the timing of an utterance that is unlike its speaker in this call; milliseconds, or words."""

    cue: CueName
    value: float
    usual: float


class WireHedging(Wire):
    """Words of the utterance that hedge, put off or fill; offsets in code points."""

    name: WordingName
    start: int
    end: int


class SignalEvent(SpeechEvent):
    """One need or hesitation in an utterance."""

    type: Literal["signal"] = "signal"
    id: str
    utterance_id: str
    revision: int
    kind: Kind
    signal_type: str
    start: int
    end: int
    strength: Strength
    confidence: float
    adapter_id: str
    need_id: str | None
    links: tuple[WireLink, ...] = ()
    cues: tuple[WireCue, ...] = ()
    hedging: tuple[WireHedging, ...] = ()
    young: bool = False


class NeedEvent(Event):
    """A need was created or changed by a signal."""

    type: Literal["need"] = "need"
    need: WireNeed


class LinkEvent(Event):
    """The linker's answer for one signal; no links is an abstention."""

    type: Literal["link"] = "link"
    signal_id: str
    need_id: str
    utterance_id: str
    links: tuple[WireLink, ...]


class GraphDeltaEvent(Event):
    """Needs as they are now (replace by need_id), needs that are gone, and names (replace by utterance_id)."""

    type: Literal["graph_delta"] = "graph_delta"
    needs: tuple[WireNeed, ...]
    removed: tuple[str, ...]
    named: tuple[WireNames, ...] = ()


class WireAnnotation(Wire):
    """A person's verdict on a signal as the screens show it."""

    annotation_id: str
    signal_id: str
    utterance_id: str
    verdict: Verdict
    author: str
    at: datetime
    kind: Kind | None = None
    type: str | None = None
    start: int | None = None
    end: int | None = None
    strength: Strength | None = None
    undoes: str | None = None


class AnnotationEvent(Event):
    """A person judged a signal; `signal` is how it stands now, None when it was refused."""

    type: Literal["annotation"] = "annotation"
    annotation: WireAnnotation
    signal: SignalEvent | None


class WireWordsCorrection(Wire):
    """A person's word on what was misheard: code points [start, end) of this revision, and what was said instead.

    The corrected text is the utterance's next revision. An undo names what it takes back in `undoes`.
    """

    annotation_id: str
    utterance_id: str
    revision: int
    start: int
    end: int
    heard: str
    said: str
    author: str
    at: datetime
    undoes: str | None = None


class WordsEvent(Event):
    """Misheard words were corrected, or a correction was taken back; the new `utterance` comes with it."""

    type: Literal["words"] = "words"
    correction: WireWordsCorrection


class WireCard(Wire):
    """A suggestion for the rep: which need, its words, what answers it. At most one is `shown` at a time.

    confidence: how likely the need and the link are both right. closes_at: when it goes by itself, as ignored.
    returned: it was put off and came back.
    """

    card_id: str
    need_id: str
    signal_id: str
    utterance_id: str
    kind: Kind
    need_type: str
    text: str
    speaker: str
    start_ms: int
    link: WireLink
    confidence: float
    state: CardState
    shown_at: datetime
    closes_at: datetime
    returned: bool = False


class CardEvent(Event):
    """A card came up, or what became of it (replace by card_id)."""

    type: Literal["card"] = "card"
    card: WireCard


class CardsPausedEvent(Event):
    """No card comes up until then; None when they come again."""

    type: Literal["cards_paused"] = "cards_paused"
    until: datetime | None


class WireConsent(Wire):
    """What a participant was told, in these words, and agreed to; of each channel the latest counts.

    given: nothing when it was withdrawn.
    """

    channel: str
    given: tuple[ConsentScope, ...]
    wording: str
    author: str
    at: datetime


class ConsentEvent(Event):
    """Consent was given, changed or withdrawn."""

    type: Literal["consent"] = "consent"
    consent: WireConsent


class HealthEvent(Event):
    """Something a person on the call should know; `ok` once it is over. `channel` when it is about one of them.

    code: what it is, for pages in other languages than the message's; the same one with `ok` once it is over.
    heard: of an echo, the channel whose voice it is.
    """

    type: Literal["health"] = "health"
    part: Literal["recognition", "graph", "journal", "adapter", "audio"]
    ok: bool
    message: str
    channel: str | None = None
    code: HealthCode | None = None
    heard: str | None = None


class AckEvent(Event):
    """Samples of a channel that were taken in, at the channel's own rate."""

    type: Literal["ack"] = "ack"
    channel: str
    samples: int


class ErrorEvent(Event):
    """What went wrong; a close code follows when it ends the connection."""

    type: Literal["error"] = "error"
    code: str
    message: str
    retryable: bool = False


class CallEndedEvent(Event):
    """Nothing of this call follows."""

    type: Literal["call_ended"] = "call_ended"
    reason: EndReason
    end_ms: int


CallEvent = Annotated[
    CallStartedEvent
    | ResumedEvent
    | SpeechStartedEvent
    | SpeechEndedEvent
    | PartialEvent
    | UtteranceEvent
    | FlushedEvent
    | SignalEvent
    | NeedEvent
    | LinkEvent
    | GraphDeltaEvent
    | AnnotationEvent
    | WordsEvent
    | CardEvent
    | CardsPausedEvent
    | ConsentEvent
    | HealthEvent
    | AckEvent
    | ErrorEvent
    | CallEndedEvent,
    Field(discriminator="type"),
]


class CallSummary(Wire):
    """A line of the list of calls."""

    call_id: str
    account: str
    started_at: datetime
    live: bool
    speakers: tuple[str, ...]
    needs: int


class Snapshot(Wire):
    """All a screen needs to draw a call; events with a higher `seq` follow.

    utterances: without `words`, which only the event brings. Their times are three quarters of a long call's snapshot
    (3 hours, 2,000 utterances: 3.4 MB with them, 0.9 without), and no screen shows them all at once.
    """

    type: Literal["snapshot"] = "snapshot"
    seq: int
    call: CallStartedEvent
    ended: CallEndedEvent | None
    utterances: tuple[UtteranceEvent, ...]
    partials: tuple[PartialEvent, ...]
    signals: tuple[SignalEvent, ...]
    needs: tuple[WireNeed, ...]
    annotations: tuple[WireAnnotation, ...]
    health: tuple[HealthEvent, ...]
    named: tuple[WireNames, ...] = ()
    words: tuple[WireWordsCorrection, ...] = ()
    cards: tuple[WireCard, ...] = ()
    cards_paused_until: datetime | None = None
    consents: tuple[WireConsent, ...] = ()


class ScreenEvent(Wire):
    """One event of the watched call, numbered without gaps."""

    type: Literal["event"] = "event"
    seq: int
    event: CallEvent


class CallList(Wire):
    """The tenant's calls, live ones and the newest first; sent at the start and whenever it changes.

    total: how many there are in all; the page asks the API for more.
    """

    type: Literal["calls"] = "calls"
    calls: tuple[CallSummary, ...]
    total: int = 0


class ScreenError(Wire):
    """The screen asked for something that is not there."""

    type: Literal["screen_error"] = "screen_error"
    code: str
    message: str


ScreenFrame = Annotated[CallList | Snapshot | ScreenEvent | ScreenError, Field(discriminator="type")]


class Watch(Wire):
    """The only frame a screen sends: show this call from now on."""

    type: Literal["watch"] = "watch"
    call_id: str


CALL_EVENT: TypeAdapter[CallEvent] = TypeAdapter(CallEvent)
SCREEN_FRAME: TypeAdapter[ScreenFrame] = TypeAdapter(ScreenFrame)
