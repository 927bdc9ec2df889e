from dataclasses import replace

import pytest

from asr.messages import Partial
from tests.asr.asr_samples import CALL, INES, TENANT
from tests.asr.asr_talk import FIRST, Talk, heard, length_ms, partial_in, request_in, utterance_in


def test_a_partial_about_once_a_second_while_somebody_speaks() -> None:
    talk = Talk()
    assert talk.say(992) == []
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
        end_ms=1_024,
    )
    assert talk.say(992) == []
    second = request_in(talk.say(32))
    assert length_ms(second) == 2_048
    shown = partial_in(talk.transcriber.accept(heard(second, "We need")))
    assert (shown.revision, shown.text, shown.end_ms) == (2, "We need", 2_048)


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
    assert talk.transcriber.accept(heard(first, "late")) == ()
    assert partial_in(talk.transcriber.accept(heard(second, "We"))).revision == 1


def test_giving_up_after_the_end_changes_nothing() -> None:
    talk = Talk()
    partial = request_in(talk.say(1_024))
    final = request_in(talk.hush(480))
    talk.transcriber.dropped(partial)
    assert utterance_in(talk.transcriber.accept(heard(final, "Yes."))).text == "Yes."


def test_a_partial_of_nothing_shows_nothing() -> None:
    talk = Talk()
    assert talk.transcriber.accept(heard(request_in(talk.say(1_024)), "")) == ()


@pytest.mark.parametrize("after_the_endpoint", [True, False])
def test_a_partial_is_taken_back_when_the_final_is_empty(after_the_endpoint: bool) -> None:
    talk = Talk()
    talk.transcriber.accept(heard(request_in(talk.say(1_024)), "Hm"))
    final = request_in(talk.hush(192))
    if after_the_endpoint:
        talk.hush(640)
        outs = talk.transcriber.accept(heard(final, ""))
    else:
        assert talk.transcriber.accept(heard(final, "")) == ()
        outs = tuple(talk.hush(640))
    taken_back = partial_in(outs)
    assert (taken_back.utterance_id, taken_back.revision, taken_back.text) == (FIRST, 2, "")
    assert talk.transcriber.idle


def test_an_empty_final_that_was_never_shown_says_nothing() -> None:
    talk = Talk()
    assert talk.transcriber.accept(heard(request_in(talk.say(640) + talk.hush(640)), "")) == ()
    assert talk.transcriber.idle


def test_a_partial_that_comes_back_empty_is_taken_back_once() -> None:
    talk = Talk()
    talk.transcriber.accept(heard(request_in(talk.say(1_024)), "Hm"))
    assert partial_in(talk.transcriber.accept(heard(request_in(talk.say(1_024)), ""))).text == ""
    assert talk.transcriber.accept(heard(request_in(talk.hush(640)), "")) == ()
