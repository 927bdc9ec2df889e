"""A tenant's adapters on disk: candidates, the champion, and the way back.

`adapters/<id>/` holds an adapter and its manifest; `adapters/champion.json` names the one in use and those before it.
Without that file the default adapter, shipped with the package, is the champion.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from filelock import FileLock

from intent.errors import BrokenAdapterError, UnknownAdapterError
from intent.manifest import MANIFEST_FILE, Manifest, checked_manifest, read_manifest
from intent.messages import AdapterId

POINTER_FILE = "champion.json"
LOCK_TIMEOUT_S = 30.0

AdapterState = Literal["champion", "candidate", "former", "default"]


@dataclass(frozen=True, slots=True)
class Release:
    """A change of champion."""

    adapter_id: AdapterId
    replaces: AdapterId


def default_folder() -> Path:
    """The adapter every tenant starts with."""
    return Path(str(files("intent"))) / "default_adapter"


def linking_folder() -> Path:
    """The adapter under which merging and linking compare texts; the same for all tenants."""
    return Path(str(files("intent"))) / "linking_adapter"


@cache
def _default_manifest() -> Manifest:
    # Part of the package, so it stays as it is while a process runs; three reads of it were a third of a load.
    return read_manifest(default_folder())


class AdapterStore:
    """Adapters of one tenant; safe between processes."""

    def __init__(self, folder: Path) -> None:
        """Use `DATA/tenants/<tenant>/adapters`; nothing is created before something is stored."""
        self._folder = folder

    def default_id(self) -> AdapterId:
        """Id of the shipped adapter."""
        return _default_manifest().adapter_id

    def manifests(self) -> tuple[Manifest, ...]:
        """The default adapter and the tenant's own, oldest first; unreadable ones are left out."""
        found = [_default_manifest()]
        for path in sorted(self._folder.glob(f"*/{MANIFEST_FILE}")):
            try:
                found.append(read_manifest(path.parent))
            except BrokenAdapterError:
                continue
        return (found[0], *sorted(found[1:], key=lambda one: one.created_at))

    def folder_of(self, adapter_id: str) -> Path:
        """Where an adapter lies.

        Raises:
            UnknownAdapterError: the tenant has none of this id.
        """
        if adapter_id == self.default_id():
            return default_folder()
        path = self._folder / adapter_id
        if path.parent != self._folder or not (path / MANIFEST_FILE).is_file():
            raise UnknownAdapterError(f"no adapter {adapter_id}; `needgraph adapters list` names them")
        return path

    def champion(self) -> AdapterId:
        """Id of the adapter in use."""
        return self._line()[-1]

    def state_of(self, adapter_id: AdapterId) -> AdapterState:
        """What an adapter is to the tenant now."""
        line = self._line()
        if adapter_id == line[-1]:
            return "champion"
        if adapter_id == self.default_id():
            return "default"
        return "former" if adapter_id in line or adapter_id in self._pointer()["taken_back"] else "candidate"

    def stamp(self) -> tuple[int, int] | None:
        """Changes whenever the champion does; cheap enough to look at before every utterance."""
        try:
            stat = (self._folder / POINTER_FILE).stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_ino

    def add(self, staged: Path, adapter_id: AdapterId) -> Path:
        """Move a finished adapter folder in, at once and whole, also from another file system.

        Raises:
            FileExistsError: there is one of this id.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / adapter_id
        if target.exists():
            raise FileExistsError(f"{target} is there already")
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".new-") as aside:
            # Two folders deep, where `manifests` does not look.
            Path(shutil.copytree(staged, Path(aside) / adapter_id)).rename(target)
        shutil.rmtree(staged)
        return target

    def write_manifest(self, manifest: Manifest) -> None:
        """Replace the manifest of one of the tenant's own adapters."""
        _write(self._folder / manifest.adapter_id / MANIFEST_FILE, manifest.model_dump_json(indent=1))

    def promote(self, adapter_id: str) -> Release:
        """Make an adapter the champion. Gates are the caller's.

        Raises:
            UnknownAdapterError: the tenant has none of this id, or it is the champion already.
            BrokenAdapterError: its files are not whole.
        """
        manifest = checked_manifest(self.folder_of(adapter_id))
        with self._locked():
            line = self._line()
            if manifest.adapter_id == line[-1]:
                raise UnknownAdapterError(f"{adapter_id} is the champion already")
            self._store((*line, manifest.adapter_id), self._pointer()["taken_back"])
            return Release(manifest.adapter_id, line[-1])

    def rollback(self) -> Release:
        """Make the champion before this one the champion again.

        Raises:
            UnknownAdapterError: there was none.
        """
        with self._locked():
            line = self._line()
            if len(line) < 2:
                raise UnknownAdapterError("nothing to roll back to: the default adapter is in use")
            self._store(line[:-1], [*self._pointer()["taken_back"], line[-1]])
            return Release(line[-2], line[-1])

    def _line(self) -> tuple[AdapterId, ...]:
        """Champions in order, the default first, the one in use last."""
        return (self.default_id(), *(AdapterId(one) for one in self._pointer()["champions"]))

    def _pointer(self) -> dict[str, list[str]]:
        path = self._folder / POINTER_FILE
        try:
            found = json.loads(path.read_bytes())
            return {"champions": list(found["champions"]), "taken_back": list(found["taken_back"])}
        except FileNotFoundError:
            return {"champions": [], "taken_back": []}
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenAdapterError(f"{path} does not read; remove it to go back to the default adapter") from error

    def _store(self, line: Sequence[AdapterId], taken_back: Sequence[str]) -> None:
        content = {"champions": list(line[1:]), "taken_back": list(taken_back)}
        _write(self._folder / POINTER_FILE, json.dumps(content))

    def _locked(self) -> FileLock:
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self._folder / "champion.lock", timeout=LOCK_TIMEOUT_S)


def _write(path: Path, text: str) -> None:
    staged = path.with_suffix(".tmp")
    with staged.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
