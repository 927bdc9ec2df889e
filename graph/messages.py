"""What graph emits: which need a signal belongs to, what it links to, and what changed on the screen.

All of these are decisions or facts that the journal keeps; a rebuild replays them and runs no model.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from asr.messages import UtteranceId
from ingest.messages import CallId, ChannelId, ConsentScope, PersonId, Role, TenantId
from intent.messages import AdapterId, Kind, NamedThing, SignalId, Span, Strength, ThingType

NeedId = NewType("NeedId", str)
ItemKind = Literal["ticket", "document", "roadmap"]
NeedStatus = Literal["open", "addressed", "confirmed", "withdrawn", "resolved"]
CardOutcome = Literal["used", "dismissed", "later", "ignored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Who speaks on a channel. Journalled apart from `CallStarted`, under the person's own key."""

    tenant_id: TenantId
    call_id: CallId
    channel: ChannelId
    role: Role
    speaker: str
    person_id: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded:
    """What a participant agreed to, and in which words they were asked; of each channel the latest counts.

    given: nothing when it was refused or withdrawn. author: who recorded it. Under the participant's own key.
    """

    tenant_id: TenantId
    call_id: CallId
    consent_id: str
    channel: ChannelId
    person_id: PersonId
    given: tuple[ConsentScope, ...]
    wording: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One ticket, document section or roadmap item as imported; the latest version of an id counts.

    id: of a document the doc_id; then `section` is its section_id, else None.
    version: sha256 of the content, hexadecimal; links name it. may_say: None where the source says nothing.
    """

    tenant_id: TenantId
    kind: ItemKind
    id: str
    section: str | None
    title: str
    text: str
    version: str
    status: str | None = None
    competitor: str | None = None
    tags: tuple[str, ...] = ()
    quarter: str | None = None
    may_say: bool | None = None
    url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRemoved:
    """An item that its source no longer holds, or that a person took out; importing it again brings it back.

    section: of a document its section_id, else None; a whole document is one message for each section.
    """

    tenant_id: TenantId
    kind: ItemKind
    id: str
    section: str | None
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedAssigned:
    """The decision which need a signal belongs to. `score` is the probability of the merge, None for a new need."""

    tenant_id: TenantId
    call_id: CallId
    signal_id: SignalId
    need_id: NeedId
    score: float | None
    merger_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One item that answers a signal. `score` is calibrated: how likely a careful person would agree.

    updated_at: when the item was last changed, else made, as its source wrote it; None where it says nothing.
    """

    kind: ItemKind
    id: str
    section: str | None
    title: str
    score: float
    evidence: str
    may_say: bool | None
    source_version: str
    updated_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDecision:
    """The linker's answer for one signal, best first within each kind; no links is an abstention."""

    tenant_id: TenantId
    call_id: CallId
    signal_id: SignalId
    need_id: NeedId
    links: tuple[Link, ...]
    linker_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAnnotation:
    """A person's verdict on one link of a need."""

    tenant_id: TenantId
    call_id: CallId
    annotation_id: str
    need_id: NeedId
    signal_id: SignalId
    kind: ItemKind
    id: str
    section: str | None
    verdict: Literal["right", "wrong", "undo"]
    author: str
    at: datetime
    undoes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedChanged:
    """What became of a need: read from an utterance, or said by a person of the company; an undo takes it back.

    status: None only in an undo. span: the words that show it, in this revision of the utterance. score: probability.
    utterance_id, revision, span and score are None when a person said it; then signal_id is one of the need's signals
    in this call. decided_by: version of what read it, or the person.
    """

    tenant_id: TenantId
    call_id: CallId
    change_id: str
    need_id: NeedId
    status: NeedStatus | None
    decided_by: str
    at: datetime
    utterance_id: UtteranceId | None = None
    revision: int | None = None
    span: Span | None = None
    score: float | None = None
    signal_id: SignalId | None = None
    undoes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingsNamed:
    """What an utterance names, in the order of its words; holds until another of the utterance, or a new revision.

    namer_version: what found them.
    """

    tenant_id: TenantId
    call_id: CallId
    utterance_id: UtteranceId
    revision: int
    things: tuple[NamedThing, ...]
    namer_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAnnotation:
    """A person's verdict on merging: what is one need with another, or a need of its own.

    signal_id: the signal it was said of. need_id: its need until then. other_id: its need from then on.
    moved: every signal that moves along; the `NeedAssigned` that follow stand beside it in the journal.
    """

    tenant_id: TenantId
    call_id: CallId
    annotation_id: str
    signal_id: SignalId
    need_id: NeedId
    other_id: NeedId
    moved: tuple[tuple[CallId, SignalId], ...]
    verdict: Literal["same", "different", "undo"]
    author: str
    at: datetime
    undoes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceReviewed:
    """A person read the whole utterance: the signals as they stand then are all there are, also when there are none."""

    tenant_id: TenantId
    call_id: CallId
    utterance_id: UtteranceId
    revision: int
    author: str
    at: datetime
    label_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """A suggestion for the rep came up: the link as it stood then. Journalled before any screen shows it.

    card_id: unique within its call. confidence: how likely the need and the link are both right. shown_ms: on the
    call's clock. closes_at: when it goes by itself. returned: it was put off and came back, under an id of its own.
    """

    tenant_id: TenantId
    call_id: CallId
    card_id: str
    need_id: NeedId
    signal_id: SignalId
    link: Link
    confidence: float
    shown_ms: int
    at: datetime
    closes_at: datetime
    returned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardClosed:
    """What became of a card; of several the last counts. by: the person who answered, None when it went by itself."""

    tenant_id: TenantId
    call_id: CallId
    card_id: str
    signal_id: SignalId
    outcome: CardOutcome
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsPaused:
    """A person wants no card before `until_at`; None lets them come again."""

    tenant_id: TenantId
    call_id: CallId
    until_at: datetime | None
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardBudgetChanged:
    """The tenant's budget for cards from now on.

    confidence: floor. per_minute, per_call: most cards. shown_s: so long a card stays. later_s: after so long a card
    that was put off comes back. fresh_s: words older than this bring up no card. All three in seconds.
    """

    tenant_id: TenantId
    confidence: float
    per_minute: int
    per_call: int
    shown_s: int
    later_s: int
    fresh_s: int
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryShared:
    """A person made a link that opens a call's summary for whoever holds it, until it expires or is revoked.

    digest: SHA-256 of the link's secret, hexadecimal; the secret itself is kept nowhere.
    """

    tenant_id: TenantId
    call_id: CallId
    share_id: str
    digest: str
    language: Literal["en", "zh"]
    author: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryUnshared:
    """A person revoked a link to a summary; it opens nothing from then on."""

    tenant_id: TenantId
    call_id: CallId
    share_id: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryOpened:
    """A link to a summary was opened. `opened` counts all openings so far; not each of them is journalled."""

    tenant_id: TenantId
    call_id: CallId
    share_id: str
    opened: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterReleased:
    """An adapter became the tenant's champion, by promotion or by rollback."""

    tenant_id: TenantId
    adapter_id: AdapterId
    replaces: AdapterId
    action: Literal["promote", "rollback"]
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Where a need was voiced: the words, who said them, and when. Built from an utterance and its signal.

    started_at: when its call began; None when the journal does not hold that.
    """

    call_id: CallId
    utterance_id: UtteranceId
    turn: int
    signal_id: SignalId
    speaker: str
    person_id: PersonId | None
    span: Span
    text: str
    start_ms: int
    end_ms: int
    strength: Strength
    confidence: float
    adapter_id: AdapterId
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something with a name, the same in all calls of a tenant."""

    type: ThingType
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One step of a need's life as screens show it: by which words, or by whom. Built from a `NeedChanged`."""

    change_id: str
    call_id: CallId
    status: NeedStatus
    at: datetime
    decided_by: str
    score: float | None
    utterance_id: UtteranceId | None
    turn: int | None
    speaker: str | None
    span: Span | None
    text: str | None
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A node of the need graph: one want or doubt with all its mentions (hesitations are nodes of the same form).

    about: things that are named in the clauses of its mentions. disputed_by: customers who do not want it while others
    still do, by name, who said so first leading.
    """

    need_id: NeedId
    kind: Kind
    type: str
    strength: Strength
    label: str
    status: NeedStatus
    raised_by: tuple[str, ...]
    mentions: tuple[Mention, ...]
    changes: tuple[StatusChange, ...]
    links: tuple[Link, ...]
    linked: bool
    """Whether the linker has answered; with no links that answer was an abstention."""
    about: tuple[Thing, ...] = ()
    disputed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDelta:
    """What changed: needs as they are now (replace by id) and ids of needs that are no longer there.

    named: what utterances name now (replace by utterance); without things when they name nothing any more.
    """

    tenant_id: TenantId
    call_id: CallId
    needs: tuple[Need, ...]
    removed: tuple[NeedId, ...] = ()
    named: tuple[ThingsNamed, ...] = ()
