"""The built wheel holds everything that is read at run time, and nothing of the page's sources."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PARTS = (
    "server/static/index.html",
    "server/asyncapi.json",
    "server/weights.json",
    "graph/schema.cypher",
    "asr/ordinary_words.txt",
    "intent/corpus/train.jsonl",
    "intent/corpus/dev.jsonl",
    "intent/corpus/held_out.jsonl",
    "intent/corpus/test.jsonl",
    "intent/default_adapter/adapter.onnx_adapter",
    "intent/default_adapter/manifest.json",
    "eval/demo/call.ogg",
    "eval/demo/call.jsonl",
    "eval/demo/tickets.jsonl",
    "eval/demo/roadmap.jsonl",
    "eval/demo/documents/returnpilot.md",
)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return ZipFile(next(out.glob("*.whl"))).namelist()


@pytest.mark.parametrize("part", PARTS)
def test_the_wheel_holds(names: list[str], part: str):
    assert part in names


def test_the_wheel_holds_no_sources_of_the_page(names: list[str]):
    assert not [name for name in names if name.startswith("server/web/")]
