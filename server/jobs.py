"""Training as a child process: `needgraph train`, its progress and its report, one run per tenant at a time."""

import asyncio
import json
import logging
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from ingest.messages import TenantId
from server.errors import ConflictError

log = logging.getLogger(__name__)

INSTALL = "make setup-train"
INSTALL_SIZE = "about 6 GB"
GATE_SAID_NO = 1


def training_available() -> bool:
    """Whether the extra `train` is installed; nothing is imported to find out."""
    return all(find_spec(name) is not None for name in ("torch", "transformers", "peft", "sklearn"))


@dataclass(slots=True)
class TrainingRun:
    """Where a tenant's training stands. `progress` in [0, 1], None while it is not known."""

    state: Literal["idle", "running", "done", "failed"] = "idle"
    progress: float | None = None
    message: str = ""
    report: dict[str, Any] | None = None


class TrainingJobs:
    """The training runs of this service."""

    def __init__(self, data_dir: Path, models_dir: Path) -> None:
        """Train into `data_dir` with weights of `models_dir`."""
        self._directories = ("--data", str(data_dir), "--models", str(models_dir))
        self._runs: dict[TenantId, TrainingRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def run_of(self, tenant_id: TenantId) -> TrainingRun:
        """The tenant's last run."""
        return self._runs.get(tenant_id, TrainingRun())

    def start(self, tenant_id: TenantId) -> TrainingRun:
        """Begin a run.

        Raises:
            ConflictError: one is running, or the training extra is missing.
        """
        if not training_available():
            raise ConflictError(f"training is not installed; {INSTALL} adds it ({INSTALL_SIZE})")
        if self.run_of(tenant_id).state == "running":
            raise ConflictError("a training run of this tenant is under way")
        run = self._runs[tenant_id] = TrainingRun(state="running", message="starting")
        task = asyncio.get_running_loop().create_task(self._train(tenant_id, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def close(self) -> None:
        """End the runs that are under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _train(self, tenant_id: TenantId, run: TrainingRun) -> None:
        command = ("-m", "server.cli", "train", "--tenant", tenant_id, *self._directories, "--json", "--progress")
        child = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            report, last_words = await asyncio.gather(_read_report(child), _follow(child, run))
            code = await child.wait()
        except asyncio.CancelledError:
            child.terminate()
            await child.wait()
            raise
        run.report = report
        run.progress = None
        done = report is not None and code in (0, GATE_SAID_NO)
        run.state = "done" if done else "failed"
        run.message = "" if done else last_words
        log.info("training ended", extra={"tenant_id": tenant_id, "exit_code": code})


async def _read_report(child: asyncio.subprocess.Process) -> dict[str, Any] | None:
    output = await child.stdout.read() if child.stdout else b""
    try:
        return json.loads(output)
    except json.JSONDecodeError:
        return None


async def _follow(child: asyncio.subprocess.Process, run: TrainingRun) -> str:
    """Read `progress 0.42 message` lines; return the last other line, which says what went wrong."""
    last = "training failed"
    while child.stderr and (line := (await child.stderr.readline()).decode(errors="replace").strip()):
        words = line.split(maxsplit=2)
        if words[0] == "progress" and len(words) == 3:
            run.progress, run.message = float(words[1]), words[2]
        else:
            last = line
    return last
