from dataclasses import replace

import pytest

from asr.config import AsrConfig
from asr.messages import Partial
from tests.asr.asr_samples import CALL, INES, TENANT
from tests.asr.asr_talk import FIRST, Talk, heard, length_ms, partial_in, request_in, utterance_in


def test_a_pass_soon_after_the_voice_began_and_then_at_intervals() -> None:
    talk = Talk()
    assert talk.say(288) == []
    first = request_in(talk.say(32))
    assert not first.final
    assert partial_in(talk.transcriber.accept(heard(first, "We"))) == Partial(
        tenant_id=TENANT,
        call_id=CALL,
        channel=INES.channel,
        utterance_id=FIRST,
        revision=1,
        text="We",
        start_ms=0,
        end_ms=320,
    )
    assert talk.say(672) == []
    second = request_in(talk.say(32))
    assert length_ms(second) == 1_024
    shown = partial_in(talk.transcriber.accept(heard(second, "We need")))
    assert (shown.revision, shown.text, shown.end_ms) == (2, "We need", 1_024)
    assert request_in(talk.say(704)).number == second.number + 1


def test_the_first_pass_is_counted_from_the_voice_not_from_the_audio_before_it() -> None:
    talk = Talk()
    assert talk.hush(1_600) + talk.say(288) == []
    assert request_in(talk.say(32)).start_ms == 1_600 - 288


def test_a_pass_that_heard_nothing_is_soon_followed_by_another() -> None:
    talk = Talk()
    talk.transcriber.accept(heard(request_in(talk.say(320)), ""))
    assert talk.say(288) == []
    assert length_ms(request_in(talk.say(32))) == 640


@pytest.mark.parametrize(("factor", "first_ms", "then_ms"), [(0.5, 320, 704), (2.0, 640, 1_408), (3.0, 960, 2_112)])
def test_passes_lie_further_apart_while_the_machine_is_busy(factor: float, first_ms: int, then_ms: int) -> None:
    talk = Talk()
    talk.transcriber.stretch(factor)
    assert talk.say(first_ms - 32) == []
    talk.transcriber.accept(heard(request_in(talk.say(32)), "We"))
    assert talk.say(then_ms - 32) == []
    talk.transcriber.accept(heard(request_in(talk.say(32)), "We"))
    talk.transcriber.stretch(1.0)
    assert talk.say(672) == []
    assert request_in(talk.say(32))


def test_no_pass_in_the_silence_but_the_final_one() -> None:
    talk = Talk(AsrConfig(first_partial_ms=320, endpoint_ms=1_600))
    talk.transcriber.accept(heard(request_in(talk.say(320)), "We"))
    assert request_in(talk.hush(1_280)).final


def test_one_partial_at_a_time() -> None:
    talk = Talk()
    first = request_in(talk.say(4_800))
    talk.transcriber.accept(heard(first, "We"))
    assert request_in(talk.say(32)).number == first.number + 1


def test_a_partial_that_was_given_up_makes_room_for_another() -> None:
    talk = Talk()
    first = request_in(talk.say(2_048))
    talk.transcriber.dropped(replace(first, number=first.number + 7))
    assert talk.say(32) == []
    talk.transcriber.dropped(first)
    second = request_in(talk.say(32))
    assert partial_in(talk.transcriber.accept(heard(second, "We"))).revision == 1


def test_an_answer_that_a_newer_one_overtook_changes_nothing_but_makes_room_for_another() -> None:
    talk = Talk()
    overtaken = request_in(talk.say(320))
    final = request_in(talk.hush(32))
    talk.transcriber.accept(heard(final, "We need"))
    assert talk.say(1_024) == []
    assert talk.transcriber.accept(heard(overtaken, "late")) == ()
    assert request_in(talk.say(32)).number > final.number


def test_giving_up_after_the_end_changes_nothing() -> None:
    talk = Talk()
    partial = request_in(talk.say(1_024))
    final = request_in(talk.hush(576))
    talk.transcriber.dropped(partial)
    assert utterance_in(talk.transcriber.accept(heard(final, "Yes."))).text == "Yes."


def test_a_partial_of_nothing_shows_nothing() -> None:
    talk = Talk()
    assert talk.transcriber.accept(heard(request_in(talk.say(1_024)), "")) == ()


@pytest.mark.parametrize("after_the_endpoint", [True, False])
def test_a_partial_is_taken_back_when_the_final_is_empty(after_the_endpoint: bool) -> None:
    talk = Talk()
    talk.transcriber.accept(heard(request_in(talk.say(1_024)), "Hm"))
    final = request_in(talk.hush(640 if after_the_endpoint else 192))
    taken_back = partial_in(talk.transcriber.accept(heard(final, "")))
    assert talk.hush(640) == []
    assert (taken_back.utterance_id, taken_back.revision, taken_back.text) == (FIRST, 2, "")
    assert talk.transcriber.idle


def test_an_empty_final_that_was_never_shown_says_nothing() -> None:
    talk = Talk()
    talk.say(640)
    assert talk.transcriber.accept(heard(request_in(talk.hush(640)), "")) == ()
    assert talk.transcriber.idle


def test_a_partial_that_comes_back_empty_is_taken_back_once() -> None:
    talk = Talk()
    talk.transcriber.accept(heard(request_in(talk.say(1_024)), "Hm"))
    assert partial_in(talk.transcriber.accept(heard(request_in(talk.say(1_024)), ""))).text == ""
    assert talk.transcriber.accept(heard(request_in(talk.hush(640)), "")) == ()
