import json
from pathlib import Path

import pytest

from eval.call_report import measure, report_table
from eval.client import Played, remember
from eval.demo_world import ScriptedSignal, ScriptedTurn, channels, folder, recording, turns
from eval.errors import BadManifestError
from eval.lines import readable
from eval.metrics import percentiles, word_errors
from eval.recordings import agreed, as_call
from eval.report import content_hash, provenance, table
from ingest.recording import read_recording


def turn(number: int, start_ms: int, end_ms: int, text: str, *signals: ScriptedSignal) -> ScriptedTurn:
    return ScriptedTurn(
        turn=number,
        channel="c",
        role="customer",
        speaker="Kim",
        text=text,
        start_ms=start_ms,
        end_ms=end_ms,
        signals=signals,
    )


NEED = ScriptedSignal(kind="need", type="proof", start=0, end=5)
SCRIPT = (turn(1, 0, 2_000, "can we test it first", NEED), turn(2, 3_000, 5_000, "it is too expensive"))


def utterance(name: str, start_ms: int, end_ms: int, text: str) -> dict[str, object]:
    return {
        "type": "utterance",
        "utterance_id": name,
        "channel": "c",
        "start_ms": start_ms,
        "end_ms": end_ms,
        "text": text,
    }


def played(*events: tuple[float, dict[str, object]]) -> Played:
    return Played(began_s=100.0, speed=1.0, events=list(events))


def test_latency_counts_from_the_end_of_the_turn_to_the_final_that_holds_its_last_word() -> None:
    report = measure(
        played(
            (101.0, utterance("u1", 100, 900, "can we")),
            (102.7, utterance("u2", 1_000, 1_980, "test it first")),
            (102.8, {"type": "signal", "id": "s", "utterance_id": "u2", "kind": "need", "signal_type": "proof"}),
            (102.9, {"type": "link", "utterance_id": "u2", "links": []}),
            (105.9, utterance("u3", 3_000, 4_990, "it is too expensive")),
        ),
        SCRIPT,
    )
    latency = report["latency_ms"]
    assert latency["speech_end_to_utterance"] == {"p50": 900, "p95": 900, "n": 2}
    assert latency["utterance_to_signal"]["p50"] == 100
    assert latency["speech_end_to_link"]["p50"] == 900
    assert report["signals"] == {"scripted": 1, "found": 1, "false_alarms": 0, "missing": [], "others": []}
    assert (report["wer"], report["turns_without_final"]) == (0.0, [])
    assert report["links"] == {"decided": 1, "abstained": 1}
    assert "1 of 1 scripted" in report_table(report)


def test_what_is_missing_and_what_is_too_much_is_named() -> None:
    report = measure(
        played(
            (106.0, utterance("u3", 3_000, 4_990, "it is expensive")),
            (106.1, {"type": "signal", "id": "s", "utterance_id": "u3", "kind": "hesitation", "signal_type": "price"}),
        ),
        SCRIPT,
    )
    assert report["turns_without_final"] == [1]
    assert report["signals"]["missing"] == ["turn 1: proof"]
    assert report["signals"]["others"] == ["turn 2: price"]
    assert report["words"]["deletions"] == 6


def test_percentiles_of_nothing_are_unknown() -> None:
    assert (percentiles([]).p50, percentiles([]).n) == (None, 0)
    assert percentiles(range(1, 101)).p95 == 96


def test_words_without_a_reference_are_insertions() -> None:
    assert word_errors([("", "thank you")]).insertions == 2
    assert word_errors([("", "")]).rate is None


def test_the_demo_call_is_what_its_script_says() -> None:
    call = turns()
    audio = read_recording(recording())
    names = [one.channel for one in channels()]
    assert len(audio) == len(names) == 3
    assert sum(len(one.signals) for one in call) >= 10
    for one in call:
        assert all(0 <= signal.start < signal.end <= len(one.text) for signal in one.signals)
        spoken = audio[names.index(one.channel)][one.start_ms * 16 : one.end_ms * 16]
        assert float(abs(spoken).max()) > 0.05, f"turn {one.turn} is silent in its own channel"


def test_the_demo_world_is_large_enough_and_holds_what_must_not_be_said() -> None:
    tickets = (folder() / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    roadmap = [json.loads(line) for line in (folder() / "roadmap.jsonl").read_text(encoding="utf-8").splitlines()]
    pages = list((folder() / "documents").glob("*.md"))
    sections = sum(page.read_text(encoding="utf-8").count("\n## ") for page in pages)
    assert len(tickets) >= 60
    assert (len(pages), sections >= 40) == (8, True)
    assert len(roadmap) >= 30
    assert any(item.get("may_say") is False for item in roadmap)


def test_channels_roles_and_names_of_recordings(tmp_path: Path) -> None:
    start, audio = as_call((recording(),), None, None)
    assert [one.role for one in start.channels] == ["rep", "customer", "customer"]
    assert [one.speaker for one in start.channels] == ["Rep", "Customer 1", "Customer 2"]
    assert len(audio) == 3
    start, _ = as_call((recording(),), "customer,rep,customer", "A,B,C")
    assert [(one.role, one.speaker) for one in start.channels][1] == ("rep", "B")
    for roles, speakers, told in (("rep", None, "1 given for 3"), ("rep,boss,customer", None, "unknown role 'boss'")):
        with pytest.raises(BadManifestError, match=told):
            as_call((recording(),), roles, speakers)


def test_lines_for_people() -> None:
    link = {"kind": "roadmap", "id": "R-1", "title": "SSO", "score": 0.81, "may_say": False}
    assert "must not be said" in str(readable({"type": "link", "links": [link]}))
    assert "nothing fits" in str(readable({"type": "link", "links": []}))
    assert readable({"type": "ack"}) is None
    card = {"card_id": "k1", "state": "shown", "confidence": 0.75, "text": "one login", "link": link}
    shown = str(readable({"type": "card", "card": card}))
    assert all(one in shown for one in ("k1", "0.75", "one login", "R-1", "must not be said"))
    assert str(readable({"type": "card", "card": {**card, "state": "used"}})).strip() == "card k1: used"


def test_reports_say_where_they_come_from(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("words", encoding="utf-8")
    found = provenance([file])
    assert found["data_sha256"] == content_hash([file])
    assert found["machine"]["cores"]
    assert found["versions"]["needgraph"]
    assert table(("a", "b"), [("x", None), ("yy", 12)]).splitlines()[-1] == "yy  12"


def test_a_consent_goes_with_its_words() -> None:
    start, _ = as_call((recording(),), None, None)
    assert agreed(start, None, None) == start
    for consent, given in (("audio", ("transcript", "audio")), ("transcript", ("transcript",))):
        consents = [one.consent for one in agreed(start, consent, "All right?").channels]
        assert [(one.given, one.wording) for one in consents if one] == [(given, "All right?")] * len(start.channels)
    for consent, wording in (("audio", None), (None, "All right?")):
        with pytest.raises(BadManifestError, match="--consent-wording"):
            agreed(start, consent, wording)


def test_corrected_words_of_an_earlier_turn_are_no_step_back() -> None:
    played = Played(began_s=0, speed=1)
    remember(played, {"type": "call_started", "call_id": "c1", "resume_token": "secret"})
    for turn, revision in ((1, 1), (2, 1), (1, 2)):
        remember(played, {"type": "utterance", "turn": turn, "revision": revision})
    assert played.resume is not None
    assert played.resume.turn == 2
