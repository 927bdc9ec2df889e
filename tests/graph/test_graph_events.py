import dataclasses
import inspect
import json
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

import asr.messages
import graph.messages
import ingest.messages
import intent.messages
from graph.errors import JournalVersionError
from graph.events import BY_CLASS, KINDS, Journalled, decode, encode, nameless, opening
from graph.upcasts import UPCASTS
from ingest.messages import CallStarted, PersonId
from intent.messages import Cue
from tests.graph.graph_samples import NOON, decided, link, samples, signal, started

NOT_KEPT = {
    "Channel": "a part of CallStarted",
    "Cue": "a part of Signal",
    "NamedThing": "a part of ThingsNamed",
    "Thing": "made from what was kept",
    "Hedging": "a part of Signal",
    "AudioChunk": "audio is not stored",
    "SpeechStarted": "shown, not kept",
    "SpeechEnded": "shown, not kept",
    "Word": "a part of Utterance",
    "Partial": "may be dropped",
    "Span": "a part of Signal",
    "Link": "a part of LinkDecision",
    "Mention": "made from an utterance and its signal",
    "CaptureProblem": "holds for the moment",
    "StatusChange": "made from what was kept",
    "Need": "made from what was kept",
    "GraphDelta": "made from what was kept",
}


def message_classes() -> Iterable[type]:
    for module in (ingest.messages, asr.messages, intent.messages, graph.messages):
        for _, found in inspect.getmembers(module, inspect.isclass):
            if dataclasses.is_dataclass(found) and found.__module__ == module.__name__:
                yield found


def test_every_message_is_kept_or_says_why_not() -> None:
    for found in message_classes():
        assert (found in BY_CLASS) != (found.__name__ in NOT_KEPT), found.__name__


def test_every_kind_has_a_sample() -> None:
    assert {type(message) for message in samples()} == {kind.message for kind in KINDS}


@pytest.mark.parametrize("message", samples(), ids=lambda message: type(message).__name__)
def test_round_trip(message: Journalled) -> None:
    kind, payload = encode(message)
    assert decode(kind.name, kind.schema, payload) == nameless(message)


def test_names_stay_out_of_the_call_start() -> None:
    _, payload = encode(started())
    assert b"Ines" not in payload
    assert b"Jonas" not in payload


@pytest.mark.parametrize(("kind", "schema"), [("utterance", 99), ("unheard_of", 1)])
def test_a_newer_event_is_refused(kind: str, schema: int) -> None:
    with pytest.raises(JournalVersionError, match="newer"):
        decode(kind, schema, b"{}")


def test_every_earlier_version_has_a_way_to_the_newest() -> None:
    assert {kind.name: kind.schema - 1 for kind in KINDS if kind.schema > 1} == {
        name: len(steps) for name, steps in UPCASTS.items()
    }


@pytest.mark.parametrize(("schema", "unknown"), [(1, ("cues", "hedging", "young")), (2, ("hedging", "young"))])
def test_a_signal_of_an_earlier_version_reads(schema: int, unknown: tuple[str, ...]) -> None:
    now = dataclasses.replace(signal("s1", on=1), cues=(Cue(cue="pause", value=900, usual=300),))
    payload = json.loads(encode(now)[1])
    for name in unknown:
        del payload[name]
    read = decode("signal", schema, json.dumps(payload).encode())
    assert read == dataclasses.replace(now, cues=() if schema == 1 else now.cues)


def test_a_link_of_an_earlier_version_reads_without_a_date() -> None:
    now = decided(signal("s1", on=1), "n1", link("T-1", 0.75), link("R-1", 0.5, "roadmap"))
    payload = json.loads(encode(now)[1])
    for one in payload["links"]:
        assert one.pop("updated_at") == "2026-01-15"
    links = tuple(dataclasses.replace(one, updated_at=None) for one in now.links)
    read = decode("link_decision", 1, json.dumps(payload).encode())
    assert read == dataclasses.replace(now, links=links)


def test_a_call_of_an_earlier_version_reads_without_a_host() -> None:
    now = nameless(dataclasses.replace(started(), host="Jonas"))
    payload = json.loads(encode(now)[1])
    assert payload.pop("host") == "Jonas"
    assert decode("call_started", 1, json.dumps(payload).encode()) == dataclasses.replace(now, host=None)


def test_a_payload_that_does_not_read_is_refused() -> None:
    with pytest.raises(JournalVersionError, match="does not read"):
        decode("utterance", 1, b'{"text": 3}')


def test_opening_names_everyone() -> None:
    call, participants = opening(started(), lambda speaker: PersonId(f"p-{speaker}"))
    assert [channel.person_id for channel in call.channels] == ["p-Jonas", "p-Ines"]
    assert [(one.channel, one.speaker, one.person_id) for one in participants] == [
        ("a", "Jonas", "p-Jonas"),
        ("b", "Ines", "p-Ines"),
    ]
    assert isinstance(call, CallStarted)
    assert call.started_at == datetime(2026, 3, 2, 12, tzinfo=UTC) == NOON
