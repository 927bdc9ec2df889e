// Fake answers for cards, summaries, shared links, kept audio and accounts. [status, body, type] or null for other paths.
import { CHANNELS } from "./script.mjs";
import { account, accountLines } from "./accounts.mjs";

const missing = (what) => [404, { error: { code: "not_found", message: `no ${what}` } }];
const state = {
  budget: { confidence: 0.8, per_minute: 1, per_call: 12, shown_s: 30, later_s: 120, fresh_s: 20 },
  shares: [],
};
const FIGURES = { calls: 14, hours: 9.4, shown: 31, used: 17, dismissed: 4, later: 3, ignored: 7, per_hour: 3.3 };
const NO_FIGURES = { calls: 1, hours: 0.2, shown: 0, used: 0, dismissed: 0, later: 0, ignored: 0, per_hour: 0 };

function summary(call) {
  const needs = [...call.needs.values()];
  const open = (need) => need.status === "open";
  const step = (kind, at, words, due) => {
    const said = call.utterances.find((one) => one.text.includes(words));
    return said && { kind, speaker: said.speaker, role: said.role, text: words, due, need_id: null, utterance_id: said.utterance_id, start: 0, end: words.length, start_ms: said.start_ms };
  };
  const ids = (of) => needs.filter(of).sort((a, b) => b.strength - a.strength).map((need) => need.need_id);
  return {
    call_id: call.callId, account: call.started.account, started_at: call.started.started_at, duration_ms: call.clock, ended: Boolean(call.ended), channels: CHANNELS,
    needs, open_needs: ids(open), answered_needs: ids((need) => !open(need)),
    next_steps: [step("promised", 0, "I will send a plan for the trial and the move by Thursday", "by Thursday"), step("asked", 0, "Can we see it on our own recordings", null), step("unanswered", 0, "hold two thousand calls at once", null)].filter(Boolean),
    metrics: call.clock === 0 ? null : { speaker: "Jonas Weber", talk_ms: call.clock / 3, ratio: 0.34, longest_monologue_ms: 21_000, longest_monologue_start_ms: 4_000, response_gap_ms: 740, questions: 4 },
    cards: call.cards.size > 0 ? { ...FIGURES, calls: 1, hours: 0.2, shown: call.cards.size, used: 1, dismissed: 1, later: 0, ignored: 1, per_hour: 11.2 } : NO_FIGURES,
  };
}

function shares(method, call, body) {
  if (method === "GET") return [200, { shares: state.shares.filter((one) => one.call_id === call.callId) }];
  const { days } = JSON.parse(body);
  const made = { share_id: `sh${state.shares.length + 1}`, call_id: call.callId, author: "ana", made_at: new Date().toISOString(), expires_at: new Date(Date.now() + days * 86_400_000).toISOString(), opened: state.shares.length, opened_at: null, path: null };
  state.shares.push(made);
  return [200, { ...made, path: `/s/${"ab3kd9".repeat(8)}` }];
}

/** Ten seconds of a quiet tone as WAV, 8 kHz mono. */
function tone(hz, seconds) {
  const rate = 8000;
  const body = Buffer.alloc(44 + 2 * rate * seconds);
  body.write("RIFF", 0); body.writeUInt32LE(36 + 2 * rate * seconds, 4); body.write("WAVEfmt ", 8);
  body.writeUInt32LE(16, 16); body.writeUInt16LE(1, 20); body.writeUInt16LE(1, 22); body.writeUInt32LE(rate, 24);
  body.writeUInt32LE(2 * rate, 28); body.writeUInt16LE(2, 32); body.writeUInt16LE(16, 34); body.write("data", 36); body.writeUInt32LE(2 * rate * seconds, 40);
  for (let at = 0; at < rate * seconds; at += 1) body.writeInt16LE(Math.round(2000 * Math.sin((2 * Math.PI * hz * at) / rate)), 44 + 2 * at);
  return body;
}

function audio(world, call, rest) {
  const kept = CHANNELS.filter((one) => world.options.audio === "all" || (world.options.audio === "rep" && one.role === "rep"));
  if (rest.length === 0) {
    const segments = Array.from({ length: Math.ceil(call.clock / 10_000) }, (_, number) => ({ number, start_ms: number * 10_000, end_ms: Math.min(call.clock, (number + 1) * 10_000) }));
    return [200, { channels: kept.map(({ channel }) => ({ channel, segments })) }];
  }
  const at = kept.findIndex((one) => one.channel === rest[0]);
  return at < 0 ? missing("audio") : [200, tone(220 + 110 * at, 10), "audio/ogg"];
}

function exported(call, url) {
  const format = url.searchParams.get("format");
  const text = `# ${call.started.account}\n\n${[...call.needs.values()].map((need) => `- ${need.label}`).join("\n")}\n`;
  return format === "json" ? [200, summary(call)] : [200, Buffer.from(text), format === "html" ? "text/html" : "text/markdown"];
}

function ofCall(world, method, url, body, [callId, what, ...rest]) {
  const call = world.calls.find((one) => one.callId === callId);
  if (!call) return missing(`call ${callId}`);
  if (what === "summary") return rest[0] === "export" ? exported(call, url) : [200, summary(call)];
  if (what === "shares") return shares(method, call, body);
  if (what === "audio") return audio(world, call, rest);
  if (what !== "cards") return null;
  if (rest[0] === "pause") {
    const { minutes } = JSON.parse(body);
    call.pauseCards(minutes > 0 ? new Date(Date.now() + minutes * 60_000).toISOString() : null);
    return [200, {}];
  }
  const { outcome } = JSON.parse(body);
  call.closeCard(rest[0], outcome);
  return [200, { annotation_id: outcome === "later" ? null : `card-${Date.now()}` }];
}

export function momentsAnswer(world, method, url, body) {
  const [room, ...rest] = url.pathname.slice(4).split("/").map(decodeURIComponent);
  if (room === "calls" && rest.length > 1) return ofCall(world, method, url, body, rest);
  if (room === "shares") {
    state.shares = state.shares.filter((one) => one.share_id !== rest[0]);
    return [200, {}];
  }
  if (room === "card-figures") return [200, world.options.empty ? { ...NO_FIGURES, calls: 0 } : FIGURES];
  if (room === "card-budget") {
    if (method === "PUT") state.budget = JSON.parse(body);
    return [200, state.budget];
  }
  if (room !== "accounts") return null;
  if (world.options.broken) return [500, { error: { code: "broken", message: "the journal could not be read" } }];
  if (rest.length === 0) return [200, { accounts: accountLines(world, url.searchParams.get("query") ?? "") }];
  const found = account(world, rest.join("/"));
  return found ? [200, found] : missing(`account ${rest[0]}`);
}
