"""Prometheus metrics, taken from messages at the borders of the rooms; no room knows of them."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from asr.decoder import DecodeRequest
from graph.messages import CardClosed, CardShown, LinkDecision
from intent.messages import Signal

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


class Telemetry:
    """Every metric of the service, in a registry of its own."""

    def __init__(self) -> None:
        """Register the metrics."""
        self.registry = CollectorRegistry()
        self.calls_live = Gauge("server_calls_live", "Calls running now", registry=self.registry)
        self.calls = Counter("server_calls", "Calls ended, by reason", ["reason"], registry=self.registry)
        self.audio = Counter("ingest_audio_seconds", "Audio taken in", registry=self.registry)
        self.refused = Counter("ingest_frames_refused", "Frames refused, by code", ["code"], registry=self.registry)
        self.queued = Histogram(
            "asr_queue_seconds", "Wait before decoding", ["lane"], buckets=SECONDS, registry=self.registry
        )
        self.decoding = Histogram(
            "asr_decode_seconds", "Time to decode a window", ["lane"], buckets=SECONDS, registry=self.registry
        )
        self.dropped = Counter("asr_partials_dropped", "Partials given up for newer ones", registry=self.registry)
        self.withdrawn = Counter(
            "asr_finals_withdrawn", "Early finals given up because the voice went on", registry=self.registry
        )
        self.lost = Counter("asr_finals_lost", "Finals that could not be decoded", registry=self.registry)
        self.utterances = Counter("asr_utterances", "Final utterances", registry=self.registry)
        self.signals = Counter("intent_signals", "Signals found", ["kind"], registry=self.registry)
        self.understanding = Histogram(
            "intent_understand_seconds", "Utterance to signals and links", buckets=SECONDS, registry=self.registry
        )
        self.links = Counter("graph_link_decisions", "Link decisions, by outcome", ["outcome"], registry=self.registry)
        self.cards = Counter(
            "server_cards", "Cards shown, and what became of them, by outcome", ["outcome"], registry=self.registry
        )
        self.journal = Histogram(
            "graph_journal_append_seconds", "Append with fsync", buckets=SECONDS, registry=self.registry
        )
        self.behind = Gauge("graph_projection_behind_events", "Journal events not in the graph", registry=self.registry)

    def decoded(self, request: DecodeRequest, queued_s: float, decoding_s: float) -> None:
        """Count a decoded window."""
        lane = "final" if request.final else "partial"
        self.queued.labels(lane).observe(queued_s)
        self.decoding.labels(lane).observe(decoding_s)

    def understood(self, messages: Iterable[object]) -> None:
        """Count signals and link decisions."""
        for message in messages:
            if isinstance(message, Signal):
                self.signals.labels(message.kind).inc()
            elif isinstance(message, LinkDecision):
                self.links.labels("linked" if message.links else "abstained").inc()

    def carded(self, messages: Iterable[object]) -> None:
        """Count cards that came up and every answer to one; who answers again is counted again."""
        for message in messages:
            if isinstance(message, CardShown):
                self.cards.labels("shown").inc()
            elif isinstance(message, CardClosed):
                self.cards.labels(message.outcome).inc()

    def page(self) -> bytes:
        """The metrics in Prometheus' text form."""
        return generate_latest(self.registry)
