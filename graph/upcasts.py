"""How payloads of earlier schema versions are read: one step leads from each version of a kind to the next (pure).

A field that is new gets the value that was true when nobody wrote it; what a step cannot know it must not invent.
"""

from collections.abc import Callable, Mapping
from typing import Any

Payload = dict[str, Any]
Step = Callable[[Payload], Payload]


def _hosted(started: Payload) -> Payload:
    """Whose token began a call was not kept before version 2."""
    return {**started, "host": None}


def _timed(signal: Payload) -> Payload:
    """Timing was not looked at before version 2."""
    return {**signal, "cues": []}


def _worded(signal: Payload) -> Payload:
    """Hedging words were not marked before version 3, and every type had been learnt."""
    return {**signal, "hedging": [], "young": False}


def _dated(decision: Payload) -> Payload:
    """When an item was last changed did not stand on its links before version 2."""
    return {**decision, "links": [{**link, "updated_at": None} for link in decision["links"]]}


UPCASTS: Mapping[str, tuple[Step, ...]] = {
    "call_started": (_hosted,),
    "signal": (_timed, _worded),
    "link_decision": (_dated,),
}
"""By kind; the first step reads version 1."""


def upcast(kind: str, schema: int, payload: Payload) -> Payload:
    """Bring a payload of an earlier schema to the newest one."""
    for step in UPCASTS.get(kind, ())[schema - 1 :]:
        payload = step(payload)
    return payload
