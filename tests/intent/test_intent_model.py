"""The encoder with adapters: none, the default, other sizes, several at once, broken ones, and odd text."""

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import pytest

from intent.adapters import default_folder
from intent.config import IntentConfig
from intent.encode import ContextTurn, Turn
from intent.encoder_graph import GRAPH_VERSION, STRENGTHS, adapter_shapes
from intent.errors import BrokenAdapterError, MissingEncoderError
from intent.labels import LABELS
from intent.manifest import ADAPTER_FILE, MANIFEST_FILE, Manifest, TypeReading, read_manifest, sha256_of
from intent.messages import AdapterId
from intent.model import BASE_SHA256, IntentModel, LinkingEncoder, ensure_encoder, read_adapter, write_adapter

pytestmark = pytest.mark.model

TURN = Turn(
    "We need it to talk to SAP, but honestly the price worries me.",
    (ContextTurn("rep", "What would stop you?"),),
)


@pytest.fixture(scope="module")
def model(models_dir) -> IntentModel:
    return IntentModel(models_dir, IntentConfig(threads=1))


def random_tensors(rank: int, classes: int, seed: int) -> dict[str, np.ndarray]:
    source = np.random.default_rng(seed)
    return {
        name: source.normal(0, 0.05, shape).astype(np.float32) for name, shape in adapter_shapes(rank, classes).items()
    }


def random_adapter(folder: Path, rank: int, classes: int, seed: int) -> Path:
    folder.mkdir()
    path = folder / ADAPTER_FILE
    write_adapter(path, random_tensors(rank, classes, seed))
    manifest = Manifest(
        adapter_id=AdapterId(folder.name),
        parent=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        base_sha256=BASE_SHA256,
        graph_version=GRAPH_VERSION,
        sha256=sha256_of(path),
        rank=rank,
        label_version="test",
        types=tuple(
            TypeReading(
                type=f"type{number}",
                kind="need",
                title="",
                hint="",
                slope_pooled=1.0,
                slope_span=0.0,
                intercept=0.0,
                threshold=0.0,
            )
            for number in range(classes)
        ),
        training={},
        report={},
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json())
    return folder


def copied_default(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "copy"))


def change_manifest(folder: Path, **update: str) -> None:
    changed = read_manifest(folder).model_copy(update=update)
    (folder / MANIFEST_FILE).write_text(changed.model_dump_json())


def same(one, other) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a.tokens, b.tokens) and np.array_equal(a.pooled, b.pooled)
        for a, b in zip(one, other, strict=True)
    )


def test_the_default_adapter_changes_the_output(model, tmp_path):
    default = model.logits(TURN, model.load_adapter(default_folder()))[0]
    assert default.pooled.shape == (len(LABELS.types),)
    assert default.tokens.shape == (len(default.offsets), len(LABELS.types) + STRENGTHS)
    assert default.pooled.any()
    assert default.tokens.any()
    other = model.load_adapter(random_adapter(tmp_path / "a", 8, len(LABELS.types), 1))
    assert not same((default,), model.logits(TURN, other))


def test_the_update_reaches_the_layers_below_the_heads(model, tmp_path):
    """With B zeroed only the heads are left, so the same heads must see other hidden states."""
    whole = random_tensors(4, 3, 5)
    outputs = []
    for name, tensors in (
        ("whole", whole),
        ("heads", {key: value * (0 if key.endswith(".b") and "lora" in key else 1) for key, value in whole.items()}),
    ):
        folder = random_adapter(tmp_path / name, 4, 3, 5)
        write_adapter(folder / ADAPTER_FILE, tensors)
        change_manifest(folder, sha256=sha256_of(folder / ADAPTER_FILE))
        outputs.append(model.logits(TURN, model.load_adapter(folder))[0].pooled)
    assert not np.allclose(outputs[0], outputs[1], atol=1e-3)


def test_without_an_adapter_the_logits_are_zero(model):
    model.logits(TURN, model.load_adapter(default_folder()))
    ids = np.array([[101, 2057, 2342, 2009, 102]], dtype=np.int64)
    feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.ones_like(ids)}
    tokens, pooled = model._reader.run(["token_logits", "pooled_logits"], feeds)
    assert not tokens.any()
    assert not pooled.any()


@pytest.mark.parametrize(("rank", "classes"), [(1, 1), (2, 5), (16, 30)])
def test_adapters_of_another_rank_and_class_count_run(model, tmp_path, rank, classes):
    adapter = model.load_adapter(random_adapter(tmp_path / "a", rank, classes, 3))
    window = model.logits(TURN, adapter)[0]
    assert window.tokens.shape == (len(window.offsets), classes + STRENGTHS)
    assert window.pooled.shape == (classes,)
    assert window.pooled.any()
    assert {one.type for one in model.read(TURN, adapter)} == {f"type{number}" for number in range(classes)}


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_the_built_graph_keeps_symbolic_sizes_and_defaults(models_dir, precision):
    """Without a default that is a float32 zero, onnxruntime takes no adapter for an input (quantising drops it)."""
    graph = onnx.load(str(ensure_encoder(models_dir, precision))).graph
    inputs = {one.name: one.type.tensor_type for one in graph.input}
    defaults = {one.name: one for one in graph.initializer}
    for name, shape in adapter_shapes(1, 1).items():
        assert defaults[name].data_type == inputs[name].elem_type == onnx.TensorProto.FLOAT
        assert tuple(defaults[name].dims) == shape
        assert not onnx.numpy_helper.to_array(defaults[name]).any()
        assert any(one.dim_param for one in inputs[name].shape.dim)
    quantised = [one for one in graph.node if one.op_type == "MatMulInteger"]
    assert bool(quantised) == (precision == "int8")


def test_int8_stays_near_fp32(model, models_dir):
    texts = ["We need SSO.", "The price is too high for a firm of our size.", "Hello"]
    exact = IntentModel(models_dir, IntentConfig(precision="fp32")).embed(texts)
    assert (np.sum(exact * model.embed(texts), axis=1) > 0.97).all()


def test_embeddings_have_length_one_in_the_order_of_the_texts(model):
    texts = ["price " * count for count in (30, 1, 300, 7)] + ["", "\U0001f600"]
    found = model.embed(texts)
    assert found.shape == (6, 384)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert all(np.dot(found[number], model.embed([text])[0]) > 0.97 for number, text in enumerate(texts))
    assert model.embed([]).shape == (0, 384)


def test_several_workers_embed_the_same(models_dir) -> None:
    texts = [f"Ticket {number}: {'the export is slow ' * (number % 9)}" for number in range(40)]
    one, two = (LinkingEncoder(IntentModel(models_dir, IntentConfig(embed_workers=count))) for count in (1, 2))
    assert np.array_equal(one.embed(texts), two.embed(texts))


def test_another_checkpoint_is_refused(tmp_path):
    (tmp_path / "minilm-l6").mkdir()
    with pytest.raises(MissingEncoderError, match="models fetch"):
        ensure_encoder(tmp_path, "int8")
    (tmp_path / "minilm-l6" / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(MissingEncoderError, match="not all-MiniLM"):
        ensure_encoder(tmp_path, "int8")


def test_adapters_do_not_touch_each_other(model, tmp_path):
    first = model.load_adapter(random_adapter(tmp_path / "a", 2, 4, 1))
    second = model.load_adapter(random_adapter(tmp_path / "b", 8, 6, 2))
    texts = [Turn("It has to be cheaper."), TURN, Turn("Nobody here decides that alone, I think.")]
    alone = {"a": [model.logits(one, first) for one in texts], "b": [model.logits(one, second) for one in texts]}
    adapters = {"a": first, "b": second}
    source = random.Random(3)
    for round_ in range(20):
        order = [(source.choice("ab"), source.randrange(len(texts))) for _ in range(6)]
        for name, number in order:
            assert same(model.logits(texts[number], adapters[name]), alone[name][number]), (round_, order)


def test_a_turn_reads_the_same_in_any_company(model, tmp_path):
    """A run holds one utterance, so what was read or embedded before it leaves no trace."""
    adapter = model.load_adapter(random_adapter(tmp_path / "a", 2, 4, 1))
    before, vector = model.logits(TURN, adapter), model.embed(["We need SSO."])
    model.embed(["price " * 300, "x", TURN.text])
    model.read(Turn("price " * 500), adapter)
    assert same(model.logits(TURN, adapter), before)
    assert np.array_equal(model.embed(["We need SSO."]), vector)


def test_what_is_written_reads_back(tmp_path):
    tensors = random_tensors(2, 3, 4)
    write_adapter(tmp_path / "x", tensors)
    found = read_adapter(tmp_path / "x")
    assert found.keys() == tensors.keys()
    assert all(np.array_equal(found[name], tensors[name]) for name in tensors)


def test_a_missing_or_misshaped_tensor_is_refused(tmp_path):
    tensors = random_tensors(2, 3, 4)
    with pytest.raises(BrokenAdapterError, match=r"head\.pooled\.w"):
        write_adapter(tmp_path / "x", {**tensors, "head.pooled.w": np.zeros((3, 3), dtype=np.float32)})
    del tensors["lora.3.q.b"]
    with pytest.raises(BrokenAdapterError, match=r"lora\.3\.q\.b"):
        write_adapter(tmp_path / "x", tensors)
    assert not (tmp_path / "x").exists()


def test_a_truncated_adapter_is_refused(model, tmp_path):
    folder = copied_default(tmp_path)
    path = folder / ADAPTER_FILE
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BrokenAdapterError, match="manifest names"):
        model.load_adapter(folder)


def test_a_tampered_adapter_is_refused(model, tmp_path):
    folder = copied_default(tmp_path)
    path = folder / ADAPTER_FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BrokenAdapterError, match="manifest names"):
        model.load_adapter(folder)


@pytest.mark.parametrize("update", [{"base_sha256": "0" * 64}, {"graph_version": "0"}], ids=["base", "graph"])
def test_an_adapter_of_another_encoder_is_refused(model, tmp_path, update):
    folder = copied_default(tmp_path)
    change_manifest(folder, **update)
    with pytest.raises(BrokenAdapterError, match="another encoder"):
        model.load_adapter(folder)


@pytest.mark.parametrize("content", ["", "{", "{}", "[]"])
def test_a_broken_manifest_is_refused(model, tmp_path, content):
    folder = copied_default(tmp_path)
    (folder / MANIFEST_FILE).write_text(content)
    with pytest.raises(BrokenAdapterError, match="no adapter manifest"):
        model.load_adapter(folder)


def test_a_missing_file_is_refused(model, tmp_path):
    folder = copied_default(tmp_path)
    (folder / ADAPTER_FILE).unlink()
    with pytest.raises(BrokenAdapterError):
        model.load_adapter(folder)
    with pytest.raises(BrokenAdapterError, match="no adapter in"):
        model.load_adapter(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_empty_words_hold_nothing(model, text):
    assert model.read(Turn(text, TURN.context), model.load_adapter(default_folder())) == ()


@pytest.mark.parametrize(
    "text",
    [
        "we need a faster export and the price is too high for us " * 154,
        "\U0001f600 we need SSO \U0001f469\u200d\U0001f4bb before we sign \U0001f600",
        "\U0001f600",
        "我们需要与 SAP 集成但是价格太高了。",
        "...!?",
        "e\u0301te\u0301 \u00e9t\u00e9 na\u00efve",
        "x" * 3000,
        "Wir brauchen eine Schnittstelle, aber der Preis ist uns zu hoch.",
        "\u0646\u062d\u062a\u0627\u062c \u0625\u0644\u0649 \u062e\u0635\u0645",
        "\u200b\x00 \ufffd",
    ],
    ids=[
        "2000_words",
        "emoji",
        "one_emoji",
        "chinese",
        "marks",
        "combining",
        "long_word",
        "german",
        "arabic",
        "invisible",
    ],
)
def test_spans_lie_inside_any_text(model, tmp_path, text):
    eager = model.load_adapter(random_adapter(tmp_path / "a", 2, 4, 9))
    for adapter in (model.load_adapter(default_folder()), eager):
        for one in model.read(Turn(text), adapter):
            assert 0 <= one.span.start < one.span.end <= len(text)
            assert text[one.span.start : one.span.end].strip()
            assert 0 <= one.confidence <= 1
