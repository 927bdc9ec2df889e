"""`needgraph eval signals` on files of one's own: figures that can be checked by hand, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.server_child import verb

pytestmark = pytest.mark.model

NEED = {"kind": "need", "type": "proof", "start": 0, "end": 4, "strength": 2}


def line(turn: int, text: str, signals: list[dict[str, Any]], role: str = "customer") -> dict[str, Any]:
    return {"call_id": "c1", "turn": turn, "role": role, "speaker": "Ines", "text": text, "signals": signals}


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return path


def test_figures_of_two_files_and_of_both(tmp_path: Path, models_dir: Path) -> None:
    quiet = written(
        tmp_path / "quiet.jsonl",
        line(1, "Shall we start?", [], role="rep"),
        line(2, "Yes, good morning everybody.", []),
    )
    missed = written(tmp_path / "missed.jsonl", line(1, "Good morning.", [NEED]))
    report = tmp_path / "report.json"
    done = verb("eval", "signals", quiet, missed, "--json", report, "--models", models_dir, "--quiet")
    assert done.returncode == 0, done.stderr
    assert [row.split()[0] for row in done.stdout.splitlines()[2:5]] == ["quiet", "missed", "pooled"]
    found = json.loads(report.read_text(encoding="utf-8"))
    first, second = found["files"]
    assert (first["utterances"], first["quiet"], first["quiet_fired"], first["kind_f1"]) == (1, 1, 0, None)
    assert (second["utterances"], second["signals"], second["types"]["proof"]["fn"]) == (1, 1, 1)
    assert found["pooled"]["utterances"] == 2
    assert found["adapter"] == json.loads(Path("intent/default_adapter/manifest.json").read_bytes())["adapter_id"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (line(1, "Hi", [{**NEED, "end": 9}]), "own.jsonl:1: signals"),
        (line(1, "Hello there", [{**NEED, "type": "hunger"}]), "own.jsonl:1: signals"),
    ],
    ids=["a span beyond the text", "an unknown type"],
)
def test_a_wrong_label_is_named(row: dict[str, Any], says: str, tmp_path: Path, models_dir: Path) -> None:
    done = verb("eval", "signals", written(tmp_path / "own.jsonl", row), "--models", models_dir)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_missing_file_is_named(tmp_path: Path, models_dir: Path) -> None:
    done = verb("eval", "signals", tmp_path / "none.jsonl", "--models", models_dir)
    assert done.returncode == 2
    assert "none.jsonl" in done.stderr
