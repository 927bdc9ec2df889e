"""`needgraph` as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("NEEDGRAPH_")}  # noqa: TID251 - tests have no settings
NO_GRAPH = {"NEEDGRAPH_GRAPH__URI": "bolt://127.0.0.1:9"}
"""An outside graph that never answers: calls must go on without one, and no engine is started."""


def verb(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
        timeout=120,
    )


class Child:
    """`needgraph serve` on a data directory; what it writes to stderr is kept beside it."""

    def __init__(self, data: Path, models_dir: Path) -> None:
        self.data = data
        self.errors = data.parent / "stderr.log"
        options = ["--data", data, "--models", models_dir, "--port", 0, "--json", "--with-parent"]
        self._command = [sys.executable, "-m", "server.cli", "serve", *map(str, options)]
        self.url = self.token = ""

    def __enter__(self) -> Self:
        with self.errors.open("ab") as errors:
            self.popen = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
                env=ENVIRONMENT,
            )
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        assert line, self.errors.read_text()
        found = json.loads(line)
        self.url, self.token = found["url"], found["token"]
        return self

    def __exit__(self, *_: object) -> None:
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.popen.stdin.close()
        try:
            self.popen.wait(30)
        finally:
            self.popen.kill()
            self.popen.wait()
            self.popen.stdout.close()

    def kill(self) -> None:
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()

    @property
    def engine(self) -> dict[str, Any]:
        """What `engine.json` says of the engine that runs."""
        return json.loads((self.data / "engine.json").read_text())
