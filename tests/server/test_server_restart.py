"""A service that is killed and started again: kept audio is there, and its log names nobody and opens nothing."""

from pathlib import Path

import httpx
import pytest

from tests.server.server_audio import agreeing, kept
from tests.server.server_calls import BLOCK_MS, INES, WAIT_S, Event, caller, headers
from tests.server.server_child import Child

pytestmark = [pytest.mark.model, pytest.mark.engine]

ACCOUNT = "Quellmeister Werke"
BLOCKS = 8
CUT_SHORT_MS = 10_000
"""At most so much of each channel is lost with a service that is killed: the segment that was not whole yet."""


def asking(service: Child) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=service.url, headers=headers(service.token), timeout=WAIT_S)


async def test_kept_audio_outlives_a_kill_and_the_log_tells_nothing(tmp_path: Path, models_dir: Path) -> None:
    def heard_all(event: Event) -> bool:
        return event["type"] == "ack" and event["samples"] >= (BLOCKS * BLOCK_MS - 1_000) * 16

    with Child(tmp_path / "data", models_dir) as service:
        async with asking(service) as api, caller(service.url, service.token) as one:
            await one.start(account=ACCOUNT, channels=agreeing({INES: ("transcript", "audio")}))
            for block in range(BLOCKS):
                await one.say(INES, block)
            await one.until(heard_all)
            before = await kept(api, one.call_id)
            sealed = (await api.get(f"/v1/calls/{one.call_id}/audio/{INES}/0")).content
            share = (await api.post(f"/v1/calls/{one.call_id}/shares", json={})).json()["path"]
            for path in (share, "/s/wrong", f"/v1/accounts?query={ACCOUNT}", f"/v1/calls?query={ACCOUNT}"):
                await api.get(path)
            service.kill()
        assert before[INES][0] == (0, 0, 10_000)
        assert set(before) == {INES}
    with Child(tmp_path / "data", models_dir) as again:
        async with asking(again) as api:
            after = await kept(api, one.call_id)
            assert after[INES][: len(before[INES])] == before[INES]
            assert after[INES][-1][2] >= BLOCKS * BLOCK_MS - CUT_SHORT_MS - 1_000
            assert (await api.get(f"/v1/calls/{one.call_id}/audio/{INES}/0")).content == sealed
            # Whatever was shared before opens still.
            assert (await api.get(share, headers={"Authorization": ""})).status_code == 200
        log = again.errors.read_text()
    for secret in (share, share.removeprefix("/s/"), service.token, again.token, one.seen[0]["resume_token"]):
        assert secret not in log
    for name in (ACCOUNT, "Ines", "Quellmeister"):
        assert name not in log
