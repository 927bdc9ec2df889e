"""The embedded graph engine as a supervised child: start, find, restart, end.

`DATA/engine.json` says where the engine of a data directory listens, so that other verbs use the one a service runs.
"""

import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psutil
from filelock import FileLock, Timeout

from graph.config import EngineConfig
from graph.errors import EngineError
from graph.store import Endpoint

log = logging.getLogger(__name__)

DATABASE = "needgraph"
USER = "root"
STOP_S = 10
READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An engine that runs: its process and where it listens."""

    pid: int
    created: float
    bolt_port: int
    password: str

    @property
    def alive(self) -> bool:
        """Whether that very process still runs; a recycled pid does not count."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.created) < 1.0
        except psutil.Error:
            return False

    @property
    def endpoint(self) -> Endpoint:
        """How the driver reaches it."""
        return Endpoint(
            uri=f"bolt://127.0.0.1:{self.bolt_port}",
            user=USER,
            password=self.password,
            database=DATABASE,
            embedded=True,
        )


def running_engine(data_dir: Path) -> Running | None:
    """The engine another process runs on this data directory, if one does."""
    path = data_dir / "engine.json"
    try:
        running = Running(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return running if running.alive else None


class EmbeddedEngine:
    """Owner of the engine of one data directory; use as a context manager."""

    def __init__(self, data_dir: Path, config: EngineConfig) -> None:
        """Nothing is started yet."""
        self._data_dir = data_dir
        self._config = config
        self._child: subprocess.Popen[str] | None = None
        self._lock = FileLock(data_dir / "engine.lock")
        self.running: Running | None = None

    def __enter__(self) -> "EmbeddedEngine":
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> Running:
        """Start the child and wait until it answers.

        Raises:
            EngineError: it did not become ready, or another process owns the engine of this directory.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise EngineError(f"another process runs the graph engine of {self._data_dir}") from error
        bolt_port, http_port = _free_ports(2)
        password = secrets.token_urlsafe(24)
        root = self._data_dir / "engine"
        root.mkdir(exist_ok=True)
        # ArcadeDB keeps the first password it saw in its own file; ours changes with every start.
        (root / "config" / "server-users.jsonl").unlink(missing_ok=True)
        wanted = {
            "root": str(root),
            "password": password,
            "heap_mb": self._config.heap_mb,
            "bolt_port": bolt_port,
            "http_port": http_port,
        }
        self._child = self._spawn(wanted)
        created = psutil.Process(self._child.pid).create_time()
        self.running = Running(pid=self._child.pid, created=created, bolt_port=bolt_port, password=password)
        _write_private(self._data_dir / "engine.json", asdict(self.running))
        log.info("graph engine ready", extra={"pid": self._child.pid, "bolt_port": bolt_port})
        return self.running

    def restart(self) -> Running:
        """Start again after the child died."""
        self.stop()
        return self.start()

    def stop(self) -> None:
        """End the child: close its stdin, then terminate, then kill."""
        child, self._child, self.running = self._child, None, None
        if child is not None:
            if child.stdin is not None:
                child.stdin.close()
            for last_resort in (child.terminate, child.kill, None):
                try:
                    child.wait(STOP_S)
                    break
                except subprocess.TimeoutExpired:
                    if last_resort is not None:
                        last_resort()
            (self._data_dir / "engine.json").unlink(missing_ok=True)
        if self._lock.is_locked:
            self._lock.release()

    def _spawn(self, wanted: dict[str, Any]) -> subprocess.Popen[str]:
        log_path = self._data_dir / "engine.log"
        with log_path.open("w", encoding="utf-8") as errors:
            child = subprocess.Popen(
                [sys.executable, "-m", "graph.engine_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=self._data_dir,
            )
        if child.stdin is None or child.stdout is None:
            raise EngineError("the graph engine has no pipes")
        child.stdin.write(json.dumps(wanted) + "\n")
        child.stdin.flush()
        if not _ready_within(child.stdout, self._config.start_timeout_s):
            child.kill()
            child.wait()
            self._lock.release()
            raise EngineError(f"the graph engine did not start; its log is {log_path}")
        threading.Thread(target=_drain, args=(child.stdout,), daemon=True).start()
        return child


def _ready_within(output: IO[str], timeout_s: int) -> bool:
    ready = threading.Event()

    def read() -> None:
        for line in output:
            if line.strip() == READY:
                ready.set()
                return

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    # The reader also ends when the child dies, so a broken start does not wait for the whole timeout.
    reader.join(timeout_s)
    return ready.is_set()


def _drain(output: IO[str]) -> None:
    for _ in output:
        pass


def _free_ports(count: int) -> tuple[int, ...]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return tuple(int(listener.getsockname()[1]) for listener in sockets)
    finally:
        for listener in sockets:
            listener.close()


def _write_private(path: Path, content: dict[str, Any]) -> None:
    staged = path.with_suffix(".tmp")
    with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file)
    staged.replace(path)
