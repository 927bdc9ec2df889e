// Accounts of the fake service: one with --needs needs over a year of calls, a small one, and one with a hostile name.
import { CHANNELS, ITEMS, TURNS } from "./script.mjs";

const DAY_MS = 86_400_000;
const PEOPLE = CHANNELS.map(({ speaker, role }) => ({ speaker, role }));
const HOSTILE = { speaker: `Robert"); <b>Bold</b> O'Neil`, role: "customer" };
const STATUSES = ["open", "open", "addressed", "confirmed", "withdrawn", "resolved"];
const made = new Map();

function calls(account, count) {
  return Array.from({ length: count }, (_, at) => ({
    call_id: `${account}-${at}`, account, started_at: new Date(Date.now() - at * 17 * DAY_MS - 3_600_000).toISOString(), live: false, speakers: PEOPLE.map((one) => one.speaker), needs: 4 + (at % 5),
  }));
}

function need(at, ofCalls, signal) {
  const voiced = [ofCalls[at % ofCalls.length], ...(at % 3 === 0 ? [ofCalls[(at * 7) % ofCalls.length]] : [])];
  const mentions = voiced.map((call, nth) => ({
    call_id: call.call_id, utterance_id: `${call.call_id}:u${at}`, turn: at, signal_id: `s${at}-${nth}`, speaker: PEOPLE[1 + (at % 2)].speaker, start: 0, end: 5, text: signal.words,
    start_ms: 61_000 + at * 900, end_ms: 64_000 + at * 900, strength: signal.strength, confidence: 0.9, adapter_id: "default", started_at: call.started_at,
  }));
  const status = STATUSES[at % STATUSES.length];
  const last = mentions.at(-1);
  const changes = status === "open" ? [] : [{ change_id: `ch${at}`, call_id: last.call_id, status, at: last.started_at, decided_by: "life", score: 0.8, utterance_id: `${last.call_id}:r${at}`, turn: at + 1, speaker: status === "addressed" ? PEOPLE[0].speaker : last.speaker, text: "that is settled for us", start: 0, end: 10, start_ms: last.end_ms }];
  const links = signal.links.map((one) => {
    const { kind, id, section, title, score, evidence, may_say = null, updated_at = null } = ITEMS[one];
    return { kind, id, section, title, score, evidence, may_say, updated_at };
  });
  return { need_id: `an${at}`, kind: signal.kind, type: signal.type, strength: signal.strength, label: `${signal.words}${at > 16 ? ` (${at})` : ""}`, status, raised_by: [...new Set(mentions.map((one) => one.speaker))], mentions, changes, links, linked: true, about: [], disputed_by: at % 11 === 5 ? ["Priya Nair"] : [] };
}

function evidence(call, text) {
  return { call_id: call.call_id, utterance_id: `${call.call_id}:u1`, text, start: 0, end: text.length, start_ms: 95_000, started_at: call.started_at };
}

function build(account, needs, count) {
  const ofCalls = calls(account, count);
  const signals = TURNS.flatMap(([, , found]) => found);
  const people = [...PEOPLE, HOSTILE].map((one, at) => ({
    ...one, calls: count, first_at: ofCalls.at(-1).started_at, last_at: ofCalls[0].started_at, needs: one.role === "rep" ? 0 : Math.round(needs / (at + 1)),
    roles: at === 1 ? [{ role: "checks", evidence: [evidence(ofCalls[0], "our auditors have to see the certificate first")] }, { role: "uses", evidence: [evidence(ofCalls[0], "my team works in it every day"), evidence(ofCalls.at(-1), "we log four hundred calls a day with it")] }]
      : at === 2 ? [{ role: "decides", evidence: [evidence(ofCalls[0], "in the end I sign it off <script>alert(1)</script>")] }] : [],
  }));
  return { account, calls: ofCalls, needs: Array.from({ length: needs }, (_, at) => need(at, ofCalls, signals[at % signals.length])), people };
}

const SHAPES = [["Halden Logistics GmbH", 300, 24], ["Oakline Freight", 6, 3], [`<i>Brack & Söhne</i> "Nord" / Süd`, 3, 1], ["Quiet Harbour", 0, 1]];

export function account(world, name) {
  const shape = SHAPES.find((one) => one[0] === name);
  if (!shape || world.options.empty) return null;
  if (!made.has(name)) made.set(name, build(...shape));
  return made.get(name);
}

export function accountLines(world, query) {
  if (world.options.empty) return [];
  return SHAPES.map(([name]) => account(world, name))
    .filter((one) => [one.account, ...one.people.map((person) => person.speaker)].some((text) => text.toLowerCase().includes(query.toLowerCase())))
    .map((one) => ({ account: one.account, calls: one.calls.length, needs: one.needs.length, last_at: one.calls[0].started_at, people: one.people.map(({ speaker, role }) => ({ speaker, role })) }));
}
