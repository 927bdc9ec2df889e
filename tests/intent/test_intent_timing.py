"""Timing cues: only against the speaker's own habit, only of customers, and none without words that hesitate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.messages import Utterance, UtteranceId, Word
from ingest.messages import CallId, ChannelId, Role, TenantId
from intent.messages import Cue
from intent.timing import HABIT, cues

ASKS = "And who besides you would have to agree before we could start with the first warehouse?"
TELLS = "We go through our finance director for everything above ten thousand."


class Talk:
    """A call that is written turn by turn."""

    def __init__(self) -> None:
        self.spoken: list[Utterance] = []
        self.now_ms = 0

    def say(self, text: str, *, after_ms: int, role: Role = "customer", pauses_ms: int = 0) -> Utterance:
        """Words of 200 ms each, after a silence; `pauses_ms` lies between the first word and the second."""
        words: list[Word] = []
        at_ms = self.now_ms + after_ms
        for number, word in enumerate(text.split()):
            at_ms += pauses_ms if number == 1 else 0
            words.append(Word(text=word, start_ms=at_ms, end_ms=at_ms + 200))
            at_ms += 200
        turn = len(self.spoken) + 1
        utterance = Utterance(
            tenant_id=TenantId("acme"),
            call_id=CallId("c1"),
            channel=ChannelId(role),
            utterance_id=UtteranceId(f"u{turn}"),
            revision=1,
            turn=turn,
            role=role,
            speaker=role,
            person_id=None,
            text=text,
            words=tuple(words),
            start_ms=words[0].start_ms,
            end_ms=words[-1].end_ms,
        )
        self.spoken.append(utterance)
        self.now_ms = utterance.end_ms
        return utterance

    def heard(self, utterance: Utterance) -> tuple[Cue, ...]:
        return cues(utterance, self.spoken[: utterance.turn - 1])


def used_to(gap_ms: int, times: int = HABIT, answer: str = TELLS) -> Talk:
    """A customer who answered so often after so long."""
    talk = Talk()
    for _ in range(times):
        talk.say("How is it today?", after_ms=300, role="rep")
        talk.say(answer, after_ms=gap_ms)
    return talk


def test_an_answer_that_comes_later_than_usual() -> None:
    talk = used_to(600)
    talk.say("Would that fit?", after_ms=300, role="rep")
    assert talk.heard(talk.say(TELLS, after_ms=2_400)) == (Cue(cue="response_gap", value=2_400, usual=600),)


@pytest.mark.parametrize(
    ("usual_ms", "times", "gap_ms"),
    [(600, HABIT, 1_300), (2_000, HABIT, 3_900), (600, HABIT - 1, 5_000), (600, HABIT, 11_000)],
    ids=["a little later", "a slow speaker", "no habit yet", "no answer any more"],
)
def test_an_answer_that_does_not_stand_out(usual_ms: int, times: int, gap_ms: int) -> None:
    talk = used_to(usual_ms, times)
    talk.say("Would that fit?", after_ms=300, role="rep")
    assert talk.heard(talk.say(TELLS, after_ms=gap_ms)) == ()


def test_the_rep_is_never_judged() -> None:
    talk = used_to(300)
    for _ in range(HABIT):
        talk.say("Yes.", after_ms=200, role="rep")
        talk.say(TELLS, after_ms=300)
    assert talk.heard(talk.say("Um, uh, well.", after_ms=5_000, role="rep")) == ()


def test_a_pause_within_a_turn() -> None:
    talk = used_to(300)
    talk.say("Would that fit?", after_ms=300, role="rep")
    assert talk.heard(talk.say(TELLS, after_ms=300, pauses_ms=1_500)) == (Cue(cue="pause", value=1_500, usual=0),)


def test_a_pause_that_cut_a_turn_in_two() -> None:
    talk = used_to(300)
    talk.say("Would that fit?", after_ms=300, role="rep")
    talk.say("It might", after_ms=300)
    assert talk.heard(talk.say("if they let us.", after_ms=1_900)) == (Cue(cue="pause", value=1_900, usual=0),)


def test_fillers_of_somebody_who_uses_none() -> None:
    talk = used_to(300)
    talk.say("Would that fit?", after_ms=300, role="rep")
    said = talk.heard(talk.say("Um, well, uh, I would have to think about it for some time.", after_ms=300))
    assert said == (Cue(cue="fillers", value=2, usual=0.0),)


def test_somebody_who_always_uses_fillers_does_not_stand_out() -> None:
    talk = used_to(300, answer="Um, we, uh, go through our finance director for everything.")
    talk.say("Would that fit?", after_ms=300, role="rep")
    assert talk.heard(talk.say("Um, well, uh, I would have to think about it for some time.", after_ms=300)) == ()


def test_a_short_answer_to_a_long_question() -> None:
    talk = used_to(300)
    talk.say(ASKS, after_ms=300, role="rep")
    assert talk.heard(talk.say("My boss.", after_ms=300)) == (Cue(cue="short_answer", value=2, usual=11),)


def test_a_short_answer_to_a_short_question_is_none() -> None:
    talk = used_to(300)
    talk.say("Would that fit?", after_ms=300, role="rep")
    assert talk.heard(talk.say("My boss.", after_ms=300)) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["rep", "customer"]), st.integers(0, 12_000), st.sampled_from([ASKS, TELLS, "um uh"])
        ),
        max_size=12,
    )
)
def test_every_cue_stands_out_from_a_habit(turns: list[tuple[Role, int, str]]) -> None:
    talk = Talk()
    for role, after_ms, text in turns:
        said = talk.heard(talk.say(text, after_ms=after_ms, role=role))
        assert role == "customer" or said == ()
        assert all(cue.value > cue.usual or cue.cue == "short_answer" for cue in said)
        assert len({cue.cue for cue in said}) == len(said)
