"""What an adapter's file is, where it came from, how to read its logits, and what it scored."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from intent.errors import BrokenAdapterError
from intent.labels import LabelSet, LabelType
from intent.messages import AdapterId, Kind
from intent.spans import Decoding

ADAPTER_FILE = "adapter.onnx_adapter"
MANIFEST_FILE = "manifest.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TypeReading(_Part):
    """One type of the adapter's label set, and how its logits become a confidence (see `spans.Decoding`)."""

    type: str
    kind: Kind
    title: str
    hint: str
    slope_pooled: float
    slope_span: float
    slope_peak: float = 0.0
    slope_mass: float = 0.0
    slope_words: float = 0.0
    intercept: float
    threshold: float
    examples: int | None = None
    """Of a type that the tenant added: how many labels it was learnt from."""


class Manifest(_Part):
    """Everything about one adapter.

    base_sha256, graph_version: the encoder it was trained for. sha256: of the adapter file.
    training: run file, seed, counts and hashes of the data. report: figures on the frozen held-out calls.
    """

    adapter_id: AdapterId
    parent: AdapterId | None
    created_at: datetime
    base_sha256: str
    graph_version: str
    sha256: str
    rank: int
    label_version: str
    types: tuple[TypeReading, ...]
    training: dict[str, Any]
    report: dict[str, Any]
    gate: Literal["passed", "refused", "none"] = "none"
    gate_reasons: tuple[str, ...] = ()

    @property
    def decoding(self) -> Decoding:
        """How to read the adapter's logits."""
        return decoding_of(self.label_version, self.types)


class LinkingManifest(_Part):
    """What the linking adapter is: one file for all tenants, under which embeddings are compared.

    base_sha256, graph_version: the encoder it was trained for. sha256: of its file. training: run file and data.
    """

    adapter_id: str
    base_sha256: str
    graph_version: str
    sha256: str
    training: dict[str, Any]


def decoding_of(label_version: str, types: Sequence[TypeReading]) -> Decoding:
    """How to read logits whose columns are these types."""
    labels = tuple(LabelType(type=one.type, kind=one.kind, title=one.title, hint=one.hint) for one in types)
    return Decoding(
        labels=LabelSet(label_version, labels),
        slopes=tuple(
            (one.slope_pooled, one.slope_span, one.slope_peak, one.slope_mass, one.slope_words) for one in types
        ),
        intercepts=tuple(one.intercept for one in types),
        thresholds=tuple(one.threshold for one in types),
    )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an adapter's folder.

    Raises:
        BrokenAdapterError: it is missing or does not read.
    """
    path = folder / MANIFEST_FILE
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise BrokenAdapterError(f"no adapter in {folder}") from error
    except (ValidationError, OSError) as error:
        raise BrokenAdapterError(f"{path} is no adapter manifest; roll back, or train again") from error


def checked_manifest(folder: Path) -> Manifest:
    """The manifest of an adapter's folder, after checking that the adapter file is the one it names.

    Raises:
        BrokenAdapterError: either is missing, truncated or tampered with.
    """
    manifest = read_manifest(folder)
    path = folder / ADAPTER_FILE
    if not path.is_file() or sha256_of(path) != manifest.sha256:
        raise BrokenAdapterError(f"{path} is not the file its manifest names; roll back, or train again")
    return manifest


def sha256_of(path: Path) -> str:
    """Hash of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
