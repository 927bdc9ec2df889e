"""What a signal can be: the label set v1, and a tenant's own, made from it by renaming, adding and retiring types.

Kinds never change, and a type's key never does: an adapter and every old label go by it; its title is what people see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from intent.messages import Kind, LabelTypeChanged

LABEL_VERSION = "v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelType:
    """One type of signal; `title` and `hint` are what people see. A retired one is found and offered no more."""

    type: str
    kind: Kind
    title: str
    hint: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Types in the order of the model's outputs; any size."""

    version: str
    types: tuple[LabelType, ...]

    def __post_init__(self) -> None:
        if len({one.type for one in self.types}) != len(self.types):
            raise ValueError("a label set names each type once")

    @property
    def names(self) -> tuple[str, ...]:
        """Type names in the order of the model's outputs."""
        return tuple(one.type for one in self.types)

    def kind_of(self, name: str) -> Kind | None:
        """Whether a type is a need or a hesitation; None when it is not in the set."""
        return next((one.kind for one in self.types if one.type == name), None)

    @property
    def active(self) -> "LabelSet":
        """The types that are not retired."""
        return replace(self, types=tuple(one for one in self.types if not one.retired))

    def get(self, name: str) -> LabelType | None:
        """A type by its key."""
        return next((one for one in self.types if one.type == name), None)

    def changed(self, changes: Iterable[LabelTypeChanged]) -> "LabelSet":
        """A tenant's set: these types as they were last changed, new ones after the others."""
        types = {one.type: one for one in self.types}
        made = list(changes)
        for one in made:
            types[one.type] = LabelType(
                type=one.type, kind=one.kind, title=one.title, hint=one.hint, retired=one.retired
            )
        return LabelSet(f"{self.version}.{len(made)}" if made else self.version, tuple(types.values()))


def _need(name: str, title: str, hint: str) -> LabelType:
    return LabelType(type=name, kind="need", title=title, hint=hint)


def _hesitation(name: str, title: str, hint: str) -> LabelType:
    return LabelType(type=name, kind="hesitation", title=title, hint=hint)


LABELS = LabelSet(
    LABEL_VERSION,
    (
        _need("capability", "Capability", "wants the product to do something"),
        _need("integration", "Integration", "wants it to work with another system"),
        _need("performance", "Performance", "wants speed, scale, uptime or capacity"),
        _need("compliance", "Compliance", "wants security, privacy, audit or a place for the data"),
        _need("commercial", "Commercial terms", "wants a price, discount, contract or payment form"),
        _need("support", "Support", "wants service, training, onboarding or a contact"),
        _need("timeline", "Timeline", "wants something by a date or in an order"),
        _need("proof", "Proof", "wants evidence: a reference, trial or demo"),
        _hesitation("price", "Price", "held back by cost or budget"),
        _hesitation("risk", "Risk", "held back by security, trust, survival or lock-in"),
        _hesitation("fit", "Fit", "doubts that it does what they need"),
        _hesitation("competitor", "Competitor", "another vendor or an in-house build"),
        _hesitation("status_quo", "Status quo", "today's way is good enough"),
        _hesitation("authority", "Authority", "someone else decides"),
        _hesitation("timing", "Timing", "not now"),
        _hesitation("effort", "Effort", "migration, change or workload on their side"),
        _hesitation("uncertainty", "Uncertainty", "hedged or evasive, no reason given"),
    ),
)
