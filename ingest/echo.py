"""Whether one channel repeats another one's voice, by the lag at which the two signals agree (pure).

Once a second the last 2.5 s of every two channels are correlated with all frequencies weighted alike (GCC-PHAT; Knapp
and Carter 1976): an echo gives one sharp peak however quiet it is, two voices that merely overlap give none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from ingest.messages import SAMPLE_RATE_HZ
from ingest.vad import FRAME_MS, FRAME_SAMPLES

Audio = npt.NDArray[np.float32]

DECIMATION = 4
RATE_HZ = SAMPLE_RATE_HZ // DECIMATION
KEPT_SAMPLES = FRAME_SAMPLES // DECIMATION
RING_FRAMES = 256
"""8 s: channels may arrive that far apart; beyond, they are not compared."""
WINDOW_FRAMES, STEP_FRAMES = 80, 32
MAX_LAG_MS = 500
LOW_HZ, HIGH_HZ = 200, 1_600
"""Hum lies below; what the plain decimation folds back lies above."""
FFT_SIZE = 20_480
"""Twice the window, so that no lag wraps round."""
MIN_PEAK = 10.0
"""Of the peak over the root mean square of all lags. Unrelated voices of the demo call reach 8.5; while only the copied
voice speaks, a copy at -40 dB reaches 40, and one at -16 dB with the reverberation of a room 11 (2026-11-25)."""
SAME_LAG_MS, NO_LAG_MS = 8, 2
MIN_SPEECH_FRAMES = 25
"""0.8 s of the voice that may be repeated."""
AUDIBLE_POWER = 10 ** (-60 / 10)
"""-60 dBFS: nothing quieter is recognised as words either."""
FOUND, GONE = 2, 3
"""Windows in a row that must agree on the lag, and that must show none."""


@dataclass(frozen=True, slots=True)
class Echo:
    """Channel number `into` repeats channel number `of`; `since_ms` is right to about a second."""

    into: int
    of: int
    since_ms: int
    ended: bool


@dataclass(slots=True)
class _Pair:
    standing: bool = False
    lag_ms: int = 0
    agreeing: int = 0
    missing: int = 0


class _Track:
    """The last seconds of a channel, at 4 kHz, with its speech flags."""

    def __init__(self) -> None:
        self.frames = 0
        self._samples = np.zeros((RING_FRAMES, KEPT_SAMPLES), dtype=np.float32)
        self._speech = np.zeros(RING_FRAMES, dtype=np.bool_)

    def push(self, samples: Audio, *, speech: bool) -> None:
        place = self.frames % RING_FRAMES
        self._samples[place] = samples.reshape(KEPT_SAMPLES, DECIMATION).mean(axis=1)
        self._speech[place] = speech
        self.frames += 1

    def window(self, end: int) -> tuple[Audio, npt.NDArray[np.bool_]]:
        """Samples and speech flags of the frames before `end`."""
        places = np.arange(end - WINDOW_FRAMES, end) % RING_FRAMES
        return self._samples[places], self._speech[places]


class EchoFinder:
    """All pairs of channels of one call. Frames must come gapless, each channel from the call's start."""

    def __init__(self, channels: int) -> None:
        self._tracks = [_Track() for _ in range(channels)]
        self._pairs = {(into, of): _Pair() for into in range(channels) for of in range(channels) if into != of}
        self._ends = dict.fromkeys(combinations(range(channels), 2), WINDOW_FRAMES)

    def push(self, channel: int, samples: Audio, *, speech: bool) -> tuple[Echo, ...]:
        """Take one frame of a channel. Shape: (512,), float32, 16 kHz."""
        self._tracks[channel].push(samples, speech=speech)
        pairs = [pair for pair in self._ends if channel in pair]
        return tuple(echo for one, other in pairs for echo in self._next_window(one, other))

    def _next_window(self, one: int, other: int) -> Sequence[Echo]:
        """Compare two channels once both have come to the next window's end; the others are not waited for."""
        counts = [self._tracks[channel].frames for channel in (one, other)]
        end = self._ends[one, other]
        if min(counts) < end:
            return ()
        self._ends[one, other] += STEP_FRAMES
        return self._compared(one, other, end) if max(counts) <= end - WINDOW_FRAMES + RING_FRAMES else ()

    def _compared(self, one: int, other: int, end: int) -> Sequence[Echo]:
        windows = {channel: self._tracks[channel].window(end) for channel in (one, other)}
        spoken = {at: int(np.count_nonzero(speech)) >= MIN_SPEECH_FRAMES for at, (_, speech) in windows.items()}
        power = {at: float(np.mean(np.square(samples))) for at, (samples, _) in windows.items()}
        if not any(spoken.values()):
            return ()
        lag_ms = None
        if min(power.values()) >= AUDIBLE_POWER:
            lag_ms = _lag_ms(windows[one][0], windows[other][0])
        copy = _copy(lag_ms, first_is_source=self._is_source(one, other, power))
        found: list[Echo] = []
        for into, of in ((one, other), (other, one)):
            repeats = copy is not None and into == (one, other)[copy]
            # A voice of its own may cover an echo, so its absence then says nothing.
            if spoken[of] and (repeats or not spoken[into]):
                found += self._judged(into, of, abs(lag_ms or 0) if repeats else None, end)
        return found

    def _is_source(self, one: int, other: int, power: Mapping[int, float]) -> bool:
        """Whether, with no lag between the two, `other` is the copy: as was found before, else if it is quieter."""
        if self._pairs[other, one].standing or self._pairs[one, other].standing:
            return self._pairs[other, one].standing
        return power[one] >= power[other]

    def _judged(self, into: int, of: int, lag_ms: int | None, end: int) -> Sequence[Echo]:
        pair = self._pairs[into, of]
        if lag_ms is None:
            pair.agreeing, pair.missing = 0, pair.missing + 1
        else:
            same = pair.agreeing > 0 and abs(lag_ms - pair.lag_ms) <= SAME_LAG_MS
            pair.agreeing, pair.missing, pair.lag_ms = (pair.agreeing + 1 if same else 1), 0, lag_ms
        if not pair.standing and pair.agreeing >= FOUND:
            pair.standing = True
            return (Echo(into, of, max(0, end - FOUND * STEP_FRAMES) * FRAME_MS, ended=False),)
        if pair.standing and pair.missing >= GONE:
            pair.standing = False
            return (Echo(into, of, (end - GONE * STEP_FRAMES) * FRAME_MS, ended=True),)
        return ()


def _copy(lag_ms: int | None, *, first_is_source: bool) -> int | None:
    """Which of two channels (0 or 1) repeats the other: the later one, or with no lag between them not the source."""
    if lag_ms is None:
        return None
    if abs(lag_ms) <= NO_LAG_MS:
        return 1 if first_is_source else 0
    return 0 if lag_ms > 0 else 1


def _lag_ms(one: Audio, other: Audio) -> int | None:
    """How much later `one` says what `other` says, negative when it is earlier; None when they share nothing."""
    peak, lag_ms = _peak(one, other)
    return lag_ms if peak >= MIN_PEAK else None


def _peak(one: Audio, other: Audio) -> tuple[float, int]:
    """The highest correlation within the lags, over the root mean square of all, and its lag."""
    cross = np.fft.rfft(one.reshape(-1), FFT_SIZE) * np.conj(np.fft.rfft(other.reshape(-1), FFT_SIZE))
    cross /= np.abs(cross) + 1e-20
    cross[: LOW_HZ * FFT_SIZE // RATE_HZ] = 0
    cross[HIGH_HZ * FFT_SIZE // RATE_HZ :] = 0
    furthest = MAX_LAG_MS * RATE_HZ // 1000
    correlation = np.roll(np.fft.irfft(cross, FFT_SIZE), furthest)[: 2 * furthest + 1]
    best = int(np.argmax(correlation))
    return float(correlation[best] / np.sqrt(np.mean(np.square(correlation)))), (best - furthest) * 1000 // RATE_HZ
