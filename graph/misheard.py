"""Where words lie after misheard ones beside them were corrected (pure).

A correction replaces the words of a span and makes the utterance's next revision. What was pinned to the words before
moves along: behind the span it is shifted, over the span it is stretched to hold the new words. A correction that was
taken back is left out of the reckoning together with its undo, so everything lies again exactly where it lay.
"""

from collections.abc import Sequence
from dataclasses import replace

from graph.messages import WordsAnnotation
from intent.messages import Signal, Span


def undone_of(given: Sequence[tuple[str, str | None]]) -> frozenset[str]:
    """Of ids in their order, each with the id that it undoes, find those undone in the end."""
    undone: set[str] = set()
    for one, undoes in reversed(given):
        if undoes is not None and one not in undone:
            undone.add(undoes)
    return frozenset(undone)


def corrected(text: str, edit: WordsAnnotation) -> str:
    """The text with the words that were said."""
    return text[: edit.span.start] + edit.said + text[edit.span.end :]


def reached(revision: int, edits: Sequence[WordsAnnotation], until: int | None = None) -> int:
    """The newest revision that corrections lead to from this one, at most `until`."""
    chain = _chain(revision, edits, until)
    return chain[-1].revision + 1 if chain else revision


def carried(signal: Signal, edits: Sequence[WordsAnnotation], until: int | None = None) -> Signal:
    """A signal on the words as they were corrected since it was found; hedging words that were corrected are none.

    Args:
        signal: on any revision.
        edits: corrections of its utterance in their order; those of other revisions do not count.
        until: the revision to stop at, None for the newest.
    """
    chain = _chain(signal.revision, edits, until)
    if not chain:
        return signal
    span, hedging = signal.span, signal.hedging
    for edit in in_force(chain):
        span = moved(span, edit)
        hedging = tuple(
            replace(one, span=moved(one.span, edit)) for one in hedging if not _overlap(one.span, edit.span)
        )
    return replace(signal, revision=chain[-1].revision + 1, span=span, hedging=hedging)


def moved(span: Span, edit: WordsAnnotation) -> Span:
    """A span on the words after one correction: stretched where it overlaps what was corrected."""
    longer = _longer(edit)
    if span.end <= edit.span.start:
        return span
    if span.start >= edit.span.end:
        return Span(start=span.start + longer, end=span.end + longer)
    return Span(start=min(span.start, edit.span.start), end=max(span.end, edit.span.end) + longer)


def where_now(edit: WordsAnnotation, later: Sequence[WordsAnnotation]) -> Span | None:
    """Where the words of a correction stand after later ones; None when those changed them."""
    place = Span(start=edit.span.start, end=edit.span.start + len(edit.said))
    for one in in_force(later):
        if _overlap(place, one.span):
            return None
        place = moved(place, one)
    return place


def in_force(edits: Sequence[WordsAnnotation]) -> list[WordsAnnotation]:
    """Corrections that come to the same text, without those taken back and their undos."""
    kept: list[WordsAnnotation] = []
    for edit in edits:
        at = next((place for place, one in enumerate(kept) if one.annotation_id == edit.undoes), None)
        later = None if at is None else _without(kept[at], kept[at + 1 :])
        if at is None or later is None:
            kept.append(edit)
        else:
            kept[at:] = later
    return kept


def _without(gone: WordsAnnotation, later: Sequence[WordsAnnotation]) -> list[WordsAnnotation] | None:
    """Later corrections as if one before them had not been; None when they changed its words."""
    place = Span(start=gone.span.start, end=gone.span.start + len(gone.said))
    found: list[WordsAnnotation] = []
    for edit in later:
        if _overlap(place, edit.span):
            return None
        back = _longer(gone) if edit.span.start >= place.end else 0
        found.append(replace(edit, span=Span(start=edit.span.start - back, end=edit.span.end - back)))
        place = moved(place, edit)
    return found


def _chain(revision: int, edits: Sequence[WordsAnnotation], until: int | None) -> list[WordsAnnotation]:
    """Corrections that lead on from a revision, each made on the words of the one before."""
    found: list[WordsAnnotation] = []
    for edit in edits:
        if edit.revision == revision and (until is None or revision < until):
            found.append(edit)
            revision += 1
    return found


def _longer(edit: WordsAnnotation) -> int:
    return len(edit.said) - (edit.span.end - edit.span.start)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
