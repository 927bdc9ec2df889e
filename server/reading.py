"""From a customer's utterance to its signals: the tenant's adapter and label set, the timing and choice of words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from asr.messages import Utterance
from graph.labels import labelled_words
from graph.tenants import TenantFolder
from graph.view import NeedGraph
from ingest.messages import TenantId
from intent.adapters import AdapterStore
from intent.config import IntentConfig
from intent.encode import ContextTurn, Turn
from intent.labels import LABELS, LabelSet
from intent.loaded import LoadedAdapters
from intent.messages import AdapterId, Signal, SignalId
from intent.model import Adapter, IntentModel
from intent.spans import Finding
from intent.timing import cues, lift
from intent.wording import Wording
from intent.young import GROWN_EXAMPLES, WEAK, YoungTypes, unlearnt


class Scene(Protocol):
    """A tenant as understanding needs it: the graph so far, its adapters and its folder."""

    tenant_id: TenantId
    folder: TenantFolder
    graph: NeedGraph
    adapters: AdapterStore


@dataclass(frozen=True, slots=True)
class _Young:
    """A tenant's young types, and what they were made from."""

    made_from: tuple[AdapterId, int, int]
    types: YoungTypes


class Reading:
    """Reads utterances of all tenants with one model."""

    def __init__(self, model: IntentModel, config: IntentConfig) -> None:
        """Use a loaded model."""
        self._model = model
        self._context_turns = config.context_turns
        self._adapters = LoadedAdapters(model, config.adapters_in_memory)
        self._wording = Wording()
        self._young: dict[TenantId, _Young] = {}

    def adapter(self, scene: Scene) -> Adapter:
        """The adapter in use."""
        return self._adapters.champion(scene.tenant_id, scene.adapters)

    def before(self, scene: Scene, utterance: Utterance, count: int | None = None) -> list[Utterance]:
        """The call so far, or the last so many utterances of it."""
        record = scene.graph.record(utterance.call_id)
        return record.before(utterance.turn, count) if record else []

    def context_of(self, scene: Scene, utterance: Utterance) -> tuple[ContextTurn, ...]:
        """The turns that the model reads along with an utterance."""
        return self.context(self.before(scene, utterance, self._context_turns))

    def context(self, before: Sequence[Utterance]) -> tuple[ContextTurn, ...]:
        """The turns that the model reads along."""
        count = self._context_turns
        return tuple(ContextTurn(one.role, one.text) for one in before[-count:]) if count else ()

    def signals(self, scene: Scene, utterance: Utterance) -> tuple[tuple[Signal, ...], tuple[ContextTurn, ...]]:
        """What a customer's words hold, and the turns read along; of the rep's words and of empty ones nothing."""
        if utterance.role != "customer" or not utterance.text.strip():
            return (), ()
        adapter, labels = self.adapter(scene), labels_of(scene)
        before = self.before(scene, utterance)
        timing = cues(utterance, before)
        turn = Turn(utterance.text, self.context(before))
        found: list[Signal] = []
        for number, finding in enumerate(self._findings(scene, turn, adapter, labels, lift(timing)), 1):
            signal = _signal(utterance, finding, number, adapter)
            if signal.kind == "hesitation":
                signal = replace(signal, cues=timing, hedging=self._wording.found(utterance.text))
            found.append(signal)
        return tuple(found), turn.context

    def _findings(
        self, scene: Scene, turn: Turn, adapter: Adapter, labels: LabelSet, lifted: float
    ) -> tuple[Finding, ...]:
        """The adapter's findings without retired types, and those that come near a young type's examples."""
        young = self._young_types(scene, adapter, labels)
        if not young:
            return _active(self._model.read(turn, adapter, lifted), labels)
        weak = self._model.read(turn, adapter, lifted, WEAK)
        thresholds = dict(zip(adapter.decoding.labels.names, adapter.decoding.thresholds, strict=True))
        shown = [one for one in weak if one.confidence >= thresholds[one.type]]
        return young.told(turn.text, weak, _active(shown, labels))

    def _young_types(self, scene: Scene, adapter: Adapter, labels: LabelSet) -> YoungTypes | None:
        types = unlearnt(labels, adapter.decoding.labels)
        if not types:
            return None
        made_from = (adapter.manifest.adapter_id, len(scene.graph.label_types), scene.graph.verdicts)
        known = self._young.get(scene.tenant_id)
        if known is None or known.made_from != made_from:
            examples = labelled_words(scene.graph, {one.type for one in types})
            known = self._young[scene.tenant_id] = _Young(made_from, YoungTypes(types, examples, self._model))
        return known.types


def labels_of(scene: Scene) -> LabelSet:
    """The tenant's label set as it stands, retired types included."""
    return LABELS.changed(scene.graph.label_types)


def _active(findings: Sequence[Finding], labels: LabelSet) -> tuple[Finding, ...]:
    names = set(labels.active.names)
    return tuple(one for one in findings if one.type in names)


def _is_young(name: str, adapter: Adapter) -> bool:
    """Whether a type was never learnt, or from few labels."""
    reading = next((one for one in adapter.manifest.types if one.type == name), None)
    return reading is None or (reading.examples is not None and reading.examples < GROWN_EXAMPLES)


def _signal(utterance: Utterance, finding: Finding, number: int, adapter: Adapter) -> Signal:
    revised = f"r{utterance.revision}" if utterance.revision > 1 else ""
    return Signal(
        tenant_id=utterance.tenant_id,
        call_id=utterance.call_id,
        utterance_id=utterance.utterance_id,
        revision=utterance.revision,
        signal_id=SignalId(f"{utterance.utterance_id}{revised}:s{number}"),
        kind=finding.kind,
        type=finding.type,
        span=finding.span,
        strength=finding.strength,
        confidence=finding.confidence,
        adapter_id=adapter.manifest.adapter_id,
        young=_is_young(finding.type, adapter),
    )
