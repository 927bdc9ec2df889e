"""Where the base weights come from, and that they are the right ones.

`weights.json` names every file with its size and sha256, the packages that carry it, and the hub repository it came
from originally. Both sources give the same bytes; a file whose hash is wrong is removed.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from server.errors import ServerError

Source = Literal["auto", "packages", "hub"]
Progress = Callable[[str, int, int], None]
"""Told of a file's name, bytes so far, and bytes in all."""

BLOCK_BYTES = 1 << 20
STAGING = ".fetching"


class WeightsError(ServerError):
    """A model file is missing, wrong, or cannot be fetched."""

    code: ClassVar[str] = "weights"
    exit_code: ClassVar[int] = 3


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Package(_Entry):
    """A wheel that carries weights."""

    name: str
    version: str
    bytes: int
    sha256: str


class WeightFile(_Entry):
    """One file of a model; `members` are its parts inside the packages, to be joined in order."""

    name: str
    bytes: int
    sha256: str
    members: tuple[str, ...]


class Model(_Entry):
    """A model directory."""

    use: str
    licence: str
    hub: str | None
    packages: tuple[Package, ...]
    files: tuple[WeightFile, ...]


def catalogue() -> dict[str, Model]:
    """All models by directory name."""
    text = files("server").joinpath("weights.json").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Model]).validate_python(json.loads(text))


def problems(models_dir: Path, *, deep: bool, wanted: Collection[str] | None = None) -> Iterator[str]:
    """What is missing or wrong, of all models or of those wanted; `deep` reads every byte."""
    for directory, model in catalogue().items():
        if wanted is not None and directory not in wanted:
            continue
        for file in model.files:
            path = models_dir / directory / file.name
            if not path.is_file():
                yield f"{directory}/{file.name} is missing"
            elif path.stat().st_size != file.bytes or (deep and _sha256(path) != file.sha256):
                yield f"{directory}/{file.name} is not the expected file"


def require(models_dir: Path, wanted: Collection[str]) -> None:
    """Check that the weights of these models are there.

    Raises:
        WeightsError: with what is missing and the command that mends it.
    """
    found = list(problems(models_dir, deep=False, wanted=wanted))
    if found:
        raise WeightsError(f"{'; '.join(found)} in {models_dir}; run `needgraph models fetch`")


def fetch(models_dir: Path, directory: str, source: Source, progress: Progress) -> bool:
    """Fill one model directory.

    Returns:
        Whether anything had to be fetched.

    Raises:
        WeightsError: no source has it, or what came is wrong (then it is removed).
    """
    model = catalogue()[directory]
    missing = [file for file in model.files if not _right(models_dir / directory / file.name, file)]
    if not missing:
        return False
    try:
        if source != "hub":
            try:
                _from_packages(models_dir, directory, model, progress)
                return True
            except WeightsError:
                if source == "packages" or model.hub is None:
                    raise
        if model.hub is None:
            raise WeightsError(f"{directory} is not on the hub; use --source packages")
        _from_hub(models_dir, directory, model, progress)
    except OSError as error:
        raise WeightsError(f"cannot write to {models_dir}: {error.strerror}") from error
    return True


def _from_packages(models_dir: Path, directory: str, model: Model, progress: Progress) -> None:
    staging = models_dir / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    wheels = [_wheel(staging, package, progress) for package in model.packages]
    archives = [zipfile.ZipFile(wheel) for wheel in wheels]
    try:
        members = {name: archive for archive in archives for name in archive.namelist()}
        for file in model.files:
            _extract(members, file, models_dir / directory / file.name)
    finally:
        for archive in archives:
            archive.close()
    for wheel in wheels:
        wheel.unlink()


def _wheel(staging: Path, package: Package, progress: Progress) -> Path:
    # A wheel that came whole before an interruption is kept, so a second try goes on from there.
    found = next(staging.glob(f"{package.name.replace('-', '_')}-{package.version}-*.whl"), None)
    if found is None:
        _pip_download(staging, package, progress)
        found = next(staging.glob(f"{package.name.replace('-', '_')}-{package.version}-*.whl"), None)
    if found is None or _sha256(found) != package.sha256:
        if found is not None:
            found.unlink()
        raise WeightsError(
            f"{package.name} {package.version} did not come as expected; run `needgraph models fetch` again"
        )
    return found


def _pip_download(staging: Path, package: Package, progress: Progress) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--progress-bar", "raw", "--resume-retries", "5"]
    command += ["--dest", str(staging), f"{package.name}=={package.version}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as pip:
        for line in pip.stdout or ():
            words = line.split()
            if len(words) == 4 and words[0] == "Progress":
                progress(package.name, int(words[1]), int(words[3]))
        errors = pip.stderr.read() if pip.stderr else ""
    if pip.returncode:
        last = errors.strip().splitlines()[-1:] or ["pip failed"]
        raise WeightsError(f"{package.name} could not be fetched ({last[0]}); check pip's index and the network")


def _from_hub(models_dir: Path, directory: str, model: Model, progress: Progress) -> None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    for file in model.files:
        progress(file.name, 0, file.bytes)
        target = models_dir / directory
        try:
            hf_hub_download(str(model.hub), file.name, local_dir=target)
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
            raise WeightsError(f"{directory}: neither packages nor the hub answered; check the network") from error
        _keep_if_right(target / file.name, file)
        progress(file.name, file.bytes, file.bytes)
    shutil.rmtree(models_dir / directory / ".cache", ignore_errors=True)


def _extract(members: dict[str, zipfile.ZipFile], file: WeightFile, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(target.name + ".part")
    with staged.open("wb") as out:
        for member in file.members:
            with members[member].open(member) as part:
                shutil.copyfileobj(part, out, BLOCK_BYTES)
    _keep_if_right(staged, file)
    staged.replace(target)


def _keep_if_right(path: Path, file: WeightFile) -> None:
    if not _right(path, file):
        path.unlink()
        raise WeightsError(f"{file.name} came with a wrong sha256 and was removed; run `needgraph models fetch` again")


def _right(path: Path, file: WeightFile) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes and _sha256(path) == file.sha256


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
