"""A manifest of one's own recordings: JSON Lines, checked line by line.

`{"audio": PATH, "channels"?: [NAME…], "turns"?: [{"channel", "start_ms", "end_ms", "text"}…], "text"?: TEXT or PATH or
one for each channel, "group"?: NAME, "language"?: "en"}`. Paths are relative to the manifest. Channels are called
"1", "2", … unless named. A recording of one microphone whose `channels` names several is taken apart by its turns.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.bench.material import Audio, Recording, SpokenTurn, by_turns, mixed
from eval.errors import BadManifestError
from ingest.errors import UnreadableRecordingError
from ingest.recording import read_recording

OWN = "own recordings"


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    channel: str = "1"
    start_ms: int = Field(ge=0)
    end_ms: int
    text: str

    @model_validator(mode="after")
    def _in_order(self) -> "_Turn":
        if self.end_ms <= self.start_ms:
            raise ValueError("end_ms must be after start_ms")
        return self


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    audio: str = Field(min_length=1)
    channels: list[str] | None = Field(default=None, min_length=1)
    text: str | list[str] | None = None
    turns: list[_Turn] = []
    group: str = OWN
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")


def read_manifest(path: Path) -> list[Recording]:
    """Every recording that a manifest names.

    Raises:
        BadManifestError: file, line and field of the first thing that does not fit.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadManifestError(f"{path}: cannot be read ({error})") from error
    found = [_recording(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise BadManifestError(f"{path}: names no recording")
    return found


def _recording(path: Path, number: int, text: str) -> Recording:
    where = f"{path}:{number}"
    try:
        line = _Line.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise BadManifestError(f"{where}: not JSON at character {error.pos}: {error.msg}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadManifestError(f"{where}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error
    sound = path.parent / line.audio
    count = _channels_of(where, sound)
    names = tuple(line.channels or (str(one) for one in range(1, count + 1)))
    turns = _turns(where, line, names)
    texts, text_files = _texts(where, line, path.parent, names)
    return Recording(
        name=sound.stem,
        group=line.group,
        language=line.language,
        channels=names,
        load=_loader(where, sound, count, names, turns),
        turns=turns,
        texts=texts,
        files=(sound, *text_files),
    )


def _channels_of(where: str, sound: Path) -> int:
    try:
        return len(read_recording(sound))
    except UnreadableRecordingError as error:
        raise BadManifestError(f"{where}: audio: {error}") from error


def _turns(where: str, line: _Line, names: Sequence[str]) -> tuple[SpokenTurn, ...]:
    for place, turn in enumerate(line.turns):
        if turn.channel not in names:
            raise BadManifestError(f"{where}: turns.{place}.channel: {turn.channel!r} is none of {', '.join(names)}")
    turns = [SpokenTurn(**turn.model_dump()) for turn in line.turns]
    return tuple(sorted(turns, key=lambda turn: turn.start_ms))


def _texts(
    where: str, line: _Line, folder: Path, names: Sequence[str]
) -> tuple[tuple[tuple[str, str], ...], list[Path]]:
    given = [line.text] if isinstance(line.text, str) else line.text or []
    if given and len(given) != len(names):
        raise BadManifestError(f"{where}: text: {len(given)} given for {len(names)} channel(s)")
    files = [folder / text for text in given if text.endswith(".txt")]
    for file in files:
        if not file.is_file():
            raise BadManifestError(f"{where}: text: {file}: no such file")
    words = [(folder / text).read_text(encoding="utf-8") if text.endswith(".txt") else text for text in given]
    return tuple(zip(names, (" ".join(one.split()) for one in words), strict=False)), files


def _loader(
    where: str, sound: Path, count: int, names: Sequence[str], turns: Sequence[SpokenTurn]
) -> Callable[[], tuple[Audio, ...]]:
    if len(names) == count:
        return partial(read_recording, sound)
    if len(names) == 1:
        return partial(mixed, sound)
    if count == 1 and turns:
        return partial(by_turns, sound, tuple(names), tuple(turns))
    raise BadManifestError(f"{where}: channels: {len(names)} named, {sound} has {count}")
