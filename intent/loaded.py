"""The adapters in memory: each tenant's champion, the least recently used one given up when there are too many."""

import logging
from collections import OrderedDict
from dataclasses import dataclass

from ingest.messages import TenantId
from intent.adapters import AdapterStore, default_folder
from intent.errors import IntentError
from intent.model import Adapter, IntentModel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Loaded:
    stamp: tuple[int, int] | None
    adapter: Adapter


class LoadedAdapters:
    """Champions by tenant. Tenants without one of their own share the default adapter, which always stays."""

    def __init__(self, model: IntentModel, most: int) -> None:
        """Keep at most so many tenants' own adapters.

        Raises:
            BrokenAdapterError: the default adapter does not load.
        """
        self._model = model
        self._most = most
        self._default = model.load_adapter(default_folder())
        self._own: OrderedDict[TenantId, _Loaded] = OrderedDict()

    def __len__(self) -> int:
        """How many tenants' own adapters are in memory."""
        return len(self._own)

    def champion(self, tenant_id: TenantId, store: AdapterStore) -> Adapter:
        """The tenant's champion, looked up before every utterance so that a release takes effect between two."""
        stamp = store.stamp()
        known = self._own.get(tenant_id)
        if known is not None and known.stamp == stamp:
            self._own.move_to_end(tenant_id)
            return known.adapter
        if stamp is None:
            # Nothing was ever released.
            self._own.pop(tenant_id, None)
            return self._default
        adapter = self._loaded(tenant_id, store, known)
        self._own[tenant_id] = _Loaded(stamp, adapter)
        self._own.move_to_end(tenant_id)
        while len(self._own) > self._most:
            self._own.popitem(last=False)
        return adapter

    def _loaded(self, tenant_id: TenantId, store: AdapterStore, known: _Loaded | None) -> Adapter:
        try:
            champion = store.champion()
            return (
                self._default if champion == store.default_id() else self._model.load_adapter(store.folder_of(champion))
            )
        except IntentError:
            # A call is worth more than a release: the adapter used so far, else the default one, reads on.
            log.exception("the champion does not load", extra={"tenant_id": tenant_id})
            return known.adapter if known else self._default
