"""Every room's messages, found by reflection: their form, and that each survives JSON."""

import dataclasses
import importlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from asr.messages import Partial, UtteranceId, Word
from graph.messages import GraphDelta, Link, Mention, Need, NeedId, StatusChange, Thing, ThingsNamed
from ingest.messages import AudioChunk, CallId, CaptureProblem, Channel, ChannelId, SpeechEnded, SpeechStarted, TenantId
from intent.messages import AdapterId, Cue, Hedging, NamedThing, SignalId, Span
from tests.graph.graph_samples import CALL, INES, NOON, TENANT, link, samples

ROOT = Path(__file__).parents[1]
BINARY = {AudioChunk}
"""Classes that hold an array: they never leave the service."""


def message_classes() -> tuple[type, ...]:
    found: list[type] = []
    for path in sorted(ROOT.glob("*/messages.py")):
        module = importlib.import_module(f"{path.parent.name}.messages")
        found += [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]
    return tuple(found)


CLASSES = message_classes()


def mention() -> Mention:
    return Mention(
        call_id=CALL,
        utterance_id=UtteranceId("u1"),
        turn=1,
        signal_id=SignalId("s1"),
        speaker="Ines",
        person_id=INES,
        span=Span(start=3, end=12),
        text="need the ",
        start_ms=1_000,
        end_ms=1_900,
        strength=2,
        confidence=0.8,
        adapter_id=AdapterId("default"),
        started_at=NOON,
    )


def status_change() -> StatusChange:
    return StatusChange(
        change_id="c1",
        call_id=CALL,
        status="confirmed",
        at=NOON,
        decided_by="life-1",
        score=0.8,
        utterance_id=UtteranceId("u1"),
        turn=1,
        speaker="Ines",
        span=Span(start=0, end=4),
        text="Yes.",
        start_ms=1_000,
    )


def need(*links: Link) -> Need:
    return Need(
        need_id=NeedId("n1"),
        kind="need",
        type="capability",
        strength=2,
        label="invoices by cost centre",
        status="confirmed",
        raised_by=("Ines",),
        mentions=(mention(),),
        changes=(status_change(),),
        links=links,
        linked=bool(links),
        about=(Thing(type="amount", name="400 euros"),),
        disputed_by=("Omar",),
    )


def things() -> ThingsNamed:
    (found,) = [one for one in samples() if isinstance(one, ThingsNamed)]
    return found


def every_sample() -> tuple[object, ...]:
    """The journal's samples, and one of each class that is not journalled."""
    channel = ChannelId("b")
    return (
        *samples(),
        Channel(channel=channel, role="customer", speaker="Ines", person_id=INES),
        AudioChunk(
            tenant_id=TENANT,
            call_id=CALL,
            channel=channel,
            start_ms=64,
            samples=np.zeros(512, dtype=np.float32),
            speech=True,
        ),
        SpeechStarted(tenant_id=TENANT, call_id=CALL, channel=channel, start_ms=320),
        SpeechEnded(tenant_id=TENANT, call_id=CALL, channel=channel, start_ms=320, end_ms=960),
        CaptureProblem(
            tenant_id=TENANT,
            call_id=CALL,
            channel=channel,
            problem="echo",
            since_ms=4_000,
            ended=False,
            heard=ChannelId("a"),
        ),
        Word(text="Käse🧀", start_ms=0, end_ms=320, confidence=None),
        Partial(
            tenant_id=TenantId("acme"),
            call_id=CallId("c1"),
            channel=channel,
            utterance_id=UtteranceId("c1:b:1"),
            revision=2,
            text="We need",
            start_ms=320,
            end_ms=960,
        ),
        Span(start=3, end=12),
        Cue(cue="response_gap", value=2_400, usual=600),
        NamedThing(type="competitor", name="Vetaria", span=Span(start=3, end=12)),
        Thing(type="competitor", name="Vetaria"),
        Hedging(name="deferral", span=Span(start=3, end=12)),
        link("T-1", 0.75),
        mention(),
        status_change(),
        need(link("T-1", 0.75)),
        GraphDelta(tenant_id=TENANT, call_id=CALL, needs=(need(),), removed=(NeedId("n2"),), named=(things(),)),
    )


def samples_of(found: type) -> Iterable[Any]:
    return [one for one in every_sample() if type(one) is found]


def test_all_rooms_are_looked_at() -> None:
    assert {found.__module__ for found in CLASSES} >= {
        f"{room}.messages" for room in ("ingest", "asr", "intent", "graph")
    }


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_form(found: type) -> None:
    assert dataclasses.is_dataclass(found)
    params = found.__dataclass_params__  # type: ignore[attr-defined]
    assert params.frozen
    assert "__slots__" in vars(found)
    assert all(one.kw_only for one in dataclasses.fields(found))
    # Without a docstring of its own a dataclass gets its signature.
    assert found.__doc__
    assert not found.__doc__.startswith(f"{found.__name__}(")


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_times_and_collections(found: type) -> None:
    for one in dataclasses.fields(found):
        kind = str(one.type)
        assert not kind.startswith(("list", "dict", "set")), f"{one.name}: tuples only"
        if "_ms" in one.name:
            assert one.type is int, one.name
        if "datetime" in kind:
            assert one.name == "at" or one.name.endswith("_at"), one.name


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_every_class_has_a_sample_that_cannot_be_changed(found: type) -> None:
    assert samples_of(found), f"add a sample of {found.__name__}"
    for one in samples_of(found):
        name = dataclasses.fields(found)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, name, getattr(one, name))
        with pytest.raises((AttributeError, TypeError)):
            one.something_else = 1


@pytest.mark.parametrize("found", [one for one in CLASSES if one not in BINARY], ids=lambda found: found.__name__)
def test_round_trip(found: type) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(found)
    for one in samples_of(found):
        back = adapter.validate_json(adapter.dump_json(one))
        assert type(back) is found
        assert back == one


def test_a_chunk_knows_where_it_ends() -> None:
    (chunk,) = samples_of(AudioChunk)
    assert (chunk.start_ms, chunk.end_ms) == (64, 96)
