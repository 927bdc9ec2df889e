"""The need graph and its links as the JSON that `graph show`, `analyse` and `link` print (pure)."""

from graph.messages import Link, Mention, Need, StatusChange
from graph.view import NeedGraph
from ingest.messages import CallId

SCORE_DIGITS = 4
"""A calibrated probability from some hundred examples has no more digits to show."""


def link_json(link: Link) -> dict[str, object]:
    """Write a link; `may_say` is always there for roadmap items, true where the item does not forbid it."""
    found: dict[str, object] = {"kind": link.kind, "id": link.id}
    if link.section is not None:
        found["section"] = link.section
    found |= {"score": round(link.score, SCORE_DIGITS), "evidence": link.evidence, "title": link.title}
    if link.kind == "roadmap":
        found["may_say"] = link.may_say is not False
    elif link.may_say is not None:
        found["may_say"] = link.may_say
    if link.updated_at is not None:
        found["updated_at"] = link.updated_at
    return found


def graph_json(graph: NeedGraph, call_id: CallId | None = None, account: str | None = None) -> dict[str, object]:
    """Write the needs voiced in a call, or an account's, in the order they were first voiced, and what was named.

    A need carries all its mentions, also those of other calls. Two replays of one journal give equal results.
    """
    of: dict[str, object] = {"account": account} if call_id is None else {"call_id": call_id}
    needs = graph.needs(call_id=call_id, account=account)
    calls = graph.calls(account) if call_id is None else (call_id,)
    return {
        **of,
        "nodes": [_node(need) for need in needs],
        "events": [one for need in needs for one in _events(need)],
        "things": [one for of_call in calls for one in _things(graph, of_call)],
    }


def _things(graph: NeedGraph, call_id: CallId) -> list[dict[str, object]]:
    view = graph.call(call_id)
    return [
        {
            "type": one.type,
            "name": one.name,
            "call_id": call_id,
            "utterance_id": named.utterance_id,
            "start": one.span.start,
            "end": one.span.end,
        }
        for named in (view.named if view else ())
        for one in named.things
    ]


def _node(need: Need) -> dict[str, object]:
    return {
        "need_id": need.need_id,
        "kind": need.kind,
        "type": need.type,
        "strength": need.strength,
        "label": need.label,
        "status": need.status,
        "raised_by": list(need.raised_by),
        "disputed_by": list(need.disputed_by),
        "mentions": [
            {
                **_place(mention),
                "start": mention.span.start,
                "end": mention.span.end,
                "strength": mention.strength,
                "started_at": mention.started_at and mention.started_at.isoformat(),
            }
            for mention in need.mentions
        ],
        "links": [link_json(link) for link in need.links],
        "about": [{"type": one.type, "name": one.name} for one in need.about],
    }


def _events(need: Need) -> list[dict[str, object]]:
    voiced = [
        {"need_id": need.need_id, "event": "raised" if place == 0 else "repeated", **_place(mention)}
        for place, mention in enumerate(need.mentions)
    ]
    return [*voiced, *({"need_id": need.need_id, "event": one.status, **_change(one)} for one in need.changes)]


def _change(change: StatusChange) -> dict[str, object]:
    """Whose words show a step; a person's own decision has no turn, and names the person instead."""
    words = {"text": change.text, "start": change.span.start, "end": change.span.end} if change.span else {}
    by = {} if change.utterance_id else {"decided_by": change.decided_by}
    return {
        "call_id": change.call_id,
        "turn": change.turn,
        "utterance_id": change.utterance_id,
        "speaker": change.speaker,
        **words,
        **by,
    }


def _place(mention: Mention) -> dict[str, object]:
    return {
        "call_id": mention.call_id,
        "turn": mention.turn,
        "utterance_id": mention.utterance_id,
        "speaker": mention.speaker,
    }
