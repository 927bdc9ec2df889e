from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.config import AsrConfig
from asr.decoder import DecodeRequest
from asr.errors import MissingModelError
from asr.whisper import WhisperDecoder, once_round
from eval.metrics import word_errors
from eval.replay import transcribe
from ingest.messages import SAMPLE_RATE_HZ
from tests.asr.asr_samples import request, spoken
from tests.ingest.demo_call import between, turns


@pytest.mark.model
def test_words_of_the_demo_call_are_right(whisper: WhisperDecoder) -> None:
    chosen = [turns()[number] for number in (3, 5, 8, 9)]
    heard = whisper.decode([spoken(turn) for turn in chosen])
    errors = word_errors([(turn.text, one.text) for turn, one in zip(chosen, heard, strict=True)])
    assert errors.words > 50
    assert errors.rate is not None
    assert errors.rate < 0.08
    for turn, one in zip(chosen, heard, strict=True):
        assert abs(one.words[0].start_ms - turn.start_ms) < 300
        assert abs(one.words[-1].end_ms - turn.end_ms) < 300
        assert all(word.confidence is not None and word.confidence > 0 for word in one.words)
        assert np.mean([word.confidence for word in one.words]) > 0.7


@pytest.mark.model
def test_a_word_with_marks_inside_is_one_word(whisper: WhisperDecoder) -> None:
    """Whisper's own split cuts "9,000" and "a.m." at their marks; joined by spaces they would read "9 ,000"."""
    turn = next(one for one in turns().values() if "nine thousand" in one.text)
    (one,) = whisper.decode([spoken(turn)])
    assert " ".join(word.text for word in one.words) == one.text
    assert "9,000" in one.text


@pytest.mark.model
@pytest.mark.parametrize("final", [True, False])
def test_a_batch_hears_what_each_of_its_windows_alone_does(whisper: WhisperDecoder, final: bool) -> None:
    """Turns of different lengths and one of silence, in windows of one length."""
    asked = [spoken(turn, number=number, final=final) for number, turn in turns().items()]
    key, count = Counter(map(whisper.batch_key, asked)).most_common(1)[0]
    assert count >= 3
    batch = [one for one in asked if whisper.batch_key(one) == key][:3]
    batch.insert(1, request(np.zeros_like(batch[0].samples), number=99, final=final))
    together = whisper.decode(batch)
    alone = [whisper.decode([one])[0] for one in batch]
    assert [answer.number for answer in together] == [one.number for one in batch]
    assert [answer.text for answer in together] == [answer.text for answer in alone]
    for one, other in zip(together, alone, strict=True):
        for word, same in zip(one.words, other.words, strict=True):
            assert abs(word.start_ms - same.start_ms) <= 20
            assert abs(word.end_ms - same.end_ms) <= 20


@pytest.mark.model
def test_a_window_that_repeats_itself_is_decoded_again_and_leaves_its_batch_alone(whisper: WhisperDecoder) -> None:
    cut, whole = turns()[2], turns()[3]
    asked = [
        request(between(cut.channel, cut.start_ms, cut.start_ms + 1_000), number=1, final=False),
        request(between(whole.channel, whole.start_ms, whole.start_ms + 4_000), number=2, final=False),
    ]
    assert len(set(map(whisper.batch_key, asked))) == 1
    assert [one.text for one in whisper.decode(asked)] == [whisper.decode([one])[0].text for one in asked]


@pytest.mark.model
def test_what_may_be_decoded_together(whisper: WhisperDecoder) -> None:
    def together(one: DecodeRequest, other: DecodeRequest) -> bool:
        return whisper.batch_key(one) == whisper.batch_key(other)

    three, nine = np.zeros(3 * SAMPLE_RATE_HZ, dtype=np.float32), np.zeros(9 * SAMPLE_RATE_HZ, dtype=np.float32)
    assert together(request(three, call="x"), request(three[:100], call="y", number=2))
    assert not together(request(three), request(nine))
    assert not together(request(three), request(three, final=False))
    assert not together(request(three), request(three, language="de"))
    # Every call's first request has the number 1, and each speaks a language of its own.
    assert not together(request(three, call="x", language=None), request(three, call="y", language=None))
    assert not together(request(three, channel="a", language=None), request(three, channel="b", language=None))


@pytest.mark.model
@pytest.mark.parametrize(("level", "final"), [(0.0006, False), (0.01, True), (0.1, False)])
def test_noise_has_no_words(whisper: WhisperDecoder, level: float, final: bool) -> None:
    noise = (level * np.random.default_rng(5).standard_normal(3 * SAMPLE_RATE_HZ)).astype(np.float32)
    (heard,) = whisper.decode([request(noise, final=final)])
    assert (heard.text, heard.words) == ("", ())


@pytest.mark.model
def test_a_room_where_nobody_speaks_has_no_words(whisper: WhisperDecoder) -> None:
    (heard,) = whisper.decode([request(between("martin", 1_000, 9_000))])
    assert heard.text == ""


@pytest.mark.model
def test_a_turn_cut_within_a_word_does_not_run_on(whisper: WhisperDecoder) -> None:
    """Its first pass repeats itself; the second, in a longer window, does not."""
    turn = turns()[2]
    (heard,) = whisper.decode([request(between(turn.channel, turn.start_ms, turn.start_ms + 1_000), final=False)])
    assert heard.text.startswith("Good morning")
    assert len(heard.words) <= 4


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ([9, 8, *[1, 2, 3, 4, 5, 6] * 5, 1, 2], [9, 8, 1, 2, 3, 4, 5, 6]),
        ([7, *[5] * 20], [7, 5]),
        ([1, 2] * 3, [1, 2] * 3),
        ([*range(9), *range(9)], [*range(9), *range(9)]),
        ([50, *range(10), *range(10), 0, 1], [50, *range(10)]),
        (list(range(30)), list(range(30))),
        ([], []),
    ],
)
def test_a_text_that_runs_in_a_circle_is_kept_once(tokens: list[int], kept: list[int]) -> None:
    assert once_round(tokens) == kept


@given(st.lists(st.integers(0, 3), max_size=40))
def test_what_is_cut_is_a_repetition_of_what_is_kept(tokens: list[int]) -> None:
    kept = once_round(tokens)
    assert kept == tokens[: len(kept)]
    for at in range(len(kept), len(tokens)):
        assert tokens[at] in kept
    assert once_round(tokens[: len(kept)]) == kept or len(kept) == len(tokens)


@pytest.mark.model
def test_half_a_minute_at_once(whisper: WhisperDecoder) -> None:
    """The longest window a transcriber may ask for."""
    chosen = [turn for turn in turns().values() if turn.channel == "priya"]
    samples = np.concatenate([between("priya", turn.start_ms, turn.end_ms) for turn in chosen])[: 28 * SAMPLE_RATE_HZ]
    (heard,) = whisper.decode([request(samples, final=False, start_ms=60_000)])
    assert len(heard.words) > 50
    assert heard.words[0].start_ms >= 60_000
    assert 80_000 < heard.words[-1].end_ms <= 88_000


@pytest.mark.model
def test_the_first_turns_through_ingest_and_asr(whisper: WhisperDecoder) -> None:
    first, second = turns()[2], turns()[5]
    samples = between("priya", 0, second.end_ms + 1_000)
    payload = (samples * 32_767).astype("<i2").tobytes()
    utterances = transcribe(payload, ("s16le", SAMPLE_RATE_HZ), whisper, "en")
    said, heard = f"{first.text} {second.text}", " ".join(one.text for one in utterances)
    rate = word_errors([(said, heard)]).rate
    assert rate is not None
    assert rate < 0.1
    assert abs(utterances[0].start_ms - first.start_ms) < 300
    assert abs(utterances[-1].end_ms - second.end_ms) < 300


def test_a_models_directory_without_the_model(tmp_path: Path) -> None:
    with pytest.raises(MissingModelError, match="needgraph models fetch") as raised:
        WhisperDecoder(tmp_path, AsrConfig())
    assert str(tmp_path / "whisper-base") in str(raised.value)
    assert (raised.value.code, raised.value.exit_code) == ("missing_model", 3)


@pytest.mark.parametrize("names", [("model.bin",), ("tokenizer.json",)])
def test_half_a_model_is_a_missing_one(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "whisper-base").mkdir()
    for name in names:
        (tmp_path / "whisper-base" / name).write_bytes(b"")
    with pytest.raises(MissingModelError, match="fetch"):
        WhisperDecoder(tmp_path, AsrConfig())


def test_a_damaged_model(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name in ("model.bin", "tokenizer.json", "config.json", "vocabulary.txt"):
        (folder / name).write_bytes(b"{}")
    with pytest.raises(MissingModelError, match="needgraph models verify"):
        WhisperDecoder(tmp_path, AsrConfig(model="tiny"))
