"""Settings of recognition. Arguments, never read from the environment here."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class AsrConfig(BaseModel):
    """The streaming policy and the decoder.

    first_partial_ms, partial_interval_ms: passes over an utterance that is being spoken: the first so long after the
        voice began, and again until words are heard; then so far apart. More when the machine is busy.
    commit_after_ms: words are committed once the open audio is longer than this, and it is cut behind them. A shorter
        one costs no more than the smallest window, and a committed error stays: committing from the first words on, 6.7
        % of the words of the dialogues were wrong, so 4.8 %, as many as without committing (by telephone 19.5, 14.2).
    commit_margin_ms, commit_confidence: a word so close to the end of the audio may be cut in two, and one so doubtful
        may be another, so they wait for another pass.
    anchor_words: so many committed words stay in the audio: a pass that begins with words it knows joins on without a
        seam. (Words told as Whisper's prompt did not help.)
    speculative_ms: silence after which the final pass begins, to be withdrawn if the voice goes on (RealtimeSTT's
        second lane). Voice activity itself notices the silence 96 ms late.
    clause_endpoint_ms, endpoint_ms: silence that ends an utterance after a finished clause, and inside one; peers use
        300-500 ms for both.
    soft_limit_ms, soft_endpoint_ms: a long monologue ends at the next short breath.
    hard_limit_ms: below Whisper's 30 s window, with room for the padding.
    preroll_ms: audio kept from before the voice was noticed; peers keep 300 ms.
    min_speech_ms: less voiced time than this is a click or a breath, not words.
    stall_ms: a channel that stops sending is treated as silent after this much wall time.
    window_pad_ms, min_window_ms, retry_window_ms: window = max(length + 1 s, 8 s), 12 s on a retry; shorter windows
        make Whisper repeat itself (measured on 49 utterances, base: WER 21.7 % unpadded, 2.5 % with this rule).
    final_beam_size: partials are greedy. Two beams make as few errors as five on the demo call and the dialogues (4.0
        and 6.9 % against 4.0 and 7.3 %), one makes more (4.5 %); in batches five take half as long again as one.
    batch: windows of one decoder run; the decoder of base takes 4 at once half as fast again as one after another.
    model: a folder in the directory of weights, from tiny.en to large-v3-turbo.
    device, compute_type: `auto` takes a GPU when CTranslate2 sees one, there int8_float16, else int8.
    cpu_threads, workers: two workers of one thread decode twice as many windows on two cores as one worker of two.
    chinese_script: Whisper writes Mandarin partly in traditional characters; `simplified` converts these.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_partial_ms: int = Field(default=320, ge=128)
    partial_interval_ms: int = Field(default=704, ge=200)
    commit_after_ms: int = Field(default=6_000, ge=1_000)
    commit_margin_ms: int = Field(default=960, ge=32)
    commit_confidence: float = Field(default=0.5, ge=0, le=1)
    anchor_words: int = Field(default=2, ge=1)
    speculative_ms: int = Field(default=32, ge=32)
    clause_endpoint_ms: int = Field(default=320, ge=96)
    endpoint_ms: int = Field(default=576, ge=96)
    soft_limit_ms: int = 14_000
    soft_endpoint_ms: int = 160
    hard_limit_ms: int = Field(default=26_000, le=28_000)
    preroll_ms: int = Field(default=320, ge=0)
    min_speech_ms: int = Field(default=128, ge=0)
    stall_ms: int = Field(default=2_000, ge=500)
    window_pad_ms: int = 1_000
    min_window_ms: int = 8_000
    retry_window_ms: int = 12_000
    final_beam_size: int = Field(default=2, ge=1, le=10)
    cpu_threads: int = Field(default=1, ge=1)
    workers: int = Field(default=2, ge=1)
    batch: int = Field(default=4, ge=1)
    model: str = "whisper-base"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: str = "auto"
    chinese_script: Literal["as_recognised", "simplified"] = "as_recognised"
