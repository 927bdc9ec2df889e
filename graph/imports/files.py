"""The files of a source of documents: one file, a folder, or a zip archive of them."""

import zipfile
import zlib
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

from graph.config import ImportConfig
from graph.errors import UnreadableSourceError

ARCHIVE = ".zip"
ENCRYPTED = 0x1
"""Flag of a zip member with a password (APPNOTE.TXT, general purpose bit 0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """A file of the source.

    file: what messages call it. place: its path within the source.
    load: reads it; raises UnreadableSourceError when that cannot be done.
    """

    file: str
    place: PurePosixPath
    load: Callable[[], bytes]

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return self.place.stem

    @property
    def suffix(self) -> str:
        """Its ending in lower case, with the dot."""
        return self.place.suffix.lower()


@contextmanager
def opened_files(path: Path, endings: Collection[str], bounds: ImportConfig) -> Generator[tuple[PageFile, ...]]:
    """The files with one of these endings, in the order of their names; readable until the context ends.

    Raises:
        UnreadableSourceError: there is none, or an archive is broken or grows beyond its bounds.
    """
    if path.suffix.lower() == ARCHIVE and path.is_file():
        with _archive(path) as archive:
            check_archive(archive, bounds)
            yield _found(path, endings, _members(path, archive, bounds))
    elif path.is_dir():
        yield _found(path, endings, _folder(path, bounds))
    else:
        yield (PageFile(file=str(path), place=PurePosixPath(path.name), load=partial(_read, path, bounds)),)


def check_archive(archive: zipfile.ZipFile, bounds: ImportConfig) -> None:
    """Refuse an archive that unpacks to more than its bounds; reading stops at the sizes it states.

    Raises:
        UnreadableSourceError: it holds too many files or too much.
    """
    members = archive.infolist()
    if len(members) > bounds.max_archive_files:
        raise UnreadableSourceError(f"{len(members)} files in it, at most {bounds.max_archive_files} are read")
    size = sum(one.file_size for one in members)
    if size > bounds.max_unpacked_bytes:
        raise UnreadableSourceError(f"unpacks to {size} bytes, at most {bounds.max_unpacked_bytes} are read")


def unpacked(content: bytes) -> zipfile.ZipFile:
    """Bytes as an archive.

    Raises:
        UnreadableSourceError: they are none.
    """
    try:
        return zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OverflowError) as error:
        raise UnreadableSourceError(f"a broken archive: {error}") from error


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, OverflowError) as error:
        raise UnreadableSourceError(f"{path}: no whole zip archive ({error}); export it again") from error


def _found(path: Path, endings: Collection[str], files: Iterator[PageFile]) -> tuple[PageFile, ...]:
    # "~$" is Word's lock file of a document that is open, "__MACOSX" what macOS adds to archives.
    shown = (one for one in files if one.suffix in endings and not one.stem.startswith((".", "~$")))
    found = tuple(sorted((one for one in shown if "__MACOSX" not in one.place.parts), key=lambda one: one.place.parts))
    if not found:
        raise UnreadableSourceError(f"{path}: no Markdown, HTML, Word (.docx) or PDF file in it")
    return found


def _folder(path: Path, bounds: ImportConfig) -> Iterator[PageFile]:
    for one in path.rglob("*"):
        if one.is_file():
            place = PurePosixPath(*one.relative_to(path).parts)
            yield PageFile(file=str(one), place=place, load=partial(_read, one, bounds))


def _members(path: Path, archive: zipfile.ZipFile, bounds: ImportConfig) -> Iterator[PageFile]:
    for one in archive.infolist():
        if not one.is_dir():
            load = partial(_unzip, archive, one, bounds)
            yield PageFile(file=f"{path}/{one.filename}", place=PurePosixPath(one.filename), load=load)


def _read(path: Path, bounds: ImportConfig) -> bytes:
    try:
        _bounded(path.stat().st_size, bounds)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableSourceError(f"{path}: {error.strerror or error}") from error


def _unzip(archive: zipfile.ZipFile, member: zipfile.ZipInfo, bounds: ImportConfig) -> bytes:
    if member.flag_bits & ENCRYPTED:
        raise UnreadableSourceError("protected by a password; make an archive without one")
    _bounded(member.file_size, bounds)
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise UnreadableSourceError(f"broken inside the archive ({error}); export it again") from error


def _bounded(size: int, bounds: ImportConfig) -> None:
    if size > bounds.max_file_bytes:
        raise UnreadableSourceError(f"{size} bytes, at most {bounds.max_file_bytes} are read at once")
