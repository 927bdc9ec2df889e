"""A screen as the page keeps it: a snapshot, and events folded on it (the rules of `server/web/src/state.ts`)."""

from collections.abc import Callable
from typing import Any

from tests.server.server_calls import Event, Line

Picture = dict[str, Any]


def picture_of(snapshot: Event) -> Picture:
    final = {one["utterance_id"] for one in snapshot["utterances"]}
    partials = [one for one in snapshot["partials"] if one["text"] and one["utterance_id"] not in final]
    return {
        "seq": snapshot["seq"],
        "call": snapshot["call"],
        "ended": snapshot["ended"],
        "utterances": _by(snapshot["utterances"], "utterance_id"),
        "partials": _by(partials, "utterance_id"),
        "signals": _by(snapshot["signals"], "id"),
        "needs": _by(snapshot["needs"], "need_id"),
        "annotations": _by(snapshot["annotations"], "annotation_id"),
        "health": _by(snapshot["health"], "part"),
        "named": _by(snapshot["named"], "utterance_id"),
        "words": _by(snapshot["words"], "annotation_id"),
        "cards": _by(snapshot["cards"], "card_id"),
        "cards_paused_until": snapshot["cards_paused_until"],
    }


def fold(picture: Picture, frame: Event) -> None:
    """Take in one numbered event; there is no gap before it."""
    assert frame["seq"] == picture["seq"] + 1
    picture["seq"] = frame["seq"]
    event = frame["event"]
    if event["type"] in FOLDS:
        FOLDS[event["type"]](picture, event)


def _started(picture: Picture, event: Event) -> None:
    picture["call"] = event


def _ended(picture: Picture, event: Event) -> None:
    picture["ended"], picture["partials"] = event, {}
    # A call that is over has no cards to hold back.
    picture["cards_paused_until"] = None


def _partial(picture: Picture, event: Event) -> None:
    if event["utterance_id"] not in picture["utterances"]:
        picture["partials"].pop(event["utterance_id"], None)
        if event["text"]:
            picture["partials"][event["utterance_id"]] = event


def _utterance(picture: Picture, event: Event) -> None:
    picture["partials"].pop(event["utterance_id"], None)
    before = picture["utterances"].get(event["utterance_id"])
    if before is not None and before["revision"] < event["revision"]:
        # Those that still stand on the corrected words follow.
        kept = picture["signals"].items()
        picture["signals"] = {name: one for name, one in kept if one["utterance_id"] != event["utterance_id"]}
    picture["utterances"][event["utterance_id"]] = event


def _signal(picture: Picture, event: Event) -> None:
    picture["signals"][event["id"]] = event


def _annotation(picture: Picture, event: Event) -> None:
    annotation, signal = event["annotation"], event["signal"]
    picture["annotations"][annotation["annotation_id"]] = annotation
    picture["signals"].pop(annotation["signal_id"], None)
    if signal is not None:
        picture["signals"][signal["id"]] = signal


def _graph_delta(picture: Picture, event: Event) -> None:
    picture["needs"] |= _by(event["needs"], "need_id")
    for need_id in event["removed"]:
        picture["needs"].pop(need_id, None)
    for names in event["named"]:
        picture["named"].pop(names["utterance_id"], None)
        if names["things"]:
            picture["named"][names["utterance_id"]] = names


def _words(picture: Picture, event: Event) -> None:
    picture["words"][event["correction"]["annotation_id"]] = event["correction"]


def _health(picture: Picture, event: Event) -> None:
    picture["health"][event["part"]] = event


def _card(picture: Picture, event: Event) -> None:
    picture["cards"][event["card"]["card_id"]] = event["card"]


def _cards_paused(picture: Picture, event: Event) -> None:
    picture["cards_paused_until"] = event["until"]


FOLDS: dict[str, Callable[[Picture, Event], None]] = {
    "call_started": _started,
    "call_ended": _ended,
    "partial": _partial,
    "utterance": _utterance,
    "signal": _signal,
    "annotation": _annotation,
    "graph_delta": _graph_delta,
    "words": _words,
    "health": _health,
    "card": _card,
    "cards_paused": _cards_paused,
}


def drawn(picture: Picture) -> Any:
    """What is compared: everything but when it was sent, and the words' times, which go when the call ends."""
    return _bare({key: value for key, value in picture.items() if key != "seq"})


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items() if key not in ("at", "words")}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def _by(rows: list[Event], key: str) -> dict[str, Event]:
    return {row[key]: row for row in rows}


class Screen:
    """A screen that watches a call."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.picture: Picture = {}

    async def watch(self, call_id: str) -> Picture:
        """Ask for a call and wait for its picture."""
        await self.line.tell({"type": "watch", "call_id": call_id})
        self.picture = picture_of(await self.line.until(lambda one: one["type"] == "snapshot"))
        return self.picture

    async def follow(self, name: str, **fields: object) -> Event:
        """Fold events up to one of this type whose fields are these; return it."""
        while True:
            frame = await self.line.next()
            if frame["type"] != "event":
                continue
            fold(self.picture, frame)
            event: Event = frame["event"]
            if event["type"] == name and all(event[key] == value for key, value in fields.items()):
                return event

    async def reach(self, seq: int) -> None:
        """Fold events up to this number."""
        while self.picture["seq"] < seq:
            frame = await self.line.next()
            if frame["type"] == "event":
                fold(self.picture, frame)
