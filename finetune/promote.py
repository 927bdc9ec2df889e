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

CERTAIN = 1 - 0.05 / 4
"""On the shipped held-out calls a figure counts as worse when it fell on so many of the resampled sets of these calls:
one in twenty equal candidates is refused, by any of the four figures. The calls hold 149 signals of 17 types: with
another seed of the same training, type F1 moves by .02 (2026-11-25), so a fixed tolerance would refuse at random or let
everything pass. On the tenant's own calls, which are few, nothing may be lost at all."""
GATED = {"kind_f1": "kind F1", "type_macro_f1": "type F1", "span_f1": "span F1"}


def gate(
    before: Mapping[str, Any], after: Mapping[str, Any], worse_share: Mapping[str, Mapping[str, float]]
) -> tuple[str, ...]:
    """Why a candidate must not be released; empty when it may.

    Args:
        before: the champion's figures on each held-out set.
        after: the candidate's on the same sets.
        worse_share: for each set and figure, how often the candidate is worse when the calls are drawn anew.
    """
    reasons: list[str] = []
    for name, was in before.items():
        now, shares = after[name], worse_share[name]
        where = "the shipped held-out calls" if name == CORPUS else "your own held-out calls"
        certain = CERTAIN if name == CORPUS else 0.0
        for figure, title in GATED.items():
            fell = was[figure] is not None and (was[figure] > (now[figure] or 0.0))
            if fell and (now[figure] is None or shares[figure] >= certain):
                reasons.append(f"{title} fell from {was[figure]:.3f} to {now[figure] or 0.0:.3f} on {where}")
        more = now["quiet_fired"] - was["quiet_fired"]
        if more > 0 and shares["quiet_fired"] >= certain:
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
