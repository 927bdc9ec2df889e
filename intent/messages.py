"""What intent emits: signals pinned to words, and people's verdicts on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from asr.messages import UtteranceId
from ingest.messages import CallId, TenantId

SignalId = NewType("SignalId", str)
AdapterId = NewType("AdapterId", str)

Kind = Literal["need", "hesitation"]
Strength = Literal[1, 2, 3]
CueName = Literal["response_gap", "pause", "fillers", "short_answer"]
WordingName = Literal["hedge", "deferral", "filler"]
ThingType = Literal["account", "person", "product", "competitor", "organisation", "amount", "date"]
Verdict = Literal["confirm", "correct", "refuse", "add", "undo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Half-open offsets into an utterance's text, in Unicode code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"span [{self.start}, {self.end}) is empty or negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Something in the timing of an utterance that is unlike its speaker in this call.

    value, usual: what was measured, and the speaker's habit so far: milliseconds of a `response_gap` or a `pause`,
    words of `fillers` or a `short_answer`.
    """

    cue: CueName
    value: float
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedging:
    """Words of an utterance that hedge, put off or fill."""

    name: WordingName
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedThing:
    """Words of an utterance that name something. `name`: as the tenant writes it, else as it was said."""

    type: ThingType
    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One need or hesitation, pinned to the words that express it. `confidence` is a probability in [0, 1].

    cues, hedging: of a hesitation, what the timing of its utterance and the choice of words around it add.
    young: its type has too few labels yet to be relied on.
    """

    tenant_id: TenantId
    call_id: CallId
    utterance_id: UtteranceId
    revision: int
    signal_id: SignalId
    kind: Kind
    type: str
    span: Span
    strength: Strength
    confidence: float
    adapter_id: AdapterId
    cues: tuple[Cue, ...] = ()
    hedging: tuple[Hedging, ...] = ()
    young: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTypeChanged:
    """A type of a tenant's label set from now on: added, renamed, described anew, retired or taken back into use."""

    tenant_id: TenantId
    type: str
    kind: Kind
    title: str
    hint: str
    retired: bool
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalAnnotation:
    """A person's verdict on a signal, or a signal that was missed (`add`).

    kind, type, span and strength say what the signal is now: of `confirm` as it was, of `correct` and `add` as the
    person set them; None for `refuse`. `undo` takes back the annotation named in `undoes`, and nothing else is set.
    """

    tenant_id: TenantId
    call_id: CallId
    utterance_id: UtteranceId
    revision: int
    annotation_id: str
    signal_id: SignalId
    verdict: Verdict
    author: str
    at: datetime
    label_version: str
    kind: Kind | None = None
    type: str | None = None
    span: Span | None = None
    strength: Strength | None = None
    adapter_id: AdapterId | None = None
    undoes: str | None = None

    def __post_init__(self) -> None:
        stated = (self.kind, self.type, self.span, self.strength)
        if self.verdict in ("confirm", "correct", "add") and None in stated:
            raise ValueError(f"{self.verdict} needs kind, type, span and strength")
        if (self.verdict == "undo") != (self.undoes is not None):
            raise ValueError("undo names the annotation it takes back, and only undo does")
