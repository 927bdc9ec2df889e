"""Who gets in: tokens, roles, origins and tenants, all before the upgrade."""

import asyncio
import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ingest.messages import TenantId
from server.auth import RIGHTS, Principal, TokenStore, check_origin
from server.errors import TokenExpiredError, UnauthorisedError
from tests.server.conftest import Scripted
from tests.server.server_calls import INES, WAIT_S, caller, headers, line, of_type
from tests.server.server_child import verb
from tests.server.server_screens import Screen

pytestmark = pytest.mark.model

SOCKETS = ["/v1/calls", "/v1/screen"]
KIM = Principal(tenant_id=TenantId("acme"), person="Kim", role="rep")


async def refused(url: str, path: str, token: str | None, **more: str) -> tuple[int, str]:
    """Status and error code of an upgrade that is not granted."""
    with pytest.raises(InvalidStatus) as raised:
        async with connect("ws" + url.removeprefix("http") + path, additional_headers={**headers(token), **more}):
            pass
    response = raised.value.response
    return response.status_code, json.loads(response.body or b"{}")["error"]["code"]


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("token", [None, "", "ng_wrong", "ng_" + "ä" * 9, "x" * 5_000])
async def test_nobody_gets_in_without_a_token(scripted: Scripted, path: str, token: str | None) -> None:
    if token is not None and not token.isascii():
        token = token.encode().decode("latin-1")
    before = await seconds_heard(scripted)
    assert await refused(scripted.url, path, token) == (401, "unauthorised")
    assert await seconds_heard(scripted) == before


async def seconds_heard(scripted: Scripted) -> str:
    async with httpx.AsyncClient(base_url=scripted.url, timeout=WAIT_S) as client:
        page = (await client.get("/metrics")).text
    return next(row for row in page.splitlines() if row.startswith("ingest_audio_seconds_total"))


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://127.0.0.1"])
async def test_a_foreign_site_does_not_get_in_with_a_good_token(scripted: Scripted, path: str, origin: str) -> None:
    assert await refused(scripted.url, path, scripted.token(), Origin=origin) == (401, "unauthorised")


async def test_our_own_page_gets_in(scripted: Scripted) -> None:
    async with connect(
        "ws" + scripted.url.removeprefix("http") + "/v1/screen",
        additional_headers={**headers(scripted.token()), "Origin": scripted.url},
    ) as socket:
        assert json.loads(await socket.recv())["type"] == "calls"


def test_an_origin_of_the_settings_gets_in() -> None:
    check_origin("https://crm.example", "127.0.0.1:8765", ("https://crm.example",))
    check_origin(None, "127.0.0.1:8765", ())
    for host in ("127.0.0.1:8765", "", None):
        with pytest.raises(UnauthorisedError):
            check_origin("https://crm.example:1", host, ("https://crm.example",))


@pytest.mark.parametrize("role", ["supervisor", "engineer"])
async def test_a_role_that_may_not_call(scripted: Scripted, role: str) -> None:
    token = scripted.token(role)  # type: ignore[arg-type]
    assert await refused(scripted.url, "/v1/calls", token) == (403, "forbidden")


@pytest.mark.parametrize("role", list(RIGHTS))
async def test_what_a_role_may(scripted: Scripted, role: str) -> None:
    token = scripted.token(role)  # type: ignore[arg-type]
    async with httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as client:
        me = (await client.get("/v1/me")).json()
        assert (me["tenant"], me["role"], tuple(me["can"])) == ("acme", role, RIGHTS[role])  # type: ignore[index]
        status = 404 if "train" in me["can"] else 403
        assert (await client.post("/v1/adapters/nothing/promote")).status_code == status
        assert (await client.post("/v1/annotations/none/undo")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("GET", "/v1/calls"),
        ("GET", "/v1/calls/c1"),
        ("GET", "/v1/items/ticket/T-1"),
        ("POST", "/v1/annotations/signals"),
        ("POST", "/v1/annotations/links"),
        ("POST", "/v1/labels/import"),
        ("GET", "/v1/labels/export"),
        ("POST", "/v1/train"),
        ("POST", "/v1/adapters/rollback"),
        ("POST", "/v1/calls/c1/consents"),
        ("POST", "/v1/calls/c1/end"),
        ("GET", "/v1/calls/c1/audio"),
        ("GET", "/v1/calls/c1/audio/a/0"),
        ("POST", "/v1/recordings"),
        ("GET", "/v1/recordings/c1"),
        ("DELETE", "/v1/recordings/c1"),
    ],
)
async def test_no_route_answers_nobody(scripted: Scripted, method: str, path: str) -> None:
    async with httpx.AsyncClient(base_url=scripted.url, timeout=WAIT_S) as client:
        for authorization in ({}, {"Authorization": "Basic Zm9v"}, {"Authorization": "Bearer"}, headers("ng_no")):
            answer = await client.request(method, path, headers=authorization)
            assert answer.status_code == 401
            assert answer.json()["error"]["code"] == "unauthorised"


async def test_a_browser_brings_its_token_as_a_subprotocol(scripted: Scripted) -> None:
    protocols = [Subprotocol("needgraph.v1"), Subprotocol(f"bearer.{scripted.token()}")]
    url = "ws" + scripted.url.removeprefix("http") + "/v1/screen"
    async with connect(url, subprotocols=protocols) as socket:
        # The token is never echoed.
        assert socket.subprotocol == "needgraph.v1"
        assert json.loads(await socket.recv())["type"] == "calls"
    with pytest.raises(InvalidStatus) as raised:
        async with connect(url, subprotocols=[protocols[0], Subprotocol("bearer.ng_wrong")]):
            pass
    assert raised.value.response.status_code == 401


async def test_a_token_revoked_by_another_process_is_refused_at_once(scripted: Scripted) -> None:
    data = scripted.service.settings.data
    added = verb("tokens", "add", "--data", data, "--tenant", "acme", "--person", "Lee")
    assert added.returncode == 0, added.stderr
    token = added.stdout.strip()
    async with httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as client:
        assert (await client.get("/v1/me")).json()["person"] == "Lee"
        other = TokenStore(data / "tokens.json")
        (name,) = [name for name, one in other.principals.items() if one.person == "Lee"]
        assert other.revoke(name)
        assert (await client.get("/v1/me")).status_code == 401
    assert await refused(scripted.url, "/v1/calls", token) == (401, "unauthorised")


def test_tokens_are_stored_hashed_and_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / "tokens.json"
    store = TokenStore(path)
    token = store.mint(KIM)
    session = store.mint(KIM, stored=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert token not in text
    assert session not in text
    assert len(json.loads(text)) == 1
    assert TokenStore(path).principal(token) == KIM
    # A session token is this process's own.
    assert store.principal(session) == KIM
    with pytest.raises(UnauthorisedError):
        TokenStore(path).principal(session)


def test_a_token_expires(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "tokens.json")
    soon = datetime.now(UTC) + timedelta(hours=1)
    good, old = (store.mint(replace(KIM, expires_at=at)) for at in (soon, datetime.now(UTC) - timedelta(seconds=1)))
    other = TokenStore(tmp_path / "tokens.json")
    assert other.principal(good).expires_at == soon
    with pytest.raises(TokenExpiredError, match="needgraph tokens add"):
        other.principal(old)
    session = store.mint(replace(KIM, expires_at=datetime.now(UTC)), stored=False)
    with pytest.raises(TokenExpiredError):
        store.principal(session)
    # A file that an earlier program wrote, or will read, names no time for those that never expire.
    lasting = store.mint(KIM)
    assert sorted(len(row) for row in json.loads((tmp_path / "tokens.json").read_text()).values()) == [3, 4, 4]
    assert TokenStore(tmp_path / "tokens.json").principal(lasting) == KIM


async def test_an_expired_token_is_refused_and_its_running_call_goes_on(scripted: Scripted) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=3)
    token = scripted.service.tokens.mint(replace(KIM, expires_at=expires_at), stored=False)
    async with (
        httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as client,
        caller(scripted.url, token) as one,
    ):
        await one.start()
        await asyncio.sleep((expires_at - datetime.now(UTC)).total_seconds() + 0.1)
        answer = await client.get("/v1/me")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_expired")
        assert "needgraph tokens add" in answer.json()["error"]["message"]
        for path in SOCKETS:
            assert await refused(scripted.url, path, token) == (401, "token_expired")
        assert (await one.utterance(INES, 0))["text"]
        await one.end()


def test_the_verb_makes_tokens_that_expire(tmp_path: Path) -> None:
    add = ("tokens", "add", "--data", tmp_path, "--tenant", "acme", "--person", "Lou", "--expires-in")
    added = verb(*add, "0.5")
    assert added.returncode == 0, added.stderr
    expires_at = TokenStore(tmp_path / "tokens.json").principal(added.stdout.strip()).expires_at
    assert expires_at is not None
    assert timedelta(minutes=25) < expires_at - datetime.now(UTC) < timedelta(minutes=30)
    assert f"Lou  until {expires_at:%Y-%m-%d %H:%M} UTC" in verb("tokens", "list", "--data", tmp_path).stdout
    (row,) = json.loads(verb("tokens", "list", "--data", tmp_path, "--json").stdout)
    assert datetime.fromisoformat(row["expires_at"]) == expires_at
    assert verb(*add, "0").returncode == 2


def test_without_their_file_no_tokens_are_left(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "tokens.json")
    token = store.mint(KIM)
    (tmp_path / "tokens.json").unlink()
    with pytest.raises(UnauthorisedError):
        store.principal(token)
    assert not store.revoke("nothing")


async def test_a_tenant_never_sees_anothers_call(scripted: Scripted) -> None:
    """Also when both give their calls one id."""
    call_id = "same-name"
    mine, theirs = scripted.token(), scripted.token(tenant="rival")
    async with (
        caller(scripted.url, mine) as one,
        line(scripted.url, theirs) as foreign,
        httpx.AsyncClient(base_url=scripted.url, headers=headers(theirs), timeout=WAIT_S) as client,
    ):
        await one.start(call_id=call_id)
        uttered = await one.utterance(INES, 0)
        for path in ("", "/graph"):
            assert (await client.get(f"/v1/calls/{call_id}{path}")).status_code == 404
        assert call_id not in (await client.get("/v1/calls")).text
        verdict = {
            "call_id": call_id,
            "utterance_id": uttered["utterance_id"],
            "revision": 1,
            "verdict": "add",
            "type": "integration",
            "start": 0,
            "end": 7,
            "strength": 2,
        }
        assert (await client.post("/v1/annotations/signals", json=verdict)).status_code == 404
        await foreign.tell({"type": "watch", "call_id": call_id})
        assert (await foreign.until(of_type("screen_error")))["code"] == "not_found"

        async with caller(scripted.url, theirs) as other:
            await other.start(call_id=call_id)
            watched = Screen(foreign)
            await watched.watch(call_id)
            assert watched.picture["utterances"] == {}
            await one.utterance(INES, 1)
            heard = await other.utterance(INES, 2)
            await watched.follow("utterance")
            assert list(watched.picture["utterances"].values()) == [heard]
            await other.end()
        # Their call is over; mine hears on.
        await one.utterance(INES, 2)
        await one.end()
    texts = [frame.get("event", {}).get("text", "") for frame in foreign.seen]
    assert uttered["text"] not in texts


async def test_items_of_a_tenant_are_its_own(scripted: Scripted, tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.jsonl"
    row = {
        "id": "ENG/1 ä",
        "title": "Excel export",
        "body": "Weekly.",
        "status": "open",
        "created_at": "2026-01-02T03:04:05Z",
    }
    tickets.write_text(json.dumps(row) + "\n")
    settings = scripted.service.settings
    done = verb("import", "tickets", tickets, "--data", settings.data, "--models", settings.models, "--tenant", "owner")
    assert done.returncode == 0, done.stderr
    path = "/v1/items/ticket/ENG%2F1%20%C3%A4"
    async with httpx.AsyncClient(base_url=scripted.url, timeout=WAIT_S) as client:
        mine = await client.get(path, headers=headers(scripted.token(tenant="owner")))
        assert (mine.status_code, mine.json()["title"]) == (200, "Excel export")
        assert (await client.get(path, headers=headers(scripted.token()))).status_code == 404
