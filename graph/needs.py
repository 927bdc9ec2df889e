"""What a need looks like, made from its mentions, links and verdicts (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.annotated import taken_back
from graph.messages import (
    Link,
    LinkAnnotation,
    LinkDecision,
    Mention,
    Need,
    NeedChanged,
    NeedId,
    NeedStatus,
    StatusChange,
    Thing,
)
from ingest.messages import CallId
from intent.messages import Signal, SignalId

MAX_LINKS_OF_A_KIND = 5
"""The contract of `analyse` and of the screens."""

KIND_ORDER = {"ticket": 0, "document": 1, "roadmap": 2}

SignalKey = tuple[CallId, SignalId]
LinkKey = tuple[str, str, str | None]
When = tuple[float, int, int]
"""A place in time: the start of its call in seconds, milliseconds in the call, characters in the utterance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicing:
    """A mention with its signal, its place in time, and what its clause names."""

    mention: Mention
    signal: Signal
    when: When
    about: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLink:
    """A person's verdict on an item for a need that was voiced in these words."""

    item: LinkKey
    right: bool
    texts: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class NeedMembers:
    """What the journal said about one need so far."""

    signals: dict[SignalKey, None] = field(default_factory=dict)
    annotations: dict[str, LinkAnnotation] = field(default_factory=dict)
    changes: dict[str, NeedChanged] = field(default_factory=dict)
    absorbed: set[NeedId] = field(default_factory=set)
    """Needs whose last signal came here: what was said of them is said of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a need's life and its place in time, as of a `Voicing`."""

    change: StatusChange
    when: When


def build(
    need_id: NeedId,
    voicings: Sequence[Voicing],
    steps: Sequence[Step],
    decided: Sequence[LinkDecision],
    verdicts: Iterable[LinkAnnotation],
) -> Need:
    """Make the need of at least one mention: strength and words of the strongest, most recent one lead.

    Args:
        need_id: The need's id.
        voicings: Its mentions in force.
        steps: What became of it, without what was taken back.
        decided: What the linker answered for the signals of these mentions.
        verdicts: What people said of these links.
    """
    in_time = sorted(voicings, key=lambda one: one.when)
    lived = sorted(steps, key=lambda one: one.when)
    leading = max(in_time, key=lambda one: (one.signal.strength, one.when))
    return Need(
        need_id=need_id,
        kind=leading.signal.kind,
        type=leading.signal.type,
        strength=leading.signal.strength,
        label=leading.mention.text,
        status=status_after(in_time, lived),
        raised_by=tuple(dict.fromkeys(one.mention.speaker for one in in_time)),
        mentions=tuple(one.mention for one in in_time),
        changes=tuple(one.change for one in lived),
        links=best_links(decided, verdicts),
        linked=bool(decided),
        about=tuple(dict.fromkeys(thing for one in in_time for thing in one.about)),
    )


def status_after(voicings: Sequence[Voicing], steps: Sequence[Step]) -> NeedStatus:
    """Where a need stands: the last step counts, unless the want was voiced again after it was met or dropped."""
    if not steps:
        return "open"
    last = steps[-1]
    voiced_again = any(
        one.when > last.when and one.mention.utterance_id != last.change.utterance_id for one in voicings
    )
    return "open" if voiced_again and last.change.status != "confirmed" else last.change.status


def best_links(decided: Iterable[LinkDecision], annotations: Iterable[LinkAnnotation]) -> tuple[Link, ...]:
    """Take each item's best score over the signals, without what a person called wrong; at most five of a kind."""
    verdicts = standing(annotations)
    best: dict[LinkKey, Link] = {}
    for decision in decided:
        for link in decision.links:
            key = (link.kind, link.id, link.section)
            if verdicts.get(key) != "wrong" and (key not in best or link.score > best[key].score):
                best[key] = link
    order = sorted(
        best.items(), key=lambda one: (KIND_ORDER[one[0][0]], verdicts.get(one[0]) != "right", _rank(one[1]))
    )
    taken: dict[str, int] = {}
    kept: list[Link] = []
    for _, link in order:
        taken[link.kind] = taken.get(link.kind, 0) + 1
        if taken[link.kind] <= MAX_LINKS_OF_A_KIND:
            kept.append(link)
    return tuple(sorted(kept, key=lambda link: (KIND_ORDER[link.kind], _rank(link))))


def standing(annotations: Iterable[LinkAnnotation]) -> dict[LinkKey, str]:
    """Find the last verdict on each item that was not taken back."""
    given = list(annotations)
    undone = taken_back(given)
    return {
        (one.kind, one.id, one.section): one.verdict
        for one in given
        if one.verdict != "undo" and one.annotation_id not in undone
    }


def _rank(link: Link) -> tuple[float, str, str]:
    return (-link.score, link.id, link.section or "")
