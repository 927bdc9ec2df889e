"""Past calls through the same understanding as live ones: model, merging, linking, one call after the other.

Works on a need graph of its own and writes nothing; `Tenant.keep_call` stores what it made, one call in one append.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graph.events import Journalled
from graph.export import link_json
from graph.messages import LinkDecision, NeedAssigned
from graph.tenants import TenantFolder
from graph.view import NeedGraph
from ingest.messages import CallId, CallStarted, TenantId
from intent.adapters import AdapterStore
from intent.messages import Signal
from server.past_calls import PastCall, messages_of
from server.tenant import Tenant
from server.understanding import Understanding


class Scratch:
    """A tenant's graph in memory, for work that is not, or not yet, in the journal."""

    def __init__(self, folder: TenantFolder, known: Tenant | None) -> None:
        """Begin with what the journal of a known tenant holds."""
        self.folder = folder
        self.tenant_id: TenantId = folder.tenant_id
        self.adapters = AdapterStore(folder.adapters)
        self.graph = NeedGraph(folder.tenant_id) if known is None else known.copied()

    def fresh_id(self, call_id: str) -> CallId:
        """The id itself, or with a number when the journal holds such a call: a replay is another call."""
        number, fresh = 1, CallId(call_id)
        while self.graph.knows(fresh):
            number += 1
            fresh = CallId(f"{call_id}~{number}")
        return fresh


@dataclass(frozen=True, slots=True)
class AnalysedCall:
    """What one call gave: its start, everything else for the journal, and what was found in each turn."""

    past: PastCall
    started: CallStarted
    messages: tuple[Journalled, ...]
    signals: dict[int, list[dict[str, Any]]]


class Analysis:
    """Reads past calls in order; needs of earlier calls of an account are known to later ones."""

    def __init__(self, scratch: Scratch, understanding: Understanding, *, links: bool) -> None:
        """`links` False leaves the search for items out."""
        self._scratch = scratch
        self._understanding = understanding
        self._links = links

    def read(self, calls: Sequence[PastCall]) -> Iterator[AnalysedCall]:
        """Analyse calls one by one."""
        for past in calls:
            yield self._call(past)

    def _call(self, past: PastCall) -> AnalysedCall:
        graph = self._scratch.graph
        started, utterances, ended = messages_of(past, self._scratch.tenant_id, self._scratch.fresh_id(past.call_id))
        graph.apply(started)
        messages: list[Journalled] = []
        signals: dict[int, list[dict[str, Any]]] = {}
        for spoken in utterances:
            graph.apply(spoken)
            found = self._understanding.read(self._scratch, spoken, links=self._links)
            for message in found:
                graph.apply(message)
            followed = self._understanding.follow(self._scratch, spoken)
            happened = (*followed, *self._understanding.named(self._scratch, spoken))
            for message in happened:
                graph.apply(message)
            messages += [spoken, *found, *happened]
            signals[spoken.turn] = _rows(found)
        graph.apply(ended)
        return AnalysedCall(past, started, (*messages, ended), signals)


def _rows(found: Sequence[Journalled]) -> list[dict[str, Any]]:
    assigned = {one.signal_id: one.need_id for one in found if isinstance(one, NeedAssigned)}
    links = {one.signal_id: one.links for one in found if isinstance(one, LinkDecision)}
    return [
        {
            "id": one.signal_id,
            "kind": one.kind,
            "type": one.type,
            "start": one.span.start,
            "end": one.span.end,
            "strength": one.strength,
            "confidence": one.confidence,
            "need_id": assigned[one.signal_id],
            "links": [link_json(link) for link in links.get(one.signal_id, ())],
        }
        for one in found
        if isinstance(one, Signal)
    ]
