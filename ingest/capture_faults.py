"""What can be wrong with one channel by itself: no signal, overdriven speech, late arrival (pure).

Each detector is given every frame and answers True while the fault stands; going in and coming out take different
bounds and some time, so that it cannot flap.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.vad import FRAME_MS

DEAD_POWER = 10 ** (-85 / 10)
"""-85 dBFS, two steps of 16 bits: every microphone's own noise is louder. Quiet rooms are no fault: the demo call's
channels lie at -68 dBFS while their speakers listen, for up to forty seconds (2026-11-25)."""
DEAD_AFTER_MS = 4_000
"""Longer than a breath between two turns, and soon enough to be said within five seconds."""
GATED_AFTER_MS = 60_000
"""For a channel whose sender mutes pauses, as noise suppression does: only longer than most people listen."""
GATE_MS = 320
"""A dead spell at least this long that ends right with a voice shows such a sender: a microphone that is switched on
is heard before its speaker is."""
OTHERS_SPEAK_MS = 480
"""So long somebody else must have spoken meanwhile."""
AUDIBLE_POWER = 10 ** (-60 / 10)
"""-60 dBFS: nothing quieter is recognised as words (`asr/whisper.py` has the same floor)."""
AUDIBLE_FOR_MS, NOISE_FOR_MS = 480, 2_000
"""A dead spell is over after so much audible sound in all, or after so long an unbroken noise above dead."""

FULL_SCALE = 0.97
"""Mu-law ends at .980 of full scale, and resampling rounds clipped tops off a little."""
CLIPPED_SHARE, CLEAN_SHARE = 0.005, 0.001
"""Shares of speech samples at full scale. A voice normalised to its peak reaches a few in ten thousand (demo call)."""
CLIPPED_FRAMES, CLEAN_FRAMES = 31, 93
"""One and three seconds of speech: enough to find it, and to be sure that it is over."""

LATE_MS, ON_TIME_MS = 1_000, 500
LATE_FOR_MS = 1_500
"""So long by the wall clock no frame came in time; a stall that is caught up at once is no delay."""
DRIFT = 0.0003
"""A sound card's clock may be so much slower than ours: in hours its count falls behind by seconds, its sound not."""


@dataclass(frozen=True, slots=True)
class Frame:
    """32 ms of one channel.

    samples: Shape: (512,), float32, 16 kHz.
    others_speak: whether another channel of the call has a voice now; None when the call has one channel only.
    arrived_ms: wall clock of its arrival, from any origin.
    """

    start_ms: int
    samples: npt.NDArray[np.float32]
    speech: bool
    others_speak: bool | None
    arrived_ms: int

    @property
    def end_ms(self) -> int:
        """First millisecond after the frame."""
        return self.start_ms + FRAME_MS


@dataclass(slots=True)
class _Spell:
    """Time since a frame was dead, until there is sound again; single frames above dead do not end it.

    sound_ms: where the sound began that may end it.
    """

    start_ms: int
    length_ms: int = 0
    dead_ms: int = 0
    others_ms: int = 0
    audible_ms: int = 0
    noise_ms: int = 0
    sound_ms: int = 0

    def push(self, frame: Frame, power: float) -> None:
        self.length_ms += FRAME_MS
        self.others_ms += FRAME_MS if frame.others_speak else 0
        if power < DEAD_POWER:
            self.dead_ms += FRAME_MS
            self.noise_ms = 0
            return
        if self.noise_ms == 0 and self.audible_ms == 0:
            self.sound_ms = frame.start_ms
        self.noise_ms += FRAME_MS
        self.audible_ms += FRAME_MS if power >= AUDIBLE_POWER else 0


class Silence:
    """Nothing but zeros from a channel, from the start or while somebody else speaks."""

    def __init__(self) -> None:
        self.since_ms = 0
        self.standing = False
        self._gated = False
        self._spell: _Spell | None = None

    def push(self, frame: Frame, power: float) -> bool:
        """Take a frame and its mean square."""
        if self._spell is None:
            if power >= DEAD_POWER:
                return self.standing
            self._spell = _Spell(frame.start_ms)
        spell = self._spell
        spell.push(frame, power)
        if spell.audible_ms >= AUDIBLE_FOR_MS or spell.noise_ms >= NOISE_FOR_MS:
            self._over(spell, frame)
        elif not self.standing and power < DEAD_POWER and spell.length_ms >= self._patience_ms(spell, frame):
            self.since_ms, self.standing, spell.audible_ms = spell.start_ms, True, 0
        return self.standing

    def forget(self) -> None:
        """Begin anew; how its sender treats pauses stays known."""
        self.standing, self._spell = False, None

    def _patience_ms(self, spell: "_Spell", frame: Frame) -> int:
        from_start = spell.start_ms == 0
        # A lone channel has nobody to be compared with after the start.
        if self._gated or (frame.others_speak is None and not from_start):
            return GATED_AFTER_MS
        # While nobody else speaks either, the call is on hold.
        return DEAD_AFTER_MS if from_start or spell.others_ms >= OTHERS_SPEAK_MS else GATED_AFTER_MS

    def _over(self, spell: "_Spell", frame: Frame) -> None:
        self._gated |= frame.speech and spell.dead_ms >= GATE_MS
        if self.standing:
            self.since_ms, self.standing = spell.sound_ms, False
        self._spell = None


class Clipping:
    """Speech over full scale, by the share of its samples there."""

    def __init__(self) -> None:
        self.since_ms = 0
        self.standing = False
        self._shares: deque[tuple[int, float]] = deque(maxlen=CLEAN_FRAMES)

    def push(self, frame: Frame) -> bool:
        """Take a frame; those without speech say nothing."""
        if not frame.speech:
            return self.standing
        share = float(np.count_nonzero(np.abs(frame.samples) >= FULL_SCALE)) / len(frame.samples)
        self._shares.append((frame.start_ms, share))
        recent = list(self._shares)[-CLIPPED_FRAMES:]
        if self.standing:
            if len(self._shares) == CLEAN_FRAMES and _mean(self._shares) < CLEAN_SHARE:
                self._turn(frame.end_ms, standing=False)
        elif len(recent) == CLIPPED_FRAMES and _mean(recent) >= CLIPPED_SHARE:
            self._turn(next(start_ms for start_ms, found in recent if found), standing=True)
        return self.standing

    def _turn(self, since_ms: int, *, standing: bool) -> None:
        self.since_ms, self.standing = since_ms, standing
        self._shares.clear()


def _mean(shares: Sequence[tuple[int, float]]) -> float:
    return sum(share for _, share in shares) / len(shares)


class Delay:
    """Audio that arrives later after its place on the sample clock than the promptest of its channel did.

    A sender whose clock is slow is found as soon as it has fallen behind by the bound.
    """

    def __init__(self) -> None:
        self.since_ms = 0
        self.standing = False
        self._promptest_ms: int | None = None
        self._turning: tuple[int, int] | None = None

    def late(self, frame: Frame) -> int:
        """How many milliseconds the frame came later than the promptest one."""
        lag_ms = frame.arrived_ms - round(frame.end_ms * (1 + DRIFT))
        self._promptest_ms = lag_ms if self._promptest_ms is None else min(self._promptest_ms, lag_ms)
        return lag_ms - self._promptest_ms

    def push(self, frame: Frame) -> bool:
        """Take a frame; the fault begins or ends when no frame has contradicted that for a while."""
        late_ms = self.late(frame)
        contrary = late_ms < ON_TIME_MS if self.standing else late_ms > LATE_MS
        if not contrary:
            self._turning = None
            return self.standing
        if self._turning is None:
            self._turning = (frame.start_ms, frame.arrived_ms)
        since_ms, began_ms = self._turning
        if frame.arrived_ms - began_ms >= LATE_FOR_MS:
            self.since_ms, self.standing, self._turning = since_ms, not self.standing, None
        return self.standing
