"""Past calls from transcript lines: checked, and turned into the messages that a live call gives (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from asr.messages import Utterance, UtteranceId
from ingest.messages import CallEnded, CallId, CallStarted, Channel, ChannelId, Role, TenantId
from server.errors import BadRequestError
from server.json_rows import checked_rows

WORD_MS, PAUSE_MS = 320, 500
"""Conversational English runs at about 190 words a minute; used only where a transcript has no times."""


class TranscriptLine(BaseModel):
    """One turn of a past call; unknown fields are kept by the caller."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    call_id: str = Field(min_length=1, max_length=128)
    turn: int
    role: Role
    speaker: str = Field(min_length=1, max_length=200)
    text: str
    start_ms: int | None = Field(default=None, ge=0)
    end_ms: int | None = Field(default=None, ge=0)
    channel: str | None = None
    account: str | None = None
    started_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class PastCall:
    """Lines of one call in the order of its turns. Without an account the call is an account of its own."""

    call_id: str
    lines: tuple[TranscriptLine, ...]

    @property
    def account(self) -> str:
        """Whose needs this call adds to."""
        return next((line.account for line in self.lines if line.account), self.call_id)


def read_transcript(text: str, file: str) -> tuple[list[dict[str, Any]], list[TranscriptLine]]:
    """Rows as they stand in the file, and the same checked.

    Raises:
        BadRequestError: naming file, line and field of the first line that is none.
    """
    rows: list[dict[str, Any]] = []
    lines: list[TranscriptLine] = []
    turns: set[tuple[str, int]] = set()
    for number, row, line in checked_rows(text, file, TranscriptLine):
        if (line.call_id, line.turn) in turns:
            raise BadRequestError(f"{file}:{number}: turn: call {line.call_id} has a turn {line.turn} already")
        turns.add((line.call_id, line.turn))
        rows.append(row)
        lines.append(line)
    return rows, lines


def by_call(lines: Iterable[TranscriptLine]) -> tuple[PastCall, ...]:
    """Group lines into calls: calls in the order of their start where it is known, else of the file."""
    calls: dict[str, list[TranscriptLine]] = {}
    for line in lines:
        calls.setdefault(line.call_id, []).append(line)
    found = [PastCall(call_id, tuple(sorted(of, key=lambda one: one.turn))) for call_id, of in calls.items()]
    return tuple(sorted(found, key=lambda one: one.lines[0].started_at or datetime.max.replace(tzinfo=UTC)))


def messages_of(
    past: PastCall, tenant_id: TenantId, call_id: CallId
) -> tuple[CallStarted, tuple[Utterance, ...], CallEnded]:
    """A past call as its start, its utterances and its end; turns without times follow one another.

    Args:
        past: the call.
        tenant_id: whose.
        call_id: its id in the journal.
    """
    channels = _channels(past.lines)
    started_at = next((line.started_at for line in past.lines if line.started_at), datetime.now(UTC))
    started = CallStarted(
        tenant_id=tenant_id,
        call_id=call_id,
        account=past.account,
        language=None,
        channels=tuple(channels.values()),
        started_at=started_at,
    )
    utterances: list[Utterance] = []
    at_ms = 0
    for number, line in enumerate(past.lines, 1):
        channel = channels[_voice(line)]
        start_ms = line.start_ms if line.start_ms is not None else at_ms + PAUSE_MS
        spoken_ms = WORD_MS * max(1, len(line.text.split()))
        end_ms = line.end_ms if line.end_ms is not None else start_ms + spoken_ms
        at_ms = max(at_ms, end_ms)
        utterances.append(
            Utterance(
                tenant_id=tenant_id,
                call_id=call_id,
                channel=channel.channel,
                utterance_id=UtteranceId(f"{call_id}:{channel.channel}:{number}"),
                revision=1,
                turn=line.turn,
                role=line.role,
                speaker=line.speaker,
                person_id=channel.person_id,
                text=line.text,
                words=(),
                start_ms=start_ms,
                end_ms=max(start_ms, end_ms),
            )
        )
    ended = CallEnded(
        tenant_id=tenant_id,
        call_id=call_id,
        reason="ended",
        end_ms=at_ms,
        ended_at=started_at + timedelta(milliseconds=at_ms),
    )
    return started, tuple(utterances), ended


def _voice(line: TranscriptLine) -> tuple[str, Role, str]:
    return line.channel or "", line.role, line.speaker


def _channels(lines: Sequence[TranscriptLine]) -> dict[tuple[str, Role, str], Channel]:
    """A channel for each speaker; one that a file gives to several speakers is told apart by their number."""
    found: dict[tuple[str, Role, str], Channel] = {}
    for line in lines:
        if _voice(line) in found:
            continue
        taken = {one.channel for one in found.values()}
        name = line.channel if line.channel and line.channel not in taken else f"s{len(found) + 1}"
        found[_voice(line)] = Channel(channel=ChannelId(name), role=line.role, speaker=line.speaker)
    return found
