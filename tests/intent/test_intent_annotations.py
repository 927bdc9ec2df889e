"""Label files: every form there and back, and broken lines reported."""

import json

import pytest

from intent.annotations import FORMS, LabelledSpan, LabelLine, lost, read_labels, write_labels
from intent.errors import BrokenLabelsError

TEXT = "\U0001f600 We need SSO, and the price \U0001f4b8 worries me."


def span(kind: str, type_: str, words: str, strength: int = 2) -> LabelledSpan:
    start = TEXT.index(words)
    return LabelledSpan(kind=kind, type=type_, start=start, end=start + len(words), strength=strength)


def line(*signals: LabelledSpan, role: str = "customer") -> LabelLine:
    return LabelLine(call_id="c1", turn=1, role=role, speaker="Ann", text=TEXT, signals=signals, utterance_id="u1")


LINES = [
    line(span("need", "capability", "need SSO"), span("hesitation", "price", "price \U0001f4b8 worries me")),
    line(),
    line(role="rep"),
]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_there_and_back(form):
    taken, rejected = read_labels(write_labels(LINES, form), form)
    assert rejected == ()
    assert [one for _, one in taken] == LINES
    assert lost(LINES, form) == ()


@pytest.mark.parametrize("form", [one for one in FORMS if one != "iob2"])
def test_overlaps_and_strengths_stay(form):
    rich = [line(span("need", "capability", "need SSO", 3), span("need", "integration", "SSO, and", 1))]
    assert [one for _, one in read_labels(write_labels(rich, form), form)[0]] == rich


def test_iob2_says_what_it_loses():
    rich = [line(span("need", "capability", "need SSO", 3), span("need", "integration", "SSO, and", 1))]
    assert lost(rich, "iob2") == ("1 overlapping signals", "2 strengths")
    taken, _ = read_labels(write_labels(rich, "iob2"), "iob2")
    assert [(one.type, one.strength) for one in taken[0][1].signals] == [("capability", 2)]


def test_label_studio_counts_utf16_units():
    task = json.loads(write_labels(LINES, "label-studio"))[0]
    value = next(one["value"] for one in task["annotations"][0]["result"] if one["value"].get("labels"))
    units = TEXT.encode("utf-16-le")
    assert value["start"] == TEXT.index("need SSO") + 1
    assert units[2 * value["start"] : 2 * value["end"]].decode("utf-16-le") == "need SSO"


def test_broken_lines_are_reported_and_good_ones_taken():
    good = write_labels(LINES[:1], "jsonl").strip()
    row = json.loads(good)
    outside = json.dumps({**row, "signals": [{"kind": "need", "type": "capability", "start": 0, "end": 999}]})
    unknown = json.dumps({**row, "signals": [{"kind": "need", "type": "price", "start": 0, "end": 4}]})
    nameless = json.dumps({key: value for key, value in row.items() if key != "speaker"})
    taken, rejected = read_labels("\n".join([good, "{", "", outside, unknown, nameless, good]), "jsonl")
    assert [number for number, _ in taken] == [1, 7]
    assert [one.line for one in rejected] == [2, 4, 5, 6]
    assert rejected[-1].field == "speaker"
    assert "999" in rejected[1].reason


@pytest.mark.parametrize("text", ["{", "{}", "1"])
def test_no_label_studio_file_at_all(text):
    with pytest.raises(BrokenLabelsError):
        read_labels(text, "label-studio")
