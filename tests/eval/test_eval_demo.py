"""The demo call over the real socket: what the newcomer sees, in a real browser, and what the report says."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from eval import demo_world
from eval.demo_run import play_demo
from eval.service import ServiceChild

ROOT = Path(__file__).parents[2]
TENANT = "demo"

pytestmark = [pytest.mark.model, pytest.mark.engine, pytest.mark.timeout(600)]


def verb(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


@pytest.mark.browser
def test_the_page_shows_the_demo_call(models_dir: Path, tmp_path: Path) -> None:
    data, pictures = tmp_path / "data", tmp_path / "pictures"
    demo_world.import_world(data, models_dir, TENANT)
    reports: list[dict[str, object]] = []
    with ServiceChild(data, models_dir, TENANT, 0) as service:
        address = service.address
        call = threading.Thread(target=lambda: reports.append(play_demo(address, 1.0, None)))
        call.start()
        page = f"{address.url}/#token={address.token}"
        watched = subprocess.run(
            ["node", "e2e/demo.mjs", page, str(pictures)],
            cwd=ROOT / "server/web",
            capture_output=True,
            text=True,
            check=False,
        )
        call.join()
    assert watched.returncode == 0, watched.stderr

    report = reports[0]
    assert report["turns_without_final"] == []
    words, signals = report["wer"], report["signals"]
    assert isinstance(words, float)
    assert words <= 0.08
    assert isinstance(signals, dict)
    assert signals["found"] >= 1

    call_id = str(report["call_id"])
    shown = verb("graph", "show", "--call", call_id, "--json", "--data", str(data))
    assert shown.returncode == 0, shown.stderr
    before = json.loads(shown.stdout)
    assert before["nodes"]
    rebuilt = verb("rebuild", "--data", str(data), "--models", str(models_dir), "--quiet")
    assert rebuilt.returncode == 0, rebuilt.stderr
    after = json.loads(verb("graph", "show", "--call", call_id, "--json", "--data", str(data)).stdout)
    assert after == before
