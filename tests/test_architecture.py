"""The import table of ARCHITECTURE.md, held by reading every module's imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIVE = ("ingest", "asr", "intent", "graph")
ROOMS = (*LIVE, "finetune", "server", "eval")
MAY_IMPORT = {
    "ingest": set(),
    "asr": set(),
    "intent": set(),
    "graph": set(),
    "eval": {"ingest", "asr", "intent", "graph"},
    "finetune": {"intent", "graph", "eval"},
    "server": {"ingest", "asr", "intent", "graph"},
}
SOLE_IMPORTERS = {
    "faster_whisper": {"asr/whisper.py", "asr/whisper_model.py"},
    "ctranslate2": {"asr/whisper_model.py"},
    "neo4j": {"graph/store.py"},
    "onnxruntime": {"intent/model.py", "ingest/vad.py"},
    "arcadedb_embedded": {"graph/engine_child.py"},
    "docx": {"graph/imports/docx.py"},
    "pypdf": {"graph/imports/pdf.py"},
    "opencc": {"asr/script.py"},
    "jellyfish": {"asr/likeness.py"},
    "spacy": {"intent/lean_spacy.py"},
    "torch": {
        "finetune/batches.py",
        "finetune/contrast.py",
        "finetune/linking.py",
        "finetune/network.py",
        "finetune/train.py",
    },
}


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "node_modules" not in path.parts]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def allowed(room: str, target: str, module: str) -> bool:
    if target == room or target in MAY_IMPORT[room]:
        return True
    before = LIVE[: LIVE.index(room)] if room in LIVE else LIVE
    return target in before and module == f"{target}.messages"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_table(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for module in imported(path):
        target = module.split(".")[0]
        if target in ROOMS:
            assert allowed(room, target, module), f"{path.relative_to(ROOT)} must not import {module}"
        if target in SOLE_IMPORTERS:
            assert str(path.relative_to(ROOT)) in SOLE_IMPORTERS[target], f"{path.relative_to(ROOT)} imports {target}"


def test_no_common_rooms() -> None:
    assert not [path for path in modules() if path.stem in {"common", "utils", "helpers"}]
