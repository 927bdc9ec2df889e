"""What people say of signals and links, checked and turned into messages of the journal."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from asr.messages import UtteranceId
from graph.events import Journalled
from graph.messages import ItemKind, LinkAnnotation, NeedId
from ingest.messages import CallId
from intent.labels import LabelSet
from intent.messages import Kind, Signal, SignalAnnotation, SignalId, Span, Strength
from server.errors import BadRequestError, NotFoundError
from server.tenant import Tenant
from server.understanding import Understanding
from server.wire import Wire


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
        after = _stated(verdict, before, self.tenant.labels)
        if after is not None and after[2].end > len(spoken.text):
            raise BadRequestError(f"end {after[2].end} lies outside the {len(spoken.text)} characters of the utterance")
        signal_id = before.signal_id if before else SignalId(f"{utterance_id}:h-{secrets.token_hex(4)}")
        kind, type_, span, strength = after or (None, None, None, None)
        annotation = SignalAnnotation(
            tenant_id=self.tenant.tenant_id,
            call_id=call_id,
            utterance_id=utterance_id,
            revision=verdict.revision,
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

    def undo(self, annotation_id: str) -> tuple[SignalAnnotation | LinkAnnotation, tuple[Journalled, ...]]:
        """Take back an annotation.

        Raises:
            NotFoundError: no such annotation.
        """
        for event in self.tenant.journal.read(kinds=("signal_annotation", "link_annotation")):
            message = event.message
            if isinstance(message, SignalAnnotation | LinkAnnotation) and message.annotation_id == annotation_id:
                return self._taking_back(message), ()
        raise NotFoundError(f"no annotation {annotation_id}")

    def _taking_back(self, annotation: SignalAnnotation | LinkAnnotation) -> SignalAnnotation | LinkAnnotation:
        undo_id, at = f"a-{secrets.token_hex(8)}", datetime.now(UTC)
        if isinstance(annotation, LinkAnnotation):
            return replace(
                annotation,
                annotation_id=undo_id,
                verdict="undo",
                author=self.author,
                at=at,
                undoes=annotation.annotation_id,
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
