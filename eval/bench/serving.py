"""A service of the benchmark's own, with the demo vendor's items to link to, so that everything runs as in use."""

import asyncio
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval import demo_world
from eval.bench.bundled import demo_call
from eval.bench.calls import Call, cut, loaded
from eval.bench.options import Progress
from eval.client import Played, play
from eval.service import ServiceChild, Usage

WARM_UP_MS = 8_000
"""Two turns of the demo call: each part has run once, and the graph engine has been asked for."""
SETTLE_S = 60.0
IDLE_CORES = 0.1


@contextmanager
def service(data_dir: Path | None, models_dir: Path, tenant: str, show: Progress) -> Generator[ServiceChild]:
    """Start it on a free port and wait until it is warm and idle; it ends with the block.

    Without `data_dir` its journals are gone then.

    Raises:
        DemoWorldError: the items could not be imported.
        ServiceUnreachableError: the service did not start.
    """
    with tempfile.TemporaryDirectory(prefix="needgraph-eval-") as scratch:
        place = data_dir or Path(scratch) / "data"
        show("importing what is linked to, and starting a service…")
        demo_world.import_world(place, models_dir, tenant)
        with ServiceChild(place, models_dir, tenant, 0) as child:
            asyncio.run(sent(child, cut(loaded(demo_call()), WARM_UP_MS), 1.0))
            _settle(child)
            yield child


async def sent(child: ServiceChild, call: Call, speed: float) -> Played:
    """Send one call under a fresh id and collect its events.

    Raises:
        CallRefusedError: no other call fits.
        ServiceUnreachableError: the connection broke.
    """
    return await play(child.address.url, child.address.token, call.start(), call.audio, speed, _ignore)


def _settle(child: ServiceChild) -> None:
    """Wait for the graph engine to finish starting, which takes a core for some seconds."""
    until_s = time.monotonic() + SETTLE_S
    while time.monotonic() < until_s:
        before = child.usage()
        time.sleep(1.0)
        if _busy_s(child.usage()) - _busy_s(before) < IDLE_CORES:
            return


def _busy_s(usage: Usage) -> float:
    return usage.cpu_s + usage.engine_cpu_s


def _ignore(event: dict[str, Any]) -> None:
    """Events are read when the call is over."""
