"""Settings of the intent model. Arguments, never read from the environment here."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class IntentConfig(BaseModel):
    """How the encoder runs.

    threads: one utterance takes about 8 ms on one thread; recognition needs the rest of the machine.
    embed_workers: runs at once when many texts are embedded. One for the service, whose cores decode speech; an import
        takes all cores, and two runs on one thread each beat one run on two.
    precision: of the encoder that reads signals. int8 per channel halves the time and reads as well as fp32: kind, type
        and span F1 of the test part .893, .788, .679 against .894, .787, .681 (2026-11-25). Embeddings are always fp32.
    adapters_in_memory: tenants' own adapters; each takes 1.4 MB and loads again in a millisecond.
    context_turns: turns before the utterance that the model reads; the rep's question carries short answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threads: int = Field(default=1, ge=1)
    embed_workers: int = Field(default=1, ge=1)
    precision: Literal["int8", "fp32"] = "int8"
    context_turns: int = Field(default=2, ge=0, le=6)
    adapters_in_memory: int = Field(default=200, ge=1)
