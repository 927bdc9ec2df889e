"""Sounds in which nobody speaks: digital silence, hold music, noise. Every word heard in them is an invention."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from eval.bench.material import Audio, mixed
from eval.errors import BadManifestError
from ingest.messages import SAMPLE_RATE_HZ

SEED = 11
DITHER = 1.0 / 32768.0
"""One step of 16 bits."""
NOISE_DBFS = (-50.0, -40.0, -30.0, -20.0)
"""A quiet room to a loud car; each a quarter of the time."""
PINK_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """A sound without words. `load` gives its samples. Shape: (n,), float32, 16 kHz."""

    name: str
    load: Callable[[], Audio]
    files: tuple[Path, ...] = ()


def backgrounds(length_ms: int, music: Path | None) -> Iterator[Background]:
    """Each sound of this length; hold music only from a folder of recordings.

    Raises:
        BadManifestError: the folder holds no recording.
    """
    samples = length_ms * SAMPLE_RATE_HZ // 1000
    yield Background(name="digital silence with dither", load=partial(_dither, samples))
    yield Background(name="white noise", load=partial(_in_levels, _white, samples))
    yield Background(name="pink noise", load=partial(_in_levels, _pink, samples))
    if music is not None:
        files = tuple(sorted(path for path in music.rglob("*") if path.suffix in {".wav", ".flac", ".ogg", ".mp3"}))
        if not files:
            raise BadManifestError(f"--music: {music} holds no recordings")
        yield Background(name="hold music", load=partial(_music, files, samples), files=files)


def _dither(samples: int) -> Audio:
    random = np.random.default_rng(SEED)
    return (DITHER * (random.random(samples) - random.random(samples))).astype(np.float32)


def _in_levels(noise: Callable[[int], Audio], samples: int) -> Audio:
    sound = noise(samples)
    sound /= np.std(sound)
    for level, part in zip(NOISE_DBFS, np.array_split(sound, len(NOISE_DBFS)), strict=True):
        part *= 10 ** (level / 20)
    return np.clip(sound, -1.0, 1.0)


def _white(samples: int) -> Audio:
    return np.random.default_rng(SEED).standard_normal(samples, dtype=np.float32)


def _pink(samples: int) -> Audio:
    """White noise whose power falls with frequency, made in blocks of 4 s."""
    random = np.random.default_rng(SEED)
    frequency = np.fft.rfftfreq(PINK_BLOCK)
    shape = 1 / np.sqrt(np.maximum(frequency, frequency[1]))
    blocks = [
        np.fft.irfft(np.fft.rfft(random.standard_normal(PINK_BLOCK)) * shape) for _ in range(-(-samples // PINK_BLOCK))
    ]
    return np.concatenate(blocks)[:samples].astype(np.float32)


def _music(files: tuple[Path, ...], samples: int) -> Audio:
    """An equal share of every piece, one after another, so that a short run hears all of them."""
    share = -(-samples // len(files))
    return np.concatenate([np.resize(mixed(path)[0], share) for path in files])[:samples]
