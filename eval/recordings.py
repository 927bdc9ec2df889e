"""Recordings on a command line as one call: a channel for each channel of each file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval.errors import BadManifestError
from ingest.messages import SAMPLE_RATE_HZ, ConsentScope, Role
from ingest.recording import read_recording
from ingest.socket import Start, StartChannel, StartConsent

Audio = npt.NDArray[np.float32]
ROLES: dict[str, Role] = {"rep": "rep", "customer": "customer"}


def as_call(files: Sequence[Path], roles: str | None, speakers: str | None) -> tuple[Start, list[Audio]]:
    """The start frame and the samples of each channel, 16 kHz.

    Args:
        files: recordings.
        roles: `rep` or `customer` for each channel, with commas; a lone channel is the customer's.
        speakers: a name for each channel, with commas.

    Raises:
        BadManifestError: roles or names do not fit the channels.
    """
    audio = [channel for file in files for channel in read_recording(file)]
    names = _listed(speakers, len(audio), "speakers")
    given = _listed(roles, len(audio), "roles")
    unknown = [role for role in given if role not in ROLES]
    if unknown:
        raise BadManifestError(f"--roles: unknown role {unknown[0]!r}; rep or customer")
    found: list[Role] = [ROLES[role] for role in given] or _usual(len(audio))
    channels = tuple(
        StartChannel(channel=str(number), role=role, speaker=names[number - 1] if names else _named(number, found))
        for number, role in enumerate(found, 1)
    )
    return Start(channels=channels, encoding="s16le", sample_rate_hz=SAMPLE_RATE_HZ), audio


def agreed(start: Start, consent: str | None, wording: str | None) -> Start:
    """The call with the consent of everybody on it: to a transcript, or to that and kept audio; None asks nobody.

    Raises:
        BadManifestError: a consent needs its wording, and a wording its consent.
    """
    if (consent is None) != (wording is None):
        raise BadManifestError("--consent and --consent-wording go together: a consent is recorded with its words")
    if consent is None or wording is None:
        return start
    given: tuple[ConsentScope, ...] = ("transcript", "audio") if consent == "audio" else ("transcript",)
    both = StartConsent(given=given, wording=wording)
    return start.model_copy(
        update={"channels": tuple(one.model_copy(update={"consent": both}) for one in start.channels)}
    )


def _listed(text: str | None, count: int, option: str) -> list[str]:
    found = [one.strip() for one in text.split(",")] if text else []
    if found and len(found) != count:
        raise BadManifestError(f"--{option}: {len(found)} given for {count} channel(s)")
    return found


def _usual(count: int) -> list[Role]:
    customers: list[Role] = ["customer"] * max(1, count - 1)
    return customers if count == 1 else ["rep", *customers]


def _named(number: int, roles: Sequence[Role]) -> str:
    role = roles[number - 1]
    same = [place for place, one in enumerate(roles, 1) if one == role]
    title = "Rep" if role == "rep" else "Customer"
    return title if len(same) == 1 else f"{title} {same.index(number) + 1}"
