import numpy as np
import numpy.typing as npt
import pytest

from ingest.config import VadConfig
from ingest.vad import FRAME_MS, FRAME_SAMPLES, SileroSession, SileroVoice, SpeechGate, VoiceModel
from tests.fakes import LevelVoice
from tests.ingest.demo_call import between, turns


def gated(pattern: str, config: VadConfig) -> str:
    """One letter a frame: V sure of a voice, m between the thresholds, `.` none; answered by S and `.`."""
    gate = SpeechGate(config)
    level = {"V": 0.9, "m": 0.4, ".": 0.1}
    return "".join("S" if gate.push(level[letter]) else "." for letter in pattern)


@pytest.mark.parametrize(
    ("pattern", "speech"),
    [
        ("......", "......"),
        ("V.....", "......"),
        ("V.V.V.", "......"),
        ("VVVV", ".SSS"),
        ("mmmm", "...."),
        ("VVmmmm", ".SSSSS"),
        ("VV..VV", ".SSSSS"),
        ("VV...V", ".SSS.."),
        ("VV..m...", ".SSSSSS."),
        ("VV....VV", ".SSS...S"),
    ],
    ids=[
        "silence",
        "a click",
        "clicks",
        "a voice after two frames",
        "a murmur does not begin",
        "a murmur goes on",
        "a dip of two frames",
        "three frames of silence end it",
        "a murmur starts the count again",
        "it begins anew",
    ],
)
def test_gate(pattern: str, speech: str) -> None:
    assert gated(pattern, VadConfig()) == speech


@pytest.mark.parametrize(
    ("config", "speech"),
    [
        (VadConfig(start_ms=32, hangover_ms=0), "SS..SS"),
        (VadConfig(start_ms=33, hangover_ms=1), ".SS..S"),
        (VadConfig(start_ms=64, hangover_ms=32), ".SS..S"),
        (VadConfig(start_ms=96), "......"),
        (VadConfig(start_threshold=0.95), "......"),
    ],
    ids=str,
)
def test_gate_as_configured(config: VadConfig, speech: str) -> None:
    assert gated("VV..VV", config) == speech


@pytest.fixture(scope="module")
def session() -> SileroSession:
    return SileroSession()


@pytest.fixture(params=["level", "silero"])
def voice(request: pytest.FixtureRequest, session: SileroSession) -> VoiceModel:
    return LevelVoice() if request.param == "level" else SileroVoice(session)


def probabilities(voice: VoiceModel, samples: npt.NDArray[np.float32]) -> list[float]:
    whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
    return [voice.probability(frame) for frame in samples[:whole].reshape(-1, FRAME_SAMPLES)]


def spoken() -> npt.NDArray[np.float32]:
    return between("priya", turns()[5].start_ms, turns()[5].end_ms)


def test_contract_silence_is_no_voice(voice: VoiceModel) -> None:
    assert max(probabilities(voice, np.zeros(50 * FRAME_SAMPLES, dtype=np.float32))) < 0.35


def test_contract_speech_is_a_voice(voice: VoiceModel) -> None:
    found = probabilities(voice, spoken())
    assert all(0.0 <= probability <= 1.0 for probability in found)
    assert np.mean(np.array(found) >= 0.5) > 0.7


def test_contract_a_room_is_no_voice(voice: VoiceModel) -> None:
    room = between("priya", 0, turns()[2].start_ms - 200)
    assert max(probabilities(voice, room)) < 0.5


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5])
def test_noise_is_no_speech(session: SileroSession, level: float) -> None:
    noise = (level * np.random.default_rng(3).standard_normal(100 * FRAME_SAMPLES)).astype(np.float32)
    gate = SpeechGate(VadConfig())
    assert not any(gate.push(probability) for probability in probabilities(SileroVoice(session), noise))


def test_channels_share_the_graph_and_nothing_else(session: SileroSession) -> None:
    alone = probabilities(SileroVoice(session), spoken())
    one, other = SileroVoice(session), SileroVoice(session)
    frames = spoken()[: len(alone) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    together = []
    for frame in frames:
        together.append(one.probability(frame))
        other.probability(frame[::-1])
    assert together == alone


class CountedSession(SileroSession):
    """The real graph, counting its runs."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    def run(
        self, window: npt.NDArray[np.float32], h: npt.NDArray[np.float32], c: npt.NDArray[np.float32]
    ) -> tuple[float, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        self.runs += 1
        return super().run(window, h, c)


def test_the_graph_rests_while_a_channel_is_quiet() -> None:
    session = CountedSession()
    dither = (np.random.default_rng(3).integers(-1, 2, 3000 * FRAME_SAMPLES) / 32768.0).astype(np.float32)
    assert max(probabilities(SileroVoice(session), dither)) < 0.35
    assert session.runs < 100


def test_a_voice_after_a_rest_is_found_where_it_begins(session: SileroSession) -> None:
    pause = np.zeros(200 * FRAME_SAMPLES, dtype=np.float32)
    speech = spoken()[: len(spoken()) // FRAME_SAMPLES * FRAME_SAMPLES]
    gate = SpeechGate(VadConfig())
    fresh = [gate.push(one) for one in probabilities(SileroVoice(session), speech)]
    gate = SpeechGate(VadConfig())
    rested = [gate.push(one) for one in probabilities(SileroVoice(session), np.concatenate([speech, pause, speech]))]
    assert rested[: len(fresh)] == fresh
    assert abs(rested[len(fresh) + 200 :].index(True) - fresh.index(True)) <= 1


@pytest.mark.parametrize("number", [5, 7, 12])
def test_the_gate_finds_where_a_turn_begins_and_ends(session: SileroSession, number: int) -> None:
    turn = turns()[number]
    gate, voice = SpeechGate(VadConfig()), SileroVoice(session)
    begin_ms = turn.start_ms - 480
    speech = [
        begin_ms + at * FRAME_MS
        for at, probability in enumerate(probabilities(voice, between(turn.channel, begin_ms, turn.end_ms + 480)))
        if gate.push(probability)
    ]
    assert abs(speech[0] - turn.start_ms) < 200
    assert abs(speech[-1] - turn.end_ms) < 200
