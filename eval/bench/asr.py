"""`needgraph eval asr`: word errors of the streaming policy beside those of the same model offline."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eval.bench.asr_report import BackgroundWords, GroupWords, as_report, as_table
from eval.bench.options import (
    RunSettings,
    data_root_option,
    finish,
    group_option,
    json_option,
    manifest_option,
    models_option,
    progress,
    quiet_option,
)
from ingest.messages import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from eval.bench.hearing import Listener, Sound
    from eval.bench.material import Audio, Recording


@click.command()
@manifest_option
@data_root_option
@group_option
@click.option("--music", type=click.Path(path_type=Path), help="Folder of hold music.  [default: none is heard]")
@click.option(
    "--background-minutes",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Length of each sound without speech; 0 leaves them out.",
)
@json_option("asr")
@quiet_option
@models_option
@click.option("--data", type=click.Path(path_type=Path), help="Unused here; nothing is journalled.")
@click.pass_obj
def asr(  # noqa: PLR0913 - a verb has its options
    settings: RunSettings,
    manifest: Path | None,
    data_root: Path | None,
    groups: tuple[str, ...],
    music: Path | None,
    background_minutes: float,
    json_file: Path,
    quiet: bool,
    models_dir: Path,
    data: Path | None,
) -> None:
    """Word errors of the streaming policy against references, beside the same model offline (beam 5, 30 s windows).

    Recordings go through ingest, policy and decoder as live calls do, without a service. Also: words invented in
    sounds without speech, and how far word times lie from exact ones.
    """
    from eval.bench.background import backgrounds
    from eval.bench.bundled import recordings
    from eval.bench.hearing import Listener
    from eval.bench.selection import chosen

    show = progress(quiet)
    material = chosen(manifest, data_root, recordings, groups, show)
    # Checked before the long work: a missing folder is told at once.
    sounds = list(backgrounds(round(background_minutes * 60_000), music)) if background_minutes else []
    if sounds and music is None:
        show("hold music: skipped; --music names a folder of it (Debian packages some as asterisk-moh-opsound-wav)")
    listener = Listener(models_dir, settings.asr)
    found = _Words()
    for one in material:
        show(f"{one.group}: {one.name}")
        found.add(one, listener)
    invented: list[BackgroundWords] = []
    for sound in sounds:
        show(f"{background_minutes:g} min of {sound.name}")
        invented.append(_invented(sound.name, sound.load(), listener))
    groups_found = list(found.groups.values())
    click.echo(as_table(groups_found, invented))
    files = [path for one in (*material, *sounds) for path in one.files]
    finish(json_file, as_report(groups_found, invented), files, settings)


@dataclass(slots=True)
class _Words:
    """What was heard so far, by group."""

    groups: dict[str, GroupWords] = field(default_factory=dict[str, GroupWords])

    def add(self, recording: "Recording", listener: "Listener") -> None:
        from eval.bench.word_times import edge_errors
        from eval.metrics import word_errors

        group = self.groups.setdefault(recording.group, GroupWords(name=recording.group, pooled=recording.pooled))
        channels = recording.load()
        group.recordings += 1
        for name, sound in zip(recording.channels, _sounds(channels, recording.telephone), strict=True):
            reference = recording.reference(name)
            if reference is None:
                continue
            heard = listener.hear(sound, recording.language)
            language = recording.language or "en"
            group.streaming += word_errors([(reference, heard.streaming)], language)
            group.offline += word_errors([(reference, heard.offline)], language)
            group.edges += edge_errors(recording.turns, name, heard.words, language)
            group.audio_s += len(sound.payload) / sound.bytes_a_second
            group.streaming_cpu_s += heard.streaming_cpu_s
            group.offline_cpu_s += heard.offline_cpu_s


def _sounds(channels: Sequence["Audio"], telephone: bool) -> list["Sound"]:
    from eval.bench.hearing import by_telephone, studio
    from eval.replay import telephone as over_telephone

    return [by_telephone(one) for one in over_telephone(channels)] if telephone else [studio(one) for one in channels]


def _invented(name: str, samples: "Audio", listener: "Listener") -> BackgroundWords:
    from eval.bench.hearing import studio

    heard = listener.hear(studio(samples), "en")
    return BackgroundWords(
        name=name,
        minutes=len(samples) / SAMPLE_RATE_HZ / 60,
        streaming=len(heard.streaming.split()),
        offline=len(heard.offline.split()),
    )
