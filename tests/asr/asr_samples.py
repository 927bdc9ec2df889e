"""Requests and a channel for the tests of asr."""

import numpy as np
import numpy.typing as npt

from asr.decoder import DecodeRequest
from asr.messages import UtteranceId
from ingest.messages import CallId, Channel, ChannelId, PersonId, TenantId
from tests.ingest.demo_call import Turn, between

TENANT, CALL = TenantId("acme"), CallId("c1")
INES = Channel(channel=ChannelId("b"), role="customer", speaker="Ines", person_id=PersonId("p-ines"))
SILENCE = np.zeros(16_000, dtype=np.float32)
MARGIN_MS = 200


def request(
    samples: npt.NDArray[np.float32] = SILENCE,
    *,
    call: str = CALL,
    channel: str = INES.channel,
    number: int = 1,
    final: bool = True,
    start_ms: int = 0,
    language: str | None = "en",
) -> DecodeRequest:
    return DecodeRequest(
        call_id=CallId(call),
        channel=ChannelId(channel),
        utterance_id=UtteranceId(f"{call}:{channel}:1"),
        number=number,
        final=final,
        start_ms=start_ms,
        samples=samples,
        language=language,
    )


def spoken(turn: Turn, *, number: int = 1, final: bool = True, language: str | None = "en") -> DecodeRequest:
    """A turn of the demo call, as a transcriber asks for it: with a little of the silence around it."""
    start_ms = turn.start_ms - MARGIN_MS
    samples = between(turn.channel, start_ms, turn.end_ms + MARGIN_MS)
    return request(samples, channel=turn.channel, number=number, final=final, start_ms=start_ms, language=language)
