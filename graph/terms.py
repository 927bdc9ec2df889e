"""A tenant's terms, read from what it imported: names, acronyms and rare words that a recogniser should know (pure).

The most useful come first: whoever is short of room takes as many as fit from the front.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

from graph.messages import Item
from graph.words import STOP_WORDS, sentences

MAX_TERMS = 400
"""More than that are hardly names. With 400 the repair of an utterance of twenty words takes 0.5 ms, 3 ms when every
word of it is doubtful (2026-11-25)."""

MAX_NAME_WORDS = 4
MIN_RARE_CHARS, MIN_RARE_USES = 5, 2
"""A rare word in lower case counts when it is long enough to be heard apart and no single slip of a typist."""

MIN_PRODUCT_USES = 2
"""One title with a capital may be a customer's or a place's name (titles of twelve made-up vendors, 2026-11-26)."""

TITLE_CASE_SHARE = 0.5
"""In a line with more capitals than this behind its first word, as a heading often has, they do not mark names."""

TOKEN = re.compile(r"[^\W\d_][^\W_]*(?:['\u2019][^\W\d_]{2,}|['\u2019]t|-[^\W_]+)*")
"""A word with its hyphens and inner apostrophes, but without a possessive: "O'Neill", "doesn't", "BackShelf"."""
CAMEL = re.compile(r"^(?:[A-Z]?[a-z]+[A-Z]|[A-Z]{2,}[a-z]+[A-Z])[A-Za-z]*$")
ACRONYM = re.compile(r"^[A-Z]{2}[A-Z0-9]{0,4}$")
CONTRACTION = re.compile(r"['\u2019](?:t|re|ll|ve)$")
ENDINGS = ("s", "es", "d", "ed", "r", "er", "ing", "ings", "ly")

Evidence = Literal["name", "rare"]
"""What a word looks like: written as a name, or rare in English."""


def terms_of(
    items: Iterable[Item],
    people: Iterable[str],
    accounts: Iterable[str],
    ordinary: AbstractSet[str],
    limit: int = MAX_TERMS,
) -> tuple[str, ...]:
    """Collect terms as they are written, each once.

    Args:
        items: what was imported; their order does not matter.
        people: names of those who speak; also first and last name by themselves.
        accounts: names of customers; also their words that are not ordinary.
        ordinary: words everybody knows, case folded.
        limit: the most terms returned.

    Returns:
        Accounts, people and competitors in alphabetical order, then names and at last rare words, those used in more
        items first.
    """
    every = tuple(items)
    competitors = {item.competitor for item in every if item.competitor}
    uses = _uses(every, ordinary)
    ordered = (
        *_with_parts(accounts, ordinary),
        *_with_parts(people, frozenset()),
        *_with_parts(competitors, ordinary),
        *_by_use(uses["name"]),
        *_by_use(Counter({word: count for word, count in uses["rare"].items() if count >= MIN_RARE_USES})),
    )
    found: dict[str, str] = {}
    for term in ordered:
        found.setdefault(term.casefold(), term)
    return tuple(found.values())[:limit]


def products_of(items: Iterable[Item], ordinary: AbstractSet[str]) -> tuple[str, ...]:
    """Names that stand in the titles of several own items: products, the vendor's and those it works with.

    Args:
        items: what was imported; pages about a competitor are passed over.
        ordinary: words everybody knows, case folded.
    """
    uses: Counter[str] = Counter()
    for item in items:
        if item.competitor is None:
            uses.update({name for name in _names(item.title, ordinary) if not ACRONYM.match(name)})
    return tuple(name for name in _by_use(uses) if uses[name] >= MIN_PRODUCT_USES)


def taught(heard: str, said: str, ordinary: AbstractSet[str], *, begins: bool) -> tuple[str, ...]:
    """What a person's correction of misheard words teaches: names and words that not everybody knows.

    Args:
        heard: the words as they were recognised; what stands there already is not new.
        said: the words that were said.
        ordinary: words everybody knows, case folded.
        begins: whether they begin a sentence, where a capital says nothing.
    """
    found: list[str] = []
    run: list[re.Match[str]] = []
    for token in TOKEN.finditer(said):
        word = token.group()
        capital = word[0].isupper() and len(word) > 1 and word.casefold() not in STOP_WORDS
        if not (_marked(word) or _rare(word, ordinary) or (capital and not (begins and token.start() == 0))):
            continue
        if run and said[run[-1].end() : token.start()] != " ":
            found.append(said[run[0].start() : run[-1].end()])
            run = []
        run.append(token)
    if run:
        found.append(said[run[0].start() : run[-1].end()])
    return tuple(one for one in found if len(one.split()) <= MAX_NAME_WORDS and one not in heard)


def _with_parts(names: Iterable[str], ordinary: AbstractSet[str]) -> Iterator[str]:
    for name in sorted({" ".join(name.split()) for name in names} - {""}):
        yield name
        parts = TOKEN.findall(name)
        if len(parts) > 1:
            yield from (part for part in parts if len(part) > 2 and _rare(part, ordinary))


def _by_use(uses: Counter[str]) -> list[str]:
    return sorted(uses, key=lambda term: (-uses[term], term))


def _uses(items: Iterable[Item], ordinary: AbstractSet[str]) -> dict[Evidence, Counter[str]]:
    """In how many items each name and each rare word stands."""
    uses: dict[Evidence, Counter[str]] = {"name": Counter(), "rare": Counter()}
    for item in items:
        names: set[str] = set()
        rare = {tag for tag in item.tags if _rare(tag, ordinary)}
        for sentence in (*sentences(item.title), *sentences(item.text)):
            names.update(_names(sentence, ordinary))
            rare.update(word for word in TOKEN.findall(sentence) if word.islower() and _rare(word, ordinary))
        uses["name"].update(names)
        uses["rare"].update(word for word in rare if len(word) >= MIN_RARE_CHARS)
    return uses


def _names(sentence: str, ordinary: AbstractSet[str]) -> Iterator[str]:
    """Runs of capitalised words, of which one at least is not ordinary; CamelCase and acronyms always by themselves."""
    tokens = list(TOKEN.finditer(sentence))
    yield from filter(_marked, (token.group() for token in tokens))
    capitals = [token for token in tokens if token.group()[0].isupper()]
    plain = [token for token in capitals if token is not tokens[0] and not _marked(token.group())]
    if len(tokens) > MAX_NAME_WORDS and len(plain) > TITLE_CASE_SHARE * (len(tokens) - 1):
        return
    run: list[re.Match[str]] = []
    for token in capitals:
        if run and (token.start() != run[-1].end() + 1 or sentence[run[-1].end()] != " "):
            yield from _name(sentence, run, ordinary)
            run = []
        run.append(token)
    yield from _name(sentence, run, ordinary)


def _marked(word: str) -> bool:
    return bool(CAMEL.match(word)) or (bool(ACRONYM.match(word)) and word.casefold() not in STOP_WORDS)


def _name(sentence: str, run: list[re.Match[str]], ordinary: AbstractSet[str]) -> Iterator[str]:
    words = [token.group() for token in run]
    # A sentence begins with a capital anyway, and so may what follows a colon.
    if words and ((len(words) == 1 and _begins(sentence, run[0].start())) or words[0].casefold() in STOP_WORDS):
        words = words[1:]
    if 1 <= len(words) <= MAX_NAME_WORDS and any(_rare(word, ordinary) for word in words):
        yield " ".join(words)


def _begins(sentence: str, place: int) -> bool:
    before = sentence[:place].rstrip(" \"'\u201c(")
    return not before or before[-1] in ":;|/\u00b7\u2013\u2014"


def _rare(word: str, ordinary: AbstractSet[str]) -> bool:
    """Whether the word, or a hyphenated part of it, is neither ordinary nor an inflection of an ordinary word."""
    parts = word.casefold().split("-")
    return not any(letter.isdigit() for letter in word) and not all(_known(part, ordinary) for part in parts)


def _known(word: str, ordinary: AbstractSet[str]) -> bool:
    if len(word) == 1 or CONTRACTION.search(word) or word in ordinary:
        return True
    stems = (word.removesuffix(ending) for ending in ENDINGS if word.endswith(ending))
    return any(stem in ordinary or f"{stem}e" in ordinary for stem in stems if len(stem) > 2)
