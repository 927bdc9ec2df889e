"""A tenant's own label set: added over the API, found from a handful of labels, renamed, retired, nobody else's."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from intent.labels import LABELS
from tests.server.conftest import Scripted
from tests.server.server_calls import INES, WAIT_S, caller, headers

pytestmark = pytest.mark.model

LANGUAGES = {"type": "languages", "kind": "need", "title": "Languages", "hint": "wants it in another language"}
WORDS = (
    "our drivers must have it in Polish",
    "it has to be in Spanish too",
    "we need the menus in French",
    "does the manual come in Turkish",
    "can it transcribe Swiss German",
    "we need all of it in Romanian",
)


def labelled(words: str, turn: int) -> dict[str, Any]:
    signal = {"kind": "need", "type": "languages", "start": 0, "end": len(words), "strength": 2}
    person = {"call_id": "past", "turn": turn, "role": "customer", "speaker": "Ines"}
    return {**person, "text": f"{words}.", "signals": [signal]}


LABELLED = "".join(json.dumps(labelled(words, turn)) + "\n" for turn, words in enumerate(WORDS, 1))


@asynccontextmanager
async def engineer(scripted: Scripted, tenant: str) -> AsyncIterator[httpx.AsyncClient]:
    token = scripted.token("engineer", tenant, person="Lin")
    async with httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as api:
        yield api


async def types(api: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    answer = (await api.get("/v1/label-set")).json()
    return {one["type"]: one for one in answer["types"]}


async def signals_of(scripted: Scripted, tenant: str, text_number: int = 0) -> list[dict[str, Any]]:
    """What a live call's first scripted sentence holds, as its caller sees it."""
    async with caller(scripted.url, scripted.token(tenant=tenant)) as call:
        await call.start()
        await call.utterance(INES, text_number)
        await call.end()
    return [event for event in call.seen if event["type"] == "signal"]


async def test_a_new_type_is_offered_labelled_and_told_to_be_young(scripted: Scripted) -> None:
    async with engineer(scripted, "own-types") as api:
        made = await api.post("/v1/label-set/types", json=LANGUAGES)
        assert made.status_code == 201, made.text
        assert made.json()["version"] == "v1.1"
        assert (await types(api))["languages"] == LANGUAGES | {"retired": False, "examples": 0, "young": True}
        report = (await api.post("/v1/labels/import", content=LABELLED.encode())).json()
        assert (report["changed"], report["rejected"]) == (len(WORDS), [])
        assert (await types(api))["languages"]["examples"] == len(WORDS)
        exported = (await api.get("/v1/labels/export")).text
        assert exported.count('"languages"') == len(WORDS)
    async with engineer(scripted, "other-types") as api:
        assert set(await types(api)) == set(LABELS.names)
        refused = (await api.post("/v1/labels/import", content=LABELLED.encode())).json()
        assert len(refused["rejected"]) == len(WORDS)


async def test_a_renamed_type_keeps_its_key(scripted: Scripted) -> None:
    async with engineer(scripted, "renamed") as api:
        changed = await api.patch("/v1/label-set/types/proof", json={"title": "Show me"})
        assert changed.status_code == 200, changed.text
        assert (await types(api))["proof"]["title"] == "Show me"
        assert (await types(api))["proof"]["hint"] == LABELS.get("proof").hint


async def test_a_retired_type_is_found_no_more_until_it_is_taken_back(scripted: Scripted) -> None:
    before = {one["signal_type"] for one in await signals_of(scripted, "retiring")}
    assert before
    name = sorted(before)[0]
    async with engineer(scripted, "retiring") as api:
        assert (await api.patch(f"/v1/label-set/types/{name}", json={"retired": True})).status_code == 200
        assert name not in {one["signal_type"] for one in await signals_of(scripted, "retiring")}
        # Nobody else's.
        assert name in {one["signal_type"] for one in await signals_of(scripted, "not-retiring")}
        assert (await api.patch(f"/v1/label-set/types/{name}", json={"retired": False})).status_code == 200
        assert name in {one["signal_type"] for one in await signals_of(scripted, "retiring")}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (LANGUAGES | {"type": "price"}, "already"),
        (LANGUAGES | {"type": "No Spaces"}, "lower-case"),
        (LANGUAGES | {"title": "price"}, "already"),
    ],
)
async def test_a_type_that_cannot_be(scripted: Scripted, body: dict[str, str], says: str) -> None:
    async with engineer(scripted, "refusing") as api:
        answer = await api.post("/v1/label-set/types", json=body)
        assert answer.status_code == 400
        assert says in answer.text
        assert (await api.patch("/v1/label-set/types/none", json={"title": "x"})).status_code == 404
        assert (await api.post("/v1/label-set/types", json=LANGUAGES | {"title": " "})).status_code == 400


async def test_only_an_engineer_changes_types(scripted: Scripted) -> None:
    token = scripted.token("supervisor", "refusing")
    async with httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as api:
        assert (await api.post("/v1/label-set/types", json=LANGUAGES)).status_code == 403
