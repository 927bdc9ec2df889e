from dataclasses import replace

import numpy as np
import pytest

from asr.config import AsrConfig
from asr.decoder import Cancel, DecodeRequest
from asr.messages import Utterance
from tests.asr.asr_samples import CALL, INES, TENANT
from tests.asr.asr_talk import (
    FIRST,
    ONLY_FINALS,
    SECOND,
    SHORT,
    Talk,
    answer,
    committed,
    heard,
    length_ms,
    line,
    listened,
    partial_in,
    request_in,
    utterance_in,
)


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
        assert talk.say(96) + talk.hush(576) == []


def test_clicks_with_a_breath_between_are_not_asked_about() -> None:
    talk = Talk()
    assert talk.say(32) + talk.hush(320) + talk.say(64) + talk.hush(1_600) == []
    assert talk.transcriber.idle


def test_an_utterance() -> None:
    talk = Talk(ONLY_FINALS)
    talk.hush(640)
    asked = request_in(talk.say(640) + talk.hush(288))
    assert (asked.call_id, asked.channel, asked.utterance_id, asked.final) == (CALL, "b", FIRST, True)
    assert asked.language == "en"
    assert partial_in(talk.transcriber.accept(heard(asked, "We need it."))).text == "We need it."
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
    talk = Talk(ONLY_FINALS)
    talk.hush(1_600)
    asked = request_in(talk.say(640) + talk.hush(192))
    assert asked.start_ms == 1_600 - 288
    assert length_ms(asked) == 288 + 640 + 32


@pytest.mark.parametrize(("preroll_ms", "before_ms"), [(0, 0), (32, 0), (64, 32), (100, 96)])
def test_preroll_as_configured(preroll_ms: int, before_ms: int) -> None:
    talk = Talk(AsrConfig(preroll_ms=preroll_ms, first_partial_ms=60_000))
    talk.hush(640)
    assert request_in(talk.say(320) + talk.hush(576)).start_ms == 640 - before_ms
    talk.hush(480)
    second = request_in(talk.say(320) + talk.hush(32))
    assert second.start_ms == 640 + 320 + 576 + 480 - before_ms


def test_the_final_pass_begins_in_the_silence_and_the_answer_waits_for_the_endpoint() -> None:
    talk = Talk(ONLY_FINALS)
    assert talk.say(640) == []
    asked = request_in(talk.hush(32))
    assert asked.final
    assert partial_in(talk.transcriber.accept(heard(asked, "Yes"))).text == "Yes"
    assert talk.hush(512) == []
    assert utterance_in(talk.hush(32)).text == "Yes"


@pytest.mark.parametrize("stretch", [1.0, 100.0])
def test_the_final_pass_begins_as_early_on_a_busy_machine(stretch: float) -> None:
    talk = Talk(ONLY_FINALS)
    talk.transcriber.stretch(stretch)
    assert talk.say(640) == []
    assert request_in(talk.hush(32)).final


@pytest.mark.parametrize(
    ("text", "endpoint_ms"),
    [
        ("We need it.", 320),
        ("Do you?", 320),
        ("That is what?", 320),
        ("好。", 320),
        ("He said “yes.”", 320),
        ("We need", 576),
        ("We need the.", 576),
        ("We need it...", 576),
        ("Well…", 576),
        ("", 576),
    ],
)
def test_an_utterance_ends_sooner_after_a_finished_clause(text: str, endpoint_ms: int) -> None:
    talk = Talk(ONLY_FINALS)
    talk.transcriber.accept(heard(request_in(talk.say(640) + talk.hush(32)), text))
    assert talk.hush(endpoint_ms - 64) == []
    assert not talk.transcriber.idle
    talk.hush(32)
    assert talk.transcriber.idle


def test_an_answer_between_the_two_endpoints_ends_a_finished_clause_at_once() -> None:
    talk = Talk(ONLY_FINALS)
    asked = request_in(talk.say(640) + talk.hush(384))
    assert utterance_in(talk.transcriber.accept(heard(asked, "Yes."))).text == "Yes."
    assert talk.hush(3_200) == []


def test_a_clause_that_an_earlier_pass_finished_does_not_end_the_utterance() -> None:
    """The full stop is Whisper's guess about what comes next; it is asked again in the silence."""
    talk = Talk()
    talk.transcriber.accept(heard(request_in(talk.say(320)), "We need it."))
    final = request_in(talk.say(128) + talk.hush(544))
    assert not talk.transcriber.idle
    assert partial_in(talk.transcriber.accept(heard(final, "We need it here"))).text == "We need it here"


def test_an_answer_after_the_endpoint_comes_at_once() -> None:
    talk = Talk(ONLY_FINALS)
    asked = request_in(talk.say(640) + talk.hush(1_600))
    assert not talk.transcriber.idle
    assert utterance_in(talk.transcriber.accept(heard(asked, "Yes."))).text == "Yes."
    assert talk.transcriber.idle


@pytest.mark.parametrize("answered", [True, False])
def test_the_early_pass_is_withdrawn_when_the_voice_goes_on(answered: bool) -> None:
    talk = Talk(ONLY_FINALS)
    early = request_in(talk.say(320) + talk.hush(288))
    withdrawal = Cancel(call_id=CALL, channel=INES.channel, number=early.number)
    if answered:
        talk.transcriber.accept(heard(early, "We need"))
    assert talk.say(320) == ([] if answered else [withdrawal])
    late = request_in(talk.hush(576))
    assert late.number > early.number
    assert late.utterance_id == early.utterance_id
    assert length_ms(late) == 320 + 288 + 320 + 32
    assert utterance_in(talk.transcriber.accept(heard(late, "We need it."))).text == "We need it."


def test_a_withdrawn_pass_that_still_arrives_counts_as_any_other() -> None:
    said = line("We need exports to CSV every Monday")
    talk = Talk(ONLY_FINALS.model_copy(update={"commit_after_ms": 1_000, "commit_margin_ms": 640}))
    early = request_in(talk.say(512) + talk.hush(32))
    assert isinstance(talk.say(320)[0], Cancel)
    assert partial_in(talk.transcriber.accept(listened(early, said))).text == "We need exports"
    final = request_in(talk.say(320) + talk.hush(32))
    shown = partial_in(talk.transcriber.accept(listened(final, said)))
    assert (shown.text, committed(shown)) == ("We need exports to CSV every", "We need")


def test_a_withdrawn_pass_does_not_end_the_utterance() -> None:
    talk = Talk(ONLY_FINALS)
    early = request_in(talk.say(320) + talk.hush(288))
    talk.say(320)
    late = request_in(talk.hush(352))
    assert partial_in(talk.transcriber.accept(heard(early, "We need it."))).text == "We need it."
    assert utterance_in(talk.transcriber.accept(heard(late, "We need it here."))).text == "We need it here."


def test_the_voice_begins_anew_without_an_answer_to_withdraw_twice() -> None:
    talk = Talk(ONLY_FINALS)
    request_in(talk.say(320) + talk.hush(32))
    assert len(talk.say(320)) == 1
    assert talk.say(320) == []


def test_a_long_talk_ends_at_a_short_breath() -> None:
    talk = Talk(SHORT)
    talk.hush(640)
    talk.say(480)
    talk.hush(160)
    asked = request_in(talk.say(128)[1:] + talk.hush(160))
    assert asked.final
    assert length_ms(asked) == 288 + 480 + 160 + 128 + 32
    assert utterance_in(talk.transcriber.accept(heard(asked, "So"))).utterance_id == FIRST


def test_a_longer_talk_ends_without_a_breath_and_goes_on_as_another() -> None:
    talk = Talk(SHORT)
    outs = [out for out in talk.say(2_880) if isinstance(out, DecodeRequest) and out.final]
    first = request_in(outs)
    assert length_ms(first) == 1_920
    second = request_in(talk.hush(576))
    assert (second.utterance_id, second.start_ms) == (SECOND, 1_920)
    # The second may be answered first, and is told in its place.
    assert talk.transcriber.accept(heard(second, "and on")) == ()
    assert not talk.transcriber.idle
    told = talk.transcriber.accept(heard(first, "On"))
    assert [out.utterance_id for out in told if isinstance(out, Utterance)] == [FIRST, SECOND]
    assert talk.transcriber.idle


def test_a_channel_that_stops_sending_is_silent() -> None:
    talk = Talk(ONLY_FINALS)
    talk.say(640)
    assert talk.transcriber.tick(640 + 1_999) == ()
    asked = request_in(talk.transcriber.tick(640 + 2_000))
    assert (asked.final, length_ms(asked)) == (True, 640)
    assert talk.transcriber.tick(10_000) == ()
    assert utterance_in(talk.transcriber.accept(heard(asked, "Hello?"))).text == "Hello?"
    assert talk.transcriber.tick(20_000) == ()


def test_a_stall_in_the_silence_uses_the_early_pass() -> None:
    talk = Talk(ONLY_FINALS)
    asked = request_in(talk.say(640) + talk.hush(288))
    talk.transcriber.accept(heard(asked, "Hello?"))
    assert talk.transcriber.tick(928 + 1_999) == ()
    assert utterance_in(talk.transcriber.tick(928 + 2_000)).text == "Hello?"


def test_a_stalled_click_is_forgotten() -> None:
    talk = Talk()
    talk.say(64)
    assert talk.transcriber.tick(5_000) == ()
    assert talk.transcriber.idle


def test_finish_within_a_word() -> None:
    talk = Talk(ONLY_FINALS)
    talk.say(320)
    asked = request_in(talk.transcriber.finish())
    assert (asked.final, length_ms(asked)) == (True, 320)
    assert talk.transcriber.finish() == ()
    assert not talk.transcriber.idle
    assert utterance_in(talk.transcriber.accept(heard(asked, "Wait"))).text == "Wait"
    assert talk.transcriber.idle


def test_finish_when_the_early_pass_is_out_or_back() -> None:
    talk = Talk(ONLY_FINALS)
    out = request_in(talk.say(320) + talk.hush(320))
    assert talk.transcriber.finish() == ()
    assert utterance_in(talk.transcriber.accept(heard(out, "One."))).text == "One."
    back = request_in(talk.say(320) + talk.hush(288))
    talk.transcriber.accept(heard(back, "Two."))
    assert utterance_in(talk.transcriber.finish()).text == "Two."


def test_finish_takes_along_what_is_still_closing() -> None:
    talk = Talk(ONLY_FINALS)
    first = request_in(talk.say(320) + talk.hush(640))
    talk.say(320)
    second = request_in(talk.transcriber.finish())
    assert [utterance_in(talk.transcriber.accept(heard(one, "Yes."))).utterance_id for one in (first, second)] == [
        FIRST,
        SECOND,
    ]
    assert talk.transcriber.idle


def test_audio_after_a_flush_begins_another_utterance() -> None:
    talk = Talk(ONLY_FINALS)
    talk.say(320)
    first = request_in(talk.transcriber.finish())
    second = request_in(talk.say(320) + talk.hush(576))
    assert (first.utterance_id, second.utterance_id) == (FIRST, SECOND)
    assert second.start_ms == 320


def test_answers_nobody_waits_for_change_nothing() -> None:
    talk = Talk()
    never = replace(heard(DUMMY, "what?"), number=99)
    assert talk.transcriber.accept(never) == ()
    partial = request_in(talk.say(1_024))
    assert talk.transcriber.accept(never) == ()
    final = request_in(talk.hush(576))
    assert talk.transcriber.accept(heard(partial, "late")) == ()
    assert utterance_in(talk.transcriber.accept(heard(final, "Yes."))).text == "Yes."
    for late in (final, partial):
        assert talk.transcriber.accept(heard(late, "again")) == ()
    assert talk.transcriber.idle


def test_a_final_pass_that_failed_leaves_what_was_heard() -> None:
    talk = Talk()
    talk.transcriber.accept(heard(request_in(talk.say(320)), "We need"))
    final = request_in(talk.hush(576))
    assert utterance_in(talk.transcriber.failed(final)).text == "We need"
    assert talk.transcriber.idle
    assert talk.transcriber.failed(final) == ()


def test_a_final_pass_that_failed_before_anything_was_heard_leaves_nothing() -> None:
    talk = Talk(ONLY_FINALS)
    assert talk.transcriber.failed(request_in(talk.say(320) + talk.hush(576))) == ()
    assert talk.transcriber.idle


def test_a_final_pass_that_failed_in_the_silence_is_asked_again() -> None:
    talk = Talk(ONLY_FINALS)
    first = request_in(talk.say(320) + talk.hush(32))
    assert talk.transcriber.failed(replace(first, number=7)) == ()
    assert talk.hush(32) == []
    assert talk.transcriber.failed(first) == ()
    again = request_in(talk.hush(32))
    assert (again.final, again.utterance_id) == (True, FIRST)


def test_words_where_nobody_spoke_are_dropped() -> None:
    """A word may begin before voice activity noticed it, but not half a second before."""
    talk = Talk(ONLY_FINALS)
    talk.hush(960)
    asked = request_in(talk.say(640) + talk.hush(32) + talk.hush(512))
    words = line("Hm", 400) + line("We need it", 800) + line("Thanks", 1_950)
    assert utterance_in(talk.transcriber.finish() + talk.transcriber.accept(answer(asked, words))).text == "We need it"


def test_words_in_a_breath_are_dropped() -> None:
    talk = Talk(AsrConfig(first_partial_ms=60_000, endpoint_ms=1_600))
    talk.say(640)
    talk.hush(1_280)
    final = request_in(talk.say(640)[1:] + talk.hush(32))
    words = line("We need", 0) + line("you", 1_200) + line("it", 2_000)
    assert partial_in(talk.transcriber.accept(answer(final, words))).text == "We need it"


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
