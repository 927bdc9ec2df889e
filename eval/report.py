"""What every report says of where its numbers come from, and how reports are written."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

NAMED = ("needgraph", "faster-whisper", "ctranslate2", "onnxruntime", "numpy", "neo4j", "arcadedb-embedded")


def provenance(files: Iterable[Path]) -> dict[str, Any]:
    """Machine, versions, commit and a hash over the files measured on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_mb": psutil.virtual_memory().total >> 20,
            "system": platform.platform(),
            "load_1min": round(os.getloadavg()[0], 2),
        },
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in NAMED}},
        "commit": _commit(),
        "data_sha256": content_hash(files),
    }


def content_hash(files: Iterable[Path]) -> str:
    """sha256 over names and contents."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Write a report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Plain text in columns; numbers to the right."""
    cells = [[_cell(value) for value in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(_placed(value, width, column) for column, (value, width) in enumerate(zip(row, widths, strict=True)))
        for row in cells
    ]
    return "\n".join((lines[0], "-" * len(lines[0]), *lines[1:]))


def _placed(value: str, width: int, column: int) -> str:
    return value.ljust(width) if column == 0 else value.rjust(width)


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return None
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=root, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None
