"""Labels of a tenant as files: the review list, export, and import as annotations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from graph.events import Journalled
from graph.facts import Change
from graph.labels import Verdicts, annotations_from, labelled_lines, review_rows
from ingest.messages import CallId
from intent.annotations import FORMS, LabelForm, LabelLine, RejectedLine, lost, read_labels, write_labels
from intent.messages import SignalAnnotation
from server.errors import BadRequestError
from server.past_calls import PastCall, TranscriptLine, messages_of
from server.tenant import Tenant
from server.understanding import Understanding

Numbered = tuple[int, LabelLine]


def label_form(name: str) -> LabelForm:
    """Check the name of a form.

    Raises:
        BadRequestError: naming those there are.
    """
    if name not in FORMS:
        raise BadRequestError(f"unknown format {name!r}; one of {', '.join(FORMS)}")
    return name


def reviews(tenant: Tenant) -> list[dict[str, object]]:
    """Every verdict on signals, newest first."""
    with tenant.lock:
        return review_rows(tenant.graph)


def export_labels(tenant: Tenant, form: LabelForm) -> tuple[str, tuple[str, ...]]:
    """All labels as a file, and what a file of this form cannot hold."""
    with tenant.lock:
        labels = {"labels": tenant.labels}
        lines = [LabelLine.model_validate(row, context=labels) for row in labelled_lines(tenant.graph)]
    return write_labels(lines, form), lost(lines, form)


@dataclass(slots=True)
class ImportReport:
    """How an import went so far."""

    changed: int = 0
    unchanged: int = 0
    rejected: list[RejectedLine] = field(default_factory=list[RejectedLine])

    def as_json(self) -> dict[str, Any]:
        """The report as the verb and the API print it."""
        return {
            "taken": self.changed + self.unchanged,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": [asdict(one) for one in self.rejected],
        }


class LabelImport:
    """Takes a label file call by call, so that a large one never holds up a live call.

    Lines of a call that the journal does not hold bring the call along.
    """

    def __init__(self, tenant: Tenant, understanding: Understanding, author: str) -> None:
        """Label as this person."""
        self._tenant = tenant
        self._understanding = understanding
        self._verdicts = Verdicts(author=author, at=datetime.now(UTC), label_version=tenant.labels.version)
        self.report = ImportReport()

    def steps(self, text: str, form: LabelForm) -> Iterator[Callable[[], tuple[Change, ...]]]:
        """One step for each call of the file; run them in order, each under no lock of the caller's.

        Raises:
            BrokenLabelsError: the file is not of this form at all.
        """
        taken, rejected = read_labels(text, form, self._tenant.labels)
        self.report.rejected += rejected
        calls: dict[str, list[Numbered]] = {}
        for number, line in taken:
            calls.setdefault(line.call_id, []).append((number, line))
        for lines in calls.values():
            yield lambda lines=lines: self._call(lines)

    def _call(self, lines: Sequence[Numbered]) -> tuple[Change, ...]:
        tenant = self._tenant
        with tenant.lock:
            changes = [*self._ensure_call([line for _, line in lines])]
            found = annotations_from(tenant.graph, [line for _, line in lines], self._verdicts)
            for message in found.messages:
                # One by one: a second want of the utterance may belong to the need that the first one made.
                changes += tenant.append([message, *self._placed(message)], self._verdicts.author)
        self.report.changed += found.changed
        self.report.unchanged += found.unchanged
        self.report.rejected += [RejectedLine(lines[one.place][0], "text", one.reason) for one in found.refused]
        return tuple(changes)

    def _placed(self, message: Journalled) -> tuple[Journalled, ...]:
        if not isinstance(message, SignalAnnotation) or message.verdict not in ("add", "correct"):
            return ()
        spoken = self._tenant.graph.utterance(message.call_id, message.utterance_id, message.revision)
        return () if spoken is None else self._understanding.place(self._tenant, message, spoken)

    def _ensure_call(self, lines: Sequence[LabelLine]) -> tuple[Change, ...]:
        call_id = CallId(lines[0].call_id)
        if self._tenant.knows_call(call_id):
            return ()
        turns = {line.turn: TranscriptLine.model_validate(line.model_dump()) for line in lines}
        past = PastCall(call_id, tuple(turns[turn] for turn in sorted(turns)))
        started, utterances, ended = messages_of(past, self._tenant.tenant_id, call_id)
        return self._tenant.keep_call(started, [*utterances, ended], self._verdicts.author)
