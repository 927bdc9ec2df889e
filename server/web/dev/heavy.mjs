// Development only: a made-up call of any size over the real frames, and a small server for it (dev/measure.mjs).
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { WebSocketServer } from "ws";
import { CHANNELS, ITEMS, LABELS } from "./script.mjs";

export const CALL_ID = "heavy";
export const TOKEN = "ng_dev";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const SAID = "we would need the archive to come across before the audit in March because nobody here can look after two systems at once and the works council has to agree to every place where the recordings are kept".split(" ");
const NEED_TYPES = LABELS.map((one) => [one.kind, one.type]);

/** A call that began so long ago that its words fit, with the events that make it grow. */
export class HeavyCall {
  constructor({ needs, lines, lengthMs }) {
    this.seq = 0;
    this.clockMs = 0;
    this.pitchMs = Math.max(1000, Math.floor(lengthMs / Math.max(1, lines)));
    this.startedAt = new Date(Date.now() - lengthMs).toISOString();
    this.started = this.event("call_started", { account: "Halden Logistics GmbH", language: "en", channels: CHANNELS, started_at: this.startedAt, host: "ana", resume_token: null });
    this.utterances = [];
    this.signals = [];
    this.needs = [];
    for (let at = 0; at < lines; at += 1) this.utterances.push(this.final(at));
    /** Needs of the account's earlier calls; what `GET /v1/accounts/…` tells. */
    this.earlier = [];
    const step = Math.max(1, Math.floor(lines / Math.max(1, needs)));
    for (let at = 0; at < needs; at += 1) this.need(at, this.utterances[Math.min(lines - 1, at * step)]);
  }

  event(type, more) {
    return { type, call_id: CALL_ID, at: new Date().toISOString(), ...more };
  }

  frame(type, more) {
    this.seq += 1;
    return { type: "event", seq: this.seq, event: this.event(type, more) };
  }

  speech(turn) {
    const channel = CHANNELS[turn % CHANNELS.length];
    const start_ms = turn * this.pitchMs;
    return { channel: channel.channel, speaker: channel.speaker, start_ms, end_ms: start_ms + this.pitchMs - 300, utterance_id: `${CALL_ID}:u${turn}` };
  }

  text(turn, count = 8 + (turn % 17)) {
    return `${turn}: ${Array.from({ length: count }, (_, at) => SAID[(turn * 7 + at) % SAID.length]).join(" ")}`;
  }

  final(turn) {
    const said = this.speech(turn);
    const tokens = this.text(turn).split(" ");
    const each = (said.end_ms - said.start_ms) / tokens.length;
    const words = tokens.map((text, at) => ({ text, start_ms: Math.floor(said.start_ms + at * each), end_ms: Math.floor(said.start_ms + (at + 0.9) * each), confidence: 0.9 }));
    return this.event("utterance", { ...said, revision: 1, turn, role: turn % CHANNELS.length === 0 ? "rep" : "customer", text: tokens.join(" "), words });
  }

  partial(turn, revision, share) {
    const all = this.text(turn).split(" ");
    return this.frame("partial", { ...this.speech(turn), revision, text: all.slice(0, Math.max(1, Math.ceil(all.length * share))).join(" "), committed_chars: 0 });
  }

  /** A signal in an utterance and the need it belongs to, with up to two links. */
  need(at, spoken) {
    const [kind, type] = NEED_TYPES[at % NEED_TYPES.length];
    const id = `${CALL_ID}:s${at}`;
    const [start, end] = [spoken.text.indexOf(" ") + 1, Math.min(spoken.text.length, 30)];
    const common = { channel: spoken.channel, speaker: spoken.speaker, start_ms: spoken.start_ms, end_ms: spoken.end_ms };
    const cues = kind === "hesitation" ? [{ cue: "response_gap", value: 2400, usual: 600 }] : [];
    const signal = this.event("signal", { ...common, id, utterance_id: spoken.utterance_id, revision: 1, kind, signal_type: type, start, end, strength: 1 + (at % 3), confidence: 0.9, adapter_id: "default", need_id: `n${at}`, links: [], cues, hedging: [], young: false });
    const links = [ITEMS[at % ITEMS.length], ITEMS[(at + 3) % ITEMS.length]].slice(0, at % 3).map(({ kind: what, section, title, score, evidence, may_say = null, updated_at = null }, place) => ({ kind: what, id: `I-${at}-${place}`, section, title, score, evidence, may_say, updated_at }));
    const words = spoken.text.slice(start, end);
    const mention = { call_id: CALL_ID, utterance_id: spoken.utterance_id, turn: spoken.turn, signal_id: id, speaker: spoken.speaker, start, end, text: words, start_ms: spoken.start_ms, end_ms: spoken.end_ms, strength: signal.strength, confidence: 0.9, adapter_id: "default", started_at: this.startedAt };
    const need = { need_id: `n${at}`, kind, type, strength: signal.strength, label: words, status: "open", raised_by: [spoken.speaker], mentions: [mention], changes: [], links, linked: true, about: [], disputed_by: [] };
    this.signals.push(signal);
    this.needs.push(need);
    return [signal, need];
  }

  /** A need that was voiced in a call three weeks before only. */
  before(at) {
    const [, need] = this.need(at, this.utterances[0]);
    this.needs.pop();
    this.signals.pop();
    const started_at = new Date(Date.parse(this.startedAt) - 21 * 86_400_000).toISOString();
    const mentions = need.mentions.map((one) => ({ ...one, call_id: "before", signal_id: `before:${at}`, started_at }));
    this.earlier.push({ ...need, need_id: `before${at}`, status: at % 4 === 0 ? "open" : "addressed", mentions });
  }

  summary() {
    return { call_id: CALL_ID, account: this.started.account, started_at: this.startedAt, live: true, speakers: CHANNELS.map((one) => one.speaker), needs: this.needs.length };
  }

  snapshot() {
    return {
      type: "snapshot", seq: this.seq, call: this.started, ended: null, utterances: this.utterances, partials: [], signals: this.signals, needs: this.needs,
      annotations: [], health: [], named: [], words: [], cards: [], cards_paused_until: null, consents: [],
    };
  }
}

/** Serves the built page and one call; `send` gives a frame to every screen. */
export async function serve(call, folder) {
  const screens = new Set();
  const bodies = {
    "/v1/me": { tenant: "demo", person: "ana", role: "admin", can: ["view", "annotate", "train"] },
    "/v1/calls": { calls: [call.summary()], total: 1, next: null },
    [`/v1/accounts/${encodeURIComponent(call.started.account)}`]: { account: call.started.account, calls: [], people: [], needs: call.earlier },
    "/v1/label-set": { version: "v1", least_examples: 5, types: LABELS },
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname.startsWith("/v1/")) {
      const body = bodies[pathname];
      return response.writeHead(body ? 200 : 404, { "Content-Type": "application/json" }).end(JSON.stringify(body ?? { error: { code: "not_found", message: "nothing" } }));
    }
    const asked = normalize(pathname === "/" ? "/index.html" : pathname);
    try {
      const body = await readFile(join(folder, asked));
      const csp = "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";
      return response.writeHead(200, { "Content-Type": TYPES[extname(asked)] ?? "application/octet-stream", "Content-Security-Policy": csp }).end(body);
    } catch {
      return response.writeHead(404).end();
    }
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => "needgraph.v1" });
  sockets.on("connection", (screen) => {
    screens.add(screen);
    screen.on("close", () => screens.delete(screen));
    screen.on("message", () => screen.send(JSON.stringify(call.snapshot())));
    screen.send(JSON.stringify({ type: "calls", calls: [call.summary()], total: 1 }));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    page: `http://127.0.0.1:${server.address().port}/#token=${TOKEN}`,
    send: (frame) => screens.forEach((one) => one.send(JSON.stringify(frame))),
    stop: () => {
      screens.forEach((one) => one.terminate());
      server.close();
    },
  };
}
