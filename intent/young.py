"""Types that no adapter has learnt yet: what comes near the examples people gave is of the new type.

The adapter still says where a need or a hesitation is; a finding of the right kind whose words lie near the examples'
mean takes the new type. Findings too weak to be shown as anything else are looked at, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from intent.labels import LabelSet, LabelType
from intent.spans import Finding

Vectors = npt.NDArray[np.float32]

LEAST_EXAMPLES = 5
"""With fewer a type waits; five to ten are asked for."""
GROWN_EXAMPLES = 30
"""Up to so many examples a type that an adapter has learnt is still called young."""
NEAR = 0.40
"""Least cosine to the examples' mean. With six or seven examples each of three types written for it (languages,
accessibility, sustainability) two thirds of new wordings lay above, 1 of 22 neighbours, and 7 of 340 needs of the
development calls, all of which did speak of languages (2026-11-26)."""
WEAK = 0.5
"""Share of its threshold from which a finding is looked at."""
SUREST = 0.9


class Encoder(Protocol):
    """What embeds texts; `IntentModel`, and whatever remembers its answers."""

    def embed(self, texts: Sequence[str], /) -> Vectors:
        """Shape: (texts, 384), float32, length 1."""
        ...


class YoungTypes:
    """The young types of one tenant with their examples' means."""

    def __init__(self, types: Sequence[LabelType], examples: Mapping[str, Sequence[str]], encoder: Encoder) -> None:
        """Use those types that have enough examples.

        Args:
            types: active types that the adapter does not know.
            examples: labelled words by type.
            encoder: the base encoder.
        """
        self._encoder = encoder
        self._types = [one for one in types if len(examples.get(one.type, ())) >= LEAST_EXAMPLES]
        self._means = {one.type: _mean(encoder.embed(examples[one.type])) for one in self._types}

    def __bool__(self) -> bool:
        """Whether any type can be told."""
        return bool(self._types)

    def told(self, text: str, findings: Sequence[Finding], shown: Sequence[Finding]) -> tuple[Finding, ...]:
        """What is to be shown: findings near a young type's examples as that type, and the others as they were.

        Args:
            text: the customer's words.
            findings: the adapter's, from WEAK of their thresholds on.
            shown: those of them that reach their thresholds.
        """
        if not findings or not self._types:
            return tuple(shown)
        vectors = self._encoder.embed([text[one.span.start : one.span.end] for one in findings])
        told: list[Finding] = []
        for finding, vector in zip(findings, vectors, strict=True):
            young = self._nearest(finding, vector)
            if young is not None and not any(_same_words(one, young) for one in told):
                told.append(young)
        kept = [one for one in shown if not any(_same_words(one, other) for other in told)]
        return tuple(sorted([*kept, *told], key=lambda one: (one.span.start, one.span.end, one.type)))

    def _nearest(self, finding: Finding, vector: Vectors) -> Finding | None:
        near = [(float(self._means[one.type] @ vector), one.type) for one in self._types if one.kind == finding.kind]
        cosine, name = max(near, default=(0.0, ""))
        if cosine < NEAR:
            return None
        return replace(finding, type=name, confidence=round(min(SUREST, 0.5 + cosine - NEAR), 4))


def unlearnt(labels: LabelSet, learnt: LabelSet) -> tuple[LabelType, ...]:
    """Active types that an adapter's label set does not have."""
    return tuple(one for one in labels.active.types if learnt.get(one.type) is None)


def _mean(vectors: Vectors) -> Vectors:
    mean = vectors.mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _same_words(one: Finding, other: Finding) -> bool:
    """Of one kind and overlapping by half of the shorter one."""
    shared = min(one.span.end, other.span.end) - max(one.span.start, other.span.start)
    shorter = min(one.span.end - one.span.start, other.span.end - other.span.start)
    return one.kind == other.kind and 2 * shared >= shorter
