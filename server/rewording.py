"""What was misheard, as a person says it: the annotation, the corrected utterance, and what follows from new words."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asr.messages import Utterance, UtteranceId, Word
from asr.vocabulary import spread
from graph.call_record import CallRecord
from graph.events import Journalled
from graph.messages import WordsAnnotation
from graph.misheard import corrected, undone_of, where_now
from ingest.messages import CallId
from intent.messages import Span
from server.bodies import WordsVerdict
from server.errors import BadRequestError, ConflictError, NotFoundError
from server.tenant import Tenant
from server.understanding import Understanding

TOKEN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Rewording:
    """Corrections of words by one person; in the worker, under the tenant's lock."""

    tenant: Tenant
    understanding: Understanding
    author: str

    def words(self, verdict: WordsVerdict) -> tuple[WordsAnnotation, tuple[Journalled, ...]]:
        """What was said instead of the words in the span, and the utterance's next revision.

        Raises:
            NotFoundError: no such utterance.
            ConflictError: the words were corrected meanwhile.
            BadRequestError: the span lies outside the words, or nothing would change, or nothing would be left.
        """
        record, spoken = self._spoken(CallId(verdict.call_id), UtteranceId(verdict.utterance_id))
        if verdict.revision > spoken.revision or verdict.revision < 1:
            raise NotFoundError("no such utterance in that revision; reload the page")
        if verdict.revision < spoken.revision:
            raise ConflictError("somebody corrected these words meanwhile; look at them again")
        if not verdict.start < verdict.end <= len(spoken.text):
            raise BadRequestError(f"[{verdict.start}, {verdict.end}) are no words of {len(spoken.text)} characters")
        span, said = narrowed(spoken.text, Span(start=verdict.start, end=verdict.end), verdict.said)
        return self._told(record, spoken, span, said, None)

    def undo(self, given: WordsAnnotation) -> tuple[WordsAnnotation, tuple[Journalled, ...]]:
        """The words as they were before a correction, as another revision; an undo can itself be taken back.

        Raises:
            ConflictError: it was taken back already, or somebody corrected the same words again.
        """
        record, spoken = self._spoken(given.call_id, given.utterance_id)
        every = list(record.words.values())
        if given.annotation_id in undone_of([(one.annotation_id, one.undoes) for one in every]):
            raise ConflictError("this correction was taken back already")
        last = given
        while (again := _taken_back_by(last, every)) is not None:
            last = again
        later = [one for one in record.edits[given.utterance_id] if one.revision > last.revision]
        span = where_now(last, later)
        if span is None:
            raise ConflictError("these words were corrected again since; take that back first")
        return self._told(record, spoken, span, last.heard, last.annotation_id)

    def _told(
        self, record: CallRecord, spoken: Utterance, span: Span, said: str, undoes: str | None
    ) -> tuple[WordsAnnotation, tuple[Journalled, ...]]:
        told = WordsAnnotation(
            tenant_id=spoken.tenant_id,
            call_id=spoken.call_id,
            annotation_id=f"a-{secrets.token_hex(8)}",
            utterance_id=spoken.utterance_id,
            revision=spoken.revision,
            span=span,
            heard=spoken.text[span.start : span.end],
            said=said,
            author=self.author,
            at=datetime.now(UTC),
            undoes=undoes,
        )
        anew = reworded(self._with_words(spoken), told)
        # A person corrected words, not what they mean: only where nothing was ever found is the model asked again.
        asked = undoes is None and not record.signals_on(spoken.utterance_id)
        found = self.understanding.read(self.tenant, anew) if asked and not _reviewed(record, spoken) else ()
        return told, (anew, *found, *self.understanding.named(self.tenant, anew))

    def _spoken(self, call_id: CallId, utterance_id: UtteranceId) -> tuple[CallRecord, Utterance]:
        record = self.tenant.graph.record(call_id)
        spoken = record.utterances.get(utterance_id) if record else None
        if record is None or spoken is None:
            raise NotFoundError("no such utterance; reload the page")
        return record, spoken

    def _with_words(self, spoken: Utterance) -> Utterance:
        """The utterance with the times of its words, which only the journal keeps once a call has ended."""
        if spoken.words:
            return spoken
        for event in self.tenant.journal.read(call_id=spoken.call_id, kinds=("utterance",)):
            kept = event.message
            if isinstance(kept, Utterance) and (kept.utterance_id, kept.revision) == _revision_of(spoken):
                return kept
        return spoken


def narrowed(text: str, span: Span, said: str) -> tuple[Span, str]:
    """The words of a span that truly change, and what takes their place; at least one word on either side.

    Raises:
        BadRequestError: nothing changes, or nothing would be left of the utterance.
    """
    given = said.split()
    heard = [match.span() for match in TOKEN.finditer(text, span.start, span.end)]
    if not given:
        # Where nothing was said the word behind comes along, else the one before: a span is never empty.
        behind, before = TOKEN.search(text, span.end), [match.span() for match in TOKEN.finditer(text, 0, span.start)]
        if behind is None and not before:
            raise BadRequestError("an utterance keeps at least one word")
        span = Span(start=span.start, end=behind.end()) if behind else Span(start=before[-1][0], end=span.end)
        return span, behind.group() if behind else text[slice(*before[-1])]
    if not heard or " ".join(given) == text[span.start : span.end]:
        raise BadRequestError("these are the words already")
    while min(len(heard), len(given)) > 1 and text[slice(*heard[0])] == given[0]:
        heard, given = heard[1:], given[1:]
    while min(len(heard), len(given)) > 1 and text[slice(*heard[-1])] == given[-1]:
        heard, given = heard[:-1], given[:-1]
    return Span(start=heard[0][0], end=heard[-1][1]), " ".join(given)


def reworded(spoken: Utterance, told: WordsAnnotation) -> Utterance:
    """The utterance's next revision; new words share the time of those they replace, and a person is sure of them."""
    text = corrected(spoken.text, told)
    return replace(spoken, revision=spoken.revision + 1, text=text, words=_words(spoken, told, text))


def _words(spoken: Utterance, told: WordsAnnotation, text: str) -> tuple[Word, ...]:
    places = _places(spoken)
    touched = [at for at, (start, end) in enumerate(places) if start < told.span.end and told.span.start < end]
    if not touched:
        return spoken.words
    first, last = touched[0], touched[-1]
    start = min(places[first][0], told.span.start)
    end = max(places[last][1], told.span.end) + len(text) - len(spoken.text)
    fresh = spread(text[start:end].split(), spoken.words[first : last + 1])
    return (*spoken.words[:first], *(replace(one, confidence=1.0) for one in fresh), *spoken.words[last + 1 :])


def _places(spoken: Utterance) -> list[tuple[int, int]]:
    """Where each word stands in the text, in order; an empty place for one that is not found."""
    found: list[tuple[int, int]] = []
    at = 0
    for word in spoken.words:
        start = spoken.text.find(word.text, at)
        at = at if start < 0 else start + len(word.text)
        found.append((at, at) if start < 0 else (start, at))
    return found


def _taken_back_by(given: WordsAnnotation, every: Sequence[WordsAnnotation]) -> WordsAnnotation | None:
    return next((one for one in every if one.undoes == given.annotation_id), None)


def _revision_of(spoken: Utterance) -> tuple[str, int]:
    return spoken.utterance_id, spoken.revision


def _reviewed(record: CallRecord, spoken: Utterance) -> bool:
    review = record.reviewed.get(spoken.utterance_id)
    return review is not None and record.stands_on(review.utterance_id, review.revision) == spoken.revision
