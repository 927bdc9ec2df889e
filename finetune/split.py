"""Which of a tenant's labelled calls are held out (pure): by call, never by span, and frozen by the call's own id."""

import hashlib
from collections.abc import Iterable

MIN_CALLS = 4
"""Below four labelled calls each one is needed for learning; then only the shipped held-out calls judge."""
HELD_OUT_OF = 4
"""One call in four is held out."""


def held_out_calls(call_ids: Iterable[str]) -> frozenset[str]:
    """Calls to judge by; none below four. A call keeps its side whatever calls come after it, the first one apart."""
    ids = sorted(set(call_ids), key=_place)
    if len(ids) < MIN_CALLS:
        return frozenset()
    found = frozenset(one for one in ids if _place(one) % HELD_OUT_OF == 0)
    return found if found and len(found) < len(ids) else frozenset(ids[:1])


def _place(call_id: str) -> int:
    return int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:8], "big")
