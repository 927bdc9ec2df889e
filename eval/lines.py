"""Events of the call socket as lines for people (pure)."""

from typing import Any


def readable(event: dict[str, Any]) -> str | None:
    """A line for an event, None for what nobody wants to read."""
    match event["type"]:
        case "call_started":
            return f"call {event['call_id']} of {event['account']}"
        case "utterance":
            return f"{_clock(event['start_ms'])}  {event['speaker']}: {event['text']}"
        case "signal":
            strength = "●" * event["strength"]
            return f"{'':8}{event['kind']} {event['signal_type']} {strength} (sure to {event['confidence']:.2f})"
        case "link":
            return "\n".join(_link(one) for one in event["links"]) or f"{'':10}nothing fits"
        case "card":
            return _card(event["card"])
        case "health" | "error":
            return f"{'':8}{event['message']}"
        case "call_ended":
            return f"{_clock(event['end_ms'])}  call ended: {event['reason']}"
        case _:
            return None


def _link(link: dict[str, Any]) -> str:
    quiet = "  (must not be said)" if link.get("may_say") is False else ""
    place = f"{link['id']}#{link['section']}" if link.get("section") else link["id"]
    return f"{'':10}→ {link['score']:.2f} {link['kind']} {place}: {link['title']}{quiet}"


def _card(card: dict[str, Any]) -> str:
    """A card that came up with what it says, later what became of it."""
    if card["state"] != "shown":
        return f"{'':8}card {card['card_id']}: {card['state']}"
    return f"{'':8}card {card['card_id']} (sure to {card['confidence']:.2f}): {card['text']}\n{_link(card['link'])}"


def _clock(ms: int) -> str:
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"
