import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from eval.bench import bundled
from eval.bench.background import backgrounds
from eval.bench.calls import Call, cut, followed_by_silence, rotated, silent
from eval.bench.load_point import TAIL_MS, staggered
from eval.bench.manifest import read_manifest
from eval.bench.material import SAMPLES_PER_MS, SpokenTurn, joined
from eval.bench.options import Progress
from eval.bench.selection import chosen, with_turns
from eval.demo_world import recording
from eval.errors import BadManifestError

TURN = {"channel": "2", "start_ms": 500, "end_ms": 900, "text": "Good."}


def turn(channel: str, start_ms: int, end_ms: int, text: str = "well") -> SpokenTurn:
    return SpokenTurn(channel=channel, start_ms=start_ms, end_ms=end_ms, text=text)


def manifest(folder: Path, *lines: object) -> Path:
    file = folder / "own.jsonl"
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), encoding="utf-8")
    return file


def quiet() -> Progress:
    return lambda line: None


def test_a_manifest_names_recordings_with_words_or_turns(tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text("one\ntwo", encoding="utf-8")
    sound = str(recording())
    found = read_manifest(
        manifest(
            tmp_path,
            {"audio": sound, "turns": [TURN, {**TURN, "channel": 1, "start_ms": 0}], "language": "de", "more": 1},
            "",
            {"audio": sound, "channels": ["all"], "text": "said.txt", "group": "mine"},
            {"audio": sound, "text": ["a", "b", "c"]},
        )
    )
    first, second, third = found
    assert first.channels == ("1", "2", "3")
    assert [one.start_ms for one in first.turns] == [0, 500]
    assert (first.reference("2"), first.language, first.group) == ("Good.", "de", "own recordings")
    assert (second.reference("all"), second.group) == ("one two", "mine")
    assert [len(one.load()) for one in found] == [3, 1, 3]
    assert third.reference("3") == "c"
    assert second.files == (recording(), tmp_path / "said.txt")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "own.jsonl:2: not JSON"),
        ({}, "own.jsonl:2: audio: "),
        ({"audio": "nowhere.wav"}, "own.jsonl:2: audio: .*nowhere.wav"),
        ({"audio": str(recording()), "text": "missing.txt"}, "own.jsonl:2: text: "),
        ({"audio": str(recording()), "text": ["a", "b"]}, "own.jsonl:2: text: 2 given for 3"),
        ({"audio": str(recording()), "turns": [{**TURN, "channel": "7"}]}, "own.jsonl:2: turns.0.channel: '7'"),
        ({"audio": str(recording()), "turns": [{**TURN, "start_ms": "x"}]}, "own.jsonl:2: turns.0.start_ms: "),
        ({"audio": str(recording()), "turns": [{**TURN, "end_ms": 3}]}, "own.jsonl:2: turns.0: .*after start_ms"),
        ({"audio": str(recording()), "channels": ["a", "b"]}, "own.jsonl:2: channels: 2 named"),
        ({"audio": str(recording()), "language": "English"}, "own.jsonl:2: language: "),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_field(tmp_path: Path, line: object, told: str) -> None:
    with pytest.raises(BadManifestError, match=told) as raised:
        read_manifest(manifest(tmp_path, {"audio": str(recording())}, line))
    assert raised.value.exit_code == 2


def test_a_manifest_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadManifestError, match="cannot be read"):
        read_manifest(tmp_path / "none.jsonl")
    with pytest.raises(BadManifestError, match="names no recording"):
        read_manifest(manifest(tmp_path, ""))


def test_the_demo_call_has_two_channels_and_turns_with_a_pause_between_them() -> None:
    call = bundled.demo_call()
    audio = call.load()
    assert (len(audio), call.channels) == (2, ("rep", "customers"))
    assert not call.pooled
    for channel in call.channels:
        own = [one for one in call.turns if one.channel == channel]
        gaps = [later.start_ms - earlier.end_ms for earlier, later in pairwise(own)]
        assert min(gaps) >= bundled.ONE_TURN_MS


def test_turns_close_together_on_a_channel_are_one() -> None:
    turns = joined([turn("a", 0, 100, "one"), turn("b", 90, 200), turn("a", 150, 400, "two"), turn("a", 900, 950)], 300)
    assert [(one.channel, one.start_ms, one.end_ms) for one in turns] == [
        ("a", 0, 400),
        ("b", 90, 200),
        ("a", 900, 950),
    ]
    assert turns[0].text == "one two"


def test_without_test_data_the_demo_call_is_left_and_a_named_folder_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    found = chosen(None, None, bundled.recordings, (), told.append)
    assert {one.name for one in found} == {"demo"}
    assert "only the demo call" in told[0]
    with pytest.raises(BadManifestError, match="no folder `audio`"):
        chosen(None, tmp_path, bundled.recordings, (), quiet())
    with pytest.raises(BadManifestError, match="there are demo call"):
        chosen(None, None, bundled.recordings, ("studio",), quiet())


def test_test_data_is_found_by_its_folders(tmp_path: Path) -> None:
    audio = tmp_path / "audio"
    for name, text in (
        ("clips/jfk.flac", "jfk.ref.txt"),
        ("clips/talk.wav", None),
        ("clips/fw_stereo_two_voices.wav", "fw_stereo_two_voices.ref.txt"),
        ("prompts_8k/asterisk_menu.wav", "asterisk_menu.ref.txt"),
        ("call_legs/agent.wav", "agent.script-agent-lines.txt"),
    ):
        for file in (audio / name, *([audio / "transcripts" / text] if text else [])):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("L: to the left\nR: to the right", encoding="utf-8")
    (audio / "dialogues").mkdir()
    rows = [{"speaker": "B", "start": 1.5, "end": 2.25, "text": "Hello."}]
    (audio / "dialogues" / "d.json").write_text(json.dumps(rows), encoding="utf-8")
    found = {(one.name, one.telephone): one for one in bundled.recordings(tmp_path)}
    assert len(found) == 8
    assert ("talk", False) not in found
    assert found["fw_stereo_two_voices", False].reference("R") == "to the right"
    assert found["d", True].turns == (turn("customers", 1500, 2250, "Hello."),)
    assert [name for (name, _), one in found.items() if not one.pooled] == ["demo", "demo", "agent"]


def made_call() -> Call:
    turns = (turn("a", 100, 400), turn("b", 500, 900), turn("a", 1_000, 1_500))
    audio = tuple(np.zeros(length * SAMPLES_PER_MS, dtype=np.float32) for length in (1_600, 1_400))
    for one in turns:
        audio["ab".index(one.channel)][one.start_ms * SAMPLES_PER_MS : one.end_ms * SAMPLES_PER_MS] = 0.5
    return Call(name="made", group="made", language="en", channels=("a", "b"), audio=audio, turns=turns)


def test_a_cut_call_ends_with_its_last_turn() -> None:
    call = cut(made_call(), 950)
    assert [one.end_ms for one in call.turns] == [400, 900]
    assert [len(one) for one in call.audio] == [900 * SAMPLES_PER_MS] * 2
    assert cut(made_call(), 10).length_ms == 400
    longer = followed_by_silence(call, 300)
    assert [len(one) for one in longer.audio] == [1_200 * SAMPLES_PER_MS] * 2
    assert longer.turns == call.turns


def test_calls_of_a_load_begin_at_different_places() -> None:
    calls = staggered([made_call()], 3, 3_500)
    assert len({one.turns[0].start_ms for one in calls}) > 1
    assert all(one.length_ms == max(turn.end_ms for turn in one.turns) + TAIL_MS for one in calls)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
def test_a_turned_call_says_the_same_in_another_order(share: float) -> None:
    call = rotated(made_call(), share)
    assert call.length_ms == 1_600
    assert sorted(one.end_ms - one.start_ms for one in call.turns) == [300, 400, 500]
    for one in call.turns:
        samples = call.audio["ab".index(one.channel)]
        spoken = samples[one.start_ms * SAMPLES_PER_MS : one.end_ms * SAMPLES_PER_MS]
        assert spoken.min() == 0.5
        assert samples[one.start_ms * SAMPLES_PER_MS - 1] == 0.0


def test_calls_without_times_are_left_out_of_what_is_timed(tmp_path: Path) -> None:
    found = read_manifest(manifest(tmp_path, {"audio": str(recording())}, {"audio": str(recording()), "turns": [TURN]}))
    told: list[str] = []
    assert len(with_turns(found, told.append)) == 1
    assert "its turns have no times" in told[0]
    with pytest.raises(BadManifestError, match="no recording has turns"):
        with_turns(found[:1], quiet())


def test_sounds_without_speech_are_the_same_every_time(tmp_path: Path) -> None:
    found = {one.name: one for one in backgrounds(400, recording().parent)}
    assert list(found) == ["digital silence with dither", "white noise", "pink noise", "hold music"]
    for one in found.values():
        samples = one.load()
        assert samples.shape == (400 * SAMPLES_PER_MS,)
        assert np.array_equal(samples, one.load())
    assert np.abs(found["digital silence with dither"].load()).max() <= 1 / 32768
    assert len(list(backgrounds(400, None))) == 3
    with pytest.raises(BadManifestError, match="holds no recordings"):
        list(backgrounds(400, tmp_path))
    assert np.abs(silent(100).audio[0]).max() <= 1 / 32768
