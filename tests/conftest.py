"""Fixtures every room's tests share. Tests read `NEEDGRAPH_MODELS` here and nowhere else."""

import os
from pathlib import Path

import pytest

DEFAULT_MODELS = Path.home() / ".local/share/needgraph/models"


def pytest_collection_finish() -> None:
    """Take out what was set for tests, which have read it by now: services that they start refuse unknown settings."""
    for name in [name for name in os.environ if name.startswith("NEEDGRAPH_TEST_")]:  # noqa: TID251 - tests have no settings
        del os.environ[name]  # noqa: TID251 - tests have no settings


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The directory of base weights, filled by `needgraph models fetch`."""
    path = Path(os.environ.get("NEEDGRAPH_MODELS", DEFAULT_MODELS))  # noqa: TID251 - tests have no settings
    if not (path / "minilm-l6" / "model.safetensors").is_file():
        pytest.fail(f"no weights in {path}: run `needgraph models fetch` (make test does)")
    return path
