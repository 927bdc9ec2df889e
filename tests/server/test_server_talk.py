from dataclasses import replace

import pytest

from asr.messages import Utterance
from ingest.messages import Role
from server.talk import backchannel, metrics, questions
from tests.graph.graph_samples import utterance as sample


def turn(role: Role, start_ms: int, end_ms: int, text: str = "So this is what I say.", speaker: str = "") -> Utterance:
    spoken = sample(start_ms, text, role=role)
    channel = speaker or role
    return replace(spoken, start_ms=start_ms, end_ms=end_ms, channel=channel, speaker=speaker or spoken.speaker)


def test_nothing_was_said() -> None:
    found = metrics([], "Jonas")
    assert (found.talk_ms, found.ratio, found.longest_monologue_ms) == (0, None, 0)
    assert (found.longest_monologue_start_ms, found.response_gap_ms, found.questions) == (None, None, 0)


def test_the_share_of_talk_counts_what_overlaps_once() -> None:
    found = metrics([turn("rep", 0, 4_000), turn("rep", 3_000, 6_000), turn("customer", 6_500, 8_500)], "Jonas")
    assert found.talk_ms == 6_000
    assert found.ratio == 0.75


def test_another_rep_is_neither_side() -> None:
    turns = [
        turn("rep", 0, 2_000),
        turn("rep", 2_000, 4_000, speaker="Mara", text="Do you hear me?"),
        turn("customer", 4_000, 8_000),
    ]
    found = metrics(turns, "Jonas")
    assert (found.talk_ms, found.ratio, found.questions) == (2_000, 0.25, 0)


@pytest.mark.parametrize(
    ("between", "longest"),
    [
        ([], (9_000, 0)),
        ([("Mm-hm.", 4_500, 4_900)], (9_000, 0)),
        ([("Yes, right.", 4_500, 5_500)], (9_000, 0)),
        # Too long, or too many words.
        ([("Yes, right.", 4_500, 5_600)], (5_000, 0)),
        ([("No, that is not so.", 4_500, 5_200)], (5_000, 0)),
        # Said over the rep's words, it cuts all the same.
        ([("No, that is not so.", 1_000, 4_000)], (5_000, 0)),
    ],
)
def test_a_monologue_survives_only_a_backchannel(between: list[tuple[str, int, int]], longest: tuple[int, int]) -> None:
    others = [turn("customer", start, end, text) for text, start, end in between]
    found = metrics([turn("rep", 0, 5_000), *others, turn("rep", 6_000, 9_000)], "Jonas")
    assert (found.longest_monologue_ms, found.longest_monologue_start_ms) == longest


def test_a_long_silence_ends_a_monologue() -> None:
    found = metrics([turn("rep", 0, 1_000), turn("rep", 4_000, 6_000), turn("rep", 9_100, 12_000)], "Jonas")
    assert (found.longest_monologue_ms, found.longest_monologue_start_ms) == (6_000, 0)


def test_the_later_monologue_may_be_the_longer() -> None:
    turns = [turn("rep", 0, 1_000), turn("customer", 1_200, 4_000), turn("rep", 5_000, 9_000)]
    found = metrics(turns, "Jonas")
    assert (found.longest_monologue_ms, found.longest_monologue_start_ms) == (4_000, 5_000)


def test_the_response_gap_is_the_median_and_overlaps_are_none() -> None:
    turns = [
        turn("customer", 0, 1_500),
        turn("customer", 2_000, 4_000),
        turn("rep", 4_300, 5_000),
        turn("rep", 5_100, 6_000),
        turn("customer", 7_000, 9_000),
        turn("rep", 8_500, 9_500),
        turn("customer", 10_000, 12_000),
        turn("rep", 13_000, 14_000),
    ]
    # 300 after the second turn in a row, 0 over the end of one, 1,000.
    assert metrics(turns, "Jonas").response_gap_ms == 300


def test_a_backchannel_waits_for_no_answer() -> None:
    turns = [turn("rep", 0, 4_000), turn("customer", 1_000, 1_300, "Mm."), turn("rep", 5_000, 6_000)]
    assert metrics(turns, "Jonas").response_gap_ms is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("What should be better?", 1),
        ("Good. How many are there? And what about the summer?", 2),
        ("Right? Okay? So?", 0),
        ("I ask you.", 0),
        ("Could you tell me how returns work for you today", 1),
        ("So how do you record the condition of an item.", 1),
        ("Well, are you talking to other vendors as well", 1),
        ("What you do is up to you.", 0),
        ("You can do that.", 0),
        ("If you like it you can have it.", 0),
        ("Is it version 2.1? Yes.", 1),
        ("你们现在怎么处理退货\uff1f", 1),
        ("这样可以吗", 1),
        ("您需要多少个账号。好的。", 1),
        ("你们有没有其他供应商", 1),
        ("我不知道是什么。", 0),
        ("好的。我明白了。", 0),
        ("", 0),
    ],
)
def test_questions_are_counted_with_and_without_their_mark(text: str, count: int) -> None:
    assert questions(text) == count


@pytest.mark.parametrize(
    ("text", "length_ms", "short"), [("Yes", 1_000, True), ("Yes", 1_001, False), ("对", 500, True)]
)
def test_a_backchannel_is_short(text: str, length_ms: int, short: bool) -> None:
    assert backchannel(turn("customer", 0, length_ms, text)) is short
