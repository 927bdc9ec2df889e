"""Looks at every part as it would be used, and says how to mend what is wrong."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graph.engine import running_engine
from graph.keys import KeyStore
from graph.tenants import TenantFolder, tenants
from server.jobs import INSTALL, INSTALL_SIZE, training_available
from server.offline import graph_store, opened, understanding
from server.settings import Settings
from server.weights import problems

State = Literal["right", "note", "missing", "broken"]
LOW_DISK_BYTES = 1 << 30
"""A call of an hour journals about a megabyte; below this the disk is the next thing to fail."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `remedy` for anything but right."""

    part: str
    state: State
    message: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Run every check; one that fails keeps none of the others from running."""
    checks: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("data", _data),
        ("weights", _weights),
        ("recognition", _recognition),
        ("model", _model),
        ("graph", _graph),
        ("tenants", _tenants),
        ("page", _page),
        ("training", _training),
    )
    for part, check in checks:
        try:
            yield from check(settings)
        except Exception as error:
            # A doctor reports what it meets, whatever it is.
            yield Finding(part, "broken", str(error) or type(error).__name__, "see the message")


def _data(settings: Settings) -> Iterator[Finding]:
    data = settings.data
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    probe = data / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    free = shutil.disk_usage(data).free
    if free < LOW_DISK_BYTES:
        yield Finding("data", "note", f"{data} has {free >> 20} MB left", "free some disk space")
    else:
        yield Finding("data", "right", f"{data} can be written, {free >> 30} GB free")


def _weights(settings: Settings) -> Iterator[Finding]:
    found = list(problems(settings.models, deep=True))
    for problem in found:
        yield Finding("weights", "missing", problem, "run `needgraph models fetch`")
    if not found:
        yield Finding("weights", "right", f"all files in {settings.models} have their sha256")


def _recognition(settings: Settings) -> Iterator[Finding]:
    from asr.whisper import WhisperDecoder
    from ingest.vad import SileroSession

    SileroSession()
    WhisperDecoder(settings.models, settings.asr)
    yield Finding("recognition", "right", f"{settings.asr.model} loads as {settings.asr.compute_type}")


def _model(settings: Settings) -> Iterator[Finding]:
    with understanding(settings):
        yield Finding("model", "right", "the encoder and the default adapter load")


def _graph(settings: Settings) -> Iterator[Finding]:
    with graph_store(settings) as store:
        agent = store.check()
    where = settings.graph.uri or ("the running service's engine" if running_engine(settings.data) else "embedded")
    yield Finding("graph", "right", f"{agent} answers ({where})")


def _tenants(settings: Settings) -> Iterator[Finding]:
    for name in tenants(settings.data):
        with opened(settings, name) as tenant:
            verified = tenant.journal.verify()
            if not verified.ok:
                message = f"journal of {name}: event {verified.broken_seq}: {verified.reason}"
                yield Finding("tenants", "broken", message, "restore the journal from a backup")
                continue
            champion = tenant.adapters.champion()
            tenant.adapters.folder_of(champion)
        yield Finding("tenants", "right", f"{name}: {verified.events} events, adapter {champion}")
    if not tenants(settings.data):
        yield Finding("tenants", "right", "none yet")
    KeyStore(TenantFolder(settings.data, "demo").keys).close()


def _page(_: Settings) -> Iterator[Finding]:
    if (Path(__file__).parent / "static/index.html").is_file():
        yield Finding("page", "right", "built")
    else:
        yield Finding("page", "missing", "the page is not built", "run `make setup`; it needs Node 20.19 or newer")


def _training(_: Settings) -> Iterator[Finding]:
    if training_available():
        yield Finding("training", "right", "installed")
    else:
        yield Finding("training", "note", "not installed; nothing but training needs it", f"{INSTALL} ({INSTALL_SIZE})")
