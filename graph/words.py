"""Words of a text as linking and merging compare them: content words by their stem, numbers, negation (pure).

Stems are English; other languages match by equal words, those written without spaces by equal pairs of characters.
The full-text index stems by itself (Porter).
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
UNSPACED = re.compile(
    "[\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Runs of Chinese characters and kana, which are written without spaces; to any tokeniser each would be one word."""
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
CLAUSE_END = re.compile(r"(?<=[.!?])\s+|\n+|;\s+|,\s+(?=(?:and|but|plus|so|because)\b)")
MARKUP = re.compile(r"^[\s#>*+\-|\u2022]+|[*`_]{1,3}")

FUNCTION_WORDS = """
a about actually all also am an and any are as at be because been before being but by can can't cannot could
did do does doesn't doing don't down each even every few for from further get gets getting go goes going gonna
got had has have haven't having he her here hers him his honestly how i i'd i'll i'm i've if in into is isn't
it it's its itself just kind know let let's like lot make makes many maybe me mean might more most much must
my no nor not now of off oh okay on once one only or other our out over own please quite rather really right
said same say says see she should so some something sort still such sure than thank thanks that that's the
their them then there there's these they they're thing things think this those through to too uh um under
until up us very want wanted wants was wasn't way we we'd we'll we're we've well were what what's when where
whether which while who why will with without won't would yeah yes yet you you're your
"""
STOP_WORDS = frozenset(FUNCTION_WORDS.split())
"""Own list: function words and the small talk of calls; they say nothing about which item is meant."""

BELOW_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
"""
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = (
    {word: str(number) for number, word in enumerate(BELOW_TWENTY.split())}
    | {word: str(number) for number, word in zip(range(20, 100, 10), TENS.split(), strict=True)}
    | {"once": "1", "twice": "2", "hundred": "100", "thousand": "1000", "half": "1/2", "quarter": "1/4"}
)
UNITS = "minute hour day week month year percent"
DATES = """
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
"""
RATES = "hourly/hour daily/day weekly/week monthly/month yearly/year annual/year annually/year"
MEASURES = (
    {word: word for word in f"{UNITS} {DATES}".split()}
    | {f"{word}s": word for word in UNITS.split()}
    | {rate.partition("/")[0]: rate.partition("/")[2] for rate in RATES.split()}
)
AMBIGUOUS_MONTHS = frozenset(("may", "march"))
BEFORE_A_MONTH = frozenset(("of", "in", "by", "until", "till", "before", "from", "since"))

OPPOSITES = """
export/import before/after open/close push/pull send/receive more/less start/end first/last show/hide buy/sell
add/remove
"""
DIRECTIONS = "in/out from/to from/into on/off up/down with/without"
OPPOSED = frozenset(frozenset(pair.split("/")) for pair in OPPOSITES.split())
"""Words that turn one want into another when each stands on one side."""
TURNED = frozenset(frozenset(pair.split("/")) for pair in DIRECTIONS.split())
"""Small words that do so beside the same word: orders from SAP, confirmations to SAP; check-in, check-out."""

NEGATIONS = frozenset(("no", "not", "never", "none", "without", "cannot", "nothing", "nobody", "neither", "nor"))
MIN_STEM_CHARS = 3


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Cut the endings of plural, past and progressive, so that `invoices`, `invoiced` and `invoicing` agree."""
    found = word.removesuffix("'s").removesuffix("\u2019s")
    if found.endswith("ies") and len(found) > 4:
        return found[:-3] + "y"
    for ending in ("ings", "ing", "ed", "es", "s"):
        cut = found.removesuffix(ending)
        if cut != found and len(cut) >= MIN_STEM_CHARS and not found.endswith("ss"):
            found = cut[:-1] if ending in ("ings", "ing", "ed") and cut[-1] == cut[-2] and cut[-1] not in "ls" else cut
            break
    return found[:-1] if found.endswith("e") and len(found) > MIN_STEM_CHARS else found


def words(text: str) -> list[str]:
    """Split a text into words, case folded."""
    return WORD.findall(paired(text).casefold())


def paired(text: str) -> str:
    """A text whose runs without spaces are overlapping pairs of characters, the usual stand-in for their words."""
    return UNSPACED.sub(lambda found: f" {' '.join(_pairs(found[0]))} ", text)


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(max(len(run) - 1, 1))]


def stems(text: str) -> list[str]:
    """Return the stems of a text's content words, in order."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def sentences(text: str) -> list[str]:
    """Split a text, also Markdown, into plain sentences."""
    cleaned = (MARKUP.sub("", part).strip() for part in SENTENCE_END.split(text))
    return [part for part in cleaned if part]


def clauses(text: str) -> list[tuple[int, int]]:
    """Places of a text's clauses, without the spaces and commas around them; of a text of none the whole."""
    ends = [*(match.end() for match in CLAUSE_END.finditer(text)), len(text)]
    found: list[tuple[int, int]] = []
    for start, end in zip([0, *ends], ends, strict=False):
        part = text[start:end]
        cut = part.strip(" ,;\n")
        if cut:
            first = start + part.index(cut)
            found.append((first, first + len(cut)))
    return found or [(0, len(text))]


def clause_around(text: str, words_of_it: str) -> str:
    """Return the clause of a text that holds these words: one turn may voice two wants."""
    start = text.find(words_of_it)
    if start < 0:
        return text
    ends = [match.end() for match in CLAUSE_END.finditer(text)]
    first = max((end for end in ends if end <= start), default=0)
    last = min((end for end in ends if end >= start + len(words_of_it)), default=len(text))
    return text[first:last].strip(" ,;")


def clauses_around(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the place of a text's clauses that a span lies in, at least the span itself."""
    touched = [(start, end) for start, end in clauses(text) if start < span[1] and span[0] < end]
    return min((span[0], *(start for start, _ in touched))), max((span[1], *(end for _, end in touched)))


def quantities(text: str) -> frozenset[str]:
    """Find the amounts and dates a text names: numbers in digits or words, units of time, months, weekdays."""
    found = words(text)
    counted = {NUMBER_WORDS.get(word, word) for word in found if word in NUMBER_WORDS or word.isdigit()}
    measured = {
        MEASURES[word]
        for before, word in zip(["", *found], found, strict=False)
        if word in MEASURES and (word not in AMBIGUOUS_MONTHS or before in BEFORE_A_MONTH)
    }
    return frozenset(counted | measured)


def proper_names(text: str) -> frozenset[str]:
    """Find capitalised words, case folded; the first word counts only when it holds a second capital, as "SAP"."""
    capitalised = [(place, word) for place, word in enumerate(WORD.findall(text)) if word[0].isupper()]
    return frozenset(
        word.casefold()
        for place, word in capitalised
        if len(re.split("['\u2019]", word)[0]) > 1 and (place or sum(letter.isupper() for letter in word) > 1)
    )


def opposed(one: str, other: str) -> bool:
    """Tell whether a word of one text is the opposite of a word of the other."""
    ours, theirs = set(words(one)), set(words(other))
    if any(frozenset((mine, yours)) in OPPOSED for mine in ours - theirs for yours in theirs - ours):
        return True
    ours_beside, theirs_beside = _beside(one), _beside(other)
    return any(
        frozenset((mine, yours)) in TURNED
        for word in ours_beside.keys() & theirs_beside.keys()
        for mine in ours_beside[word] - theirs_beside[word]
        for yours in theirs_beside[word] - ours_beside[word]
    )


def _beside(text: str) -> dict[str, set[str]]:
    """Map each content word to the words beside it."""
    found = words(text)
    beside: dict[str, set[str]] = {}
    for place, word in enumerate(found):
        if word not in STOP_WORDS:
            beside.setdefault(stem(word), set()).update(
                (*found[max(place - 1, 0) : place], *found[place + 1 : place + 2])
            )
    return beside


def negated(text: str) -> bool:
    """Tell whether a text holds a negation."""
    return any(word in NEGATIONS or word.endswith(("n't", "n\u2019t")) for word in words(text))


def overlap(query: AbstractSet[str], found: AbstractSet[str], weights: Mapping[str, float]) -> float:
    """Share of the query's words that were found, in [0, 1], each by its weight; 0 of no words."""
    total = sum(weights.get(word, 1.0) for word in query)
    return sum(weights.get(word, 1.0) for word in query & found) / total if total else 0.0
