"""A warm-up before the heads learn: turns of one type are drawn together, others pushed apart.

Supervised contrastive loss (Khosla et al. 2020) on the mean of a turn's words.
"""

import torch
from torch.nn import functional

from finetune.batches import Batch
from finetune.config import RunConfig
from finetune.network import SignalModel

TEMPERATURE = 0.1
"""As in Khosla et al. 2020."""


def contrastive_loss(model: SignalModel, batch: Batch, _: RunConfig) -> torch.Tensor:
    """Of a batch; turns without a signal are one type of their own."""
    vectors = functional.normalize(model.mean(batch.ids, batch.mask, batch.types).float(), dim=-1)
    quiet = (batch.kinds.sum(1, keepdim=True) == 0).float()
    kinds = torch.cat([batch.kinds, quiet], dim=1)
    near = vectors @ vectors.T / TEMPERATURE
    others = ~torch.eye(len(near), dtype=torch.bool, device=near.device)
    same = (kinds @ kinds.T > 0) & others
    scores = near - near.masked_fill(~others, -torch.inf).logsumexp(1, keepdim=True)
    counted = same.sum(1)
    return -((scores * same).sum(1)[counted > 0] / counted[counted > 0]).mean().nan_to_num()
