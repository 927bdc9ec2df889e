"""all-MiniLM-L6-v2 as an ONNX graph, built from its safetensors file with onnx and numpy alone.

Beside the sentence embedding the graph has two heads, and a low-rank update on every linear layer. Updates and heads
are inputs with symbolic rank and class dimensions and zero defaults, so that one session serves every tenant's
adapter. Training's parity test compares this graph with transformers and peft.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[Any]

GRAPH_VERSION = "1"
LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
"""Shape of all-MiniLM-L6-v2 (its config.json)."""
HEAD_WIDTH = WIDTH // HEADS
STRENGTHS = 3
OPSET = 17
IR_VERSION = 8
NORM_EPSILON = 1e-12
"""From the model's config.json."""

LINEARS: dict[str, tuple[str, int, int]] = {
    "q": ("attention.self.query", WIDTH, WIDTH),
    "k": ("attention.self.key", WIDTH, WIDTH),
    "v": ("attention.self.value", WIDTH, WIDTH),
    "o": ("attention.output.dense", WIDTH, WIDTH),
    "up": ("intermediate.dense", WIDTH, INNER),
    "down": ("output.dense", INNER, WIDTH),
}
"""Linear layers of one block: name in the checkpoint, input width, output width."""


def lora_name(layer: int, linear: str, side: str) -> str:
    """Input name of one side, `a` or `b`, of a low-rank update."""
    return f"lora.{layer}.{linear}.{side}"


def adapter_shapes(rank: int, classes: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every adapter input."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(LAYERS):
        for linear, (_, wide_in, wide_out) in LINEARS.items():
            shapes[lora_name(layer, linear, "a")] = (wide_in, rank)
            shapes[lora_name(layer, linear, "b")] = (rank, wide_out)
    shapes["head.token.w"] = (WIDTH, classes + STRENGTHS)
    shapes["head.token.b"] = (classes + STRENGTHS,)
    shapes["head.pooled.w"] = (2 * WIDTH, classes)
    shapes["head.pooled.b"] = (classes,)
    return shapes


def build(weights: Mapping[str, Array]) -> onnx.ModelProto:
    """The graph without defaults for the adapter inputs (quantising comes first).

    Args:
        weights: tensors of the checkpoint, float32.
    """
    builder = _Builder(weights)
    hidden = builder.embeddings()
    mask = builder.attention_mask()
    for layer in range(LAYERS):
        hidden = builder.block(layer, hidden, mask)
    builder.outputs(hidden)
    return builder.model()


def with_defaults(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give the adapter inputs zero defaults: onnxruntime's adapters need inputs that are also initialisers."""
    for name, shape in adapter_shapes(rank=1, classes=1).items():
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(shape, dtype=np.float32), name))
    return model


@dataclass
class _Builder:
    """Collects nodes and constants; every method returns the name of its result."""

    weights: Mapping[str, Array]
    nodes: list[onnx.NodeProto] = field(default_factory=list[onnx.NodeProto])
    constants: dict[str, Array] = field(default_factory=dict[str, Array])

    def op(self, kind: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:  # noqa: ANN401 - ONNX attributes
        output = name or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = value
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, np.ascontiguousarray(self.weights[name], dtype=np.float32))

    def integers(self, *values: int) -> str:
        return self.constant("i_" + "_".join(map(str, values)), np.array(values, dtype=np.int64))

    def scalar(self, value: float) -> str:
        return self.constant(f"f_{value!r}", np.array(value, dtype=np.float32))

    def norm(self, prefix: str, hidden: str) -> str:
        scale, bias = self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias")
        return self.op("LayerNormalization", hidden, scale, bias, axis=-1, epsilon=NORM_EPSILON)

    def embeddings(self) -> str:
        words = self.op("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids")
        kinds = self.op("Gather", self.weight("embeddings.token_type_embeddings.weight"), "token_type_ids")
        length = self.op("Gather", self.op("Shape", "input_ids"), self.integers(1))
        length = self.op("Squeeze", length, self.integers(0))
        zero = self.constant("zero", np.array(0, dtype=np.int64))
        one = self.constant("one", np.array(1, dtype=np.int64))
        positions = self.op("Range", zero, length, one)
        places = self.op("Gather", self.weight("embeddings.position_embeddings.weight"), positions)
        return self.norm("embeddings.LayerNorm", self.op("Add", self.op("Add", words, kinds), places))

    def attention_mask(self) -> str:
        kept = self.op("Cast", "attention_mask", to=TensorProto.FLOAT)
        masked = self.op("Mul", self.op("Sub", self.scalar(1.0), kept), self.scalar(-1e9))
        return self.op("Unsqueeze", masked, self.integers(1, 2))

    def linear(self, layer: int, name: str, hidden: str) -> str:
        checkpoint, _, _ = LINEARS[name]
        prefix = f"encoder.layer.{layer}.{checkpoint}"
        matrix = self.constant(f"{prefix}.weight.T", np.ascontiguousarray(self.weights[f"{prefix}.weight"].T))
        base = self.op("Add", self.op("MatMul", hidden, matrix), self.weight(f"{prefix}.bias"))
        narrow = self.op("MatMul", hidden, lora_name(layer, name, "a"))
        return self.op("Add", base, self.op("MatMul", narrow, lora_name(layer, name, "b")))

    def split(self, hidden: str, *, keys: bool = False) -> str:
        heads = self.op("Reshape", hidden, self.integers(0, 0, HEADS, HEAD_WIDTH))
        return self.op("Transpose", heads, perm=[0, 2, 3, 1] if keys else [0, 2, 1, 3])

    def block(self, layer: int, hidden: str, mask: str) -> str:
        prefix = f"encoder.layer.{layer}"
        query = self.split(self.linear(layer, "q", hidden))
        key = self.split(self.linear(layer, "k", hidden), keys=True)
        value = self.split(self.linear(layer, "v", hidden))
        scores = self.op("Mul", self.op("MatMul", query, key), self.scalar(float(HEAD_WIDTH**-0.5)))
        shares = self.op("Softmax", self.op("Add", scores, mask), axis=-1)
        mixed = self.op("Transpose", self.op("MatMul", shares, value), perm=[0, 2, 1, 3])
        mixed = self.op("Reshape", mixed, self.integers(0, 0, WIDTH))
        attended = self.op("Add", self.linear(layer, "o", mixed), hidden)
        hidden = self.norm(f"{prefix}.attention.output.LayerNorm", attended)
        inner = self.gelu(self.linear(layer, "up", hidden))
        return self.norm(f"{prefix}.output.LayerNorm", self.op("Add", self.linear(layer, "down", inner), hidden))

    def gelu(self, hidden: str) -> str:
        spread = self.op("Erf", self.op("Div", hidden, self.scalar(float(np.sqrt(2.0)))))
        half = self.op("Mul", hidden, self.scalar(0.5))
        return self.op("Mul", half, self.op("Add", spread, self.scalar(1.0)))

    def mean(self, hidden: str, mask: str) -> str:
        """Mean of the tokens that the mask (int64) keeps. Shape: (batch, 384)."""
        kept = self.op("Unsqueeze", self.op("Cast", mask, to=TensorProto.FLOAT), self.integers(-1))
        total = self.op("ReduceSum", self.op("Mul", hidden, kept), self.integers(1), keepdims=0)
        count = self.op("ReduceSum", kept, self.integers(1), keepdims=0)
        return self.op("Div", total, self.op("Max", count, self.scalar(1.0)))

    def outputs(self, hidden: str) -> None:
        tokens = self.op("MatMul", hidden, "head.token.w")
        self.op("Add", tokens, "head.token.b", name="token_logits")
        first = self.op("Squeeze", self.op("Gather", hidden, self.integers(0), axis=1), self.integers(1))
        words = self.mean(hidden, self.op("Mul", "attention_mask", "token_type_ids"))
        pooled = self.op("MatMul", self.op("Concat", first, words, axis=-1), "head.pooled.w")
        self.op("Add", pooled, "head.pooled.b", name="pooled_logits")
        everything = self.mean(hidden, "attention_mask")
        length = self.op("Sqrt", self.op("ReduceSum", self.op("Mul", everything, everything), self.integers(1)))
        self.op("Div", everything, self.op("Max", length, self.scalar(1e-12)), name="embedding")

    def model(self) -> onnx.ModelProto:
        def value(name: str, kind: int, *shape: str | int) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, kind, list(shape))

        text = [
            value(name, TensorProto.INT64, "batch", "tokens")
            for name in ("input_ids", "attention_mask", "token_type_ids")
        ]
        adapter: list[onnx.ValueInfoProto] = []
        for name, shape in adapter_shapes(rank=1, classes=1).items():
            adapter.append(value(name, TensorProto.FLOAT, *_symbolic(name, shape)))
        outputs = [
            value("token_logits", TensorProto.FLOAT, "batch", "tokens", "token_classes"),
            value("pooled_logits", TensorProto.FLOAT, "batch", "classes"),
            value("embedding", TensorProto.FLOAT, "batch", WIDTH),
        ]
        constants = [numpy_helper.from_array(array, name) for name, array in self.constants.items()]
        graph = helper.make_graph(self.nodes, "minilm", [*text, *adapter], outputs, constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _symbolic(name: str, shape: tuple[int, ...]) -> tuple[str | int, ...]:
    """Rank and class dimensions may have any size."""
    if name.startswith("head"):
        classes = "token_classes" if "token" in name else "classes"
        return (*shape[:-1], classes)
    return (shape[0], "rank") if name.endswith(".a") else ("rank", shape[1])
