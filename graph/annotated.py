"""A signal and what people said of it: how it stands now, and how it stood around each verdict (pure).

When misheard words of its utterance were corrected, a signal and the verdicts on it stand on the corrected words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asr.messages import UtteranceId
from graph.messages import LinkAnnotation, WordsAnnotation
from graph.misheard import carried, undone_of
from intent.messages import AdapterId, Signal, SignalAnnotation

BY_HAND = AdapterId("by-hand")
"""Adapter of a signal that no model found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One verdict: the signal before it and after it, None where there was none; `undone` when it was taken back."""

    annotation: SignalAnnotation
    before: Signal | None
    after: Signal | None
    undone: bool


class AnnotatedSignal:
    """A signal with the verdicts on it, in the order of the journal.

    edits: corrections of its utterance's words so far, the same list for all signals of the utterance.
    """

    def __init__(self, utterance_id: UtteranceId, edits: Sequence[WordsAnnotation] = ()) -> None:
        self.utterance_id = utterance_id
        self.original: Signal | None = None
        self.annotations: dict[str, SignalAnnotation] = {}
        self.edits = edits

    def current(self) -> Signal | None:
        """Return the signal as the verdicts that still count leave it; None when it was refused or never there."""
        undone = taken_back(self.annotations.values())
        now = self.original
        for annotation in self.annotations.values():
            if annotation.annotation_id not in undone:
                now = self._after(annotation, now)
        if now is None or not self.edits:
            return now
        return None if self._read_from_words_taken_back(undone) else carried(now, self.edits)

    def _read_from_words_taken_back(self, undone: frozenset[str]) -> bool:
        """Whether a model found it in a correction that was taken back since, and nobody judged it."""
        if self.original is None or any(one not in undone for one in self._judged_by()):
            return False
        made_by = {one.annotation_id for one in self.edits if one.revision + 1 == self.original.revision}
        return bool(made_by & undone_of([(one.annotation_id, one.undoes) for one in self.edits]))

    def _judged_by(self) -> Iterable[str]:
        return (one.annotation_id for one in self.annotations.values() if one.verdict != "undo")

    def reviews(self) -> tuple[Review, ...]:
        """Return every verdict but `undo`, each with the signal before and after it."""
        undone = taken_back(self.annotations.values())
        now, found = self.original, list[Review]()
        for annotation in self.annotations.values():
            if annotation.verdict == "undo":
                continue
            before = carried(now, self.edits, annotation.revision) if now and self.edits else now
            after, gone = self._after(annotation, before), annotation.annotation_id in undone
            found.append(Review(annotation=annotation, before=before, after=after, undone=gone))
            now = now if gone else after
        return tuple(found)

    def judged(self) -> bool:
        """Tell whether any verdict counts."""
        return any(not review.undone for review in self.reviews())

    def _after(self, annotation: SignalAnnotation, before: Signal | None) -> Signal | None:
        if annotation.verdict == "undo":
            return before
        if annotation.verdict == "refuse":
            return None
        kind, type_, span, strength = annotation.kind, annotation.type, annotation.span, annotation.strength
        if kind is None or type_ is None or span is None or strength is None:
            return before
        base = before or self.original
        return Signal(
            tenant_id=annotation.tenant_id,
            call_id=annotation.call_id,
            utterance_id=annotation.utterance_id,
            revision=annotation.revision,
            signal_id=annotation.signal_id,
            kind=kind,
            type=type_,
            span=span,
            strength=strength,
            confidence=base.confidence if base and annotation.verdict == "confirm" else 1.0,
            adapter_id=base.adapter_id if base else annotation.adapter_id or BY_HAND,
        )


def taken_back(annotations: Iterable[SignalAnnotation | LinkAnnotation]) -> frozenset[str]:
    """Find the annotations that an undo still in force takes back; an undo can itself be undone."""
    return undone_of([(one.annotation_id, one.undoes) for one in annotations])
