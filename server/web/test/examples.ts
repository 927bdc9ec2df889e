import type { CallEvent } from "../src/state";
import type { CallSummary, HealthEvent, PartialEvent, ScreenEvent, SignalEvent, Snapshot, UtteranceEvent, WireAnnotation, WireLink, WireMention, WireNames, WireNeed } from "../src/wire";

const at = "2025-11-03T10:00:00Z";
const speech = { call_id: "c1", at, channel: "it", speaker: "Priya", start_ms: 1000, end_ms: 3000 };

export function summary(call_id: string, live: boolean): CallSummary {
  return { call_id, account: "Halden", started_at: at, live, speakers: ["Jonas", "Priya"], needs: 0 };
}

export function utterance(utterance_id: string, start_ms = 1000): UtteranceEvent {
  return { ...speech, type: "utterance", utterance_id, revision: 1, turn: 1, role: "customer", text: `words of ${utterance_id}`, words: [], start_ms };
}

export function partial(utterance_id: string, revision: number, text: string): PartialEvent {
  return { ...speech, type: "partial", utterance_id, revision, text, committed_chars: 0 };
}

export function signal(id: string, more: Partial<SignalEvent> = {}): SignalEvent {
  return {
    ...speech, type: "signal", id, utterance_id: "u1", revision: 1, kind: "need", signal_type: "integration", start: 0, end: 5,
    strength: 2, confidence: 0.9, adapter_id: "default", need_id: "n1", links: [], cues: [], hedging: [], young: false, ...more,
  };
}

export function link(id: string, score = 0.8): WireLink {
  return { kind: "ticket", id, section: null, title: `Title ${id}`, score, evidence: "", may_say: null, updated_at: null };
}

export function need(need_id: string, more: Partial<WireNeed> = {}): WireNeed {
  return { need_id, kind: "need", type: "integration", strength: 2, label: need_id, status: "open", raised_by: ["Priya"], mentions: [], changes: [], links: [], linked: false, about: [], disputed_by: [], ...more };
}

export function annotation(annotation_id: string, more: Partial<WireAnnotation> = {}): WireAnnotation {
  return {
    annotation_id, signal_id: "s1", utterance_id: "u1", verdict: "confirm", author: "ana", at, kind: "need", type: "integration",
    start: 0, end: 5, strength: 2, undoes: null, ...more,
  };
}

export function snapshot(seq: number, more: Partial<Snapshot> = {}): Snapshot {
  return {
    type: "snapshot", seq, ended: null, utterances: [], partials: [], signals: [], needs: [], annotations: [], health: [], named: [],
    words: [], cards: [], cards_paused_until: null, consents: [],
    call: { type: "call_started", call_id: "c1", at, account: "Halden", language: "en", channels: [], started_at: at, host: null, resume_token: null }, ...more,
  };
}

export function event(seq: number, of: CallEvent): ScreenEvent {
  return { type: "event", seq, event: of };
}

export function delta(needs: WireNeed[], removed: string[] = [], named: WireNames[] = []): CallEvent {
  return { type: "graph_delta", call_id: "c1", at, needs, removed, named };
}

export function annotated(of: WireAnnotation, now: SignalEvent | null): CallEvent {
  return { type: "annotation", call_id: "c1", at, annotation: of, signal: now };
}

export function mention(call_id: string, end_ms: number, more: Partial<WireMention> = {}): WireMention {
  return {
    call_id, utterance_id: "u1", turn: 1, signal_id: "s1", speaker: "Priya", start: 0, end: 5, text: "words", start_ms: end_ms - 1000, end_ms,
    strength: 2, confidence: 0.9, adapter_id: "default", started_at: at, ...more,
  };
}

export function health(part: HealthEvent["part"], more: Partial<HealthEvent> = {}): HealthEvent {
  return { type: "health", call_id: "c1", at, part, ok: false, message: "told by the service", channel: null, code: null, heard: null, ...more };
}
