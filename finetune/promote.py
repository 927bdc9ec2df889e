"""Gates between a candidate and the champion (pure), and the release itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from finetune.judging import CORPUS
from graph.events import Draft
from graph.journal import Journal
from graph.keys import KeyStore
from graph.messages import AdapterReleased
from graph.tenants import TenantFolder
from intent.adapters import Release

TOLERANCE = {"corpus": 0.015, "own": 0.0}
"""Drop of an F1 that still counts as equal. The held-out corpus has 279 customer turns: one utterance read otherwise
moves a kind's F1 by 0.007, so two of them are noise. On the tenant's own calls nothing may be lost."""
FIRED_TOLERANCE = {"corpus": 3, "own": 0}
"""More quiet turns with a signal than the champion had; of 138 in the corpus, 3 are 2 %."""
GATED = {"kind_f1": "kind F1", "type_macro_f1": "type F1", "span_f1": "span F1"}


def gate(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a candidate must not be released; empty when it may.

    Args:
        before: the champion's figures on each held-out set.
        after: the candidate's on the same sets.
    """
    reasons: list[str] = []
    for name, was in before.items():
        now = after[name]
        where = "the shipped held-out calls" if name == CORPUS else "your own held-out calls"
        for figure, title in GATED.items():
            # Figures have four digits; their difference in floating point may have a seventeenth.
            fell = round((was[figure] or 0.0) - (now[figure] or 0.0), 4)
            if was[figure] is not None and fell > TOLERANCE[name]:
                reasons.append(f"{title} fell from {was[figure]:.3f} to {now[figure] or 0.0:.3f} on {where}")
        more = now["quiet_fired"] - was["quiet_fired"]
        if more > FIRED_TOLERANCE[name]:
            reasons.append(f"{more} more quiet turns fire on {where} ({now['quiet_fired']} of {now['quiet']})")
    return tuple(reasons)


def journal_release(
    data_dir: Path, tenant: str, release: Release, action: Literal["promote", "rollback"], author: str
) -> None:
    """Keep in the tenant's journal who released what."""
    folder = TenantFolder(data_dir, tenant)
    folder.create()
    at = datetime.now(UTC)
    message = AdapterReleased(
        tenant_id=folder.tenant_id,
        adapter_id=release.adapter_id,
        replaces=release.replaces,
        action=action,
        author=author,
        at=at,
    )
    keys = KeyStore(folder.keys)
    journal = Journal(folder.journal, keys, folder.tenant_id)
    try:
        journal.append([Draft(message=message, actor=author, at=at)])
    finally:
        journal.close()
        keys.close()
