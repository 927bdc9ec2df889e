"""How a live call's channels are captured, told as health events: `CaptureHealth` with the call's own wall clock."""

import time
from collections.abc import Callable, Iterable, Mapping

from ingest.capture_health import CaptureHealth
from ingest.messages import AudioChunk, CallId, CaptureProblem, Channel, ChannelId, TenantId
from server import present, wire


class CaptureWatch:
    """All channels of one call, on the event loop."""

    def __init__(
        self,
        call: tuple[TenantId, CallId],
        channels: Mapping[ChannelId, Channel],
        show: Callable[[wire.CallEvent], None],
    ) -> None:
        """`channels` in the call's own order; `show` is told what is wrong and what is well again."""
        self._health = CaptureHealth(call, list(channels))
        self._channels = channels
        self._show = show
        self._began_s = 0.0
        self._recorded = False
        self._muted: set[ChannelId] = set()

    def begin(self, *, recorded: bool) -> None:
        """The call begins; of a recording nothing is late."""
        self._began_s = time.monotonic()
        self._recorded = recorded

    def push(self, chunk: AudioChunk) -> None:
        """Take a chunk as it arrives."""
        self._tell(self._health.push(chunk, chunk.end_ms if self._recorded else self._now_ms))

    def tick(self) -> None:
        """Let time pass."""
        if not self._recorded:
            self._tell(self._health.tick(self._now_ms))

    def excuse(self, seconds: float) -> None:
        """Nobody was read for so long: what comes next is not late."""
        self._began_s += seconds

    def resumed(self) -> None:
        """The client was gone and is back."""
        self._tell(self._health.resumed(self._now_ms))

    def mute(self, channel: ChannelId, *, muted: bool) -> None:
        """Whoever does not want to be heard is silent on purpose."""
        (self._muted.add if muted else self._muted.discard)(channel)

    @property
    def _now_ms(self) -> int:
        return round((time.monotonic() - self._began_s) * 1000)

    def _tell(self, problems: Iterable[CaptureProblem]) -> None:
        for problem in problems:
            if problem.ended or problem.channel not in self._muted:
                self._show(present.capture(problem, self._channels))
