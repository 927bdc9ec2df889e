"""An adapter's heads for another label set: columns of types they share are kept, new ones begin small (pure)."""

import numpy as np
import numpy.typing as npt

from intent.encoder_graph import STRENGTHS
from intent.labels import LabelSet

Tensors = dict[str, npt.NDArray[np.float32]]

NEW_SPREAD, NEW_BIAS = 0.02, -3.0
"""Of a new type's weights, as torch begins a layer of this width; and its bias: most turns do not hold it."""


def with_types(tensors: Tensors, have: LabelSet, want: LabelSet, seed: int) -> Tensors:
    """The adapter with a column for each wanted type, in their order."""
    if have.names == want.names:
        return tensors
    source = np.random.default_rng(seed)
    places = [have.names.index(name) if name in have.names else None for name in want.names]
    strengths = list(range(len(have.names), len(have.names) + STRENGTHS))
    found = dict(tensors)
    for head, others in (("pooled", []), ("token", strengths)):
        weight, bias = tensors[f"head.{head}.w"], tensors[f"head.{head}.b"]
        columns = [*places, *others]
        found[f"head.{head}.w"] = np.stack([_column(weight, place, source) for place in columns], axis=1)
        found[f"head.{head}.b"] = np.array(
            [NEW_BIAS if place is None else bias[place] for place in columns], dtype=np.float32
        )
    return found


def _column(weight: npt.NDArray[np.float32], place: int | None, source: np.random.Generator) -> npt.NDArray[np.float32]:
    if place is not None:
        return weight[:, place]
    return source.normal(0.0, NEW_SPREAD, weight.shape[0]).astype(np.float32)
