"""What a need looks like, made from its mentions, links and verdicts (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asr.messages import UtteranceId
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
    status, disputed_by = status_after(in_time, lived)
    return Need(
        need_id=need_id,
        kind=leading.signal.kind,
        type=leading.signal.type,
        strength=leading.signal.strength,
        label=leading.mention.text,
        status=status,
        raised_by=tuple(dict.fromkeys(one.mention.speaker for one in in_time)),
        mentions=tuple(one.mention for one in in_time),
        changes=tuple(one.change for one in lived),
        links=best_links(decided, verdicts),
        linked=bool(decided),
        about=tuple(dict.fromkeys(thing for one in in_time for thing in one.about)),
        disputed_by=disputed_by,
    )


def status_after(voicings: Sequence[Voicing], steps: Sequence[Step]) -> tuple[NeedStatus, tuple[str, ...]]:
    """Where a need stands, and who does not want it while others do.

    The last step counts, unless the want was voiced again after it was met or dropped. A customer can withdraw only for
    himself: the need is withdrawn once everybody who raised it has done so. What a person of the company says counts.
    """
    stands = _Standing()
    # Words that settle a want may name it: what an utterance voices comes before what it does.
    voiced = [((*one.when[:2], 0, one.when[2]), one.mention) for one in voicings]
    lived = [((*one.when[:2], 1, one.when[2]), one.change) for one in steps]
    for _, moment in sorted([*voiced, *lived], key=lambda one: one[0]):
        if isinstance(moment, Mention):
            stands.voice(moment)
        else:
            stands.step(moment)
    return stands.status, () if stands.status == "withdrawn" else tuple(stands.against)


@dataclass(slots=True)
class _Standing:
    """Where a need stands at a moment of its life."""

    status: NeedStatus = "open"
    settled_in: UtteranceId | None = None
    """The utterance of the step that counts."""
    wanted_by: set[str] = field(default_factory=set[str])
    against: dict[str, UtteranceId] = field(default_factory=dict[str, UtteranceId])
    """Who withdrew, and by which utterance."""

    def voice(self, mention: Mention) -> None:
        self.wanted_by.add(mention.speaker)
        if self.against.get(mention.speaker) != mention.utterance_id:
            self.against.pop(mention.speaker, None)
        if self.status != "confirmed" and self.settled_in != mention.utterance_id:
            self.status = "open"

    def step(self, change: StatusChange) -> None:
        if change.utterance_id is None:
            self._decide(change.status)
        elif change.speaker is not None:
            self._hear(change.status, change.speaker, change.utterance_id)
        if change.status == "withdrawn" and change.utterance_id is not None and not self._all_withdrew():
            return
        self.status, self.settled_in = change.status, change.utterance_id

    def _decide(self, status: NeedStatus) -> None:
        """Whoever takes up by hand what the customers had withdrawn says that they want it."""
        if self.status == "withdrawn" and self.settled_in is not None and status != "withdrawn":
            self.against.clear()

    def _hear(self, status: NeedStatus, speaker: str, utterance_id: UtteranceId) -> None:
        if status == "withdrawn":
            self.against[speaker] = utterance_id
        elif status == "confirmed":
            self.against.pop(speaker, None)

    def _all_withdrew(self) -> bool:
        return bool(self.wanted_by) and self.wanted_by <= self.against.keys()


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
