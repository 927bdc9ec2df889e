"""The names a tenant knows, and where a text holds them, also as a recogniser may have written them (pure)."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from graph.rivals import MAX_SPLIT, MIN_FUZZY_CHARS, alike
from graph.words import STOP_WORDS, WORD, words
from intent.messages import NamedThing, Span, ThingType

AFTER_A_NAME = frozenset(
    ("has", "had", "is", "was", "will", "did", "does", "says", "said", "can", "would", "wants", "from", "and", "told")
)
"""After one of the names that are words, at the start of a sentence, these say that a person is meant."""
NAMES_AND_WORDS = "will mark may grace bill art rich frank pat rob sue hope faith joy june april august jack dean drew"
ALSO_WORDS = frozenset(NAMES_AND_WORDS.split())
"""First names that are words: at the start of a sentence their capital says nothing."""
MIN_SHORT_CHARS = 4
"""One word of a longer name stands for it from so many letters on, unless it is an ordinary word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A name as the tenant writes it. `forms`: how it may be said, case folded, without spaces.

    near: whether a near miss counts as well. capital: whether it must be written with one, as a name that is also a
    word must.
    """

    type: ThingType
    name: str
    forms: frozenset[str]
    near: bool = False
    capital: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """Known names; of two with one form the first counts.

    ordinary: words everybody knows, case folded; none of them is a near miss of a name.
    """

    known: tuple[Known, ...] = ()
    ordinary: AbstractSet[str] = field(default=frozenset(), repr=False, compare=False)
    _by_form: dict[str, Known] = field(init=False, repr=False, compare=False)
    _near: tuple[tuple[str, Known], ...] = field(init=False, repr=False, compare=False)
    _longest: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_form: dict[str, Known] = {}
        for one in self.known:
            for form in one.forms:
                by_form.setdefault(form, one)
        near = tuple((form, one) for form, one in by_form.items() if one.near and len(form) >= MIN_FUZZY_CHARS)
        lengths = (len(words(one.name)) for one in self.known)
        object.__setattr__(self, "_by_form", by_form)
        object.__setattr__(self, "_near", near)
        object.__setattr__(self, "_longest", max(MAX_SPLIT, *lengths) if self.known else MAX_SPLIT)

    def found(self, text: str) -> tuple[NamedThing, ...]:
        """The names a text holds, in its order; of overlapping ones the longer."""
        said = list(WORD.finditer(text))
        finds = [
            NamedThing(type=one.type, name=one.name, span=Span(start=said[first].start(), end=end))
            for first in range(len(said))
            for last in range(first, min(first + self._longest, len(said)))
            if (found := self._known(text, [word.group() for word in said[first : last + 1]], said[first].start()))
            for one, cut in (found,)
            if (end := said[last].end() - cut) > said[first].start()
        ]
        kept: list[NamedThing] = []
        for one in sorted(finds, key=lambda find: find.span.start - find.span.end):
            if all(one.span.end <= other.span.start or one.span.start >= other.span.end for other in kept):
                kept.append(one)
        return tuple(sorted(kept, key=lambda one: one.span.start))

    def _known(self, text: str, said: list[str], start: int) -> tuple[Known, int] | None:
        """The name that these words are, and how many characters of a genitive do not belong to it."""
        heard = "".join(said).casefold()
        bare = heard.removesuffix("'s").removesuffix("\u2019s")
        one = self._by_form.get(heard) or self._by_form.get(bare)
        if one is None:
            one = self._near_miss(bare, said)
        if one is None or (one.capital and not _as_a_name(text, said, start)):
            return None
        return one, len(heard) - len(bare)

    def _near_miss(self, heard: str, said: list[str]) -> Known | None:
        if len(said) > MAX_SPLIT or len(heard) < MIN_FUZZY_CHARS - 1 or heard in self.ordinary:
            return None
        if {word.casefold() for word in (said[0], said[-1])} & STOP_WORDS:
            return None
        return next((one for form, one in self._near if alike(heard, form)), None)


def gazetteer(
    competitors: Iterable[str],
    products: Iterable[str],
    accounts: Iterable[str],
    people_by_account: Mapping[str, Iterable[str]],
    account: str | None,
    ordinary: AbstractSet[str],
) -> Gazetteer:
    """Collect the names that matter in a call of one account.

    Args:
        competitors: Their names.
        products: Names of products.
        accounts: Names of accounts.
        people_by_account: Everyone who spoke, by the account they spoke with.
        account: The call's account; its people count by their first or last name alone, others' by the whole name.
        ordinary: Words everybody knows, case folded.
    """
    near = account or ""
    at_hand = list(people_by_account.get(near, ()))
    return Gazetteer(
        ordinary=ordinary,
        known=(
            *(_thing("competitor", name, ordinary, near=True) for name in sorted(set(competitors))),
            *(_thing("account", name, ordinary, near=name == near) for name in sorted(set(accounts))),
            *(_thing("product", name, ordinary, near=True) for name in products),
            *_people(at_hand, short=True),
            *_people((one for of, them in people_by_account.items() if of != near for one in them), short=False),
        ),
    )


def _thing(type: ThingType, name: str, ordinary: AbstractSet[str], near: bool) -> Known:
    parts = words(name)
    forms = {"".join(parts)} - {""}
    # A customer is called by any word of its name that is its own, a competitor or product by the first.
    short = parts if type == "account" else parts[:1]
    forms |= {
        part for part in short if len(part) >= MIN_SHORT_CHARS and part not in ordinary and part not in STOP_WORDS
    }
    also_words = all(part in ordinary for part in parts)
    return Known(type=type, name=name, forms=frozenset(forms), near=near and not also_words, capital=also_words)


def _people(names: Iterable[str], short: bool) -> Iterator[Known]:
    everyone = [" ".join(name.split()) for name in dict.fromkeys(names)]
    parts = [part for name in everyone for part in set(words(name))]
    for name in everyone:
        own = words(name)
        # A first name of two people on the call is neither's.
        alone = {one for one in (own[0], own[-1]) if parts.count(one) == 1 and len(one) > 1} if own and short else set()
        forms = frozenset({"".join(own), *alone} if len(own) > 1 or short else ())
        if forms:
            yield Known(type="person", name=name, forms=forms, capital=True)


def _as_a_name(text: str, said: list[str], start: int) -> bool:
    """Whether the words are written as a name: with a capital, and not one that the sentence's start explains."""
    if not all(word[0].isupper() for word in (said[0], said[-1])):
        return False
    before = text[:start].rstrip()
    if len(said) > 1 or said[0].casefold() not in ALSO_WORDS or (before and before[-1] not in ".!?"):
        return True
    follows = WORD.search(text, start + len(said[0]))
    return follows is not None and follows.group().casefold() in AFTER_A_NAME
