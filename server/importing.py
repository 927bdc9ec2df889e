"""Imported items go into the journal first, then into the tenant's search index; what is gone leaves the index."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice

from graph.imports.rows import Rejected
from graph.index import ItemIndex, ItemKey
from graph.messages import Item, ItemKind, ItemRemoved
from server.tenant import Tenant

ACTOR = "import"

BATCH_ITEMS = 512
"""Items journalled in one append: long enough to spare syncs, short enough to show progress."""


class Importer:
    """Takes batches of items of one tenant and counts what they were."""

    def __init__(self, tenant: Tenant, index: ItemIndex) -> None:
        """Import into this tenant."""
        self._tenant = tenant
        self._index = index
        self._seen: set[ItemKey] = set()
        self.counts = {"added": 0, "changed": 0, "unchanged": 0, "removed": 0}

    def take(self, items: Sequence[Item]) -> None:
        """Keep a batch. The journal is written first: an index that lacks an item takes it at the next import."""
        latest = tuple({(one.kind, one.id, one.section): one for one in items}.values())
        compared = self._index.compare(latest)
        self._tenant.append([*compared.added, *compared.changed], ACTOR)
        self._index.upsert(latest)
        self._seen.update((one.kind, one.id, one.section) for one in latest)
        self.counts["added"] += len(compared.added)
        self.counts["changed"] += len(compared.changed)
        self.counts["unchanged"] += len(items) - len(compared.added) - len(compared.changed)

    def remove(self, keys: Iterable[ItemKey], author: str) -> None:
        """Take items out. The journal is written first: an index that still holds one drops it at the next removal."""
        at = datetime.now(UTC)
        left = iter(keys)
        while batch := tuple(islice(left, BATCH_ITEMS)):
            gone = [
                ItemRemoved(tenant_id=self._tenant.tenant_id, kind=kind, id=id, section=section, author=author, at=at)
                for kind, id, section in batch
            ]
            self._tenant.append(gone, author)
            self.counts["removed"] += self._index.remove(batch)

    def complete(self, kind: ItemKind, rejected: Sequence[Rejected], *, sure: bool) -> str | None:
        """Remove what is held of a kind and was in none of the batches; the source was read to its end.

        A record that was rejected is still in its source, so the item it names stays.

        Args:
            kind: Of what the source is the complete list.
            rejected: What could not be taken of it.
            sure: Remove even what looks like a source cut short.

        Returns:
            Why nothing was removed; None when all is as the source has it.
        """
        held = self._index.held(kind)
        spared = {one.id for one in rejected}
        gone = [key for key in held if key not in self._seen and key[1] not in spared]
        refusal = _refusal(len(gone), len(held) - self.counts["added"], None in spared, sure=sure)
        if not self._seen:
            refusal = NOTHING_READ
        if refusal is None:
            self.remove(gone, ACTOR)
        return refusal


NOTHING_READ = "nothing was removed: the source gave no item, so it cannot be the complete list"


def _refusal(gone: int, held: int, unread: bool, *, sure: bool) -> str | None:
    """Why a source does not look complete, None when it does: a truncated export must not empty a tenant."""
    if sure or not gone:
        return None
    if unread:
        return f"nothing was removed: {gone} held items may be among the records that could not be read; mend or --yes"
    if gone * 2 > held:
        return f"nothing was removed: {gone} of {held} held items would go, more than half; say --yes if that is right"
    return None
