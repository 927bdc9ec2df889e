"""Consent over the real socket: recorded with its wording, shown, acted upon at once, and never guessed."""

import httpx
import pytest

from graph.keys import KeyStore
from graph.messages import ConsentRecorded
from graph.tenants import TenantFolder
from tests.server.conftest import Scripted
from tests.server.server_audio import WORDING, agreeing, kept
from tests.server.server_calls import (
    BLOCK_MS,
    CHANNELS,
    DANA,
    INES,
    OMAR,
    SAID,
    caller,
    line,
    of_type,
)
from tests.server.server_screens import Screen
from tests.server.test_server_call_socket import journalled

pytestmark = pytest.mark.model


async def give(api: httpx.AsyncClient, call_id: str, channel: str, *given: str) -> httpx.Response:
    body = {"channel": channel, "given": given, "wording": f"{WORDING} <b>“quoted”</b>"}
    return await api.post(f"/v1/calls/{call_id}/consents", json=body)


async def test_what_was_agreed_before_the_call_is_recorded_and_shown(scripted: Scripted) -> None:
    channels = agreeing({DANA: ("transcript", "audio"), INES: ("transcript",)})
    async with (
        line(scripted.url, scripted.token()) as screen,
        caller(scripted.url, scripted.token(person="Dana")) as one,
    ):
        await one.start(channels=channels)
        assert one.seen[0]["host"] == "Dana"
        consents = [(await one.until(of_type("consent")))["consent"] for _ in range(2)]
        assert [(found["channel"], found["given"], found["wording"], found["author"]) for found in consents] == [
            (DANA, ["transcript", "audio"], WORDING, "Dana"),
            (INES, ["transcript"], WORDING, "Dana"),
        ]
        await Screen(screen).watch(one.call_id)
        assert screen.seen[-1]["consents"] == consents
        await one.end()
    held = journalled(scripted, one.call_id, "consent_recorded")
    assert [found.wording for found in held if isinstance(found, ConsentRecorded)] == [WORDING, WORDING]


async def test_a_consent_is_under_the_key_of_who_gave_it(scripted: Scripted) -> None:
    async with caller(scripted.url, scripted.token(tenant="erasing")) as one:
        await one.start(channels=agreeing({INES: ("transcript",), OMAR: ("transcript",)}))
        await one.end()
    tenant = scripted.service._tenants["erasing"]  # type: ignore[index]
    given = [event for event in tenant.journal.read(kinds=("consent_recorded",))]
    assert len({event.subject_id for event in given}) == 2
    keys = KeyStore(TenantFolder(scripted.service.settings.data, "erasing").keys)
    assert given[0].subject_id is not None
    keys.destroy(tenant.tenant_id, given[0].subject_id)
    keys.close()
    left = [event.message for event in tenant.journal.read(kinds=("consent_recorded",))]
    assert left == [None, given[1].message]


async def test_a_call_without_consent_goes_on_as_before(scripted: Scripted, api: httpx.AsyncClient) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        await one.utterance(INES, 0)
        await one.end()
    assert not [event for event in one.seen if event["type"] == "consent"]
    assert await kept(api, one.call_id) == {}


async def test_who_takes_the_transcript_back_is_heard_no_more(scripted: Scripted, api: httpx.AsyncClient) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        await one.utterance(INES, 0)
        answer = await give(api, one.call_id, INES)
        assert (answer.status_code, answer.json()["given"]) == (200, [])
        told = await one.until(of_type("health"))
        assert (told["channel"], told["ok"], told["code"]) == (INES, False, "not_consented")
        consent = (await one.until(of_type("consent")))["consent"]
        assert consent == answer.json()
        await one.say(INES, 1)
        await one.utterance(OMAR, 1)
        # Who agrees again is heard again.
        await give(api, one.call_id, INES, "transcript")
        well = await one.until(lambda event: event["type"] == "health" and event["ok"])
        assert (well["channel"], well["code"]) == (INES, "not_consented")
        snapshot = (await api.get(f"/v1/calls/{one.call_id}")).json()
        # One line, not two: the second replaced the first.
        assert [found["ok"] for found in snapshot["health"] if found["code"] == "not_consented"] == [True]
        await one.utterance(INES, 2)
        ended = await one.end()
    assert [event["text"] for event in one.seen if event["type"] == "utterance" and event["channel"] == INES] == [
        SAID[INES][0],
        SAID[INES][-1],
    ]
    # The clock held: what was not heard is silence.
    assert ended["end_ms"] == 3 * BLOCK_MS


async def test_a_refusal_before_the_call_counts_from_its_first_word(scripted: Scripted, api: httpx.AsyncClient) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start(channels=agreeing({INES: ()}))
        snapshot = (await api.get(f"/v1/calls/{one.call_id}")).json()
        (told,) = [found for found in snapshot["health"] if found["part"] == "audio"]
        assert (told["channel"], told["ok"]) == (INES, False)
        # Longer than it takes to call a channel silent that should be heard: this one is silent on purpose.
        for block in range(2):
            await one.say(INES, block)
            await one.utterance(OMAR, block)
        for channel in (INES, OMAR):
            await one.say(channel, 2)
        await one.end()
    assert INES not in {event["channel"] for event in one.seen if event["type"] == "health"}
    assert {event["channel"] for event in one.seen if event["type"] in ("utterance", "partial")} == {OMAR}
    assert {event["channel"] for event in one.seen if event["type"] == "speech_started"} == {OMAR}


async def test_a_consent_outlives_the_service(scripted: Scripted, api: httpx.AsyncClient) -> None:
    """After the call as well: the latest of each channel counts, drawn from the journal."""
    async with caller(scripted.url, scripted.token()) as one:
        await one.start(channels=agreeing({INES: ("transcript", "audio")}))
        await one.end()
    await give(api, one.call_id, INES, "transcript")
    snapshot = (await api.get(f"/v1/calls/{one.call_id}")).json()
    assert [(found["channel"], found["given"]) for found in snapshot["consents"]] == [(INES, ["transcript"])]


async def test_bad_consents(scripted: Scripted, api: httpx.AsyncClient) -> None:
    async with caller(scripted.url, scripted.token()) as one:
        await one.start()
        assert (await give(api, one.call_id, "nobody", "audio")).status_code == 404
        assert (await give(api, "no-such-call", INES, "audio")).status_code == 404
        assert (await give(api, one.call_id, INES, "feelings")).status_code == 400
        viewer = {"Authorization": f"Bearer {scripted.token('supervisor')}"}
        body = {"channel": INES, "given": ["audio"], "wording": "?"}
        refused = await api.post(f"/v1/calls/{one.call_id}/consents", json=body, headers=viewer)
        assert refused.status_code == 403
        other = {"Authorization": f"Bearer {scripted.token(tenant='other')}"}
        assert (await api.post(f"/v1/calls/{one.call_id}/consents", json=body, headers=other)).status_code == 404
        await one.end()
    assert journalled(scripted, one.call_id, "consent_recorded") == []
    async with caller(scripted.url, scripted.token()) as one:
        await one.tell({"type": "start", "channels": [{**CHANNELS[0], "consent": {"given": ["audio"], "wording": ""}}]})
        assert (await one.closed())[1] == "malformed_frame"
