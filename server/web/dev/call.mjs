// One scripted call: its state, its events in order, and what a snapshot of it is.
import { CHANNELS, DISPUTED, ITEMS, NAMES, TURNS } from "./script.mjs";

const points = (text) => [...text].length;

export class FakeCall {
  cardS = 30;

  constructor(callId, account, emit, lateS = 0) {
    Object.assign(this, { callId, emit, seq: 0, utterances: [], partials: new Map(), signals: new Map(), needs: new Map() });
    Object.assign(this, { annotations: [], health: new Map(), named: new Map(), ended: null, clock: 0, cards: new Map(), cardsPausedUntil: null });
    this.started = this.event("call_started", { account, language: "en", channels: CHANNELS, started_at: new Date(Date.now() - lateS * 1000).toISOString(), host: "ana", resume_token: null });
  }

  event(type, more) {
    return { type, call_id: this.callId, at: new Date().toISOString(), ...more };
  }

  send(type, more) {
    const event = this.event(type, more);
    this.seq += 1;
    this.emit(this, { type: "event", seq: this.seq, event });
    return event;
  }

  summary() {
    const speakers = CHANNELS.map((one) => one.speaker);
    return { call_id: this.callId, account: this.started.account, started_at: this.started.started_at, live: !this.ended, speakers, needs: this.needs.size };
  }

  snapshot() {
    return {
      type: "snapshot", seq: this.seq, call: this.started, ended: this.ended, utterances: this.utterances,
      partials: [...this.partials.values()], signals: [...this.signals.values()], needs: [...this.needs.values()],
      annotations: this.annotations, health: [...this.health.values()], named: [...this.named.values()],
      words: [], cards: [...this.cards.values()], cards_paused_until: this.cardsPausedUntil, consents: [],
    };
  }

  setHealth(part, ok, message) {
    this.health.set(part, this.send("health", { part, ok, message, channel: null, code: null, heard: null }));
  }

  async play(turnMs, wait, hold = false) {
    for (const [turn, [channel, text, signals]] of TURNS.entries()) {
      await this.speak(turn, CHANNELS.find((one) => one.channel === channel), text, signals, turnMs, wait);
    }
    if (!hold) this.end();
  }

  end() {
    this.ended = this.send("call_ended", { reason: "ended", end_ms: this.clock });
  }

  /** The customer's sound is gone, words are late, the engine is away. */
  trouble(on) {
    const told = [["audio", "it", "silent"], ["recognition", null, "words_late"], ["graph", null, "graph_away"]];
    for (const [part, channel, code] of told) this.health.set(part, this.send("health", { part, ok: !on, message: code, channel, code: on ? code : null, heard: null }));
  }

  async speak(turn, channel, text, signals, turnMs, wait) {
    const tokens = text.split(" ");
    const [start_ms, utterance_id] = [this.clock, `${this.callId}:u${turn}`];
    this.clock += tokens.length * 320 + 700;
    const said = { channel: channel.channel, speaker: channel.speaker, start_ms, end_ms: this.clock - 400, utterance_id };
    for (const step of [0.35, 0.7]) {
      await wait(turnMs * 0.3);
      const event = this.send("partial", { ...said, revision: step * 20, text: tokens.slice(0, Math.ceil(tokens.length * step)).join(" "), committed_chars: 0 });
      this.partials.set(utterance_id, event);
    }
    await wait(turnMs * 0.3);
    this.partials.delete(utterance_id);
    const words = tokens.map((word, at) => ({ text: word, start_ms: start_ms + at * 320, end_ms: start_ms + at * 320 + 300, confidence: 0.9 }));
    const spoken = this.send("utterance", { ...said, revision: 1, turn, role: channel.role, text, words });
    this.utterances.push(spoken);
    for (const [at, one] of signals.entries()) this.found(spoken, one, `${utterance_id}:s${at}`, 0.97 - 0.07 * at);
    await wait(turnMs * 0.1);
    this.names(spoken);
    for (const [at, one] of signals.entries()) this.linked(spoken, one, `${utterance_id}:s${at}`);
  }

  names(spoken) {
    const things = NAMES.filter(([, , words]) => spoken.text.includes(words)).map(([type, name, words]) => {
      const start = points(spoken.text.slice(0, spoken.text.indexOf(words)));
      return { type, name, start, end: start + points(words) };
    });
    if (things.length === 0) return;
    const named = { utterance_id: spoken.utterance_id, revision: spoken.revision, things };
    this.named.set(spoken.utterance_id, named);
    this.send("graph_delta", { needs: [], removed: [], named: [named] });
  }

  found(spoken, one, id, confidence) {
    const start = points(spoken.text.slice(0, spoken.text.indexOf(one.words)));
    this.put(spoken, { id, kind: one.kind, signal_type: one.type, start, end: start + points(one.words), strength: one.strength, confidence, adapter_id: "default", need_id: one.id, links: [], cues: one.kind === "hesitation" ? [{ cue: "response_gap", value: 2400, usual: 600 }] : [], hedging: [], young: false });
  }

  put(spoken, fields) {
    const { channel, speaker, start_ms, end_ms, utterance_id, revision } = spoken;
    const signal = this.send("signal", { channel, speaker, start_ms: start_ms + fields.start * 55, end_ms, utterance_id, revision, ...fields });
    this.signals.set(signal.id, signal);
    this.regroup(signal, spoken);
    return signal;
  }

  regroup(signal, spoken) {
    const words = [...spoken.text].slice(signal.start, signal.end).join("");
    const before = this.needs.get(signal.need_id);
    const mention = {
      call_id: this.callId, utterance_id: signal.utterance_id, turn: spoken.turn, signal_id: signal.id, speaker: signal.speaker, start: signal.start, end: signal.end,
      text: words, start_ms: signal.start_ms, end_ms: signal.end_ms, strength: signal.strength, confidence: signal.confidence, adapter_id: signal.adapter_id, started_at: this.started.started_at,
    };
    const mentions = [...(before?.mentions ?? []).filter((one) => one.signal_id !== signal.id), mention];
    const raised_by = [...new Set(mentions.map((one) => one.speaker))];
    this.setNeed({ need_id: signal.need_id, kind: signal.kind, type: signal.signal_type, strength: signal.strength, label: before?.label ?? words, status: "open", raised_by, mentions, changes: before?.changes ?? [], links: before?.links ?? [], linked: before?.linked ?? false, about: before?.about ?? [], disputed_by: DISPUTED[signal.need_id] ?? [] });
  }

  setNeed(need) {
    this.needs.set(need.need_id, need);
    this.send("graph_delta", { needs: [need], removed: [], named: [] });
  }

  linked(spoken, one, signal_id) {
    const links = one.links.map((at) => {
      const { kind, id, section, title, score, evidence, may_say = null, updated_at = null } = ITEMS[at];
      return { kind, id, section, title, score, evidence, may_say, updated_at };
    });
    this.send("link", { signal_id, need_id: one.id, utterance_id: spoken.utterance_id, links });
    const known = this.needs.get(one.id);
    const keys = new Set(links.map((link) => link.id + link.section));
    const all = [...links, ...known.links.filter((link) => !keys.has(link.id + link.section))];
    this.setNeed({ ...known, links: all, linked: true });
    if (links[0]?.score > 0.75) this.showCard(spoken, one, signal_id, links.at(-1));
  }

  showCard(spoken, one, signal_id, link) {
    if (this.cardsPausedUntil || [...this.cards.values()].some((card) => card.state === "shown" || card.need_id === one.id)) return;
    const card_id = `card-${this.cards.size + 1}`;
    const card = {
      card_id, need_id: one.id, signal_id, utterance_id: spoken.utterance_id, kind: one.kind, need_type: one.type, text: one.words, speaker: spoken.speaker, start_ms: spoken.start_ms,
      link, confidence: link.score, state: "shown", shown_at: new Date().toISOString(), closes_at: new Date(Date.now() + this.cardS * 1000).toISOString(), returned: false,
    };
    this.cards.set(card_id, this.send("card", { card }).card);
    setTimeout(() => this.cards.get(card_id).state === "shown" && this.closeCard(card_id, "ignored"), this.cardS * 1000);
  }

  closeCard(card_id, state) {
    const card = { ...this.cards.get(card_id), state };
    this.cards.set(card_id, card);
    this.send("card", { card });
  }

  pauseCards(until) {
    this.cardsPausedUntil = until;
    this.send("cards_paused", { until });
  }

  drop(signal) {
    this.signals.delete(signal.id);
    const need = this.needs.get(signal.need_id);
    const mentions = need.mentions.filter((one) => one.signal_id !== signal.id);
    if (mentions.length > 0) return this.setNeed({ ...need, mentions });
    this.needs.delete(need.need_id);
    return this.send("graph_delta", { needs: [], removed: [need.need_id], named: [] });
  }
}
