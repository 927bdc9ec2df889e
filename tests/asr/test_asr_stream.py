from dataclasses import replace

import numpy as np
import pytest

from asr.config import AsrConfig
from asr.decoder import DecodeRequest
from asr.messages import Utterance
from tests.asr.asr_samples import CALL, INES, TENANT
from tests.asr.asr_talk import FIRST, SECOND, SHORT, Talk, heard, length_ms, request_in, utterance_in


def test_silence_asks_for_nothing() -> None:
    talk = Talk()
    assert talk.hush(3_200) == []
    assert talk.transcriber.idle
    assert talk.transcriber.finish() == ()


@pytest.mark.parametrize("ms", [32, 64, 96])
def test_a_click_is_never_decoded(ms: int) -> None:
    talk = Talk()
    assert talk.hush(640) + talk.say(ms) + talk.hush(1_600) == []
    assert talk.transcriber.idle


def test_clicks_apart_are_no_voice_together() -> None:
    talk = Talk()
    for _ in range(5):
        assert talk.say(96) + talk.hush(480) == []


def test_an_utterance() -> None:
    talk = Talk()
    talk.hush(640)
    asked = request_in(talk.say(640) + talk.hush(448))
    assert (asked.call_id, asked.channel, asked.utterance_id, asked.final) == (CALL, "b", FIRST, True)
    assert asked.language == "en"
    assert talk.transcriber.accept(heard(asked, "We need it.")) == ()
    assert not talk.transcriber.idle
    utterance = utterance_in(talk.hush(32))
    assert utterance == Utterance(
        tenant_id=TENANT,
        call_id=CALL,
        channel=INES.channel,
        utterance_id=FIRST,
        revision=1,
        turn=0,
        role="customer",
        speaker="Ines",
        person_id=INES.person_id,
        text="We need it.",
        words=heard(asked, "We need it.").words,
        start_ms=asked.start_ms + 40,
        end_ms=asked.start_ms + length_ms(asked) - 40,
        language="en",
    )
    assert talk.transcriber.idle
    assert talk.hush(3_200) == []


def test_the_audio_begins_before_the_voice_was_noticed() -> None:
    talk = Talk()
    talk.hush(1_600)
    asked = request_in(talk.say(640) + talk.hush(192))
    assert asked.start_ms == 1_600 - 288
    assert length_ms(asked) == 288 + 640 + 192


@pytest.mark.parametrize(("preroll_ms", "before_ms"), [(0, 0), (32, 0), (64, 32), (100, 96)])
def test_preroll_as_configured(preroll_ms: int, before_ms: int) -> None:
    talk = Talk(AsrConfig(preroll_ms=preroll_ms))
    talk.hush(640)
    assert request_in(talk.say(320) + talk.hush(192)).start_ms == 640 - before_ms
    talk.hush(480)
    second = request_in(talk.say(320) + talk.hush(192))
    assert second.start_ms == 640 + 320 + 192 + 480 - before_ms


def test_the_final_pass_begins_in_the_silence_and_the_answer_waits_for_the_endpoint() -> None:
    talk = Talk()
    assert talk.say(640) + talk.hush(160) == []
    asked = request_in(talk.hush(32))
    talk.transcriber.accept(heard(asked, "Yes."))
    assert talk.hush(256) == []
    assert utterance_in(talk.hush(32)).text == "Yes."


def test_an_answer_after_the_endpoint_comes_at_once() -> None:
    talk = Talk()
    asked = request_in(talk.say(640) + talk.hush(1_600))
    assert not talk.transcriber.idle
    assert utterance_in(talk.transcriber.accept(heard(asked, "Yes."))).text == "Yes."
    assert talk.transcriber.idle


@pytest.mark.parametrize("answered_before", [True, False])
def test_the_early_pass_is_thrown_away_when_the_voice_goes_on(answered_before: bool) -> None:
    talk = Talk()
    early = request_in(talk.say(320) + talk.hush(320))
    if answered_before:
        assert talk.transcriber.accept(heard(early, "We need")) == ()
    assert talk.say(320) == []
    if not answered_before:
        assert talk.transcriber.accept(heard(early, "We need")) == ()
    late = request_in(talk.hush(480))
    assert late.number > early.number
    assert late.utterance_id == early.utterance_id
    assert length_ms(late) == 320 + 320 + 320 + 192
    assert utterance_in(talk.transcriber.accept(heard(late, "We need it."))).text == "We need it."


def test_a_long_talk_ends_at_a_short_breath() -> None:
    talk = Talk(SHORT)
    talk.hush(640)
    assert talk.say(480) + talk.hush(160) == []
    asked = request_in(talk.say(96) + talk.hush(160))
    assert asked.final
    assert length_ms(asked) == 288 + 480 + 160 + 96 + 160
    assert utterance_in(talk.transcriber.accept(heard(asked, "So"))).utterance_id == FIRST


def test_a_longer_talk_ends_without_a_breath_and_goes_on_as_another() -> None:
    talk = Talk(SHORT)
    outs = [out for out in talk.say(2_880) if isinstance(out, DecodeRequest) and out.final]
    first = request_in(outs)
    assert length_ms(first) == 1_920
    second = request_in(talk.hush(480))
    assert (second.utterance_id, second.start_ms) == (SECOND, 1_920)
    # The second may be answered first.
    assert utterance_in(talk.transcriber.accept(heard(second, "and on"))).utterance_id == SECOND
    assert utterance_in(talk.transcriber.accept(heard(first, "On"))).utterance_id == FIRST


def test_a_channel_that_stops_sending_is_silent() -> None:
    talk = Talk()
    talk.say(640)
    assert talk.transcriber.tick(640 + 1_999) == ()
    asked = request_in(talk.transcriber.tick(640 + 2_000))
    assert (asked.final, length_ms(asked)) == (True, 640)
    assert talk.transcriber.tick(10_000) == ()
    assert utterance_in(talk.transcriber.accept(heard(asked, "Hello?"))).text == "Hello?"
    assert talk.transcriber.tick(20_000) == ()


def test_a_stall_in_the_silence_uses_the_early_pass() -> None:
    talk = Talk()
    asked = request_in(talk.say(640) + talk.hush(320))
    talk.transcriber.accept(heard(asked, "Hello?"))
    assert utterance_in(talk.transcriber.tick(960 + 2_000)).text == "Hello?"


def test_a_stalled_click_is_forgotten() -> None:
    talk = Talk()
    talk.say(64)
    assert talk.transcriber.tick(5_000) == ()
    assert talk.transcriber.idle


def test_finish_within_a_word() -> None:
    talk = Talk()
    talk.say(320)
    asked = request_in(talk.transcriber.finish())
    assert (asked.final, length_ms(asked)) == (True, 320)
    assert talk.transcriber.finish() == ()
    assert not talk.transcriber.idle
    assert utterance_in(talk.transcriber.accept(heard(asked, "Wait"))).text == "Wait"
    assert talk.transcriber.idle


def test_finish_when_the_early_pass_is_out_or_back() -> None:
    talk = Talk()
    out = request_in(talk.say(320) + talk.hush(320))
    assert talk.transcriber.finish() == ()
    assert utterance_in(talk.transcriber.accept(heard(out, "One."))).text == "One."
    back = request_in(talk.say(320) + talk.hush(320))
    talk.transcriber.accept(heard(back, "Two."))
    assert utterance_in(talk.transcriber.finish()).text == "Two."


def test_finish_takes_along_what_is_still_closing() -> None:
    talk = Talk()
    first = request_in(talk.say(320) + talk.hush(640))
    talk.say(320)
    second = request_in(talk.transcriber.finish())
    assert [utterance_in(talk.transcriber.accept(heard(one, "Yes."))).utterance_id for one in (first, second)] == [
        FIRST,
        SECOND,
    ]
    assert talk.transcriber.idle


def test_audio_after_a_flush_begins_another_utterance() -> None:
    talk = Talk()
    talk.say(320)
    first = request_in(talk.transcriber.finish())
    second = request_in(talk.say(320) + talk.hush(480))
    assert (first.utterance_id, second.utterance_id) == (FIRST, SECOND)
    assert second.start_ms == 320


def test_answers_nobody_waits_for_change_nothing() -> None:
    talk = Talk()
    never = replace(heard(DUMMY, "what?"), number=99)
    assert talk.transcriber.accept(never) == ()
    partial = request_in(talk.say(1_024))
    assert talk.transcriber.accept(never) == ()
    assert talk.transcriber.accept(replace(heard(partial, "other"), utterance_id=SECOND)) == ()
    final = request_in(talk.hush(480))
    assert talk.transcriber.accept(heard(partial, "late")) == ()
    assert utterance_in(talk.transcriber.accept(heard(final, "Yes."))).text == "Yes."
    for late in (final, partial):
        assert talk.transcriber.accept(heard(late, "again")) == ()
    assert talk.transcriber.idle


DUMMY = DecodeRequest(
    call_id=CALL,
    channel=INES.channel,
    utterance_id=FIRST,
    number=1,
    final=False,
    start_ms=0,
    samples=np.zeros(1_600, dtype=np.float32),
    language=None,
)
