"""A type that people added is found near the examples they gave, and nothing else becomes it."""

import numpy as np
import pytest

from intent.config import IntentConfig
from intent.labels import LABELS, LabelType
from intent.messages import Span
from intent.model import IntentModel
from intent.spans import Finding
from intent.young import LEAST_EXAMPLES, YoungTypes, unlearnt

LANGUAGES = LabelType(type="languages", kind="need", title="Languages", hint="wants it in another language")
EXAMPLES = (
    "our drivers speak Polish and Romanian",
    "it has to be in Spanish too",
    "we need the menus in French",
    "can it transcribe Swiss German",
    "does the manual come in Turkish",
    "half of my team doesn't read English",
)


class Axes:
    """Embeds by first letter: texts of one letter are the same, of two are unrelated."""

    def embed(self, texts, /):
        vectors = np.zeros((len(texts), 26), np.float32)
        for number, text in enumerate(texts):
            vectors[number, ord(text[0]) - ord("a")] = 1
        return vectors


def finding(words: str, text: str, type_: str = "capability", confidence: float = 0.8) -> Finding:
    start = text.index(words)
    kind = LABELS.kind_of(type_) or "need"
    span = Span(start=start, end=start + len(words))
    return Finding(kind=kind, type=type_, span=span, strength=2, confidence=confidence)


def young(count: int = LEAST_EXAMPLES) -> YoungTypes:
    return YoungTypes([LANGUAGES], {"languages": [f"a{number}" for number in range(count)]}, Axes())


TEXT = "apples and bread"


def test_a_finding_near_the_examples_takes_the_new_type_with_its_span_and_strength():
    near, far = finding("apples", TEXT), finding("bread", TEXT)
    told = young().told(TEXT, [near, far], [near, far])
    assert [(one.type, one.span, one.strength) for one in told] == [
        ("languages", near.span, 2),
        ("capability", far.span, 2),
    ]


def test_a_weak_finding_is_shown_only_as_the_new_type():
    near, far = finding("apples", TEXT, confidence=0.2), finding("bread", TEXT, confidence=0.2)
    assert [one.type for one in young().told(TEXT, [near, far], [])] == ["languages"]


def test_another_kind_never_becomes_it():
    doubt = finding("apples", TEXT, "price")
    assert young().told(TEXT, [doubt], [doubt]) == (doubt,)


def test_two_findings_on_the_same_words_become_one():
    first, second = finding("apples", TEXT), finding("apples", TEXT, "support")
    assert [one.type for one in young().told(TEXT, [first, second], [first, second])] == ["languages"]


def test_too_few_examples_tell_nothing():
    assert not young(LEAST_EXAMPLES - 1)
    assert young()


def test_what_an_adapter_has_learnt_is_not_young():
    wider = LABELS.changed(())
    assert unlearnt(wider, LABELS) == ()


@pytest.mark.model
def test_new_wordings_of_a_language_need_are_near_and_other_needs_are_not(models_dir):
    types = YoungTypes([LANGUAGES], {"languages": EXAMPLES}, IntentModel(models_dir, IntentConfig()))

    def told(text: str) -> str:
        whole = [finding(text, text)]
        return types.told(text, whole, whole)[0].type

    for text in ("we need it in Portuguese as well", "the staff only understand Vietnamese"):
        assert told(text) == "languages"
    for text in ("we need the menus shorter", "it has to be in the office too", "half of my team works nights"):
        assert told(text) == "capability"
