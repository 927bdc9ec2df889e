"""From a final utterance to what the journal keeps of it: signals, the needs they belong to, and their links.

Used by the service for every utterance of a customer and by `analyse` for past calls. Runs in one thread at a time.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from asr.messages import Utterance
from graph.candidates import Query
from graph.encoder import Remembered
from graph.events import Journalled
from graph.index import ItemIndex
from graph.life import Heard, Life, Want
from graph.linker import Linker, Ranked, told_of
from graph.merger import KnownNeed, Merger, voiced
from graph.messages import (
    Item,
    ItemKind,
    Link,
    LinkDecision,
    Mention,
    Need,
    NeedAssigned,
    NeedChanged,
    NeedId,
    ThingsNamed,
)
from graph.naming import Namer
from graph.needs import LinkKey
from graph.reference import LOOK_BACK_POINTING
from ingest.messages import TenantId
from intent.config import IntentConfig
from intent.encode import ContextTurn
from intent.entities import Entities
from intent.messages import Signal, SignalAnnotation
from intent.model import IntentModel, LinkingEncoder
from server.naming import Naming
from server.reading import Reading, Scene


class Understanding:
    """Reading, merging and linking of all tenants; adapters and indexes are kept per tenant."""

    def __init__(self, model: IntentModel, config: IntentConfig, entities: Entities) -> None:
        """Use one loaded encoder for everything; `entities` are loaded when first needed, or by `warm`."""
        self._encoder = Remembered(LinkingEncoder(model))
        self._reading = Reading(model, config)
        self._merger = Merger()
        self._linker = Linker()
        self._life = Life(self._encoder)
        self._entities = entities
        self._naming = Naming(Namer(entities))
        self._indexes: dict[TenantId, ItemIndex] = {}

    def close(self) -> None:
        """Close the indexes."""
        for index in self._indexes.values():
            index.close()
        self._indexes.clear()

    def read(self, scene: Scene, utterance: Utterance, *, links: bool = True) -> tuple[Journalled, ...]:
        """Everything that follows from a customer's utterance, ready for the journal; nothing for the rep's words.

        Args:
            scene: the tenant, whose graph already holds the turns before.
            utterance: final words.
            links: whether to search for items.
        """
        signals, context = self._reading.signals(scene, utterance)
        messages: list[Journalled] = []
        fresh: list[KnownNeed] = []
        rivals = self._rivals(scene, utterance) if signals and links else None
        for signal in signals:
            query = _query(signal, utterance, context, rivals)
            assigned, known = self._assign(scene, signal, query, fresh)
            fresh.append(known)
            messages += [signal, assigned]
            if links:
                messages.append(self._link(scene, signal, assigned.need_id, query))
        return tuple(messages)

    def remember(self, scene: Scene, need: Need) -> None:
        """Measure a need of an earlier call before a new signal is compared with it."""
        self._known(scene, need)

    def follow(self, scene: Scene, utterance: Utterance) -> tuple[NeedChanged, ...]:
        """What an utterance of either side does to the needs voiced in this call before it."""
        needs = [
            (need, mention)
            for need in scene.graph.needs(call_id=utterance.call_id)
            if (mention := _last_voiced(need, utterance)) is not None
        ]
        before = self._reading.before(scene, utterance, 1) if needs else []
        heard = Heard(role=utterance.role, text=utterance.text, before=before[-1].text if before else "")
        wants = [
            Want(
                need_id=need.need_id,
                status=need.status,
                words=mention.text,
                setting=self._voiced_in(scene, mention).setting,
                turns_ago=utterance.turn - mention.turn,
            )
            for need, mention in needs
        ]
        at = datetime.now(UTC)
        return tuple(
            NeedChanged(
                tenant_id=utterance.tenant_id,
                call_id=utterance.call_id,
                change_id=f"h-{secrets.token_hex(8)}",
                need_id=one.need_id,
                status=one.status,
                decided_by=self._life.version,
                at=at,
                utterance_id=utterance.utterance_id,
                revision=utterance.revision,
                span=one.span,
                score=one.score,
            )
            for one in self._life.read(heard, wants)
        )

    def warm(self) -> None:
        """Load what would else be loaded in the middle of a call."""
        self._entities.load()

    def named(self, scene: Scene, utterance: Utterance) -> tuple[ThingsNamed, ...]:
        """What an utterance of either side names."""
        return self._naming.named(scene, self.index(scene), utterance)

    def place(self, scene: Scene, annotation: SignalAnnotation, spoken: Utterance) -> tuple[Journalled, ...]:
        """The need and the links of a signal that a person added or corrected."""
        kind, type_, span, strength = annotation.kind, annotation.type, annotation.span, annotation.strength
        if kind is None or type_ is None or span is None or strength is None:
            return ()
        signal = Signal(
            tenant_id=annotation.tenant_id,
            call_id=annotation.call_id,
            utterance_id=annotation.utterance_id,
            revision=annotation.revision,
            signal_id=annotation.signal_id,
            kind=kind,
            type=type_,
            span=span,
            strength=strength,
            confidence=1.0,
            adapter_id=annotation.adapter_id or self._reading.adapter(scene).manifest.adapter_id,
        )
        query = _query(signal, spoken, self._context(scene, spoken), self._rivals(scene, spoken))
        before = scene.graph.signal(signal.call_id, signal.signal_id)
        need_id = scene.graph.need_of(signal.call_id, signal.signal_id)
        decided: list[Journalled] = []
        if need_id is None or before is None or before.kind != kind:
            assigned, _ = self._assign(scene, signal, query, ())
            need_id = assigned.need_id
            decided.append(assigned)
        return (*decided, self._link(scene, signal, need_id, query))

    def links(self, scene: Scene, query: Query) -> tuple[tuple[Link, ...], Ranked]:
        """What would be shown for words of no journalled call, and the best twenty of each kind before abstention."""
        rivals = self._naming.rivals(scene, self.index(scene), query.utterance, query.context)
        query = replace(query, rivals=rivals)
        found, told = self.index(scene).candidates(query), self._told(scene, query)
        return self._linker.decide(query, found, told), self._linker.ranked(query, found, told)

    def item(self, scene: Scene, kind: ItemKind, item_id: str, section: str | None) -> Item | None:
        """An imported item in its newest version."""
        return self.index(scene).get(kind, item_id, section)

    def index(self, scene: Scene) -> ItemIndex:
        """The tenant's search index, opened on first use."""
        found = self._indexes.get(scene.tenant_id)
        if found is None:
            found = self._indexes[scene.tenant_id] = ItemIndex(scene.folder.index, self._encoder)
        return found

    def _rivals(self, scene: Scene, spoken: Utterance) -> frozenset[str]:
        before = [one.text for one in self._reading.before(scene, spoken, LOOK_BACK_POINTING)]
        return self._naming.rivals(scene, self.index(scene), spoken.text, before)

    def _context(self, scene: Scene, spoken: Utterance) -> tuple[ContextTurn, ...]:
        return self._reading.context_of(scene, spoken)

    def _assign(
        self, scene: Scene, signal: Signal, query: Query, fresh: Sequence[KnownNeed]
    ) -> tuple[NeedAssigned, KnownNeed]:
        spoken = voiced(query, self._encoder)
        account = scene.graph.account_of(signal.call_id)
        needs = scene.graph.needs(account=account) if account is not None else ()
        known = [self._known(scene, need) for need in needs if need.kind == signal.kind]
        choice = self._merger.decide(spoken, [*known, *fresh])
        need_id = choice.need_id or NeedId(f"n-{secrets.token_hex(6)}")
        assigned = NeedAssigned(
            tenant_id=signal.tenant_id,
            call_id=signal.call_id,
            signal_id=signal.signal_id,
            need_id=need_id,
            score=choice.score,
            merger_version=self._merger.version,
        )
        return assigned, KnownNeed(need_id=need_id, voiced=(spoken,))

    def _link(self, scene: Scene, signal: Signal, need_id: NeedId, query: Query) -> LinkDecision:
        return LinkDecision(
            tenant_id=signal.tenant_id,
            call_id=signal.call_id,
            signal_id=signal.signal_id,
            need_id=need_id,
            links=self._linker.decide(query, self.index(scene).candidates(query), self._told(scene, query)),
            linker_version=self._linker.version,
        )

    def _told(self, scene: Scene, query: Query) -> dict[LinkKey, float]:
        return told_of(query.text, scene.graph.judged_links(), self._encoder)

    def _known(self, scene: Scene, need: Need) -> KnownNeed:
        found = tuple(voiced(self._voiced_in(scene, mention), self._encoder) for mention in need.mentions)
        return KnownNeed(need_id=need.need_id, voiced=found)

    def _voiced_in(self, scene: Scene, mention: Mention) -> Query:
        """A mention as merging and linking ask about it. A mention is built of these two, so they are there."""
        signal = scene.graph.signal(mention.call_id, mention.signal_id)
        spoken = scene.graph.utterance(mention.call_id, mention.utterance_id)
        assert signal is not None
        assert spoken is not None
        return _query(signal, spoken, self._context(scene, spoken))


def _last_voiced(need: Need, before: Utterance) -> Mention | None:
    said = [one for one in need.mentions if one.call_id == before.call_id and one.turn < before.turn]
    return max(said, key=lambda one: one.turn, default=None)


def _query(
    signal: Signal, utterance: Utterance, context: Sequence[ContextTurn], rivals: frozenset[str] | None = None
) -> Query:
    return Query(
        text=utterance.text[signal.span.start : signal.span.end],
        utterance=utterance.text,
        context=tuple(turn.text for turn in context),
        kind=signal.kind,
        type=signal.type,
        rivals=rivals,
    )
