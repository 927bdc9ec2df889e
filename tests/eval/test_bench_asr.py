import json
from importlib.metadata import entry_points
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from asr.config import AsrConfig
from asr.errors import MissingModelError
from asr.messages import Word
from asr.offline import OfflineWhisper
from eval.bench.asr_report import GroupWords, as_report, as_table, pooled
from eval.bench.verbs import BENCHMARKS, benchmarks
from eval.client import to_s16le
from eval.demo_world import channels, recording, turns
from eval.metrics import WordErrors, word_errors
from eval.replay import transcribe
from ingest.messages import SAMPLE_RATE_HZ, ChannelId
from ingest.recording import read_recording
from tests.fakes import SAMPLES_PER_MS, ScriptedDecoder

CUT_MS = 3_600


class Settings:
    asr = AsrConfig()


def errors(words: int, wrong: int) -> WordErrors:
    return WordErrors(words=words, substitutions=wrong, deletions=0, insertions=0)


def first_turn() -> np.ndarray:
    """The rep's first words, 0.9 to 5.1 s of the demo call, cut short."""
    names = [one.channel for one in channels()]
    return read_recording(recording())[names.index(turns()[0].channel)][: CUT_MS * SAMPLES_PER_MS]


def write_wav(path: Path, samples: np.ndarray) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=SAMPLE_RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray((samples[None, :] * 32767).astype("int16"), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])


def test_every_benchmark_is_found_and_explains_itself() -> None:
    names = [one.name for one in entry_points(group=BENCHMARKS)]
    assert {"asr", "intents", "signals"} <= set(names)
    for name in names:
        found = CliRunner().invoke(benchmarks, [name, "--help"])
        assert found.exit_code == 0, found.output
        assert "--json" in found.output
    assert CliRunner().invoke(benchmarks, ["nothing"]).exit_code == 2


def test_only_pooled_groups_count_together() -> None:
    groups = [
        GroupWords(name="a", pooled=True, streaming=errors(100, 5), offline=errors(100, 2)),
        GroupWords(name="b", pooled=True, streaming=errors(300, 3), offline=errors(300, 6)),
        GroupWords(name="c", pooled=False, streaming=errors(900, 90), offline=errors(900, 90)),
    ]
    whole = pooled(groups)
    assert (whole.streaming, whole.difference_points) == (errors(400, 8), 0.0)
    assert [one.difference_points for one in groups] == [3.0, -1.0, 0.0]
    assert as_report(groups, [])["pooled"]["streaming"]["wer"] == 0.02
    assert "c (x)" in as_table(groups, [])


def test_other_languages_are_compared_without_english_spelling() -> None:
    assert word_errors([("Colour für alle!", "color für alle")]).substitutions == 0
    assert word_errors([("Colour für alle!", "color für alle")], "de").substitutions == 1


def test_replay_answers_while_audio_goes_by_and_always_the_same() -> None:
    samples = first_turn()
    asked: list[bool] = []

    class Counting(ScriptedDecoder):
        def decode(self, requests):
            asked.extend(one.final for one in requests)
            return super().decode(requests)

    script = {
        ChannelId("0"): [
            Word(text="good", start_ms=1_000, end_ms=1_300),
            Word(text="day", start_ms=1_500, end_ms=1_700),
        ]
    }
    found = [
        transcribe(to_s16le(samples), ("s16le", SAMPLE_RATE_HZ), Counting(script), "en", AsrConfig()) for _ in range(2)
    ]
    assert " ".join(one.text for one in found[0]) == "good day"
    assert found[0] == found[1]
    assert False in asked


def test_offline_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingModelError, match="models fetch"):
        OfflineWhisper(tmp_path, AsrConfig())


@pytest.mark.model
def test_word_errors_of_a_short_cut_by_both_ways(models_dir: Path, tmp_path: Path) -> None:
    write_wav(tmp_path / "cut.wav", first_turn())
    line = {"audio": "cut.wav", "text": "Good morning, Priya. Good morning, Martin.", "language": "en", "group": "cut"}
    (tmp_path / "own.jsonl").write_text(json.dumps(line), encoding="utf-8")
    report_file = tmp_path / "report" / "asr.json"
    options = ["--manifest", str(tmp_path / "own.jsonl"), "--json", str(report_file), "--models", str(models_dir)]
    found = CliRunner().invoke(
        benchmarks, ["asr", *options, "--background-minutes", "0.02"], obj=Settings(), catch_exceptions=False
    )
    assert found.exit_code == 0
    report = json.loads(report_file.read_text(encoding="utf-8"))
    (group,) = report["groups"]
    assert (group["group"], group["streaming"]["words"]) == ("cut", 6)
    # Names are hard for a small model; the rest is not.
    assert group["streaming"]["wer"] <= 0.5
    assert group["offline"]["wer"] <= 0.5
    assert [one["streaming"] for one in report["background"]] == [0, 0, 0]
    assert {"machine", "versions", "commit", "data_sha256", "config"} <= set(report)
    assert "hold music: skipped" in found.output
