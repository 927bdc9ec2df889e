"""The floor learns from words alone."""

import pytest

from eval.signals.labelled import Example, Label
from intent.encode import Turn
from intent.labels import LABELS
from intent.messages import Span

pytest.importorskip("sklearn", reason="the extra `train` is not installed")

from finetune.floor import Floor


def turns(text: str, type_: str | None, count: int) -> list[Example]:
    labels = () if type_ is None else (Label("hesitation", type_, Span(start=0, end=len(text)), 2),)
    return [Example(f"{type_}-{number}", Turn(f"{text} {number}", ()), labels) for number in range(count)]


def test_words_it_has_seen_are_found_again_and_others_are_quiet() -> None:
    learnt = [
        *turns("that is far too expensive", "price", 12),
        *turns("my boss signs everything", "authority", 12),
        *turns("we had a lovely summer here", None, 24),
    ]
    floor = Floor(LABELS)
    floor.fit(learnt, learnt)
    dear, summer = turns("expensive, far too expensive", "price", 1), turns("a lovely summer", None, 1)
    ((found,), nothing) = floor.read([*dear, *summer])
    assert (found.type, found.kind) == ("price", "hesitation")
    assert nothing == ()
