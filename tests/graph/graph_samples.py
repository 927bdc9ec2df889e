"""Messages for the tests of graph: a short call, and one sample of every journalled class."""

from datetime import UTC, datetime, timedelta

from asr.messages import Utterance, UtteranceId, Word
from graph.events import Journalled
from graph.messages import (
    AdapterReleased,
    CardBudgetChanged,
    CardClosed,
    CardOutcome,
    CardShown,
    CardsPaused,
    ConsentRecorded,
    Item,
    ItemRemoved,
    Link,
    LinkAnnotation,
    LinkDecision,
    MergeAnnotation,
    NeedAssigned,
    NeedChanged,
    NeedId,
    NeedStatus,
    Participant,
    SummaryOpened,
    SummaryShared,
    SummaryUnshared,
    ThingsNamed,
    UtteranceReviewed,
)
from ingest.messages import CallEnded, CallId, CallStarted, Channel, ChannelId, PersonId, TenantId
from intent.messages import (
    AdapterId,
    Kind,
    LabelTypeChanged,
    NamedThing,
    Signal,
    SignalAnnotation,
    SignalId,
    Span,
    Strength,
    ThingType,
    Verdict,
)

TENANT = TenantId("acme")
CALL = CallId("c1")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INES = PersonId("p-ines")


def started(call_id: CallId = CALL, account: str = "Harbour Foods", at: datetime = NOON) -> CallStarted:
    channels = (
        Channel(channel=ChannelId("a"), role="rep", speaker="Jonas"),
        Channel(channel=ChannelId("b"), role="customer", speaker="Ines", person_id=INES),
    )
    return CallStarted(
        tenant_id=TENANT, call_id=call_id, account=account, language="en", channels=channels, started_at=at
    )


def ended(call_id: CallId = CALL) -> CallEnded:
    return CallEnded(tenant_id=TENANT, call_id=call_id, reason="ended", end_ms=60_000, ended_at=NOON)


def utterance(
    number: int,
    text: str,
    call_id: CallId = CALL,
    role: str = "customer",
    revision: int = 1,
    person_id: PersonId | None = INES,
    speaker: str = "Ines",
) -> Utterance:
    words = tuple(
        Word(text=word, start_ms=number * 1000 + place, end_ms=number * 1000 + place + 1, confidence=0.5)
        for place, word in enumerate(text.split())
    )
    return Utterance(
        tenant_id=TENANT,
        call_id=call_id,
        channel=ChannelId("b" if role == "customer" else "a"),
        utterance_id=UtteranceId(f"u{number}"),
        revision=revision,
        turn=number,
        role="customer" if role == "customer" else "rep",
        speaker=speaker if role == "customer" else "Jonas",
        person_id=person_id if role == "customer" else None,
        text=text,
        words=words,
        start_ms=number * 1000,
        end_ms=number * 1000 + 900,
        language="en",
    )


def signal(
    name: str,
    on: int,
    span: tuple[int, int] = (0, 5),
    strength: Strength = 2,
    kind: Kind = "need",
    type: str = "capability",
    call_id: CallId = CALL,
) -> Signal:
    return Signal(
        tenant_id=TENANT,
        call_id=call_id,
        utterance_id=UtteranceId(f"u{on}"),
        revision=1,
        signal_id=SignalId(name),
        kind=kind,
        type=type,
        span=Span(start=span[0], end=span[1]),
        strength=strength,
        confidence=0.8,
        adapter_id=AdapterId("default"),
    )


def verdict(
    name: str,
    of: Signal,
    kind: Verdict,
    undoes: str | None = None,
    type: str | None = None,
    strength: Strength | None = None,
) -> SignalAnnotation:
    stated = kind in ("confirm", "correct", "add")
    return SignalAnnotation(
        tenant_id=TENANT,
        call_id=of.call_id,
        utterance_id=of.utterance_id,
        revision=1,
        annotation_id=name,
        signal_id=of.signal_id,
        verdict=kind,
        author="Mara",
        at=NOON,
        label_version="v1",
        kind=of.kind if stated else None,
        type=(type or of.type) if stated else None,
        span=of.span if stated else None,
        strength=(strength or of.strength) if stated else None,
        adapter_id=of.adapter_id,
        undoes=undoes,
    )


def assigned(of: Signal, need: str) -> NeedAssigned:
    return NeedAssigned(
        tenant_id=TENANT,
        call_id=of.call_id,
        signal_id=of.signal_id,
        need_id=NeedId(need),
        score=None,
        merger_version="m1",
    )


def link(id: str, score: float, kind: str = "ticket") -> Link:
    return Link(
        kind="ticket" if kind == "ticket" else "roadmap",
        id=id,
        section=None,
        title=f"Title of {id}",
        score=score,
        evidence="Because it says so.",
        may_say=None,
        source_version="0" * 64,
        updated_at="2026-01-15",
    )


def decided(of: Signal, need: str, *links: Link) -> LinkDecision:
    return LinkDecision(
        tenant_id=TENANT,
        call_id=of.call_id,
        signal_id=of.signal_id,
        need_id=NeedId(need),
        links=links,
        linker_version="l1",
    )


def judged(name: str, of: Signal, need: str, id: str, verdict: str, undoes: str | None = None) -> LinkAnnotation:
    return LinkAnnotation(
        tenant_id=TENANT,
        call_id=of.call_id,
        annotation_id=name,
        need_id=NeedId(need),
        signal_id=of.signal_id,
        kind="ticket",
        id=id,
        section=None,
        verdict="wrong" if verdict == "wrong" else "right" if verdict == "right" else "undo",
        author="Mara",
        at=NOON,
        undoes=undoes,
    )


def changed(
    name: str,
    need: str,
    status: NeedStatus | None,
    on: int | None = None,
    of: Signal | None = None,
    undoes: str | None = None,
) -> NeedChanged:
    """A step of a need's life: read from the utterance `on`, or said by Mara of a signal."""
    return NeedChanged(
        tenant_id=TENANT,
        call_id=of.call_id if of else CALL,
        change_id=name,
        need_id=NeedId(need),
        status=status,
        decided_by="Mara" if on is None else "life-1",
        at=NOON + timedelta(seconds=30),
        utterance_id=None if on is None else UtteranceId(f"u{on}"),
        revision=None if on is None else 1,
        span=None if on is None else Span(start=0, end=2),
        score=None if on is None else 0.9,
        signal_id=of.signal_id if of else None,
        undoes=undoes,
    )


def named(of: Utterance, *things: tuple[ThingType, str, str]) -> ThingsNamed:
    """What an utterance names: type, name and the very words of each."""
    return ThingsNamed(
        tenant_id=TENANT,
        call_id=of.call_id,
        utterance_id=of.utterance_id,
        revision=of.revision,
        things=tuple(
            NamedThing(type=type, name=name, span=Span(start=of.text.index(said), end=of.text.index(said) + len(said)))
            for type, name, said in things
        ),
        namer_version="n1",
    )


def card(
    name: str, of: Signal, need: str, link: Link, returned: bool = False, at: datetime = NOON + timedelta(seconds=9)
) -> CardShown:
    return CardShown(
        tenant_id=TENANT,
        call_id=of.call_id,
        card_id=name,
        need_id=NeedId(need),
        signal_id=of.signal_id,
        link=link,
        confidence=0.75,
        shown_ms=9_000,
        at=at,
        closes_at=at + timedelta(seconds=30),
        returned=returned,
    )


def card_closed(name: str, of: Signal, outcome: CardOutcome, by: str | None = None) -> CardClosed:
    at = NOON + timedelta(seconds=20)
    return CardClosed(
        tenant_id=TENANT, call_id=of.call_id, card_id=name, signal_id=of.signal_id, outcome=outcome, by=by, at=at
    )


def paused(until_at: datetime | None) -> CardsPaused:
    return CardsPaused(tenant_id=TENANT, call_id=CALL, until_at=until_at, author="Mara", at=NOON)


def budget(confidence: float = 0.6) -> CardBudgetChanged:
    return CardBudgetChanged(
        tenant_id=TENANT,
        confidence=confidence,
        per_minute=2,
        per_call=5,
        shown_s=20,
        later_s=60,
        fresh_s=10,
        author="Ole",
        at=NOON,
    )


def item(id: str, title: str = "Split invoices", text: str = "By cost centre.") -> Item:
    return Item(tenant_id=TENANT, kind="ticket", id=id, section=None, title=title, text=text, version="a" * 64)


def participant() -> Participant:
    return Participant(
        tenant_id=TENANT, call_id=CALL, channel=ChannelId("b"), role="customer", speaker="Ines", person_id=INES
    )


def consent() -> ConsentRecorded:
    return ConsentRecorded(
        tenant_id=TENANT,
        call_id=CALL,
        consent_id="k1",
        channel=ChannelId("b"),
        person_id=INES,
        given=("transcript", "audio"),
        wording="May we keep a recording of this call?",
        author="Jonas",
        at=NOON,
    )


def shared(share_id: str = "sh-1", secret_digest: str = "d" * 64, days: int = 7) -> SummaryShared:
    return SummaryShared(
        tenant_id=TENANT,
        call_id=CALL,
        share_id=share_id,
        digest=secret_digest,
        language="zh",
        author="Mara",
        at=NOON,
        expires_at=NOON + timedelta(days=days),
    )


def unshared(share_id: str = "sh-1") -> SummaryUnshared:
    return SummaryUnshared(tenant_id=TENANT, call_id=CALL, share_id=share_id, author="Mara", at=NOON)


def opened(share_id: str = "sh-1", count: int = 3) -> SummaryOpened:
    return SummaryOpened(
        tenant_id=TENANT, call_id=CALL, share_id=share_id, opened=count, at=NOON + timedelta(minutes=count)
    )


def samples() -> tuple[Journalled, ...]:
    """One of each; the reflection test fails when a class of the journal has none here."""
    need = signal("s1", on=1)
    return (
        started(),
        participant(),
        consent(),
        utterance(1, "We need the split by cost centre."),
        need,
        verdict("a1", need, "correct", type="integration"),
        verdict("a2", need, "undo", undoes="a1"),
        UtteranceReviewed(
            tenant_id=TENANT,
            call_id=CALL,
            utterance_id=UtteranceId("u1"),
            revision=1,
            author="Mara",
            at=NOON,
            label_version="v1",
        ),
        named(utterance(1, "We need the split by cost centre."), ("date", "next spring", "the split")),
        assigned(need, "n1"),
        changed("c1", "n1", "addressed", on=1),
        changed("c2", "n1", "withdrawn", of=need),
        MergeAnnotation(
            tenant_id=TENANT,
            call_id=CALL,
            annotation_id="m1",
            signal_id=need.signal_id,
            need_id=NeedId("n2"),
            other_id=NeedId("n1"),
            moved=((CALL, need.signal_id),),
            verdict="different",
            author="Mara",
            at=NOON,
        ),
        decided(need, "n1", link("T-1", 0.75), link("R-1", 0.5, "roadmap")),
        judged("l1", need, "n1", "T-1", "wrong"),
        card("k1", need, "n1", link("R-1", 0.5, "roadmap")),
        card_closed("k1", need, "used", "Mara"),
        paused(NOON + timedelta(minutes=5)),
        budget(),
        shared(),
        opened(),
        unshared(),
        item("T-1"),
        ItemRemoved(tenant_id=TENANT, kind="document", id="D-1", section="pricing", author="Ole", at=NOON),
        AdapterReleased(
            tenant_id=TENANT,
            adapter_id=AdapterId("a-2"),
            replaces=AdapterId("default"),
            action="promote",
            author="Ole",
            at=NOON,
        ),
        LabelTypeChanged(
            tenant_id=TENANT,
            type="languages",
            kind="need",
            title="Languages",
            hint="wants it in another language",
            retired=False,
            author="Ole",
            at=NOON,
        ),
        ended(),
    )
