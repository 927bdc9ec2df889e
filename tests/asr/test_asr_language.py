import pytest

from tests.asr.asr_talk import Talk, heard, request_in, utterance_in


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
    talk = Talk(language=None)
    final = request_in(talk.say(640) + talk.hush(640))
    assert utterance_in(talk.transcriber.accept(heard(final, "Ja", "de", 0.9))).language == "de"
    assert request_in(talk.say(640) + talk.hush(640)).language == "de"


def test_an_answer_nobody_waits_for_locks_nothing() -> None:
    talk = Talk(language=None)
    early = request_in(talk.say(320) + talk.hush(320))
    talk.say(320)
    talk.transcriber.accept(heard(early, "Ja", "de", 0.99))
    assert request_in(talk.hush(480)).language is None
