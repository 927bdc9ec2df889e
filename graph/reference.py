"""Which competitors an utterance means: those it names, or the one that was named last before it (pure)."""

import re
from collections.abc import Sequence

from graph.gazetteer import Gazetteer

LOOK_BACK = 3
LOOK_BACK_POINTING = 4
"""Turns before. Of 175 queries of the development vendors whose utterance names no competitor but a turn before does,
it is meant in 172, with or without a "they" (2026-11-26). Calls drift where those queries do not, so only words that
point at somebody reach further back."""

POINTING = re.compile(
    r"\b(?:they|them|their|theirs)\b|\b(?:the|that|those) other (?:one|ones|vendor|lot|guys|people|tool|system|company"
    r"|provider|supplier|offer)\b|\b(?:your|the) competitors?\b|\bover there\b",
    re.IGNORECASE,
)


def meant(text: str, before: Sequence[str], known: Gazetteer) -> frozenset[str]:
    """Names of the competitors that an utterance is about.

    Args:
        text: the utterance; whom it names itself is meant and nobody else.
        before: the turns before it, of either side, oldest first.
        known: the tenant's names.
    """
    reach = LOOK_BACK_POINTING if POINTING.search(text) else LOOK_BACK
    for turn in (text, *reversed(before[-reach:])):
        named = frozenset(one.name for one in known.found(turn) if one.type == "competitor")
        if named:
            return named
    return frozenset()
