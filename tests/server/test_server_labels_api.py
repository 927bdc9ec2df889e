"""Labels out and in over the API, in every form."""

import json
from collections import Counter

import httpx
import pytest

from graph.tenants import TenantFolder
from intent.annotations import FORMS, LabelForm
from tests.server.conftest import Scripted
from tests.server.server_calls import INES, WAIT_S, caller, headers

pytestmark = pytest.mark.model

LINES = [
    {
        "call_id": "past-1",
        "turn": 1,
        "role": "rep",
        "speaker": "Dana",
        "text": "What is missing today?",
        "signals": [],
    },
    {
        "call_id": "past-1",
        "turn": 2,
        "role": "customer",
        "speaker": "Ines",
        "text": "🧀 We need exports to Excel, and it is far too expensive.",
        "signals": [
            {"kind": "need", "type": "integration", "start": 10, "end": 26, "strength": 2},
            {"kind": "hesitation", "type": "price", "start": 38, "end": 55, "strength": 2},
        ],
    },
    {"call_id": "past-2", "turn": 1, "role": "customer", "speaker": "Omar", "text": "Fine by me.", "signals": []},
]
FILE = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in LINES)


def client(scripted: Scripted, tenant: str) -> httpx.AsyncClient:
    token = scripted.token("engineer", tenant, person="Lin")
    return httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S)


async def taken(api: httpx.AsyncClient, content: str, form: str = "jsonl") -> dict[str, object]:
    answer = await api.post("/v1/labels/import", params={"format": form}, content=content.encode())
    assert answer.status_code == 200, answer.text
    return answer.json()


def spans(text: str) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for line in map(json.loads, text.splitlines()):
        for one in line["signals"]:
            found[line["text"], one["type"], line["text"][one["start"] : one["end"]]] += 1
    return found


@pytest.mark.parametrize("form", FORMS)
async def test_round_trip(scripted: Scripted, form: LabelForm) -> None:
    async with client(scripted, f"from-{form}") as source, client(scripted, f"to-{form}") as target:
        assert await taken(source, FILE) == {"taken": 2, "changed": 2, "unchanged": 0, "rejected": []}
        assert (await taken(source, FILE))["changed"] == 0
        exported = await source.get("/v1/labels/export", params={"format": form})
        assert exported.status_code == 200
        assert "attachment" in exported.headers["Content-Disposition"]
        report = await taken(target, exported.text, form)
        assert (report["changed"], report["rejected"]) == (2, [])
        first = (await source.get("/v1/labels/export")).text
        second = (await target.get("/v1/labels/export")).text
        assert spans(first) == spans(second)
        assert len(spans(first)) == 2
        # A past call comes along and is shown.
        calls = (await target.get("/v1/calls")).json()["calls"]
        assert {call["call_id"] for call in calls} == {"past-1", "past-2"}
        rows = (await target.get("/v1/labels")).json()["labels"]
        assert {row["author"] for row in rows} == {"Lin"}


async def test_good_lines_are_taken_and_broken_ones_named(scripted: Scripted) -> None:
    broken = {**LINES[1], "call_id": "past-3", "signals": [{"kind": "need", "type": "price", "start": 0, "end": 3}]}
    file = FILE + "{\n" + json.dumps(broken) + "\n"
    async with client(scripted, "broken") as api:
        report = await taken(api, "\ufeff" + file)
    assert report["taken"] == 2
    rejected = report["rejected"]
    assert isinstance(rejected, list)
    assert [one["line"] for one in rejected] == [4, 5]


async def test_a_champion_that_does_not_load_costs_nobody_a_word(scripted: Scripted) -> None:
    """The default adapter reads on, on a live call and for a correction."""
    folder = TenantFolder(scripted.service.settings.data, "torn").adapters
    (folder / "bad").mkdir(parents=True)
    (folder / "bad" / "adapter.onnx_adapter").write_bytes(b"no adapter")
    (folder / "bad" / "manifest.json").write_text("{}")
    (folder / "champion.json").write_text(json.dumps({"champions": ["bad"], "taken_back": []}))
    token = scripted.token(tenant="torn")
    async with caller(scripted.url, token) as call, client(scripted, "torn") as api:
        await call.start()
        heard = await call.utterance(INES, 0)
        verdict = {"call_id": call.call_id, "utterance_id": heard["utterance_id"], "revision": 1, "verdict": "add"}
        signal = {"type": "integration", "start": 0, "end": 7, "strength": 2}
        assert (await api.post("/v1/annotations/signals", json={**verdict, **signal})).status_code == 200
        await call.end()
    assert not [event for event in call.seen if event["type"] == "health" and event["part"] == "journal"]


@pytest.mark.parametrize(
    ("content", "form", "says"),
    [(b"\xff\xfe", "jsonl", "UTF-8 at byte 0"), (b"[]", "xml", "xml"), (b"{", "label-studio", "")],
)
async def test_files_that_are_none(scripted: Scripted, content: bytes, form: str, says: str) -> None:
    async with client(scripted, "none") as api:
        answer = await api.post("/v1/labels/import", params={"format": form}, content=content)
        assert answer.status_code == 400
        assert says in answer.json()["error"]["message"]
        assert (await api.get("/v1/labels/export", params={"format": "xml"})).status_code == 400
