"""The vocabulary of a call: names of who speaks, what corrections taught, and terms read from what was imported."""

from dataclasses import dataclass, field

from asr.ordinary import ordinary_words
from asr.vocabulary import Vocabulary
from graph.errors import SearchIndexError
from graph.index import ItemIndex
from graph.messages import WordsAnnotation
from graph.misheard import undone_of
from graph.terms import taught, terms_of
from ingest.messages import CallStarted, TenantId
from server.tenant import Tenant

NEWEST_ITEMS = 1_000
"""Terms are read from so many items, which takes 0.2 s, once after each import."""


MIN_MISHEARD_CHARS = 5
"""Shorter words are heard again with another meaning; as `asr.vocabulary.MIN_CHARS`."""

MAX_MISHEARD_WORDS = 4
"""As many as a recogniser writes for one name (`asr.vocabulary.MAX_WORDS`)."""


@dataclass(slots=True)
class _Corrections:
    """A tenant's corrections of words as far as its journal was read, and how many keys were destroyed by then."""

    destroyed: int
    seq: int = 0
    found: dict[str, WordsAnnotation] = field(default_factory=dict)


class Vocabularies:
    """Terms of every tenant, made again when its items change; used by one thread."""

    def __init__(self) -> None:
        """Know none yet."""
        self._terms: dict[TenantId, tuple[int, tuple[str, ...]]] = {}
        self._corrections: dict[TenantId, _Corrections] = {}

    def of_call(self, started: CallStarted, index: ItemIndex, tenant: Tenant) -> Vocabulary:
        """What recognition should know before this call."""
        speakers = [one.speaker for one in started.channels]
        # A call without an account is named by its own id, which nobody says.
        accounts = [started.account] if started.account != started.call_id else []
        names = terms_of((), speakers, accounts, ordinary_words())
        learnt, misheard = self._learnt(tenant)
        every = (*names, *learnt, *self._of_tenant(started.tenant_id, index))
        return Vocabulary(dict.fromkeys(every), misheard=misheard)

    def _learnt(self, tenant: Tenant) -> tuple[tuple[str, ...], dict[str, str]]:
        """Terms that people put where others were heard, the newest first, and what was heard instead of each."""
        standing = self._standing(tenant)
        terms: dict[str, None] = {}
        misheard: dict[str, str] = {}
        for one in reversed(standing):
            # Where a sentence begins is not known here: at a text's very start a capital says nothing.
            found = taught(one.heard, one.said, ordinary_words(), begins=one.span.start == 0)
            terms |= dict.fromkeys(found)
            long_enough = sum(map(str.isalnum, one.heard)) >= MIN_MISHEARD_CHARS
            words = max(len(one.heard.split()), len(one.said.split()))
            if found and long_enough and words <= MAX_MISHEARD_WORDS:
                misheard.setdefault(one.heard, one.said.strip(" .,;:!?"))
        return tuple(terms), misheard

    def _standing(self, tenant: Tenant) -> list[WordsAnnotation]:
        """Corrections that nobody took back; read from the journal from where it was read last."""
        destroyed = tenant.keys.destroyed(tenant.tenant_id)
        known = self._corrections.get(tenant.tenant_id)
        if known is None or known.destroyed != destroyed:
            # What rests on a destroyed key reads no more.
            known = self._corrections[tenant.tenant_id] = _Corrections(destroyed)
        for event in tenant.journal.read(after_seq=known.seq, kinds=("words_annotation",)):
            known.seq = event.seq
            if isinstance(event.message, WordsAnnotation):
                known.found[event.message.annotation_id] = event.message
        undone = undone_of([(one.annotation_id, one.undoes) for one in known.found.values()])
        return [one for one in known.found.values() if one.undoes is None and one.annotation_id not in undone]

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
