"""The contract of `Decoder`: the fake that other tests script and the real one both keep it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from asr.decoder import Decoder, DecodeRequest
from asr.errors import DecodeFailedError
from asr.messages import Word
from ingest.messages import ChannelId
from tests.asr.asr_samples import request, spoken
from tests.fakes import ScriptedDecoder
from tests.ingest.demo_call import Turn, turns

TURN = 3


def script(turn: Turn) -> list[Word]:
    """The turn's words, evenly over its time."""
    texts = turn.text.split()
    step_ms = (turn.end_ms - turn.start_ms) // len(texts)
    return [
        Word(text=text, start_ms=turn.start_ms + at * step_ms, end_ms=turn.start_ms + (at + 1) * step_ms)
        for at, text in enumerate(texts)
    ]


@pytest.fixture(params=["scripted", pytest.param("whisper", marks=pytest.mark.model)])
def decoder(request: pytest.FixtureRequest) -> Decoder:
    if request.param == "whisper":
        found: Decoder = request.getfixturevalue("whisper")
        return found
    turn = turns()[TURN]
    return ScriptedDecoder({ChannelId(turn.channel): script(turn)})


def turn_request(number: int = 1, *, final: bool = True, language: str | None = "en") -> DecodeRequest:
    return spoken(turns()[TURN], number=number, final=final, language=language)


def test_words_of_a_turn(decoder: Decoder) -> None:
    asked = turn_request()
    (heard,) = decoder.decode([asked])
    assert "I need another coffee" in heard.text
    assert " ".join(word.text for word in heard.words) == heard.text
    times = [at_ms for word in heard.words for at_ms in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert asked.start_ms <= times[0] < times[-1] <= asked.start_ms + len(asked.samples) // 16
    assert all(word.confidence is None or 0.0 <= word.confidence <= 1.0 for word in heard.words)


def test_an_answer_names_its_request_and_answers_come_in_order(decoder: Decoder) -> None:
    first, last = turn_request(7), turn_request(8)
    silence = request(np.zeros(len(first.samples), dtype=np.float32), number=9)
    asked = [first, silence, last]
    assert len({decoder.batch_key(one) for one in asked}) == 1
    heard = decoder.decode(asked)
    for one, answer in zip(asked, heard, strict=True):
        assert (answer.call_id, answer.channel, answer.utterance_id) == (one.call_id, one.channel, one.utterance_id)
        assert (answer.number, answer.final) == (one.number, one.final)
    assert [bool(answer.words) for answer in heard] == [True, False, True]


def test_no_requests_no_answers(decoder: Decoder) -> None:
    assert decoder.decode([]) == ()


@pytest.mark.parametrize("ms", [0, 96, 3_000])
def test_silence_has_no_words(decoder: Decoder, ms: int) -> None:
    (heard,) = decoder.decode([request(np.zeros(ms * 16, dtype=np.float32))])
    assert (heard.text, heard.words) == ("", ())


def test_a_given_language_is_kept_and_a_missing_one_detected(decoder: Decoder) -> None:
    requests = [turn_request(final=False), turn_request(final=False, language=None)]
    assert len({decoder.batch_key(one) for one in requests}) == 2
    given, detected = (decoder.decode([one])[0] for one in requests)
    assert (given.language, given.language_probability) == ("en", None)
    assert detected.language == "en"
    assert detected.language_probability is not None
    assert 0.8 <= detected.language_probability <= 1.0


def test_a_language_it_does_not_know(decoder: Decoder) -> None:
    assert "xx" not in decoder.languages
    assert {"en", "de"} <= set(decoder.languages)
    with pytest.raises(DecodeFailedError, match="'xx'"):
        decoder.decode([turn_request(language="xx")])


def test_a_batch_with_a_language_it_does_not_know_fails_as_a_whole(decoder: Decoder) -> None:
    with pytest.raises(DecodeFailedError, match="'xx'"):
        decoder.decode([turn_request(1, language="xx"), turn_request(2, language="xx")])


def test_threads_may_share_it(decoder: Decoder) -> None:
    asked = [turn_request(1, final=False), request(number=2, final=False), turn_request(3, final=False)]
    alone = [decoder.decode([one]) for one in asked]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda one: decoder.decode([one]), asked))
    assert together == alone
