"""What a call came to: its needs, what is open and answered, what is to be done, and how the rep talked (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.messages import Mention, Need
from graph.next_steps import StepSaid, steps_of
from graph.view import CallView
from ingest.messages import CallId
from server import bodies, present, present_needs, talk
from server.auth import Principal

STRONG = 3
"""Strength of what somebody must have; left open it is a step of its own."""
OPEN = frozenset(("open",))
ANSWERED = frozenset(("addressed", "confirmed", "resolved"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForRep:
    """What only the rep of a call sees. speaker: whom the metrics are about; None when it cannot be told."""

    speaker: str | None
    cards: bodies.CardFigures | None = None


def page(view: CallView, for_rep: ForRep | None = None) -> bodies.CallSummaryPage:
    """Sum up a call.

    Args:
        view: the call as it stands.
        for_rep: given when the rep of the call asks; nobody else gets metrics and figures of cards.
    """
    needs = ordered(view.needs)
    speaker = for_rep.speaker if for_rep else None
    started = present.call_started(view.started)
    return bodies.CallSummaryPage(
        call_id=view.started.call_id,
        account=view.started.account,
        started_at=view.started.started_at,
        duration_ms=duration_ms(view),
        ended=view.ended is not None,
        channels=started.channels,
        needs=tuple(present_needs.need(one) for one in needs),
        open_needs=tuple(one.need_id for one in needs if one.status in OPEN),
        answered_needs=tuple(one.need_id for one in needs if one.status in ANSWERED),
        next_steps=next_steps(view, needs),
        metrics=talk.metrics(view.utterances, speaker) if speaker else None,
        cards=for_rep.cards if for_rep else None,
    )


def duration_ms(view: CallView) -> int:
    """How long the call was, or has been so far."""
    said_ms = max((one.end_ms for one in view.utterances), default=0)
    return max(said_ms, view.ended.end_ms if view.ended else 0)


def ordered(needs: Iterable[Need]) -> list[Need]:
    """Open ones first, then the strongest, then in the order they were voiced."""
    return sorted(needs, key=lambda one: (one.status not in OPEN, -one.strength))


def next_steps(view: CallView, needs: Sequence[Need]) -> tuple[bodies.NextStep, ...]:
    """What was promised and asked for in the order it was said, then strong wants that nothing answered."""
    said = [_step(one) for one in steps_of(view.utterances, view.named)]
    left = [
        _unanswered(one, mention)
        for one in needs
        if one.kind == "need"
        and one.status in OPEN
        and one.strength >= STRONG
        and (mention := strongest(one, view.started.call_id)) is not None
    ]
    return (*said, *_apart(left))


def _apart(left: Sequence[bodies.NextStep]) -> list[bodies.NextStep]:
    """Of wants that were read into the same words, one: the longest; each stays a need of its own."""
    kept: list[bodies.NextStep] = []
    for one in sorted(left, key=lambda step: step.start - step.end):
        if not any(
            one.utterance_id == other.utterance_id and one.start < other.end and other.start < one.end for other in kept
        ):
            kept.append(one)
    return [one for one in left if one in kept]


def strongest(need: Need, call_id: CallId) -> Mention | None:
    """The strongest and then latest words of a need in a call."""
    here = [one for one in need.mentions if one.call_id == call_id]
    return max(here, key=lambda one: (one.strength, one.turn, one.start_ms), default=None)


def seen_by(view: CallView, principal: Principal) -> ForRep | None:
    """What the person who asks may see as the call's rep; None for everybody else.

    The rep of a call is who began it. A call that was read from a transcript was begun by nobody: any rep may look.
    """
    host = view.started.host
    if principal.role == "supervisor":
        return None
    if host is not None:
        if principal.person != host:
            return None
    elif principal.role != "rep":
        return None
    reps = [one.speaker for one in view.started.channels if one.role == "rep"]
    return ForRep(speaker=rep_of(reps, principal.person))


def rep_of(reps: Sequence[str], person: str) -> str | None:
    """Which of a call's reps a person is: the one of their name, else the only one there is."""
    if person in reps:
        return person
    return reps[0] if len(set(reps)) == 1 else None


def _step(one: StepSaid) -> bodies.NextStep:
    spoken = one.utterance
    return bodies.NextStep(
        kind=one.kind,
        speaker=spoken.speaker,
        role=spoken.role,
        text=spoken.text[one.span.start : one.span.end],
        due=one.due,
        need_id=None,
        utterance_id=spoken.utterance_id,
        start=one.span.start,
        end=one.span.end,
        start_ms=present.span_times(spoken, one.span)[0],
    )


def _unanswered(need: Need, mention: Mention) -> bodies.NextStep:
    return bodies.NextStep(
        kind="unanswered",
        speaker=mention.speaker,
        role="customer",
        text=mention.text,
        due=None,
        need_id=need.need_id,
        utterance_id=mention.utterance_id,
        start=mention.span.start,
        end=mention.span.end,
        start_ms=mention.start_ms,
    )
