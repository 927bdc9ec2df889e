"""The service as a client finds it: one that runs on a data directory, or one started as a child."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from eval.errors import ServiceUnreachableError

START_S = 120.0
"""Loading the models takes some seconds; the first start also builds the encoder graph."""
STOP_S = 30.0
SAMPLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service listens and the token to speak to it with."""

    url: str
    token: str


def find_service(data_dir: Path) -> Address | None:
    """The service that runs on a data directory, by the file it leaves for its own user."""
    try:
        found = json.loads((data_dir / "service.json").read_text(encoding="utf-8"))
        return Address(found["url"], found["token"]) if psutil.pid_exists(found["pid"]) else None
    except (OSError, ValueError, KeyError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the service has used: processor seconds since it began, and resident memory now; its engine apart."""

    cpu_s: float
    rss_mb: int
    engine_cpu_s: float


class ServiceChild:
    """`needgraph serve` as a child that ends with us; its memory and its engine's are watched."""

    def __init__(self, data_dir: Path, models_dir: Path, tenant: str, port: int | None) -> None:
        """Prepare; entering starts it. `port` 0 takes a free one, None the configured one."""
        self._data_dir = data_dir
        options = ["--data", str(data_dir), "--models", str(models_dir), "--tenant", tenant, "--json", "--with-parent"]
        self._command = [sys.executable, "-m", "server.cli", "serve", *options]
        self._command += [] if port is None else ["--port", str(port)]
        self._child: subprocess.Popen[str] | None = None
        self._done = threading.Event()
        self.peak_mb: dict[str, int] = {"service": 0, "engine": 0}
        self.address = Address("", "")

    def __enter__(self) -> Self:
        """Start and wait until it says where it listens.

        Raises:
            ServiceUnreachableError: it ended before; its own message is on stderr.
        """
        child = self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = _first_line(child.stdout)
        if not line:
            code = child.wait()
            raise ServiceUnreachableError(f"the service did not start (exit {code}); its message stands above", code)
        found = json.loads(line)
        self.address = Address(found["url"], found["token"])
        threading.Thread(target=self._watch, args=(child.pid,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its standard input, which ends it; then insist."""
        self._done.set()
        child = self._child
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        for insist in (child.terminate, child.kill):
            try:
                child.wait(STOP_S)
                break
            except subprocess.TimeoutExpired:
                insist()
        if child.stdout is not None:
            child.stdout.close()

    def usage(self) -> Usage:
        """Processor time and memory of the running service, of all its threads.

        Raises:
            ServiceUnreachableError: it has ended.
        """
        if self._child is None or self._child.poll() is not None:
            raise ServiceUnreachableError("the service has ended; its message stands above")
        engine = _engine_pid(self._data_dir)
        return Usage(
            cpu_s=_cpu_s(self._child.pid),
            rss_mb=psutil.Process(self._child.pid).memory_info().rss >> 20,
            engine_cpu_s=0.0 if engine is None else _cpu_s(engine),
        )

    def wait(self) -> None:
        """Serve until it ends by itself."""
        if self._child is not None:
            self._child.wait()

    def _watch(self, pid: int) -> None:
        while not self._done.wait(SAMPLE_S):
            self._note("service", pid)
            engine = _engine_pid(self._data_dir)
            if engine is not None:
                self._note("engine", engine)

    def _note(self, part: str, pid: int) -> None:
        try:
            self.peak_mb[part] = max(self.peak_mb[part], psutil.Process(pid).memory_info().rss >> 20)
        except psutil.Error:
            return


def _first_line(output: IO[str] | None) -> str:
    found: list[str] = []

    def read() -> None:
        if output is not None:
            found.append(output.readline())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(START_S)
    return found[0] if found else ""


def _cpu_s(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def _engine_pid(data_dir: Path) -> int | None:
    try:
        return json.loads((data_dir / "engine.json").read_text(encoding="utf-8"))["pid"]
    except (OSError, ValueError, KeyError):
        return None
