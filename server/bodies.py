"""Bodies of the HTTP API that the page shows: accounts, summaries, cards, consent, recordings, shares, verdicts.

Like the frames in `server/wire.py` they are immutable and refuse unknown fields; TypeScript types are generated from
`PageBodies` (`server/contract.py`).
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ingest.messages import Role
from ingest.socket import StartConsent
from server.wire import CallSummary, ConsentScope, StatusName, Wire, WireChannel, WireNeed

ProposedRoleName = Literal["decides", "checks", "uses", "champions", "fears_price"]
StepKind = Literal["promised", "asked", "unanswered"]
AnnotationForm = Literal["signal", "link", "merge", "status", "words"]
RecordingState = Literal["reading", "done", "failed", "cancelled"]


class Person(Wire):
    """Someone who spoke in an account's calls."""

    speaker: str
    role: Role


class AccountLine(Wire):
    """An account in a list, the last called first."""

    account: str
    calls: int
    needs: int
    last_at: datetime
    people: tuple[Person, ...]


class AccountList(Wire):
    """Accounts whose name or people match a query."""

    accounts: tuple[AccountLine, ...]


class RoleEvidence(Wire):
    """The words that speak for a proposed role; offsets in code points of the utterance."""

    call_id: str
    utterance_id: str
    text: str
    start: int
    end: int
    start_ms: int
    started_at: datetime


class ProposedRole(Wire):
    """What a person seems to be in the decision. Proposed by rules, for people to judge; never from emotion."""

    role: ProposedRoleName
    evidence: tuple[RoleEvidence, ...]


class AccountPerson(Person):
    """A person over all calls of an account."""

    calls: int
    first_at: datetime
    last_at: datetime
    needs: int
    roles: tuple[ProposedRole, ...]


class AccountView(Wire):
    """Everything known of an account over all its calls; needs in the order they were first voiced."""

    account: str
    calls: tuple[CallSummary, ...]
    needs: tuple[WireNeed, ...]
    people: tuple[AccountPerson, ...]


class CallPage(Wire):
    """Calls of the tenant, newest first; `next` goes into `before` to read on, None at the end."""

    calls: tuple[CallSummary, ...]
    total: int
    next: str | None


class NextStep(Wire):
    """Something to do after the call, with the words that say so.

    due: as it was said. need_id: of a want that nothing answered.
    """

    kind: StepKind
    speaker: str
    role: Role
    text: str
    due: str | None
    need_id: str | None
    utterance_id: str
    start: int
    end: int
    start_ms: int


class TalkMetrics(Wire):
    """How the rep talked, for the rep alone; None where there was nothing to measure.

    ratio: the rep's share of all talk time. response_gap_ms: median silence between a customer's turn and the rep's.
    """

    speaker: str
    talk_ms: int
    ratio: float | None
    longest_monologue_ms: int
    longest_monologue_start_ms: int | None
    response_gap_ms: int | None
    questions: int


class CardFigures(Wire):
    """How often cards came up and what became of them; `per_hour` is the interruption rate."""

    calls: int
    hours: float
    shown: int
    used: int
    dismissed: int
    later: int
    ignored: int
    per_hour: float | None


class CardBudget(Wire):
    """A tenant's budget for cards.

    confidence: floor. Best links that reach .7 are right in 89 of 100 queries of other vendors (`server/cards.py`
    BEST_LINK); the demo call as it is heard gets two cards, both right, and none at .8. per_minute, per_call: most
    cards. shown_s: so long a card stays. later_s: after so long a card that was put off comes back. fresh_s: words
    older than this bring up no card.
    """

    confidence: float = Field(default=0.7, ge=0, le=1)
    per_minute: int = Field(default=1, ge=0, le=10)
    per_call: int = Field(default=12, ge=0, le=200)
    shown_s: int = Field(default=30, ge=5, le=300)
    later_s: int = Field(default=120, ge=10, le=3600)
    fresh_s: int = Field(default=20, ge=2, le=120)


class CardAnswer(Wire):
    """Body of `POST /v1/calls/{call_id}/cards/{card_id}`: right, wrong or later."""

    outcome: Literal["used", "dismissed", "later"]


class Snooze(Wire):
    """Body of `POST /v1/calls/{call_id}/cards/pause`; 0 lets cards come again."""

    minutes: int = Field(ge=0, le=240)


class CallSummaryPage(Wire):
    """What a call came to. `open_needs`, `answered_needs`: ids into `needs`. metrics: only for the rep of the call."""

    call_id: str
    account: str
    started_at: datetime
    duration_ms: int
    ended: bool
    channels: tuple[WireChannel, ...]
    needs: tuple[WireNeed, ...]
    open_needs: tuple[str, ...]
    answered_needs: tuple[str, ...]
    next_steps: tuple[NextStep, ...]
    metrics: TalkMetrics | None
    cards: CardFigures | None


class ShareRequest(Wire):
    """Body of `POST /v1/calls/{call_id}/shares`."""

    days: int = Field(default=7, ge=1, le=90)
    language: Literal["en", "zh"] = "en"


class Share(Wire):
    """A link to a call's summary for whoever holds it. `path` is told once, when it is made.

    opened_at: when it was last opened; None while nobody has.
    """

    share_id: str
    call_id: str
    author: str
    made_at: datetime
    expires_at: datetime
    opened: int
    opened_at: datetime | None = None
    path: str | None = None


class ShareList(Wire):
    """Links to a call's summary that still open it."""

    shares: tuple[Share, ...]


class ConsentGiven(Wire):
    """Body of `POST /v1/calls/{call_id}/consents`; nothing in `given` withdraws it."""

    channel: str
    given: tuple[ConsentScope, ...]
    wording: str = Field(min_length=1, max_length=4000)


class AudioSegment(Wire):
    """A stretch of kept audio, fetched by its number."""

    number: int
    start_ms: int
    end_ms: int


class ChannelAudio(Wire):
    """What is kept of a channel."""

    channel: str
    segments: tuple[AudioSegment, ...]


class CallAudio(Wire):
    """Audio that was kept with consent; without any, nothing was."""

    channels: tuple[ChannelAudio, ...]


class RecordedSpeaker(Wire):
    """Who speaks on a channel of an uploaded recording; `channels` of `POST /v1/recordings` is a JSON list of these."""

    role: Role
    speaker: str = Field(min_length=1, max_length=200)
    consent: StartConsent | None = None


class RecordingProgress(Wire):
    """How far an uploaded recording has been read as a call."""

    call_id: str
    state: RecordingState
    progress: float
    message: str


class WordsVerdict(Wire):
    """Body of `POST /v1/annotations/words`: code points [start, end) were misheard; `said` is right."""

    call_id: str
    utterance_id: str
    revision: int
    start: int = Field(ge=0)
    end: int
    said: str = Field(max_length=2000)


class AnnotationRow(Wire):
    """Any verdict of a person in the review queue, newest first.

    before, after: what it changed, as short texts. undone: somebody took it back.
    """

    annotation_id: str
    form: AnnotationForm
    call_id: str
    account: str
    utterance_id: str | None
    need_id: str | None
    speaker: str | None
    text: str
    before: str
    after: str
    status: StatusName | None
    author: str
    at: datetime
    undone: bool


class AnnotationPage(Wire):
    """A page of the review queue."""

    rows: tuple[AnnotationRow, ...]
    next: str | None


PageBodies = (
    AccountList
    | AccountView
    | CallPage
    | CallSummaryPage
    | CardBudget
    | CardFigures
    | CardAnswer
    | Snooze
    | ShareRequest
    | Share
    | ShareList
    | ConsentGiven
    | CallAudio
    | RecordedSpeaker
    | RecordingProgress
    | WordsVerdict
    | AnnotationPage
)
"""What `server/web/src/bodies.ts` is generated from."""
