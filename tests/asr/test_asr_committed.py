"""Words on which two passes agree stay; the audio is cut behind them, and a monologue is split between them."""

from collections.abc import Sequence

import pytest

from asr.config import AsrConfig
from asr.decoder import DecodeRequest
from asr.messages import Partial, Utterance, Word
from tests.asr.asr_talk import (
    FIRST,
    SECOND,
    Talk,
    answer,
    committed,
    length_ms,
    line,
    listened,
    partial_in,
    request_in,
    utterance_in,
)

SAID = line("We need exports to CSV every Monday before the team meets and they must not be late")


def shown_after(talk: Talk, ms: int, words: Sequence[Word]) -> Partial:
    return partial_in(talk.transcriber.accept(answer(request_in(talk.say(ms)), words)))


def passes(talk: Talk, count: int, said: Sequence[Word] = SAID) -> list[DecodeRequest]:
    """So many passes, each answered at once with every word of its audio."""
    asked: list[DecodeRequest] = []
    while len(asked) < count:
        for out in talk.say(32):
            assert isinstance(out, DecodeRequest)
            talk.transcriber.accept(listened(out, said))
            asked.append(out)
    return asked


EARLY = AsrConfig(commit_after_ms=1_000, commit_margin_ms=640)
LATE = AsrConfig(first_partial_ms=1_024, commit_after_ms=1_000, commit_margin_ms=640)
"""The first pass is over 1024 ms of audio, the second over 1728 ms."""


def test_one_pass_commits_nothing() -> None:
    assert committed(shown_after(Talk(LATE), 1_024, SAID[:5])) == ""


def test_words_that_two_passes_agree_on_are_committed() -> None:
    talk = Talk(LATE)
    assert committed(shown_after(talk, 1_024, SAID[:5])) == ""
    shown = shown_after(talk, 704, [*SAID[:3], *line("two CSV every", 600)])
    assert (shown.text, committed(shown)) == ("We need exports two CSV every", "We need exports")


@pytest.mark.parametrize("again", ["we, NEED exports", "We need. (Exports)", "“we” need exports..."])
def test_case_and_punctuation_do_not_hold_back_a_word(again: str) -> None:
    talk = Talk(LATE)
    shown_after(talk, 1_024, SAID[:3])
    assert committed(shown_after(talk, 704, line(again))) == again


def test_a_mark_alone_is_compared_as_it_is() -> None:
    talk = Talk(LATE)
    shown_after(talk, 1_024, line("We & they"))
    assert committed(shown_after(talk, 704, line("We + they"))) == "We"


@pytest.mark.parametrize(("margin_ms", "count"), [(728, 5), (729, 4), (928, 4), (929, 3), (3_000, 0)])
def test_nothing_close_to_the_end_of_the_audio_is_committed(margin_ms: int, count: int) -> None:
    talk = Talk(AsrConfig(first_partial_ms=1_024, commit_after_ms=1_000, commit_margin_ms=margin_ms))
    shown_after(talk, 1_024, SAID[:5])
    shown = shown_after(talk, 704, SAID[:6])
    assert committed(shown) == " ".join(word.text for word in SAID[:count])


def test_the_margin_is_that_of_the_audio_that_was_decoded() -> None:
    talk = Talk(LATE)
    shown_after(talk, 1_024, SAID[:5])
    asked = request_in(talk.say(704))
    talk.say(3_200)
    assert committed(partial_in(talk.transcriber.accept(answer(asked, SAID[:5])))) == "We need exports to CSV"


def test_committed_words_stay_when_a_later_pass_hears_others() -> None:
    talk = Talk(EARLY)
    passes(talk, 3)
    otherwise = [*line("You needed export two", 0), *SAID[4:]]
    shown = shown_after(talk, 704, otherwise[:12])
    assert committed(shown).startswith("We need exports to CSV")
    assert shown.text == "We need exports to CSV every Monday before the team meets and"


def test_a_final_begins_with_the_committed_words() -> None:
    talk = Talk(EARLY)
    passes(talk, 3)
    final = request_in(talk.hush(576))
    utterance = utterance_in(talk.transcriber.accept(answer(final, line("You kneed ex port sea every"))))
    assert utterance.text == "We need exports to CSV every"


def test_a_final_that_hears_nothing_leaves_the_committed_words() -> None:
    talk = Talk(EARLY)
    passes(talk, 3)
    final = request_in(talk.hush(576))
    assert utterance_in(talk.transcriber.accept(answer(final, []))).text == "We need exports to CSV"


def test_a_final_that_failed_leaves_committed_and_newer_words() -> None:
    talk = Talk(EARLY)
    passes(talk, 3)
    assert utterance_in(talk.transcriber.failed(request_in(talk.hush(576)))).text.startswith(
        "We need exports to CSV ev"
    )


def test_audio_is_cut_behind_the_committed_words_but_for_the_anchor() -> None:
    talk = Talk(AsrConfig(commit_margin_ms=640, commit_after_ms=2_000, anchor_words=2))
    asked = passes(talk, 5)
    # The fourth, over 2432 ms, commits eight words, of which the last two begin at 1200 ms; a chunk begins at 1184 ms.
    assert [one.start_ms for one in asked] == [0, 0, 0, 0, 1_184]
    assert length_ms(asked[-1]) == 320 + 4 * 704 - 1_184


def test_the_anchor_is_as_long_as_configured_and_short_audio_is_not_cut() -> None:
    assert [
        one.start_ms for one in passes(Talk(AsrConfig(commit_margin_ms=640, commit_after_ms=2_000, anchor_words=4)), 5)
    ][-1] == 800
    assert [one.start_ms for one in passes(Talk(AsrConfig(commit_margin_ms=640, commit_after_ms=3_200)), 5)][-1] == 0


def test_the_anchor_is_not_doubled() -> None:
    talk = Talk(AsrConfig(commit_margin_ms=640, commit_after_ms=1_000))
    asked = passes(talk, 5)
    assert asked[-1].start_ms > 0
    utterance = utterance_in(talk.transcriber.accept(listened(request_in(talk.hush(576)), SAID)))
    assert utterance.text == " ".join(word.text for word in SAID[:16])


def test_an_anchor_heard_a_little_off_its_place_is_not_doubled() -> None:
    talk = Talk(AsrConfig(commit_margin_ms=640, commit_after_ms=1_000))
    passes(talk, 4)
    asked = request_in(talk.say(704))
    late = line("every Monday before the team meets", asked.start_ms + 350)
    assert "Monday before the team meets" in partial_in(talk.transcriber.accept(answer(asked, late))).text


@pytest.mark.parametrize("step_ms", [160, 240, 320])
def test_a_word_said_many_times_is_counted_right(step_ms: int) -> None:
    said = line("no " * (2_400 // step_ms), step_ms=step_ms)
    talk = Talk(AsrConfig(commit_margin_ms=640, commit_after_ms=1_000))
    passes(talk, 4, said)
    final = request_in(talk.hush(576))
    assert utterance_in(talk.transcriber.accept(listened(final, said))).words == tuple(said)


CLAUSES = line("We need exports. They must come every Monday. We wait for them. That is all we ask for today. " * 2)


def monologue(config: AsrConfig, said: Sequence[Word]) -> list[Partial | Utterance]:
    """What comes out while somebody says it all without a breath and then stops; every pass is answered at once."""
    talk = Talk(config)
    shown: list[Partial | Utterance] = []
    silence_at_ms = -(-said[-1].end_ms // 32) * 32
    while talk.now_ms < silence_at_ms + 640:
        for out in talk.say(32) if talk.now_ms < silence_at_ms else talk.hush(32):
            if isinstance(out, DecodeRequest):
                shown += [
                    one for one in talk.transcriber.accept(listened(out, said)) if not isinstance(one, DecodeRequest)
                ]
            elif isinstance(out, Partial | Utterance):
                shown.append(out)
    assert talk.transcriber.idle
    return shown


def test_a_monologue_is_split_where_a_clause_ends() -> None:
    shown = monologue(AsrConfig(soft_limit_ms=2_000, commit_margin_ms=640, commit_after_ms=1_000), CLAUSES)
    utterances = [one for one in shown if isinstance(one, Utterance)]
    assert [one.utterance_id for one in utterances] == [f"c1:b:{number}" for number in range(1, len(utterances) + 1)]
    assert len(utterances) > 2
    assert all(one.text.endswith(".") for one in utterances)
    assert [word for one in utterances for word in one.words] == CLAUSES


def test_the_rest_of_a_split_monologue_is_shown_at_once_as_the_next_utterance() -> None:
    shown = monologue(AsrConfig(soft_limit_ms=2_000, commit_margin_ms=640, commit_after_ms=1_000), CLAUSES)
    at = next(at for at, one in enumerate(shown) if isinstance(one, Utterance))
    after = shown[at + 1]
    assert isinstance(after, Partial)
    assert (shown[at].utterance_id, after.utterance_id, after.revision) == (FIRST, SECOND, 1)
    assert after.start_ms == shown[at].end_ms
    assert committed(after)


def test_a_monologue_without_a_clause_is_not_split() -> None:
    said = line("and then we had it and " * 6)
    utterance = utterance_in(
        one
        for one in monologue(AsrConfig(soft_limit_ms=2_000, commit_margin_ms=640, commit_after_ms=1_000), said)
        if isinstance(one, Utterance)
    )
    assert list(utterance.words) == said


def test_a_monologue_within_the_limit_is_not_split() -> None:
    assert len([one for one in monologue(AsrConfig(), CLAUSES) if isinstance(one, Utterance)]) == 1


def test_what_was_shown_as_committed_is_the_beginning_of_the_utterance_that_a_split_ends() -> None:
    """A clause that ended before the limit was reached is no place to split: words behind it were shown already."""
    said = line("Yes. " + "We need it and " * 3 + "this. " + "We need them and " * 4)
    shown = monologue(AsrConfig(soft_limit_ms=2_000, commit_margin_ms=640, commit_after_ms=1_000), said)
    finals = {one.utterance_id: one.text for one in shown if isinstance(one, Utterance)}
    assert len(finals) == 2
    assert all(finals[one.utterance_id].startswith(committed(one)) for one in shown if isinstance(one, Partial))
