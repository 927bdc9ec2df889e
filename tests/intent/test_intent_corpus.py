"""The shipped corpus: valid, large, quiet enough, and split so that nothing leaks between parts or from the demo."""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from intent.annotations import LabelLine
from intent.labels import LABELS
from intent.messages import Span
from intent.spans import snap

ROOT = Path(__file__).parents[2]
PARTS = ("train", "dev", "held_out", "test")
LEAST_WORDS = 5


def read(path: Path) -> list[LabelLine]:
    return [LabelLine.model_validate(json.loads(row)) for row in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def parts() -> dict[str, list[LabelLine]]:
    return {name: read(ROOT / "intent/corpus" / f"{name}.jsonl") for name in PARTS}


def words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower().replace("\u2019", "'").replace("'", "")))


def fives(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {found[at : at + LEAST_WORDS] for at in range(len(found) - LEAST_WORDS + 1)}


def customers(lines: list[LabelLine]) -> list[LabelLine]:
    return [one for one in lines if one.role == "customer"]


def test_every_signal_lies_on_whole_words(parts):
    wrong = [
        (one.call_id, one.turn, one.text[span.start : span.end])
        for lines in parts.values()
        for one in lines
        for span in one.signals
        if snap(one.text, span.start, span.end) != Span(start=span.start, end=span.end)
    ]
    assert not wrong


def test_every_type_is_heard_often_enough(parts):
    for part, least in (("train", 110), ("dev", 12), ("held_out", 7), ("test", 25)):
        counts = Counter(span.type for one in parts[part] for span in one.signals)
        assert {name: counts[name] for name in LABELS.names if counts[name] < least} == {}, part


def test_the_rep_says_no_signal(parts):
    assert not [one for lines in parts.values() for one in lines if one.role == "rep" and one.signals]


def test_lines_say_all_that_is_asked_of_them():
    for part in PARTS:
        for row in (ROOT / "intent/corpus" / f"{part}.jsonl").read_text(encoding="utf-8").splitlines():
            assert {"call_id", "turn", "role", "speaker", "text", "signals"} <= json.loads(row).keys()
            assert all("strength" in span for span in json.loads(row)["signals"])


def test_turns_of_a_call_are_numbered_once_and_rise(parts):
    for lines in parts.values():
        turns: dict[str, list[int]] = {}
        for one in lines:
            turns.setdefault(one.call_id, []).append(one.turn)
        assert not [call for call, numbers in turns.items() if numbers != sorted(set(numbers))]


def test_the_corpus_is_as_large_as_promised(parts):
    lines = [one for of in parts.values() for one in of]
    assert len({one.call_id for one in lines}) >= 300
    assert len(lines) >= 6_000
    counts = Counter(span.type for one in lines for span in one.signals)
    assert {name: counts[name] for name in LABELS.names if counts[name] < 130} == {}


def test_the_test_part_is_five_whole_trades_that_no_other_part_has():
    trades = {
        part: {
            json.loads(row)["trade"].split(",")[0]
            for row in (ROOT / "intent/corpus" / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
        }
        for part in PARTS
    }
    assert len(trades["test"]) == 5
    assert not trades["test"] & (trades["train"] | trades["dev"] | trades["held_out"])


def test_the_test_part_is_the_one_that_was_frozen_before_training():
    content = (ROOT / "intent/corpus/test.jsonl").read_bytes()
    frozen = (ROOT / "intent/corpus/test.sha256").read_text(encoding="utf-8").split()[0]
    assert hashlib.sha256(content).hexdigest() == frozen


@pytest.mark.parametrize("part", PARTS)
def test_nearly_half_of_the_customer_turns_is_quiet(parts, part):
    turns = customers(parts[part])
    assert sum(not one.signals for one in turns) >= 0.44 * len(turns)


def test_no_call_lies_in_two_parts(parts):
    counts = Counter(call for lines in parts.values() for call in {one.call_id for one in lines})
    assert not [call for call, count in counts.items() if count > 1]


def test_no_customer_line_stands_in_two_parts(parts):
    places: dict[tuple[str, ...], set[str]] = {}
    for part, lines in parts.items():
        for one in customers(lines):
            # "Fair enough" is said by everybody.
            if len(words(one.text)) > 2:
                places.setdefault(words(one.text), set()).add(part)
    assert not [(" ".join(text), where) for text, where in places.items() if len(where) > 1]


def test_no_line_is_a_line_of_the_demo_call(parts):
    call = read(ROOT / "eval/demo/call.jsonl")
    demo, spoken = [fives(one.text) for one in call], {words(one.text) for one in call}
    near = [
        (part, one.call_id, one.turn, one.text)
        for part, lines in parts.items()
        for one in lines
        if (own := fives(one.text))
        and (words(one.text) in spoken or any(2 * len(own & other) >= len(own) for other in demo))
    ]
    assert not near
