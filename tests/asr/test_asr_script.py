"""Mandarin in simplified characters."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.decoder import Hypothesis
from asr.messages import UtteranceId, Word
from asr.script import in_simplified, to_simplified
from ingest.messages import CallId, ChannelId


def heard(words: tuple[str, ...], language: str = "zh") -> Hypothesis:
    return Hypothesis(
        call_id=CallId("c1"),
        channel=ChannelId("b"),
        utterance_id=UtteranceId("c1:b:1"),
        number=1,
        final=True,
        text="".join(words),
        words=tuple(Word(text=word, start_ms=at, end_ms=at + 1, confidence=0.5) for at, word in enumerate(words)),
        language=language,
    )


@pytest.mark.parametrize(
    ("recognised", "simplified"),
    [
        ("我們需要一個後臺", "我们需要一个后台"),
        ("頭髮和發票", "头发和发票"),
        ("乾淨的倉庫", "干净的仓库"),
        ("我们已经在用 SAP 了,谢谢。", "我们已经在用 SAP 了,谢谢。"),
        ("so far, 沒問題 🧀", "so far, 没问题 🧀"),
        ("", ""),
    ],
)
def test_a_text(recognised: str, simplified: str) -> None:
    assert to_simplified(recognised) == simplified


def test_a_hypothesis_keeps_its_words_apart() -> None:
    found = in_simplified(heard(("我們", "的", "頭", "髮", "。")))
    assert found.text == "我们的头发。"
    assert [word.text for word in found.words] == ["我们", "的", "头", "发", "。"]
    assert [(word.start_ms, word.confidence) for word in found.words] == [(at, 0.5) for at in range(5)]


@pytest.mark.parametrize("language", ["yue", "ja", "en"])
def test_other_languages_keep_their_characters(language: str) -> None:
    japanese = heard(("國際", "電話"), language)
    assert in_simplified(japanese) is japanese


def test_nothing_heard() -> None:
    nothing = heard(())
    assert in_simplified(nothing) == nothing


@given(st.lists(st.text("我們的頭髮發後臺乾a ,。", min_size=1, max_size=4), max_size=6))
def test_words_and_text_stay_the_same_words(words: list[str]) -> None:
    found = in_simplified(heard(tuple(words)))
    assert "".join(word.text for word in found.words) == found.text
    assert in_simplified(found) == found
    assert replace(found, text="", words=()) == replace(heard(tuple(words)), text="", words=())
