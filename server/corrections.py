"""What people say of signals and links, checked and turned into messages of the journal."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, TypeVar

from asr.messages import UtteranceId
from graph.events import Journalled
from graph.messages import (
    ItemKind,
    LinkAnnotation,
    MergeAnnotation,
    Need,
    NeedAssigned,
    NeedChanged,
    NeedId,
    WordsAnnotation,
)
from ingest.messages import CallId
from intent.labels import LabelSet
from intent.messages import Kind, Signal, SignalAnnotation, SignalId, Span, Strength
from server.bodies import AnnotationForm
from server.errors import BadRequestError, NotFoundError
from server.rewording import Rewording
from server.tenant import Tenant
from server.understanding import Understanding
from server.wire import StatusName, Wire

BY_A_PERSON = "person"
"""In place of a merger's version."""


class SignalVerdict(Wire):
    """Body of `POST /v1/annotations/signals`; kind, type, start, end and strength for `correct` and `add`."""

    call_id: str
    utterance_id: str
    revision: int
    signal_id: str | None = None
    verdict: Literal["confirm", "correct", "refuse", "add"]
    kind: Kind | None = None
    type: str | None = None
    start: int | None = None
    end: int | None = None
    strength: Strength | None = None


class LinkVerdict(Wire):
    """Body of `POST /v1/annotations/links`."""

    call_id: str
    need_id: str
    signal_id: str
    kind: ItemKind
    id: str
    section: str | None = None
    verdict: Literal["right", "wrong"]


class MergeVerdict(Wire):
    """Body of `POST /v1/annotations/merges`: two needs are one want; without `other_id`, a signal is one of its own."""

    need_id: str
    other_id: str | None = None
    call_id: str | None = None
    signal_id: str | None = None


class StatusVerdict(Wire):
    """Body of `POST /v1/annotations/statuses`."""

    need_id: str
    status: StatusName


PersonsWord = SignalAnnotation | LinkAnnotation | MergeAnnotation | NeedChanged | WordsAnnotation
Taken = TypeVar("Taken", bound=LinkAnnotation | MergeAnnotation)
PERSONS_WORDS: Mapping[AnnotationForm, str] = {
    "signal": "signal_annotation",
    "link": "link_annotation",
    "merge": "merge_annotation",
    "status": "need_changed",
    "words": "words_annotation",
}
"""The journal's kind of each form."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """Verdicts of one person on one tenant's calls; in the worker, under the tenant's lock."""

    tenant: Tenant
    understanding: Understanding
    author: str

    def signal(self, verdict: SignalVerdict) -> tuple[SignalAnnotation, tuple[Journalled, ...]]:
        """An annotation, and for new words or another type the decisions that follow from it.

        Raises:
            NotFoundError: no such utterance or signal.
            BadRequestError: the span lies outside the words, or the type is unknown.
        """
        call_id, utterance_id = CallId(verdict.call_id), UtteranceId(verdict.utterance_id)
        spoken = self.tenant.graph.utterance(call_id, utterance_id, verdict.revision)
        if spoken is None:
            raise NotFoundError("no such utterance in that revision; reload the page")
        if spoken.role != "customer":
            raise BadRequestError("the rep's own words are never signals")
        before = self._standing(verdict, call_id)
        if before is not None and verdict.start is None and verdict.end is None:
            # It keeps its words, which may have been corrected since the page drew them.
            spoken = self.tenant.graph.utterance(call_id, utterance_id, before.revision) or spoken
        after = _stated(verdict, before, self.tenant.labels)
        if after is not None and after[2].end > len(spoken.text):
            raise BadRequestError(f"end {after[2].end} lies outside the {len(spoken.text)} characters of the utterance")
        signal_id = before.signal_id if before else SignalId(f"{utterance_id}:h-{secrets.token_hex(4)}")
        kind, type_, span, strength = after or (None, None, None, None)
        annotation = SignalAnnotation(
            tenant_id=self.tenant.tenant_id,
            call_id=call_id,
            utterance_id=utterance_id,
            revision=spoken.revision,
            annotation_id=f"a-{secrets.token_hex(8)}",
            signal_id=signal_id,
            verdict=verdict.verdict,
            author=self.author,
            at=datetime.now(UTC),
            label_version=self.tenant.labels.version,
            kind=kind,
            type=type_,
            span=span,
            strength=strength,
            adapter_id=before.adapter_id if before else None,
        )
        if after is None or verdict.verdict == "confirm":
            return annotation, ()
        return annotation, self.understanding.place(self.tenant, annotation, spoken)

    def link(self, verdict: LinkVerdict) -> tuple[LinkAnnotation, tuple[Journalled, ...]]:
        """A verdict on one link.

        Raises:
            NotFoundError: no such call or need, or the signal is none of the need's.
        """
        need = self.tenant.graph.need(NeedId(verdict.need_id))
        if need is None or self.tenant.graph.call(CallId(verdict.call_id)) is None:
            raise NotFoundError("no such need; reload the page")
        if all(one.signal_id != verdict.signal_id for one in need.mentions):
            raise NotFoundError("no such signal of this need; reload the page")
        annotation = LinkAnnotation(
            tenant_id=self.tenant.tenant_id,
            call_id=CallId(verdict.call_id),
            annotation_id=f"a-{secrets.token_hex(8)}",
            need_id=NeedId(verdict.need_id),
            signal_id=SignalId(verdict.signal_id),
            kind=verdict.kind,
            id=verdict.id,
            section=verdict.section,
            verdict=verdict.verdict,
            author=self.author,
            at=datetime.now(UTC),
        )
        return annotation, ()

    def merge(self, verdict: MergeVerdict) -> tuple[MergeAnnotation, tuple[Journalled, ...]]:
        """Two needs become one, or a signal becomes a need of its own; what moves is assigned anew.

        Raises:
            NotFoundError: no such need or signal.
            BadRequestError: the two cannot be one.
        """
        need = self._need(verdict.need_id)
        if verdict.other_id is None:
            moved = tuple(one for one in need.mentions if (one.call_id, one.signal_id) == _place(verdict))
            if not moved:
                raise NotFoundError("no such signal of this need; reload the page")
            if len(need.mentions) == 1:
                raise BadRequestError("the need has no other signal, so it stands alone already")
            other_id = NeedId(f"n-{secrets.token_hex(6)}")
        else:
            other = self._need(verdict.other_id)
            if other.need_id == need.need_id or other.kind != need.kind:
                raise BadRequestError("a need and another one of the same kind can become one")
            if len({self.tenant.graph.account_of(one.mentions[0].call_id) for one in (need, other)}) > 1:
                raise BadRequestError("needs of two accounts stay two")
            moved, other_id = need.mentions, other.need_id
        annotation = MergeAnnotation(
            tenant_id=self.tenant.tenant_id,
            call_id=moved[-1].call_id,
            annotation_id=f"a-{secrets.token_hex(8)}",
            signal_id=moved[-1].signal_id,
            need_id=need.need_id,
            other_id=other_id,
            moved=tuple((one.call_id, one.signal_id) for one in moved),
            verdict="different" if verdict.other_id is None else "same",
            author=self.author,
            at=datetime.now(UTC),
        )
        return annotation, self._moved(annotation, other_id)

    def status(self, verdict: StatusVerdict) -> tuple[NeedChanged, tuple[Journalled, ...]]:
        """Where a need stands, by a person's word.

        Raises:
            NotFoundError: no such need.
        """
        need = self._need(verdict.need_id)
        changed = NeedChanged(
            tenant_id=self.tenant.tenant_id,
            call_id=need.mentions[-1].call_id,
            change_id=f"a-{secrets.token_hex(8)}",
            need_id=need.need_id,
            status=verdict.status,
            decided_by=self.author,
            at=datetime.now(UTC),
            signal_id=need.mentions[-1].signal_id,
        )
        return changed, ()

    def undo(self, annotation_id: str) -> tuple[PersonsWord, tuple[Journalled, ...]]:
        """Take back an annotation, or a change of a need that was read from an utterance.

        Raises:
            NotFoundError: no such annotation.
        """
        # What is taken back was mostly said a moment ago.
        for event in self.tenant.journal.read_back(list(PERSONS_WORDS.values()), self.tenant.seq + 1):
            message = event.message
            if isinstance(message, PersonsWord) and id_of(message) == annotation_id:
                if isinstance(message, WordsAnnotation):
                    return Rewording(self.tenant, self.understanding, self.author).undo(message)
                back = self._taking_back(message)
                if not isinstance(message, MergeAnnotation):
                    return back, ()
                # Taking back an undo moves the signals forth again.
                return back, self._moved(message, message.other_id if message.verdict == "undo" else message.need_id)
        raise NotFoundError(f"no annotation {annotation_id}")

    def _need(self, need_id: str) -> Need:
        found = self.tenant.graph.need(NeedId(need_id))
        if found is None:
            raise NotFoundError("no such need; reload the page")
        return found

    def _moved(self, annotation: MergeAnnotation, need_id: NeedId) -> tuple[Journalled, ...]:
        return tuple(
            NeedAssigned(
                tenant_id=annotation.tenant_id,
                call_id=call_id,
                signal_id=signal_id,
                need_id=need_id,
                score=None,
                merger_version=BY_A_PERSON,
            )
            for call_id, signal_id in annotation.moved
        )

    def _taking_back(
        self, annotation: SignalAnnotation | LinkAnnotation | MergeAnnotation | NeedChanged
    ) -> SignalAnnotation | LinkAnnotation | MergeAnnotation | NeedChanged:
        if isinstance(annotation, LinkAnnotation | MergeAnnotation):
            return taken_back(annotation, self.author)
        undo_id, at = f"a-{secrets.token_hex(8)}", datetime.now(UTC)
        if isinstance(annotation, NeedChanged):
            return replace(
                annotation,
                change_id=undo_id,
                status=None,
                decided_by=self.author,
                at=at,
                score=None,
                undoes=annotation.change_id,
            )
        return SignalAnnotation(
            tenant_id=annotation.tenant_id,
            call_id=annotation.call_id,
            utterance_id=annotation.utterance_id,
            revision=annotation.revision,
            annotation_id=undo_id,
            signal_id=annotation.signal_id,
            verdict="undo",
            author=self.author,
            at=at,
            label_version=self.tenant.labels.version,
            undoes=annotation.annotation_id,
        )

    def _standing(self, verdict: SignalVerdict, call_id: CallId) -> Signal | None:
        if verdict.verdict == "add":
            return None
        if verdict.signal_id is None:
            raise BadRequestError(f"{verdict.verdict} needs a signal_id")
        found = self.tenant.graph.signal(call_id, SignalId(verdict.signal_id))
        if found is None:
            raise NotFoundError("no such signal; it may have been refused meanwhile")
        if found.utterance_id != verdict.utterance_id:
            raise BadRequestError(f"the signal belongs to utterance {found.utterance_id}")
        return found


def _place(verdict: MergeVerdict) -> tuple[CallId, SignalId]:
    if verdict.call_id is None or verdict.signal_id is None:
        raise BadRequestError("name other_id, or call_id and signal_id of what is to stand alone")
    return CallId(verdict.call_id), SignalId(verdict.signal_id)


def taken_back(verdict: Taken, author: str) -> Taken:
    """The undo of a verdict on a link or on merging."""
    return replace(
        verdict,
        annotation_id=f"a-{secrets.token_hex(8)}",
        verdict="undo",
        author=author,
        at=datetime.now(UTC),
        undoes=verdict.annotation_id,
    )


def id_of(message: PersonsWord) -> str:
    """The id by which a person's word is taken back."""
    return message.change_id if isinstance(message, NeedChanged) else message.annotation_id


def _stated(verdict: SignalVerdict, before: Signal | None, labels: LabelSet) -> tuple[Kind, str, Span, Strength] | None:
    """What the signal is from now on; None when it is refused."""
    if verdict.verdict == "refuse":
        return None
    type_ = verdict.type or (before.type if before else None)
    start = verdict.start if verdict.start is not None else (before.span.start if before else None)
    end = verdict.end if verdict.end is not None else (before.span.end if before else None)
    strength = verdict.strength or (before.strength if before else None)
    if type_ is None or start is None or end is None or strength is None:
        raise BadRequestError(f"{verdict.verdict} needs type, start, end and strength")
    known = labels.get(type_)
    if known is None:
        raise BadRequestError(f"unknown type {type_!r}")
    if known.retired and (before is None or before.type != type_):
        raise BadRequestError(f"type {type_!r} is retired")
    kind = known.kind
    if verdict.kind not in (None, kind):
        raise BadRequestError(f"{type_} is a {kind}, not a {verdict.kind}")
    try:
        return kind, type_, Span(start=start, end=end), strength
    except ValueError as error:
        raise BadRequestError(str(error)) from error
