"""The default material: the demo call of the package, and the test data where `--data-root` has it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from eval import demo_world
from eval.bench.material import Audio, Recording, SpokenTurn, by_turns, joined, mixed
from ingest.recording import read_recording

REP, CUSTOMERS = "rep", "customers"
SPEAKERS = {"A": REP, "B": CUSTOMERS}
"""In the dialogues the seller speaks first and is called A."""

ONE_TURN_MS = 700
"""On one line, two customers who speak this soon after each other are one turn: well over every endpoint."""

DEMO, DIALOGUES = "demo call (development)", "dialogues"
BY_TELEPHONE = ", by telephone"


def calls(data_root: Path | None) -> list[Recording]:
    """Two-channel calls with exact times: the demo call, and the dialogues of the test data."""
    return [demo_call(), *([] if data_root is None else _dialogues(data_root))]


def recordings(data_root: Path | None) -> list[Recording]:
    """Everything with trustworthy words; calls a second time as a telephone would carry them."""
    found = calls(data_root)
    found += [replace(call, group=call.group + BY_TELEPHONE, telephone=True) for call in found]
    if data_root is not None:
        audio = data_root / "audio"
        found += [*_clips(audio), *_read_text(audio), *_prompts(audio), *_agent_legs(audio)]
    return found


def demo_call() -> Recording:
    """The bundled call with its two customers on one channel."""
    turns = [
        SpokenTurn(
            channel=REP if one.role == "rep" else CUSTOMERS,
            start_ms=one.start_ms,
            end_ms=one.end_ms,
            text=one.text,
        )
        for one in demo_world.turns()
    ]
    return Recording(
        name="demo",
        group=DEMO,
        language="en",
        channels=(REP, CUSTOMERS),
        load=_demo_channels,
        turns=joined(turns, ONE_TURN_MS),
        files=(demo_world.recording(), demo_world.folder() / "call.jsonl"),
        pooled=False,
    )


def _demo_channels() -> tuple[Audio, ...]:
    audio = read_recording(demo_world.recording())
    roles = [one.role for one in demo_world.channels()]
    return tuple(
        np.sum([one for one, role in zip(audio, roles, strict=True) if (role == "rep") == rep], axis=0).astype(
            np.float32
        )
        for rep in (True, False)
    )


def _dialogues(data_root: Path) -> Iterator[Recording]:
    for script in sorted((data_root / "audio" / "dialogues").glob("*.json")):
        sound = script.with_suffix(".wav")
        turns = tuple(
            SpokenTurn(
                channel=SPEAKERS[row["speaker"]],
                start_ms=round(row["start"] * 1000),
                end_ms=round(row["end"] * 1000),
                text=row["text"],
            )
            for row in json.loads(script.read_text(encoding="utf-8"))
        )
        yield Recording(
            name=script.stem,
            group=DIALOGUES,
            language="en",
            channels=(REP, CUSTOMERS),
            load=partial(by_turns, sound, (REP, CUSTOMERS), turns),
            turns=turns,
            files=(sound, script),
        )


def _clips(audio: Path) -> Iterator[Recording]:
    for sound in sorted((audio / "clips").glob("*")):
        text = audio / "transcripts" / f"{sound.stem}.ref.txt"
        if sound.stem == "fw_stereo_two_voices":
            yield _two_voices(sound, text)
        elif text.is_file():
            command = sound.stem.startswith(("cards", "goforward"))
            yield _one_voice(sound, text, "commands, 16 kHz" if command else "studio, 16 kHz")


def _read_text(audio: Path) -> Iterator[Recording]:
    # The two Mandarin ones are left out: word errors mean nothing for a script without spaces.
    for sound in sorted((audio / "tts").glob("azure_en_*.wav")):
        yield _one_voice(sound, audio / "transcripts" / f"{sound.stem}.ref.txt", "read text (synthetic), 16 kHz")


def _prompts(audio: Path) -> Iterator[Recording]:
    for sound in sorted((audio / "prompts_8k").glob("*.wav")):
        name = sound.stem.removeprefix("asterisk_")
        yield _one_voice(sound, audio / "transcripts" / f"asterisk_{name}.ref.txt", "telephone prompts, 8 kHz")


def _agent_legs(audio: Path) -> Iterator[Recording]:
    for sound in sorted((audio / "call_legs").glob("*.wav")):
        text = audio / "transcripts" / f"{sound.stem}.script-agent-lines.txt"
        # Their speakers paraphrase the script, so even a perfect transcript has errors.
        yield replace(_one_voice(sound, text, "telephone agent against script, 8 kHz"), pooled=False)


def _one_voice(sound: Path, text: Path, group: str) -> Recording:
    return Recording(
        name=sound.stem,
        group=group,
        language="en",
        channels=("1",),
        load=partial(mixed, sound),
        texts=(("1", " ".join(text.read_text(encoding="utf-8").split())),),
        files=(sound, text),
    )


def _two_voices(sound: Path, text: Path) -> Recording:
    rows = [line.split(":", 1) for line in text.read_text(encoding="utf-8").splitlines() if ":" in line]
    return Recording(
        name=sound.stem,
        group="studio, 16 kHz",
        language="en",
        channels=("L", "R"),
        load=partial(read_recording, sound),
        texts=tuple((name.strip(), words.strip()) for name, words in rows),
        files=(sound, text),
    )
