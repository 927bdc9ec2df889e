"""The embedded graph engine as a supervised child: start, find, restart, end.

`DATA/engine.json` says where the engine of a data directory listens, so that other verbs use the one a service runs.
"""

import contextlib
import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
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
READY, MADE, FAILED = "ready", "made", "failed"
MAKE_S = 30.0
"""For one database; a loaded machine is given time."""
READY_POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An engine that runs: its process and where it listens."""

    pid: int
    created: float
    bolt_port: int
    password: str

    @property
    def alive(self) -> bool:
        """Whether that very process still runs; a recycled pid does not count, nor one that waits to be reaped."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1.0
            return same and process.status() != psutil.STATUS_ZOMBIE
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
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._asking = threading.Lock()
        # Not bound to a thread: whoever stops the engine must give up the lock, whichever thread started it.
        self._lock = FileLock(data_dir / "engine.lock", thread_local=False)
        self.running: Running | None = None

    def __enter__(self) -> "EmbeddedEngine":
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()

    @property
    def endpoint(self) -> Endpoint:
        """How the driver reaches the running child.

        Raises:
            EngineError: it does not run.
        """
        if self.running is None:
            raise EngineError("the graph engine is not running")
        return self.running.endpoint

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> Running:
        """Start the child and wait until it answers.

        Raises:
            EngineError: it did not become ready, or it is running already, here or in another process.
        """
        if self._child is not None:
            raise EngineError(f"this process runs the graph engine of {self._data_dir} already")
        self._data_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise EngineError(f"another process runs the graph engine of {self._data_dir}") from error
        try:
            self.running = self._started()
        except (OSError, psutil.Error) as error:
            self.stop()
            raise EngineError(f"the graph engine of {self._data_dir} could not be started") from error
        except BaseException:
            self.stop()
            raise
        return self.running

    def _started(self) -> Running:
        orphan = running_engine(self._data_dir)
        if orphan is not None:
            _end_orphan(orphan)
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
        self._child = self._spawned()
        self._wait_until_ready(self._child, wanted)
        created = psutil.Process(self._child.pid).create_time()
        running = Running(pid=self._child.pid, created=created, bolt_port=bolt_port, password=password)
        _write_private(self._data_dir / "engine.json", asdict(running))
        log.info("graph engine ready", extra={"pid": running.pid, "bolt_port": bolt_port})
        return running

    def restart(self) -> Running:
        """Start again after the child died."""
        self.stop()
        return self.start()

    def create_database(self, name: str) -> None:
        """Make a database of the running engine, unless it is there.

        Raises:
            EngineError: it could not be made, or the engine does not run.
        """
        with self._asking:
            if self._child is None or self._child.stdin is None:
                raise EngineError("the graph engine is not running")
            try:
                self._child.stdin.write(name + "\n")
                self._child.stdin.flush()
                answer = self._answers.get(timeout=MAKE_S)
                while answer and not answer.endswith(f" {name}"):
                    # Of a request whose answer nobody waited for any more.
                    answer = self._answers.get(timeout=MAKE_S)
            except (OSError, Empty) as error:
                raise EngineError("the graph engine does not answer") from error
        if answer != f"{MADE} {name}":
            raise EngineError(f"the graph engine made no database; its log is {self._data_dir / 'engine.log'}")

    def stop(self) -> None:
        """End the child: close its stdin, then terminate, then kill."""
        child, self._child, self.running = self._child, None, None
        if child is not None:
            if child.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    child.stdin.close()
            _end(child)
            (self._data_dir / "engine.json").unlink(missing_ok=True)
        if self._lock.is_locked:
            self._lock.release()

    def _spawned(self) -> subprocess.Popen[str]:
        with (self._data_dir / "engine.log").open("w", encoding="utf-8") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "graph.engine_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=self._data_dir,
                # Ctrl-C at the terminal is for the owner, which writes what is left before it ends the engine.
                process_group=0,
            )

    def _wait_until_ready(self, child: subprocess.Popen[str], wanted: dict[str, Any]) -> None:
        if child.stdin is None or child.stdout is None:
            raise EngineError("the graph engine has no pipes")
        answers: SimpleQueue[str] = SimpleQueue()
        self._answers = answers
        threading.Thread(target=_listen, args=(child.stdout, answers), name="graph-engine", daemon=True).start()
        # A child that dies at once takes its end of the pipe with it; then it never becomes ready.
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(wanted) + "\n")
            child.stdin.flush()
        try:
            ready = answers.get(timeout=self._config.start_timeout_s) == READY
        except Empty:
            ready = False
        if not ready:
            child.kill()
            raise EngineError(f"the graph engine did not start; its log is {self._data_dir / 'engine.log'}")


def _listen(output: IO[str], answers: "SimpleQueue[str]") -> None:
    # Reads on after it is ready: a pipe that nobody empties would stop the child one day.
    with output:
        for line in output:
            if line.partition(" ")[0].strip() in (READY, MADE, FAILED):
                answers.put(line.strip())
    answers.put("")


def _end_orphan(orphan: Running) -> None:
    # Its owner is gone, or we would not hold the lock, so it is about to end; two engines cannot share one database.
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(orphan.pid)
        for harder in (process.terminate, process.kill):
            if _gone(orphan):
                return
            log.warning("graph engine outlives its owner; it is ended", extra={"pid": orphan.pid})
            harder()
        if not _gone(orphan):
            raise EngineError(f"an engine without owner does not end: process {orphan.pid}")


def _gone(running: Running) -> bool:
    until = time.monotonic() + STOP_S
    while running.alive and time.monotonic() < until:
        time.sleep(READY_POLL_S)
    return not running.alive


def _end(child: subprocess.Popen[str]) -> None:
    for harder in (child.terminate, child.kill):
        try:
            child.wait(STOP_S)
            return
        except subprocess.TimeoutExpired:
            harder()
    child.wait()


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
