from collections.abc import Sequence

import pytest

from asr.config import AsrConfig
from asr.language import LanguageLock
from asr.messages import Word
from tests.asr.asr_talk import (
    ONLY_FINALS,
    Talk,
    answer,
    committed,
    heard,
    line,
    listened,
    partial_in,
    request_in,
    utterance_in,
)


def language_after(
    text: str, language: str, probability: float | None, given_language: str | None = None
) -> str | None:
    talk = Talk(language=given_language)
    first = request_in(talk.say(1_024))
    assert first.language == given_language
    talk.transcriber.accept(heard(first, text, language, probability))
    return request_in(talk.say(1_024)).language


@pytest.mark.parametrize(
    ("text", "probability", "locked"),
    [("Guten Tag", 0.8, "de"), ("Guten Tag", 0.79, None), ("", 0.99, None), ("Guten Tag", None, None)],
    ids=["sure", "unsure", "nothing said", "not detected"],
)
def test_a_sure_detection_locks_the_language(text: str, probability: float | None, locked: str | None) -> None:
    assert language_after(text, "de", probability) == locked


def test_a_given_or_locked_language_stays() -> None:
    assert language_after("Guten Tag", "de", 0.99, given_language="en") == "en"
    talk = Talk(language=None)
    for language in ("de", "fr"):
        talk.transcriber.accept(heard(request_in(talk.say(1_024)), "Ja", language, 0.99))
    assert request_in(talk.say(1_024)).language == "de"


def test_a_final_locks_the_language_of_the_next_utterance() -> None:
    talk = Talk(ONLY_FINALS, language=None)
    final = request_in(talk.say(640) + talk.hush(640))
    assert utterance_in(talk.transcriber.accept(heard(final, "Ja", "de", 0.9))).language == "de"
    assert request_in(talk.say(640) + talk.hush(640)).language == "de"


def test_an_answer_nobody_waits_for_locks_nothing() -> None:
    talk = Talk(language=None)
    overtaken = request_in(talk.say(320))
    final = request_in(talk.hush(32))
    talk.transcriber.accept(heard(final, "Yes", "en", 0.4))
    talk.transcriber.accept(heard(overtaken, "Ja", "de", 0.99))
    talk.say(32)
    assert request_in(talk.hush(32)).language is None


def test_words_committed_in_a_language_without_spaces_stay_so_whatever_is_detected_later() -> None:
    """And the other way round: text that was shown as committed does not change."""
    said = line("我 们 需 要 它 们 吧")
    talk = Talk(AsrConfig(commit_after_ms=1_000, commit_margin_ms=640), language=None)
    for ms in (320, 704):
        asked = request_in(talk.say(ms))
        shown = partial_in(talk.transcriber.accept(answer(asked, listened(asked, said).words, "zh", 0.3)))
    assert committed(shown) == "我"
    final = request_in(talk.hush(640))
    utterance = utterance_in(talk.transcriber.accept(answer(final, listened(final, said).words, "en", 0.3)))
    assert (utterance.text, utterance.language) == ("我们需要它", "zh")


def test_a_doubtful_language_may_still_change_after_words_were_committed() -> None:
    said = line("We need exports to CSV")
    talk = Talk(language=None)
    for ms in (320, 704):
        asked = request_in(talk.say(ms))
        talk.transcriber.accept(answer(asked, listened(asked, said).words, "cy", 0.3))
    final = request_in(talk.hush(640))
    utterance = utterance_in(talk.transcriber.accept(answer(final, listened(final, said).words, "en", 0.9)))
    assert (utterance.text, utterance.language) == ("We need exports to CSV", "en")


@pytest.mark.parametrize(
    ("detections", "language"),
    [
        ([("en", 0.8)], "en"),
        ([("en", 0.5), ("en", 0.5)], None),
        ([("en", 0.5), ("en", 0.5), ("en", 0.5)], "en"),
        ([("en", 0.6), ("de", 0.7), ("en", 0.6)], None),
        ([("en", 0.6), ("de", 0.7), ("en", 0.6), ("de", 0.7), ("en", 0.6)], "en"),
        ([("en", 0.4), ("de", 0.9)], "de"),
        ([("en", 0.9), ("de", 0.99), ("de", 0.99)], "en"),
    ],
    ids=["sure", "not yet", "together", "divided", "the first to have enough", "one sure one", "fixed"],
)
def test_doubtful_detections_together_lock_the_language(
    detections: list[tuple[str, float]], language: str | None
) -> None:
    lock = LanguageLock(None)
    for found, probability in detections:
        lock.detected(found, probability)
    assert lock.language == language


def test_a_given_language_is_locked_from_the_start() -> None:
    lock = LanguageLock("de")
    lock.detected("en", 1.0)
    assert lock.language == "de"


SURE_WORDS = [Word(text="Guten", start_ms=0, end_ms=200, confidence=0.9)]
DOUBTFUL_WORDS = [Word(text="Liu", start_ms=0, end_ms=200, confidence=0.6)]


def lock_after(finals: Sequence[Sequence[Word]], given_language: str | None = None) -> LanguageLock:
    lock = LanguageLock(given_language)
    lock.detected("de", 0.9)
    for words in finals:
        lock.understood(words)
    return lock


@pytest.mark.parametrize(
    ("finals", "language"),
    [
        ([DOUBTFUL_WORDS] * 2, "de"),
        ([DOUBTFUL_WORDS] * 3, None),
        ([[], DOUBTFUL_WORDS, []], None),
        ([DOUBTFUL_WORDS, DOUBTFUL_WORDS, SURE_WORDS, DOUBTFUL_WORDS], "de"),
        ([line("without confidences")] * 3, "de"),
    ],
    ids=["two", "three", "nothing heard", "not in a row", "unknown"],
)
def test_utterances_that_make_no_sense_open_the_language_again(
    finals: Sequence[Sequence[Word]], language: str | None
) -> None:
    assert lock_after(finals).language == language


def test_an_opened_language_is_fixed_by_what_is_detected_then() -> None:
    lock = lock_after([DOUBTFUL_WORDS] * 3)
    lock.detected("zh", 0.9)
    assert lock.language == "zh"


def test_a_given_language_stays_whatever_is_heard_in_it() -> None:
    assert lock_after([[]] * 10, given_language="en").language == "en"


def test_a_channel_that_changes_its_language_is_followed() -> None:
    talk = Talk(ONLY_FINALS, language=None)
    for text, language, probability in (("Ja", "de", 0.9), *[("", "de", None)] * 3):
        final = request_in(talk.say(640) + talk.hush(640))
        talk.transcriber.accept(heard(final, text, language, probability))
    assert request_in(talk.say(640) + talk.hush(640)).language is None
