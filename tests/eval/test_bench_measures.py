import pytest

from eval.bench.alignment import HeardWord, match, spoken_words
from eval.bench.call_latency import Samples, measure
from eval.bench.latency_report import GroupLatency, as_report, as_table
from eval.bench.load_curve import Point, mb_per_extra_call, streams_at_p95
from eval.bench.load_curve import as_report as curve_report
from eval.bench.load_curve import as_table as curve_table
from eval.bench.material import SpokenTurn
from eval.bench.partials import changed_words, standing_since
from eval.bench.sentences import ends_inside, last_matches
from eval.bench.word_times import edge_errors
from eval.client import Played

FIRST = SpokenTurn(channel="c", start_ms=1_000, end_ms=3_000, text="We can't test it. Not before May.")
OTHER = SpokenTurn(channel="d", start_ms=3_200, end_ms=3_800, text="Why?")
LAST = SpokenTurn(channel="c", start_ms=4_000, end_ms=5_000, text="It is too expensive.")
TURNS = (FIRST, OTHER, LAST)

Event = dict[str, object]


def heard(text: str, final: int = 0, from_ms: int = 1_000) -> list[HeardWord]:
    return [
        HeardWord(
            final=final, place=place, text=word, start_ms=from_ms + 100 * place, end_ms=from_ms + 100 * place + 90
        )
        for place, word in enumerate(text.split())
    ]


def speech(kind: str, name: str, text: str, start_ms: int, end_ms: int) -> Event:
    words = text.split()
    step = (end_ms - start_ms) // max(1, len(words))
    return {
        "type": kind,
        "utterance_id": name,
        "channel": "c",
        "text": text,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "words": [
            {"text": word, "start_ms": start_ms + step * place, "end_ms": start_ms + step * (place + 1)}
            for place, word in enumerate(words)
        ],
    }


def played(*events: tuple[float, Event], ended_s: float | None = None) -> Played:
    return Played(began_s=100.0, speed=1.0, ended_s=ended_s, events=list(events))


def measured(*events: tuple[float, Event], ended_s: float | None = None, length_ms: int = 6_000) -> Samples:
    return measure(played(*events, ended_s=ended_s), TURNS, ("c", "d"), "en", length_ms)


def test_words_are_matched_without_case_punctuation_and_contraction() -> None:
    found = match(spoken_words(TURNS, "c"), heard("we can not test, IT know"), "en")
    assert [(one.spoken.text, one.heard.text, one.same) for one in found] == [
        ("We", "we", True),
        ("can't", "can", True),
        ("can't", "not", True),
        ("test", "test,", True),
        ("it.", "IT", True),
        ("Not", "know", False),
    ]
    assert match(spoken_words(TURNS, "c"), [], "en") == []
    assert match([], heard("hello"), "en") == []


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("we can't test it", False),
        ("we can't test", True),
        ("we can't test it not before may", False),
        ("we can't test it not", True),
    ],
)
def test_a_final_ends_inside_a_sentence_by_the_references_punctuation(text: str, inside: bool) -> None:
    matches = match(spoken_words((FIRST,), "c"), heard(text), "en")
    (last,) = last_matches(matches, {0: len(text.split())})
    assert ends_inside(last) is inside


def test_a_final_whose_last_word_nobody_said_is_not_judged() -> None:
    matches = match(spoken_words((FIRST,), "c"), heard("we can't test it not before may okay then"), "en")
    assert last_matches(matches, {0: 9}) == []


def test_a_turn_without_a_full_stop_ends_where_its_speaker_stopped() -> None:
    turn = SpokenTurn(channel="c", start_ms=0, end_ms=900, text="but then we")
    (last,) = last_matches(match(spoken_words((turn,), "c"), heard("but then we"), "en"), {0: 3})
    assert not ends_inside(last)


def test_a_word_stands_since_the_partial_from_which_on_all_keep_it() -> None:
    partials = [(1.0, ["we", "can"]), (2.0, ["we", "cannot", "rest"]), (3.0, ["oh", "we", "cannot", "test"])]
    assert standing_since(partials, (4.0, ["we", "cannot", "test", "it"])) == [1.0, 2.0, 3.0, 4.0]
    assert standing_since([(1.0, ["we"]), (2.0, [])], (3.0, ["we"])) == [3.0]
    assert standing_since([], (3.0, ["we"])) == [3.0]


def test_changed_words_are_those_taken_back_not_those_added() -> None:
    assert changed_words([["we"], ["we", "can"], ["we", "can", "go"]]) == 0
    assert changed_words([["we", "ran"], ["we", "can", "go"], ["can", "go"]]) == 2
    assert changed_words([]) == 0


def test_latencies_of_made_up_events() -> None:
    samples = measured(
        (102.0, speech("partial", "u1", "we can't rest", 1_000, 1_900)),
        (102.5, speech("partial", "u1", "we can't test it", 1_000, 2_400)),
        (103.5, speech("utterance", "u1", "We can't test it, not before May.", 1_050, 2_950)),
        (104.5, speech("partial", "u2", "It is", 4_000, 4_400)),
        (105.4, speech("utterance", "u2", "It is too expensive.", 4_000, 4_980)),
        (105.9, {"type": "call_ended"}),
        ended_s=105.0,
    )
    assert [round(one) for one in samples.turn_to_final_ms] == [500, 400]
    assert [round(one) for one in samples.first_partial_ms] == [1_000, 500]
    assert (samples.turns, samples.turns_without_final) == (3, 1)
    assert (samples.changed_words, samples.final_words) == (1, 11)
    assert (samples.finals, samples.finals_judged, samples.finals_inside) == (2, 2, 0)
    assert [round(one) for one in (*samples.end_to_last_final_ms, *samples.end_to_close_ms)] == [400, 900]
    assert samples.words_lost_at_end == 0
    assert (samples.partials, samples.speech_ms, samples.call_ms) == (3, 3_600, 6_000)
    # "We" ends 271 ms into the final (1,050 + 1,900 / 7): shown at 2.0 s, final at 3.5 s of the call.
    assert round(samples.word_to_shown_ms[0]) == 2_000 - 1_321
    assert round(samples.word_to_final_ms[0]) == 3_500 - 1_321
    # The last word of a turn is timed by the turn's own end.
    assert round(samples.word_to_final_ms[6]) == 500


def test_a_word_that_is_heard_wrong_has_no_emission_latency() -> None:
    samples = measured((105.4, speech("utterance", "u2", "It is two extensive.", 4_000, 4_980)))
    assert len(samples.word_to_final_ms) == 2
    # Its turn still has its final: one word stands for the other.
    assert [round(one) for one in samples.turn_to_final_ms] == [400]


def test_the_turn_with_which_the_audio_ends_is_closed_by_the_end_of_the_call() -> None:
    samples = measured(
        (105.4, speech("utterance", "u2", "It is too expensive.", 4_000, 4_980)), ended_s=105.0, length_ms=5_000
    )
    assert (samples.turn_to_final_ms, samples.word_to_final_ms) == ([], [])
    assert [round(one) for one in samples.end_to_last_final_ms] == [400]


def test_what_is_lost_at_the_end_is_counted() -> None:
    samples = measured(
        (103.5, speech("utterance", "u1", "We can't test it, not before May.", 1_050, 2_950)),
        (105.0, speech("utterance", "u2", "It", 4_000, 4_200)),
        ended_s=105.0,
    )
    assert samples.words_lost_at_end == 3
    assert samples.turns_without_final == 2
    assert samples.end_to_last_final_ms == [0.0]
    assert measured(ended_s=105.0).words_lost_at_end == 4


def test_the_latency_report_pools_groups() -> None:
    one = measured((105.4, speech("utterance", "u2", "It is too expensive.", 4_000, 4_980)))
    groups = [GroupLatency(name=name, calls=1, samples=one, cpu_s=2.5, wall_s=5.0) for name in ("a", "b")]
    report = as_report(groups, 1.0, {"service": 500})
    assert [group["group"] for group in report["groups"]] == ["a", "b", "all"]
    assert report["groups"][2]["turns"] == 6
    assert report["groups"][2]["cpu_s_per_call_s"] == 0.417
    assert set(report["groups"][0]["latency_ms"]) <= set(report["definitions"])
    assert "turn to final" in as_table(groups)


def test_edges_of_turns_are_compared_with_their_words() -> None:
    words = heard("We can't test it not before May", from_ms=1_030)
    errors = edge_errors(TURNS, "c", words, "en")
    assert (errors.starts_ms, errors.ends_ms) == ((30,), (1_030 + 600 + 90 - 3_000,))
    assert (errors + errors).summary()["start"] == {"p50": 30, "p95": 30, "n": 2, "bias": 30}


def point(calls: int, *late_ms: float, lost: int = 0, refused: int = 0, broken: int = 0, rss_mb: int = 500) -> Point:
    return Point(
        calls=calls,
        late_ms=late_ms,
        lost=lost,
        refused=refused,
        broken=broken,
        partials_per_call_s=0.7,
        service_cores=0.1 + 0.4 * calls,
        engine_cores=0.0,
        generator_cores=0.02,
        rss_mb=rss_mb,
    )


@pytest.mark.parametrize(
    ("measured", "holds"),
    [
        (point(1, *[600.0] * 20), True),
        (point(1), True),
        (point(1, *[600.0] * 18, 1_200.0, 1_200.0), False),
        (point(1, *[600.0] * 99, 4_999.0), True),
        (point(1, *[600.0] * 99, 5_000.0), False),
        (point(1, *[600.0] * 99, lost=1), True),
        (point(1, *[600.0] * 90, lost=10), False),
        (point(1, lost=1), False),
        (point(2, *[600.0] * 20, refused=1), False),
        (point(2, *[600.0] * 20, broken=1), False),
    ],
)
def test_when_the_curve_ends(measured: Point, holds: bool) -> None:
    assert measured.holds is holds


def test_streams_are_counted_up_to_the_first_point_that_does_not_hold() -> None:
    good, late = (600.0,), (1_001.0,)
    assert streams_at_p95([point(1, *good), point(2, *good), point(4, *late)]) == 2
    assert streams_at_p95([point(1, *late), point(2, *good)]) == 0
    assert streams_at_p95([]) == 0


def test_the_curve_says_what_a_call_costs() -> None:
    points = [point(1, 600.0), point(3, 700.0, lost=1, rss_mb=510)]
    assert mb_per_extra_call(points, points[0]) is None
    report = curve_report(points, 0.1)
    assert report["points"][1]["mb_per_extra_call"] == 5.0
    assert report["points"][1]["cores_per_call"] == 0.4
    assert (report["points"][1]["turns"], report["points"][1]["p95_ms"]) == (2, None)
    assert (report["streams_at_p95"], report["idle_service_cores"]) == (1, 0.1)
    assert len(curve_table(points, 0.1).splitlines()) == 4
