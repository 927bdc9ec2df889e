"""What people said of signals, links, needs and words, as the rows of the review queue: the newest first, in pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from asr.messages import Utterance
from graph.call_record import CallRecord
from graph.messages import LinkAnnotation, MergeAnnotation, NeedChanged, NeedId, WordsAnnotation
from graph.misheard import undone_of
from ingest.messages import CallId
from intent.labels import LabelSet
from intent.messages import Signal, SignalAnnotation, SignalId, Span
from server.bodies import AnnotationForm, AnnotationPage, AnnotationRow
from server.corrections import PERSONS_WORDS, PersonsWord, id_of
from server.tenant import Tenant

BY_MODELS = ("intent", "analyse")
"""What these wrote is no person's word: most steps of needs, which would else all be opened."""

AROUND_CHARS = 120
"""So much of an utterance is shown before and behind the words in question."""

Fields = dict[str, Any]


def page(tenant: Tenant, before: int | None, limit: int, form: AnnotationForm | None) -> AnnotationPage:
    """A page of the queue; undos are no rows of their own, but what a person said of a reading is one.

    Args:
        tenant: whose.
        before: the `next` of the page before, None for the first.
        limit: the most rows.
        form: only this one.
    """
    with tenant.lock:
        newest = tenant.seq + 1
        kinds = [PERSONS_WORDS[form]] if form else list(PERSONS_WORDS.values())
        events = tenant.journal.read_back(kinds, newest if before is None else min(before, newest), BY_MODELS)
        queue = _Queue(tenant, tenant.labels)
        found = list(islice(queue.rows((one.seq, one.message) for one in events), limit + 1))
    rows = found[:limit]
    return AnnotationPage(rows=tuple(row for _, row in rows), next=str(rows[-1][0]) if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class _Queue:
    tenant: Tenant
    labels: LabelSet

    def rows(self, events: Iterator[tuple[int, object | None]]) -> Iterator[tuple[int, AnnotationRow]]:
        """A row for everything that is no undo, with the number of its event."""
        for seq, message in events:
            if not isinstance(message, PersonsWord):
                continue
            record = self.tenant.graph.record(message.call_id)
            fields = None if record is None else self._fields(message, record)
            if record is not None and fields is not None:
                yield seq, self._row(message, record, fields)

    def _row(self, message: PersonsWord, record: CallRecord, fields: Fields) -> AnnotationRow:
        given_id = id_of(message)
        undone = undone_of(record.given)
        undos = [one for one, undoes in record.given if undoes == given_id and one not in undone]
        plain: Fields = {
            "utterance_id": None,
            "need_id": None,
            "speaker": None,
            "before": "",
            "after": "",
            "status": None,
        }
        about: Fields = {
            "annotation_id": given_id,
            "call_id": message.call_id,
            "account": self.tenant.graph.account_of(message.call_id) or "",
            "author": message.decided_by if isinstance(message, NeedChanged) else message.author,
            "at": message.at,
            "undone": bool(undos),
            "undone_by": undos[-1] if undos else None,
        }
        return AnnotationRow(**{**plain, **about, **fields})

    def _fields(self, message: PersonsWord, record: CallRecord) -> Fields | None:
        match message:
            case SignalAnnotation():
                return self._signal(message, record) if message.verdict != "undo" else None
            case LinkAnnotation():
                return self._link(message) if message.verdict != "undo" else None
            case MergeAnnotation():
                return self._merge(message) if message.verdict != "undo" else None
            case NeedChanged():
                return self._status(message, record)
            case WordsAnnotation():
                return self._words(message) if message.undoes is None else None

    def _signal(self, message: SignalAnnotation, record: CallRecord) -> Fields | None:
        judged = record.signals.get(message.signal_id)
        reviews = judged.reviews() if judged else ()
        review = next((one for one in reviews if one.annotation.annotation_id == message.annotation_id), None)
        spoken = self.tenant.graph.utterance(message.call_id, message.utterance_id, message.revision)
        if review is None or spoken is None:
            return None
        standing = review.after or review.before
        return {
            "form": "signal",
            "utterance_id": message.utterance_id,
            "need_id": self.tenant.graph.need_of(message.call_id, message.signal_id),
            "speaker": spoken.speaker,
            "text": excerpt(spoken.text, standing.span if standing else None),
            "before": self._told(review.before, spoken),
            "after": self._told(review.after, spoken),
        }

    def _told(self, signal: Signal | None, spoken: Utterance) -> str:
        if signal is None:
            return ""
        known = self.labels.get(signal.type)
        dots = "●" * signal.strength + "○" * (3 - signal.strength)
        words = excerpt(spoken.text[signal.span.start : signal.span.end], None)
        return f"{known.title if known else signal.type} {dots} {words}"

    def _link(self, message: LinkAnnotation) -> Fields:
        decision = self.tenant.graph.links_of(message.call_id, message.signal_id)
        item = (message.kind, message.id, message.section)
        titles = [one.title for one in decision.links if (one.kind, one.id, one.section) == item] if decision else []
        return {
            "form": "link",
            **self._voiced(message.call_id, message.signal_id, message.need_id),
            "before": " · ".join((message.id, *titles)),
            "after": message.verdict,
        }

    def _merge(self, message: MergeAnnotation) -> Fields:
        other = self.tenant.graph.need(message.other_id)
        voiced = self._voiced(message.call_id, message.signal_id, message.need_id)
        # A signal that stands alone is no need's like; of two that are one the other is named.
        after = other.label if other is not None and message.verdict == "same" else ""
        return {"form": "merge", **voiced, "before": voiced["text"], "after": after}

    def _status(self, message: NeedChanged, record: CallRecord) -> Fields | None:
        read = record.changes.get(message.undoes) if message.undoes else None
        if message.undoes is None and message.utterance_id is None:
            signal_id = message.signal_id or SignalId("")
            voiced = self._voiced(message.call_id, signal_id, message.need_id)
            before = self._stood_before(voiced["need_id"], message.change_id)
            return {
                "form": "status",
                **voiced,
                "before": before,
                "after": message.status or "",
                "status": message.status,
            }
        if read is None or read.undoes is not None or read.utterance_id is None:
            return None
        # A person says that what was read from words is not so.
        need = self.tenant.graph.need(message.need_id)
        spoken = self.tenant.graph.utterance(message.call_id, read.utterance_id, read.revision)
        return {
            "form": "status",
            "utterance_id": read.utterance_id,
            "need_id": message.need_id,
            "speaker": spoken.speaker if spoken else None,
            "text": need.label if need else excerpt(spoken.text, read.span) if spoken else "",
            "before": read.status or "",
        }

    def _stood_before(self, need_id: NeedId, change_id: str) -> str:
        """Where a need stood before a step of its life; nothing for one that was taken back."""
        need = self.tenant.graph.need(need_id)
        steps = [(one.change_id, one.status) for one in need.changes] if need else []
        at = next((place for place, (step, _) in enumerate(steps) if step == change_id), None)
        return "" if at is None else steps[at - 1][1] if at else "open"

    def _words(self, message: WordsAnnotation) -> Fields | None:
        spoken = self.tenant.graph.utterance(message.call_id, message.utterance_id, message.revision)
        return spoken and {
            "form": "words",
            "utterance_id": message.utterance_id,
            "speaker": spoken.speaker,
            "text": excerpt(spoken.text, message.span),
            "before": message.heard,
            "after": message.said,
        }

    def _voiced(self, call_id: CallId, signal_id: SignalId, need_id: NeedId) -> Fields:
        """The words of a signal, and the need they belong to now."""
        graph = self.tenant.graph
        signal = graph.signal(call_id, signal_id)
        spoken = graph.utterance(call_id, signal.utterance_id, signal.revision) if signal else None
        words = spoken.text[signal.span.start : signal.span.end] if signal and spoken else ""
        return {
            "utterance_id": signal.utterance_id if signal else None,
            "need_id": graph.need_of(call_id, signal_id) or need_id,
            "speaker": spoken.speaker if spoken else None,
            "text": excerpt(words, None),
        }


def excerpt(text: str, span: Span | None) -> str:
    """What stands around a span, or the beginning of a text; with dots where something is left out."""
    start, end = (span.start, span.end) if span else (0, 0)
    first, last = max(0, start - AROUND_CHARS), min(len(text), min(end, start + AROUND_CHARS) + AROUND_CHARS)
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
