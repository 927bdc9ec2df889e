"""What each utterance names, for the journal: one namer for all tenants, and each tenant's own names."""

from collections.abc import Sequence

from asr.messages import Utterance
from asr.ordinary import ordinary_words
from graph.errors import SearchIndexError
from graph.gazetteer import Gazetteer, gazetteer
from graph.index import ItemIndex
from graph.messages import ThingsNamed
from graph.naming import Namer
from graph.reference import meant
from graph.terms import products_of
from ingest.messages import TenantId
from server.reading import Scene
from server.vocabularies import NEWEST_ITEMS

REMEMBERED = 64
"""Accounts whose names are kept; a tenant's calls rarely speak with more at once."""


class Naming:
    """Names things for all tenants; used by one thread."""

    def __init__(self, namer: Namer) -> None:
        """Know no tenant yet."""
        self._namer = namer
        self._items: dict[TenantId, tuple[int, frozenset[str], tuple[str, ...]]] = {}
        self._known: dict[tuple[TenantId, str | None], tuple[tuple[int, int], Gazetteer]] = {}

    def named(self, scene: Scene, index: ItemIndex, utterance: Utterance) -> tuple[ThingsNamed, ...]:
        """One message when the utterance names anything, none when it does not."""
        if not utterance.text.strip():
            return ()
        english = utterance.language in (None, "en")
        known = self._names(scene, index, scene.graph.account_of(utterance.call_id))
        things = self._namer.named(utterance.text, known, english=english)
        if not things:
            return ()
        return (
            ThingsNamed(
                tenant_id=utterance.tenant_id,
                call_id=utterance.call_id,
                utterance_id=utterance.utterance_id,
                revision=utterance.revision,
                things=things,
                namer_version=self._namer.version,
            ),
        )

    def rivals(self, scene: Scene, index: ItemIndex, text: str, before: Sequence[str]) -> frozenset[str]:
        """The competitors that words are about, with the turns before them as context, oldest first."""
        return meant(text, before, self._names(scene, index, None))

    def _names(self, scene: Scene, index: ItemIndex, account: str | None) -> Gazetteer:
        """The names for calls of an account, made again when items, calls or participants change."""
        version, competitors, products = self._of_items(scene.tenant_id, index)
        made_from = (version, scene.graph.rosters)
        known = self._known.get((scene.tenant_id, account))
        if known is None or known[0] != made_from:
            graph = scene.graph
            names = (competitors, products, graph.accounts(), graph.people_by_account())
            known = made_from, gazetteer(*names, account, ordinary_words())
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[scene.tenant_id, account] = known
        return known[1]

    def _of_items(self, tenant_id: TenantId, index: ItemIndex) -> tuple[int, frozenset[str], tuple[str, ...]]:
        known = self._items.get(tenant_id)
        try:
            version = index.version
            if known is None or known[0] != version:
                products = products_of(index.newest(NEWEST_ITEMS), ordinary_words())
                known = self._items[tenant_id] = version, index.competitors(), products
        except SearchIndexError:
            # A call goes on without a search index; whoever searches says so.
            return known or (-1, frozenset(), ())
        return known
