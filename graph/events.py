"""What the journal keeps: each message as a kind, a schema version and JSON, and whom it is about.

A kind's payload is sealed under the key of the person it is about: who spoke, and for signals, verdicts, needs and
links whoever spoke the words they rest on. Everything else is sealed under the tenant's own key.
"""

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from pydantic import TypeAdapter, ValidationError

from asr.messages import Utterance
from graph.errors import JournalVersionError
from graph.messages import (
    AdapterReleased,
    CardBudgetChanged,
    CardClosed,
    CardShown,
    CardsPaused,
    ConsentRecorded,
    Item,
    ItemRemoved,
    LinkAnnotation,
    LinkDecision,
    MergeAnnotation,
    NeedAssigned,
    NeedChanged,
    Participant,
    SummaryOpened,
    SummaryShared,
    SummaryUnshared,
    ThingsNamed,
    UtteranceReviewed,
)
from graph.upcasts import upcast
from ingest.messages import CallEnded, CallId, CallStarted, ChannelId, PersonId
from intent.messages import LabelTypeChanged, Signal, SignalAnnotation

CallMessage = (
    CallStarted
    | Participant
    | ConsentRecorded
    | Utterance
    | Signal
    | SignalAnnotation
    | UtteranceReviewed
    | ThingsNamed
    | NeedAssigned
    | NeedChanged
    | MergeAnnotation
    | LinkDecision
    | LinkAnnotation
    | CardShown
    | CardClosed
    | CardsPaused
    | SummaryShared
    | SummaryUnshared
    | SummaryOpened
    | CallEnded
)
"""What is part of a call."""

Journalled = CallMessage | Item | ItemRemoved | AdapterReleased | LabelTypeChanged | CardBudgetChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A journalled class: its name in the journal, its schema version, and how it is read and written."""

    name: str
    schema: int
    message: type
    adapter: TypeAdapter[Journalled]


def _kind(name: str, message: type, schema: int = 1) -> Kind:
    return Kind(
        name=name, schema=schema, message=message, adapter=cast("TypeAdapter[Journalled]", TypeAdapter(message))
    )


KINDS: tuple[Kind, ...] = (
    _kind("call_started", CallStarted, schema=2),
    _kind("participant", Participant),
    _kind("consent_recorded", ConsentRecorded),
    _kind("utterance", Utterance),
    _kind("signal", Signal, schema=3),
    _kind("signal_annotation", SignalAnnotation),
    _kind("utterance_reviewed", UtteranceReviewed),
    _kind("things_named", ThingsNamed),
    _kind("need_assigned", NeedAssigned),
    _kind("need_changed", NeedChanged),
    _kind("merge_annotation", MergeAnnotation),
    _kind("link_decision", LinkDecision, schema=2),
    _kind("link_annotation", LinkAnnotation),
    _kind("card_shown", CardShown),
    _kind("card_closed", CardClosed),
    _kind("cards_paused", CardsPaused),
    _kind("summary_shared", SummaryShared),
    _kind("summary_unshared", SummaryUnshared),
    _kind("summary_opened", SummaryOpened),
    _kind("item", Item),
    _kind("item_removed", ItemRemoved),
    _kind("adapter_released", AdapterReleased),
    _kind("label_type_changed", LabelTypeChanged),
    _kind("card_budget_changed", CardBudgetChanged),
    _kind("call_ended", CallEnded),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_CLASS = {kind.message: kind for kind in KINDS}


def new_event_id() -> str:
    """Make an id that no other event has."""
    return f"e-{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to be appended: who or what caused it, when it happened in the world, and which events led to it."""

    message: Journalled
    actor: str
    at: datetime
    causes: tuple[str, ...] = ()
    event_id: str = field(default_factory=new_event_id)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at must carry a time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A message as the journal holds it; `message` is None once it cannot be read any more."""

    seq: int
    event_id: str
    kind: str
    call_id: CallId | None
    subject_id: PersonId | None
    actor: str
    at: datetime
    recorded_at: datetime
    causes: tuple[str, ...]
    message: Journalled | None


def encode(message: Journalled) -> tuple[Kind, bytes]:
    """Write a message as its kind and JSON; names of speakers leave `CallStarted`, `Participant` holds them."""
    kind = BY_CLASS[type(message)]
    return kind, kind.adapter.dump_json(nameless(message))


def decode(name: str, schema: int, payload: bytes) -> Journalled:
    """Read a message back.

    Raises:
        JournalVersionError: when a newer program wrote it, or it holds no such message.
    """
    kind = BY_NAME.get(name)
    if kind is None or schema > kind.schema:
        raise JournalVersionError(f"event {name!r} version {schema} is of a newer needgraph: update the program")
    try:
        if schema < kind.schema:
            payload = json.dumps(upcast(name, schema, json.loads(payload))).encode()
        return kind.adapter.validate_json(payload)
    except ValidationError as error:
        raise JournalVersionError(
            f"event {name!r} version {schema} does not read: {error.error_count()} errors"
        ) from error


def nameless(message: Journalled) -> Journalled:
    """Take the speakers' names out of a `CallStarted`; other messages stay as they are."""
    if not isinstance(message, CallStarted):
        return message
    return replace(message, channels=tuple(replace(channel, speaker="") for channel in message.channels))


def named(started: CallStarted, participants: Iterable[Participant]) -> CallStarted:
    """Put the names that are still known back into a `CallStarted`."""
    speakers = {one.channel: one.speaker for one in participants}
    channels = tuple(
        replace(channel, speaker=speakers.get(channel.channel, channel.speaker)) for channel in started.channels
    )
    return replace(started, channels=channels)


def opening(started: CallStarted, person_id: Callable[[str], PersonId]) -> tuple[CallStarted, tuple[Participant, ...]]:
    """Name everyone on a call: the call with person ids, and a participant for each channel.

    Args:
        started: The call as its client announced it.
        person_id: The id of a speaker of this call's account, from `KeyStore.person_id`.
    """
    channels = tuple(replace(channel, person_id=person_id(channel.speaker)) for channel in started.channels)
    participants = tuple(
        Participant(
            tenant_id=started.tenant_id,
            call_id=started.call_id,
            channel=ChannelId(channel.channel),
            role=channel.role,
            speaker=channel.speaker,
            person_id=person_id(channel.speaker),
        )
        for channel in channels
    )
    return replace(started, channels=channels), participants


def call_of(message: Journalled) -> CallId | None:
    """Tell which call a message is part of; None for items, adapters, types and budgets."""
    of_none = isinstance(message, Item | ItemRemoved | AdapterReleased | LabelTypeChanged | CardBudgetChanged)
    return None if of_none else message.call_id


def speaks_about(message: Journalled) -> str | None:
    """Name the utterance or signal whose speaker a message is about; None where no words lie behind it."""
    match message:
        case Signal() | SignalAnnotation() | UtteranceReviewed() | ThingsNamed():
            return f"u:{message.utterance_id}"
        case NeedChanged(utterance_id=str() as utterance_id):
            return f"u:{utterance_id}"
        case NeedAssigned() | NeedChanged() | MergeAnnotation() | LinkDecision() | LinkAnnotation():
            return f"s:{message.signal_id}"
        case CardShown() | CardClosed():
            return f"s:{message.signal_id}"
        case _:
            return None


def introduces(message: Journalled) -> str | None:
    """Name the utterance or signal that later messages will point at through `speaks_about`."""
    match message:
        case Utterance():
            return f"u:{message.utterance_id}"
        case Signal() | SignalAnnotation():
            return f"s:{message.signal_id}"
        case _:
            return None
