"""The encoder in onnxruntime: one session for all tenants, an adapter per run.

The room's sole importer of onnxruntime. One utterance is one run: int8 activations are scaled per tensor, so rows of
another tenant in the same batch would move the logits. Embeddings come from a session of their own in fp32, to which
merger and linker are fitted.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

from intent.adapters import default_folder, linking_folder
from intent.bag import WordBag
from intent.config import IntentConfig
from intent.encode import Encoded, Turn, TurnEncoder
from intent.encoder_graph import GRAPH_VERSION, WIDTH, adapter_shapes, build, with_defaults
from intent.errors import BrokenAdapterError, MissingEncoderError
from intent.manifest import (
    ADAPTER_FILE,
    MANIFEST_FILE,
    LinkingManifest,
    Manifest,
    checked_manifest,
    sha256_of,
)
from intent.spans import Decoding, Finding, Window, decode, merge

log = logging.getLogger(__name__)

Array = npt.NDArray[Any]
Vectors = npt.NDArray[np.float32]

BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""all-MiniLM-L6-v2's model.safetensors, as its own repository has it."""
READ_BATCH = 16
EMBED_BATCH = 8
"""Texts of similar length in one run. Of 256 passages of 106 tokens a thread embedded 34 a second in runs of 8, 30 in
runs of 16 and 26 in runs of 32 (2026-11-26, seconds of processor time on a busy machine)."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A loaded adapter; made by `IntentModel.load_adapter` only, so a run never lacks one by mistake."""

    manifest: Manifest
    decoding: Decoding
    weights: Any
    """onnxruntime's LoraAdapter, which ships no types."""
    bag_columns: npt.NDArray[np.int64]
    """For each type its column of the bag of words, the last one more for types that it does not know."""


class IntentModel:
    """Reads turns through a tenant's adapter, and embeds texts without one."""

    def __init__(self, models_dir: Path, config: IntentConfig) -> None:
        """Load the encoder, building its graph on first use.

        Raises:
            MissingEncoderError: no weights, or not the right ones.
        """
        self._encoder = TurnEncoder(models_dir)
        self._bag = WordBag.load(default_folder())
        self._config = config
        exact = _session(models_dir, "fp32", config.threads)
        self._reader = exact if config.precision == "fp32" else _session(models_dir, config.precision, config.threads)
        self._embedder = exact

    def load_adapter(self, folder: Path) -> Adapter:
        """Load an adapter after checking that it is whole, untouched and made for this encoder.

        Raises:
            BrokenAdapterError: otherwise.
        """
        manifest = checked_manifest(folder)
        if (manifest.base_sha256, manifest.graph_version) != (BASE_SHA256, GRAPH_VERSION):
            raise BrokenAdapterError(f"{manifest.adapter_id} was trained for another encoder; train again")
        weights = ort.LoraAdapter()
        weights.Load(str(folder / ADAPTER_FILE))
        names = manifest.decoding.labels.names
        known = {name: column for column, name in enumerate(self._bag.types)}
        columns = np.array([known.get(name, len(known)) for name in names], dtype=np.int64)
        return Adapter(manifest, manifest.decoding, weights, columns)

    def read(self, turn: Turn, adapter: Adapter, lift: float = 0.0, share: float = 1.0) -> tuple[Finding, ...]:
        """Signals in a customer's words. Empty words hold none.

        Args:
            turn: the words and those before them.
            adapter: how this tenant's model reads.
            lift: what the timing adds to the log odds of a hesitation.
            share: of the thresholds that is enough; below 1 for whoever looks at weak findings, too.
        """
        windows = [decode(turn.text, window, adapter.decoding, lift, share) for window in self.logits(turn, adapter)]
        return windows[0] if len(windows) == 1 else merge(windows)

    def logits(self, turn: Turn, adapter: Adapter) -> tuple[Window, ...]:
        """Raw logits of each window of a turn; training calibrates on them."""
        options = ort.RunOptions()
        options.add_active_adapter(adapter.weights)
        words = self._words(turn, adapter)
        return tuple(replace(self._run([encoded], options)[0], words=words) for encoded in self._encoder.encode(turn))

    def logits_batched(self, turns: Sequence[Turn], adapter: Adapter) -> list[tuple[Window, ...]]:
        """Raw logits of each window of each turn, in padded batches of similar length.

        What nobody should serve with, kept so that `eval adapters` can show why: in int8 the rows of a batch move each
        other's logits, in fp32 a batch is no faster.
        """
        options = ort.RunOptions()
        options.add_active_adapter(adapter.weights)
        rows = [(number, encoded) for number, turn in enumerate(turns) for encoded in self._encoder.encode(turn)]
        found: dict[int, Window] = {}
        order = sorted(range(len(rows)), key=lambda place: len(rows[place][1].ids))
        for at in range(0, len(order), READ_BATCH):
            places = order[at : at + READ_BATCH]
            found |= dict(zip(places, self._run([rows[place][1] for place in places], options), strict=True))
        windows: list[list[Window]] = [[] for _ in turns]
        words = [self._words(turn, adapter) for turn in turns]
        for place, (number, _) in enumerate(rows):
            windows[number].append(replace(found[place], words=words[number]))
        return [tuple(one) for one in windows]

    def embed(self, texts: Sequence[str], options: Any = None) -> Vectors:  # noqa: ANN401 - onnxruntime ships no types
        """Sentence embeddings. Shape: (texts, 384), float32, length 1.

        Args:
            texts: each cut at 256 tokens.
            options: a run's options with an adapter; without them the base encoder's own embeddings.
        """
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        rows = [self._encoder.plain(text) for text in texts]
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        runs = [order[at : at + EMBED_BATCH] for at in range(0, len(order), EMBED_BATCH)]

        def run(numbers: list[int]) -> None:
            vectors[numbers] = self._embedded([rows[number] for number in numbers], options)

        if self._config.embed_workers > 1 and len(runs) > 1:
            # The longest come first, so that the workers end together; onnxruntime lets go of Python's lock.
            with ThreadPoolExecutor(self._config.embed_workers) as workers:
                list(workers.map(run, reversed(runs)))
        else:
            for numbers in runs:
                run(numbers)
        return vectors

    def _words(self, turn: Turn, adapter: Adapter) -> Vectors:
        return np.append(self._bag.logits(turn.text), np.float32(0))[adapter.bag_columns]

    def _run(self, rows: Sequence[Encoded], options: Any) -> list[Window]:  # noqa: ANN401 - onnxruntime ships no types
        shape = (len(rows), max(len(row.ids) for row in rows))
        ids, mask, types = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        for number, row in enumerate(rows):
            ids[number, : len(row.ids)], types[number, : len(row.ids)] = row.ids, row.types
            mask[number, : len(row.ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        tokens, pooled = cast("list[Vectors]", self._reader.run(["token_logits", "pooled_logits"], feeds, options))
        return [
            Window(row.offsets, tokens[number, row.first : row.first + len(row.offsets)], pooled[number])
            for number, row in enumerate(rows)
        ]

    def _embedded(self, rows: Sequence[npt.NDArray[np.int64]], options: Any) -> Vectors:  # noqa: ANN401 - see `embed`
        longest = max(len(row) for row in rows)
        ids = np.zeros((len(rows), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return cast("list[Vectors]", self._embedder.run(["embedding"], feeds, options))[0]


class LinkingEncoder:
    """Embeds texts as merging and linking compare them: the encoder under the linking adapter.

    name: changes with the adapter, so that whoever stored vectors knows when to make them again.
    """

    def __init__(self, model: IntentModel) -> None:
        """Load the shipped linking adapter.

        Raises:
            BrokenAdapterError: it is not the file its manifest names, or was made for another encoder.
        """
        folder = linking_folder()
        manifest = LinkingManifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
        made_for = (manifest.base_sha256, manifest.graph_version)
        if made_for != (BASE_SHA256, GRAPH_VERSION) or sha256_of(folder / ADAPTER_FILE) != manifest.sha256:
            raise BrokenAdapterError(f"{folder} is not whole or of another encoder; install needgraph anew")
        self.name = manifest.adapter_id
        self._model = model
        # The options hold no reference of their own.
        self._weights: Any = ort.LoraAdapter()
        self._weights.Load(str(folder / ADAPTER_FILE))
        self._options = ort.RunOptions()
        self._options.add_active_adapter(self._weights)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape: (texts, 384), float32, length 1."""
        return self._model.embed(texts, self._options)


def write_adapter(path: Path, tensors: Mapping[str, Array]) -> None:
    """Write adapter tensors, named and shaped as the graph's inputs, into onnxruntime's adapter form.

    Raises:
        BrokenAdapterError: a tensor is missing or has another shape.
    """
    rank = tensors["lora.0.q.a"].shape[1] if "lora.0.q.a" in tensors else 0
    classes = tensors["head.pooled.b"].shape[0] if "head.pooled.b" in tensors else 0
    for name, shape in adapter_shapes(rank, classes).items():
        if name not in tensors or tensors[name].shape != shape:
            raise BrokenAdapterError(f"adapter tensor {name} must have shape {shape}")
    adapter: Any = ort.AdapterFormat()
    adapter.set_adapter_version(1)
    adapter.set_model_version(int(GRAPH_VERSION))
    adapter.set_parameters(
        {
            name: ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(tensor, dtype=np.float32))
            for name, tensor in tensors.items()
        }
    )
    adapter.export_adapter(str(path))


def read_adapter(path: Path) -> dict[str, Vectors]:
    """Tensors of an adapter file, to train on from them."""
    adapter: Any = cast("Any", ort.AdapterFormat).read_adapter(str(path))
    # Copied: the arrays are views into memory that goes with `adapter`.
    return {name: np.array(value.numpy(), copy=True) for name, value in adapter.get_parameters().items()}


def _session(models_dir: Path, precision: str, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    path = ensure_encoder(models_dir, precision)
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def ensure_encoder(models_dir: Path, precision: str) -> Path:
    """The encoder graph in MODELS/derived, built from the checkpoint when it is not there.

    Raises:
        MissingEncoderError: the checkpoint is missing or is another file.
    """
    key = hashlib.sha256(f"{BASE_SHA256} {GRAPH_VERSION} {ort.__version__}".encode()).hexdigest()[:12]
    path = models_dir / "derived" / f"minilm-l6-{precision}-{key}.onnx"
    if path.is_file():
        return path
    checkpoint = models_dir / "minilm-l6" / "model.safetensors"
    if not checkpoint.is_file():
        raise MissingEncoderError(f"no encoder in {checkpoint}; run `needgraph models fetch`")
    if sha256_of(checkpoint) != BASE_SHA256:
        raise MissingEncoderError(f"{checkpoint} is not all-MiniLM-L6-v2; run `needgraph models fetch`")
    log.info("building the encoder graph")
    path.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as staging:
        # Built aside and renamed, so that two processes may do it at once.
        staged = Path(staging) / "encoder.onnx"
        onnx.save(build(load_file(checkpoint)), str(staged))
        if precision == "int8":
            small = Path(staging) / "encoder.int8.onnx"
            quantize_dynamic(
                staged, small, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"]
            )
            staged = small
        # Defaults come after quantising, which would drop or quantise them.
        onnx.save(with_defaults(onnx.load(str(staged))), str(staged))
        os.replace(staged, path)
    return path
