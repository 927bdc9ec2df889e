"""What torch trains is what the graph computes, and the graph's base is the published encoder."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from eval.signals.labelled import examples
from finetune.config import RunConfig
from finetune.dataset import corpus
from finetune.export import PARITY, Learnt, export, parity
from finetune.judging import Judge
from finetune.train import Trainer
from intent.config import IntentConfig
from intent.labels import LABELS
from intent.model import IntentModel

pytestmark = [pytest.mark.train, pytest.mark.model, pytest.mark.filterwarnings("ignore::FutureWarning")]

SENTENCES = ("We need single sign-on.", "The price is too high for a firm of our size, honestly.", "Hello")


def test_a_trained_adapter_computes_the_same_in_the_graph(models_dir, tmp_path):
    learnt = [one for one in examples(corpus("train")[:80]) if one.labels][:8]
    assert len(learnt) == 8
    trainer = Trainer(models_dir, LABELS, RunConfig(rank=2, epochs=1, threads=1, batch_size=4))
    told: list[float] = []
    trainer.fit(learnt, 1, lambda share, _: told.append(share))
    assert told == [0.5, 1.0]
    turns = [one.turn for one in learnt]
    manifest = export(tmp_path / "a", Learnt(trainer.tensors()), Judge(models_dir, 1), None, {})
    assert manifest.rank == 2
    assert tuple(one.type for one in manifest.types) == LABELS.names
    assert parity(models_dir, tmp_path / "a", turns, trainer.logits(turns)) < PARITY


def test_base_embeddings_are_those_of_transformers(models_dir):
    import torch
    from transformers import AutoTokenizer, BertModel

    tokenizer = AutoTokenizer.from_pretrained(models_dir / "minilm-l6")
    bert = BertModel.from_pretrained(models_dir / "minilm-l6", attn_implementation="eager").eval()
    found = IntentModel(models_dir, IntentConfig(precision="fp32")).embed(SENTENCES)
    for text, vector in zip(SENTENCES, found, strict=True):
        with torch.no_grad():
            mean = bert(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0).numpy()
        assert np.abs(vector - mean / np.linalg.norm(mean)).max() < 1e-4
