"""Imported items: the new and changed ones go into the journal, then into the tenant's search index."""

from collections.abc import Sequence

from graph.index import ItemIndex
from graph.messages import Item
from server.tenant import Tenant


class Importer:
    """Takes batches of items of one tenant and counts what they were."""

    def __init__(self, tenant: Tenant, index: ItemIndex) -> None:
        """Import into this tenant."""
        self._tenant = tenant
        self._index = index
        self.counts = {"added": 0, "changed": 0, "unchanged": 0}

    def take(self, items: Sequence[Item]) -> None:
        """Keep a batch. The journal is written first: an index that lacks an item takes it at the next import."""
        latest = tuple({(one.kind, one.id, one.section): one for one in items}.values())
        compared = self._index.compare(latest)
        self._tenant.append([*compared.added, *compared.changed], "import")
        self._index.upsert(latest)
        self.counts["added"] += len(compared.added)
        self.counts["changed"] += len(compared.changed)
        self.counts["unchanged"] += len(items) - len(compared.added) - len(compared.changed)
