"""The embedded engine as a child: started, found, killed, restarted, orphaned, ended."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from graph import queries
from graph.config import EngineConfig
from graph.engine import EmbeddedEngine, Running, running_engine
from graph.errors import EngineError, GraphUnavailableError
from graph.store import GraphStore

pytestmark = pytest.mark.engine

CONFIG = EngineConfig()
OWNER = """
import sys
from pathlib import Path
from graph.config import EngineConfig
from graph.engine import EmbeddedEngine
print(EmbeddedEngine(Path(sys.argv[1]), EngineConfig()).start().pid, flush=True)
sys.stdin.readline()
"""
FINDER = """
import sys
from pathlib import Path
from graph.engine import running_engine
from graph.store import GraphStore
running = running_engine(Path(sys.argv[1]))
with GraphStore(running.endpoint) as store:
    print(running.pid, store.check())
"""
SECOND = """
import sys
from pathlib import Path
from graph.config import EngineConfig
from graph.engine import EmbeddedEngine
from graph.errors import EngineError
try:
    EmbeddedEngine(Path(sys.argv[1]), EngineConfig()).start()
except EngineError as error:
    print(error)
"""
ROOT = Path(__file__).parents[2]


def elsewhere(script: str, data: Path) -> str:
    """What a script says in another process."""
    command = [sys.executable, "-c", script, str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT).stdout.strip()


def written(engine: EmbeddedEngine, seq: int) -> None:
    with GraphStore(engine.endpoint) as store:
        store.migrate()
        store.write([(queries.WRITE_POSITION, {"tenant": "acme", "seq": seq})])


def read(engine: EmbeddedEngine) -> list[dict[str, object]]:
    with GraphStore(engine.endpoint) as store:
        return store.read(queries.READ_POSITION, {"tenant": "acme"})


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedEngine, Path]]:
    data = tmp_path_factory.mktemp("owned")
    with EmbeddedEngine(data, CONFIG) as engine:
        yield engine, data


def test_a_running_engine_is_found_by_others(owned: tuple[EmbeddedEngine, Path]) -> None:
    engine, data = owned
    assert engine.alive
    assert engine.running is not None
    assert running_engine(data) == engine.running
    kept = data / "engine.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == asdict(engine.running)
    assert kept.stat().st_mode & 0o777 == 0o600
    pid, agent = elsewhere(FINDER, data).split(" ", 1)
    assert int(pid) == engine.running.pid
    assert "ArcadeDB" in agent


def test_it_listens_on_loopback_only(owned: tuple[EmbeddedEngine, Path]) -> None:
    assert owned[0].running is not None
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(owned[0].running.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_a_directory_has_one_engine(owned: tuple[EmbeddedEngine, Path]) -> None:
    engine, data = owned
    with pytest.raises(EngineError, match="another process"):
        EmbeddedEngine(data, CONFIG).start()
    assert "another process" in elsewhere(SECOND, data)
    with pytest.raises(EngineError, match="already"):
        engine.start()
    assert engine.alive
    assert running_engine(data) == engine.running


def assert_unlocked(data: Path) -> None:
    with FileLock(data / "engine.lock").acquire(timeout=0):
        pass


@pytest.fixture
def orphan(tmp_path: Path) -> psutil.Process:
    """The engine of an owner that was killed a moment ago."""
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as owner:
        assert owner.stdout is not None
        engine = psutil.Process(int(owner.stdout.readline()))
        running = running_engine(tmp_path)
        assert running is not None
        assert running.pid == engine.pid
        owner.kill()
    return engine


def test_orphaned_killed_restarted_stopped(
    tmp_path: Path, orphan: psutil.Process, caplog: pytest.LogCaptureFixture
) -> None:
    engine = EmbeddedEngine(tmp_path, CONFIG)
    with pytest.raises(EngineError, match="not running"):
        _ = engine.endpoint
    try:
        first = engine.start()
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
        assert "outlives" not in caplog.text, "the engine did not end by itself when its owner died"
        written(engine, 7)
        os.kill(first.pid, signal.SIGKILL)
        os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
        assert running_engine(tmp_path) is None
        assert not engine.alive
        with GraphStore(first.endpoint) as store, pytest.raises(GraphUnavailableError):
            store.check()
        second = engine.restart()
        assert engine.alive
        assert second.pid != first.pid
        assert running_engine(tmp_path) == second
        assert read(engine) == [{"seq": 7}]
    finally:
        # From another thread: the lock must not stay behind.
        stopper = threading.Thread(target=engine.stop)
        stopper.start()
        stopper.join()
    assert not psutil.pid_exists(second.pid)
    assert not engine.alive
    assert not (tmp_path / "engine.json").exists()
    assert running_engine(tmp_path) is None
    engine.stop()
    assert_unlocked(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "unknown": 2}', "null"])
def test_a_broken_engine_json_is_no_engine(tmp_path: Path, content: str) -> None:
    assert running_engine(tmp_path) is None
    (tmp_path / "engine.json").write_text(content, encoding="utf-8")
    assert running_engine(tmp_path) is None


def test_a_recycled_pid_is_no_engine(tmp_path: Path) -> None:
    me = psutil.Process()
    running = Running(pid=me.pid, created=me.create_time(), bolt_port=1, password="x")
    path = tmp_path / "engine.json"
    path.write_text(json.dumps(asdict(running)), encoding="utf-8")
    assert running_engine(tmp_path) == running
    path.write_text(json.dumps(asdict(replace(running, created=running.created - 3600))), encoding="utf-8")
    assert running_engine(tmp_path) is None


def test_a_dead_child_nobody_reaped_is_no_engine() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = psutil.Process(child.pid)
        running = Running(pid=child.pid, created=process.create_time(), bolt_port=1, password="x")
        assert running.alive
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process.status() == psutil.STATUS_ZOMBIE
        assert not running.alive


def test_an_engine_that_cannot_start_says_where_its_log_is(tmp_path: Path) -> None:
    # The child cannot make its database where a file lies.
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "databases").write_text("in the way", encoding="utf-8")
    engine = EmbeddedEngine(tmp_path, CONFIG)
    with pytest.raises(EngineError, match=r"engine\.log"):
        engine.start()
    assert not engine.alive
    assert engine.running is None
    assert not (tmp_path / "engine.json").exists()
    assert_unlocked(tmp_path)


def test_the_password_is_in_no_log(owned: tuple[EmbeddedEngine, Path], caplog: pytest.LogCaptureFixture) -> None:
    engine, data = owned
    assert engine.running is not None
    with caplog.at_level(logging.DEBUG), GraphStore(engine.endpoint) as store:
        store.check()
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in data.rglob("*log*") if path.is_file()]
    assert texts
    texts += [caplog.text, *psutil.Process(engine.running.pid).cmdline()]
    assert not any(engine.running.password in text for text in texts)
