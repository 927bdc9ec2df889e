"""How the service starts, and how it says that it cannot."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ingest.messages import TenantId
from server.auth import Principal, TokenStore
from server.errors import StartupError
from server.running import SERVICE_FILE, announce, bound, only_service
from tests.server.server_calls import WAIT_S, headers
from tests.server.server_child import ENVIRONMENT, NO_GRAPH, ROOT, verb

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEEDGRAPH_ASSR__BEAM_SIZE", "3"),
        ("NEEDGRAPH_ASR_BEAM_SIZE", "3"),
        ("NEEDGRAPH_ASR__BEAM", "3"),
        ("NEEDGRAPH_SERVER", "x"),
        ("NEEDGRAPH_SERVER__PORT", "many"),
        ("NEEDGRAPH_SERVER__IDLE_S", "1"),
    ],
)
def test_a_setting_without_meaning_is_refused_by_name(name: str, value: str, tmp_path: Path) -> None:
    done = verb("serve", "--data", tmp_path, **{name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_numpy_is_loaded_after_its_threads_are_limited() -> None:
    seen = "import sys, server.cli; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", seen], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_missing_weights(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = verb("serve", "--data", data, "--models", tmp_path / "none", "--port", 0)
    assert done.returncode == 3
    assert "needgraph models fetch" in done.stderr
    assert done.stdout == ""
    assert not data.exists()


def test_a_port_that_is_taken(tmp_path: Path, models_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = verb("serve", "--data", tmp_path / "data", "--models", models_dir, "--port", port)
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid"])
def test_an_address_that_is_not_ours(host: str) -> None:
    with pytest.raises(StartupError, match=host):
        bound(host, 0)


def test_a_second_service_on_a_data_directory(tmp_path: Path, models_dir: Path) -> None:
    data = tmp_path / "data"
    with only_service(data):
        done = verb("serve", "--data", data, "--models", models_dir, "--port", 0)
    assert done.returncode == 1
    assert str(data) in done.stderr
    assert not (data / "tokens.json").exists()


def test_the_service_file_is_private_and_goes_with_the_service(tmp_path: Path) -> None:
    with only_service(tmp_path):
        announce(tmp_path, "http://127.0.0.1:1", "ng_secret", "demo")
        path = tmp_path / SERVICE_FILE
        assert path.stat().st_mode & 0o777 == 0o600
        assert json.loads(path.read_text())["token"] == "ng_secret"
    assert not path.exists()


def test_a_wrong_tenant_name(tmp_path: Path, models_dir: Path) -> None:
    done = verb("serve", "--data", tmp_path, "--models", models_dir, "--port", 0, "--tenant", "../up")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_the_first_token_is_shown_once(tmp_path: Path, models_dir: Path) -> None:
    def first_lines(count: int) -> list[str]:
        command = [sys.executable, "-m", "server.cli", "serve", "--with-parent", "--port", "0"]
        command += ["--data", str(tmp_path), "--models", str(models_dir)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**ENVIRONMENT, **NO_GRAPH}
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            lines = [child.stdout.readline().strip() for _ in range(count)]
            if count == 1:
                url = lines[0].split()[1].split("/#")[0].rstrip("/")
                answer = httpx.get(f"{url}/v1/me", headers=headers(token), timeout=WAIT_S)
                assert answer.json() == answer.json() | {"tenant": "demo", "person": "admin", "role": "admin"}
            child.kill()
            lines += child.stdout.read().splitlines()
        return lines

    said = first_lines(3)
    token = said[1]
    assert "only this once" in said[0]
    assert said[2].endswith(f"/#token={token}")
    assert TokenStore(tmp_path / "tokens.json").principal(token).role == "admin"
    again = first_lines(1)
    assert token not in " ".join(again)
    assert "needgraph tokens add" in again[0]


def test_tokens_from_the_command_line(tmp_path: Path) -> None:
    for person, role in (("Kim", "rep"), ("Sol", "supervisor")):
        assert verb("tokens", "add", "--data", tmp_path, "--person", person, "--role", role).returncode == 0
    listed = json.loads(verb("tokens", "list", "--data", tmp_path, "--json").stdout)
    assert [(row["person"], row["role"], row["tenant_id"]) for row in listed] == [
        ("Kim", "rep", "demo"),
        ("Sol", "supervisor", "demo"),
    ]
    assert verb("tokens", "revoke", listed[0]["token"], "--data", tmp_path).returncode == 0
    assert verb("tokens", "revoke", listed[0]["token"], "--data", tmp_path).returncode == 2
    (kept,) = TokenStore(tmp_path / "tokens.json").principals.values()
    assert kept == Principal(tenant_id=TenantId("demo"), person="Sol", role="supervisor")
