"""Label files: every form there and back, and broken lines reported."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent.annotations import FORMS, LabelledSpan, LabelLine, lost, read_labels, write_labels
from intent.errors import BrokenLabelsError
from intent.labels import LABELS

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


@pytest.mark.parametrize("text", ["{", "{}", "1", ""])
def test_no_label_studio_file_at_all(text):
    with pytest.raises(BrokenLabelsError):
        read_labels(text, "label-studio")


def rejected(text: str, form: str) -> list[tuple[int, str]]:
    return [(one.line, one.field) for one in read_labels(text, form)[1]]


@st.composite
def label_lines(draw) -> LabelLine:
    """Any text with separate signals on it."""
    text = draw(st.text(min_size=1, max_size=40))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    signals = [
        LabelledSpan(kind=one.kind, type=one.type, start=start, end=end, strength=draw(st.sampled_from((1, 2, 3))))
        for (start, end), one in zip(list(pairwise(cuts))[::2], LABELS.types, strict=False)
    ]
    return LabelLine(call_id="c1", turn=1, role="customer", speaker="Ann", text=text, signals=tuple(signals))


@pytest.mark.parametrize("form", [one for one in FORMS if one != "iob2"])
@given(lines=st.lists(label_lines(), max_size=3))
def test_any_text_there_and_back(form, lines):
    taken, rejected = read_labels(write_labels(lines, form), form)
    assert rejected == ()
    assert [one for _, one in taken] == lines


@given(lines=st.lists(label_lines(), max_size=3))
def test_any_text_survives_iob2(lines):
    taken, rejected = read_labels(write_labels(lines, "iob2"), "iob2")
    assert rejected == ()
    assert [(one.text, one.turn) for _, one in taken] == [(one.text, one.turn) for one in lines]


@pytest.mark.parametrize("form", FORMS)
def test_windows_line_ends_are_taken(form):
    taken, rejected = read_labels(write_labels(LINES, form).replace("\n", "\r\n"), form)
    assert (rejected, [one for _, one in taken]) == ((), LINES)


def test_who_labelled_when_with_which_adapter_is_kept():
    told = {"annotator": "Mara", "at": "2026-03-02T12:00:00+00:00", "adapter_id": "a-1"}
    lines = [LINES[0].model_copy(update=told)]
    for form in FORMS:
        assert [one for _, one in read_labels(write_labels(lines, form), form)[0]] == lines
    judged = [lines[0].model_copy(update={"prelabelled": True, "judged": False})]
    assert [one for _, one in read_labels(write_labels(judged, "jsonl"), "jsonl")[0]] == judged


def test_unknown_fields_are_no_error():
    row = json.loads(write_labels(LINES[:1], "jsonl"))
    row["signals"][0]["colour"] = row["colour"] = "red"
    assert [one for _, one in read_labels(json.dumps(row), "jsonl")[0]] == LINES[:1]


@pytest.mark.parametrize("text", ["[]", "1", "null", '["ab"]', '["abc"]', '"x"'])
@pytest.mark.parametrize("form", ["jsonl", "doccano", "prodigy"])
def test_a_line_that_is_no_object_is_reported(form, text):
    good = write_labels(LINES[:1], form)
    taken, rejected = read_labels(f"{text}\n{good}", form)
    assert [number for number, _ in taken] == [2]
    assert [(one.line, one.reason) for one in rejected] == [(1, "no JSON object")]


def test_a_signal_of_the_reps_is_reported():
    row = json.loads(write_labels(LINES[:1], "jsonl")) | {"role": "rep"}
    assert rejected(json.dumps(row), "jsonl") == [(1, "signals")]


def studio(**value: object) -> str:
    """A Label Studio file whose first region is changed."""
    tasks = json.loads(write_labels(LINES[:1], "label-studio"))
    tasks[0]["annotations"][0]["result"][0]["value"] |= value
    return json.dumps(tasks)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"start": -2}, "value"),
        ({"end": 999}, "value"),
        ({"text": "other words"}, "value.text"),
        ({"start": 1}, "value.text"),
        ({"labels": ["need:nothing"]}, "signals.0"),
        ({"labels": []}, "list index out of range"),
        ({"start": "1"}, None),
    ],
)
def test_label_studio_regions_are_checked(value, field):
    ((number, found),) = rejected(studio(**value), "label-studio")
    assert number == 1
    assert field is None or found == field


def test_label_studio_may_leave_the_words_out():
    tasks = json.loads(write_labels(LINES[:1], "label-studio"))
    for region in tasks[0]["annotations"][0]["result"]:
        del region["value"]["text"]
    assert [one for _, one in read_labels(json.dumps(tasks), "label-studio")[0]] == LINES[:1]


def test_what_nobody_judged_is_no_label():
    tasks = json.loads(write_labels(LINES, "label-studio"))
    tasks[0]["annotations"][0]["was_cancelled"] = True
    tasks[1]["annotations"] = tasks[2]["annotations"] = []
    taken, _ = read_labels(json.dumps(tasks), "label-studio")
    assert [one for _, one in taken] == LINES[2:]
    assert rejected(json.dumps(tasks), "label-studio") == [(1, "annotations"), (2, "annotations")]
    for answer in ("ignore", "reject"):
        row = json.loads(write_labels(LINES[:1], "prodigy")) | {"answer": answer}
        assert rejected(json.dumps(row), "prodigy") == [(1, "answer")]


def test_an_id_stands_once():
    tasks = json.loads(write_labels(LINES[:1], "label-studio"))
    for region in tasks[0]["annotations"][0]["result"]:
        region["id"] = "same"
    assert rejected(json.dumps(tasks), "label-studio") == [(1, "annotations")]
    row = json.loads(write_labels(LINES[:1], "doccano"))
    row["entities"][1]["id"] = row["entities"][0]["id"]
    assert rejected(json.dumps(row), "doccano") == [(1, "entities")]


HEADER = "# " + json.dumps({"call_id": "c", "turn": 1, "role": "customer", "speaker": "A", "text": "we need SSO"})


@pytest.mark.parametrize(
    "block",
    [
        "we\tO",
        HEADER + "\nwe\tI-need:capability",
        HEADER + "\nwe\tB-need:capability\nneed\tO\nSSO\tI-need:capability",
        HEADER + "\nwe\tB-need:capability\nneed\tI-need:support",
        HEADER + "\nelse\tO",
        HEADER + "\nwe O",
        HEADER + "\nwe\tB-need:nothing",
    ],
)
def test_broken_iob2_blocks_are_reported(block):
    good = HEADER + "\nwe\tO\nneed\tB-need:capability\nSSO\tI-need:capability\n"
    taken, rejected = read_labels(f"{block}\n\n{good}", "iob2")
    assert [one.line for one in rejected] == [1]
    assert [(number, one.signals[0].end) for number, one in taken] == [(block.count("\n") + 3, 11)]
