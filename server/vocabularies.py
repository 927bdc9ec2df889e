"""The vocabulary of a call: names of who speaks, and the tenant's own terms, read from what it imported."""

from asr.ordinary import ordinary_words
from asr.vocabulary import Vocabulary
from graph.errors import SearchIndexError
from graph.index import ItemIndex
from graph.terms import terms_of
from ingest.messages import CallStarted, TenantId

NEWEST_ITEMS = 1_000
"""Terms are read from so many items, which takes 0.2 s, once after each import."""


class Vocabularies:
    """Terms of every tenant, made again when its items change; used by one thread."""

    def __init__(self) -> None:
        """Know none yet."""
        self._terms: dict[TenantId, tuple[int, tuple[str, ...]]] = {}

    def of_call(self, started: CallStarted, index: ItemIndex) -> Vocabulary:
        """What recognition should know before this call."""
        speakers = [one.speaker for one in started.channels]
        # A call without an account is named by its own id, which nobody says.
        accounts = [started.account] if started.account != started.call_id else []
        names = terms_of((), speakers, accounts, ordinary_words())
        return Vocabulary(dict.fromkeys((*names, *self._of_tenant(started.tenant_id, index))))

    def _of_tenant(self, tenant_id: TenantId, index: ItemIndex) -> tuple[str, ...]:
        known = self._terms.get(tenant_id)
        try:
            version = index.version
        except SearchIndexError:
            # A call goes on without a search index; whoever searches says so.
            return known[1] if known else ()
        if known is None or known[0] != version:
            known = version, terms_of(index.newest(NEWEST_ITEMS), (), (), ordinary_words())
            self._terms[tenant_id] = known
        return known[1]
