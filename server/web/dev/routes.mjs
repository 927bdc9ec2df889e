// Answers of the fake service's HTTP API: [status, body].
import { ITEMS, LABELS } from "./script.mjs";

const METRICS = { "type F1": 0.71, "kind F1": 0.86, "span F1": 0.64, "false alarms per call": 0.9 };
const BETTER = { "type F1": 0.78, "kind F1": 0.88, "span F1": 0.66, "false alarms per call": 0.7 };

const labelled = (signal) => signal && { kind: signal.kind, type: signal.signal_type, start: signal.start, end: signal.end, strength: signal.strength };

function judge(world, body) {
  const call = world.calls.find((one) => one.callId === body.call_id);
  const spoken = call.utterances.find((one) => one.utterance_id === body.utterance_id);
  const before = call.signals.get(body.signal_id) ?? null;
  const signal_id = body.signal_id ?? `${body.utterance_id}:h${world.labels.length}`;
  const said = body.verdict === "confirm" ? labelled(before) : body.verdict === "refuse" ? {} : body;
  const annotation = {
    annotation_id: `a${world.labels.length + 1}`, signal_id, utterance_id: body.utterance_id, verdict: body.verdict, author: "ana", at: new Date().toISOString(),
    kind: said.kind ?? null, type: said.type ?? null, start: said.start ?? null, end: said.end ?? null, strength: said.strength ?? null, undoes: null,
  };
  const signal = body.verdict === "refuse" ? null : { ...(before ?? {}), id: signal_id, kind: said.kind, signal_type: said.type, start: said.start, end: said.end, strength: said.strength, confidence: before?.confidence ?? 1, adapter_id: before?.adapter_id ?? "person", need_id: before?.need_id ?? `n${signal_id}`, links: [], cues: before?.cues ?? [], hedging: before?.hedging ?? [], young: false };
  stand(call, spoken, before, signal, annotation);
  world.labels.unshift({ annotation_id: annotation.annotation_id, call_id: body.call_id, utterance_id: body.utterance_id, turn: spoken.turn, speaker: spoken.speaker, text: spoken.text, verdict: body.verdict, before: labelled(before), after: labelled(signal), author: "ana", at: annotation.at, undone: false, was: before });
  return [200, annotation];
}

function stand(call, spoken, before, signal, annotation) {
  call.annotations.push(annotation);
  const event = signal && { ...call.event("signal", {}), ...(({ channel, speaker, start_ms, end_ms, utterance_id, revision }) => ({ channel, speaker, start_ms, end_ms, utterance_id, revision }))(spoken), ...signal };
  call.send("annotation", { annotation, signal: event });
  if (event) {
    call.signals.set(event.id, event);
    call.regroup(event, spoken);
  } else if (before) call.drop(before);
}

function undo(world, id) {
  const row = world.labels.find((one) => one.annotation_id === id);
  if (!row) return [200, { annotation_id: `u${id}` }];
  row.undone = true;
  const call = world.calls.find((one) => one.callId === row.call_id);
  const spoken = call.utterances.find((one) => one.utterance_id === row.utterance_id);
  const was = call.annotations.find((one) => one.annotation_id === id);
  const annotation = { ...was, annotation_id: `u${id}`, verdict: "undo", kind: null, type: null, start: null, end: null, strength: null, undoes: id };
  stand(call, spoken, call.signals.get(was.signal_id) ?? null, row.was, annotation);
  return [200, { annotation_id: annotation.annotation_id }];
}

/** The review queue as `GET /v1/annotations` gives it, from the verdicts of this run. */
function queue(world, query) {
  const told = (label, text) => (label ? `${LABELS.find((one) => one.type === label.type).title} ${"●".repeat(label.strength)}${"○".repeat(3 - label.strength)} ${[...text].slice(label.start, label.end).join("")}` : "");
  const rows = world.labels.map((one) => ({
    annotation_id: one.annotation_id, form: one.form ?? "signal", call_id: one.call_id, account: "Norvik Outdoor", utterance_id: one.utterance_id, need_id: null, speaker: one.speaker, text: one.text,
    before: one.heard ?? told(one.before, one.text), after: one.said ?? told(one.after, one.text), status: null, author: one.author, at: one.at, undone: one.undone, undone_by: one.undone ? `u${one.annotation_id}` : null,
  }));
  const form = query.get("form");
  return [200, { rows: rows.filter((one) => !form || one.form === form), next: null }];
}

/** Misheard words: the utterance's next revision, and its signals moved behind the new words. */
function reword(world, body) {
  const call = world.calls.find((one) => one.callId === body.call_id);
  const at = call.utterances.findIndex((one) => one.utterance_id === body.utterance_id);
  const spoken = call.utterances[at];
  if (spoken.revision !== body.revision) return [409, { error: { code: "conflict", message: "somebody corrected these words meanwhile" } }];
  const points = [...spoken.text];
  const heard = points.slice(body.start, body.end).join("");
  const correction = { annotation_id: `a${world.labels.length + 1}`, utterance_id: body.utterance_id, revision: body.revision, start: body.start, end: body.end, heard, said: body.said, author: "ana", at: new Date().toISOString(), undoes: null };
  const longer = [...body.said].length - (body.end - body.start);
  call.send("words", { correction });
  const { type, call_id, at: sent, ...words } = { ...spoken, revision: spoken.revision + 1, text: [...points.slice(0, body.start), body.said, ...points.slice(body.end)].join("") };
  call.utterances[at] = call.send("utterance", words);
  for (const one of [...call.signals.values()].filter((signal) => signal.utterance_id === body.utterance_id)) {
    const moved = { ...one, revision: words.revision, start: one.start >= body.end ? one.start + longer : Math.min(one.start, body.start), end: one.end > body.start ? Math.max(one.end, body.end) + longer : one.end };
    call.signals.set(moved.id, moved);
    const { type: _, call_id: of, at: told, ...fields } = moved;
    call.send("signal", fields);
  }
  world.labels.unshift({ annotation_id: correction.annotation_id, form: "words", call_id: body.call_id, utterance_id: body.utterance_id, turn: spoken.turn, speaker: spoken.speaker, text: spoken.text, verdict: "words", before: null, after: null, heard, said: body.said, author: "ana", at: correction.at, undone: false });
  return [200, correction];
}

function train(world) {
  world.run = { state: "running", progress: 0, message: "preparing", candidate: null, before: null, after: null };
  const step = setInterval(() => {
    world.run = { ...world.run, progress: world.run.progress + 0.1, message: "epoch 2 of 3" };
    if (world.run.progress < 1) return;
    clearInterval(step);
    const candidate = `demo-${world.candidates.length + 1}`;
    world.candidates.unshift({ adapter_id: candidate, parent: "default", created_at: new Date().toISOString(), state: "candidate", metrics: BETTER });
    world.run = { state: "done", progress: 1, message: "done", candidate, before: METRICS, after: BETTER, base: METRICS, floor: { "type F1": 0.53, "kind F1": 0.7 }, warnings: ["languages has 3 labels; five to ten are needed"], suspects: [{ call_id: "c1", turn: 4, labelled: "price", instead: "commercial", confidence: 0.93 }] };
  }, 300);
  return [202, { state: "running" }];
}

function adapters(world) {
  const base = { adapter_id: "default", parent: null, created_at: "2025-10-01T08:00:00Z", state: world.champion === "default" ? "champion" : "default", metrics: METRICS };
  const rows = world.candidates.map((one) => ({ ...one, state: one.adapter_id === world.champion ? "champion" : "candidate" }));
  return { champion: world.champion, adapters: [...rows, base], training: { available: !world.options["no-training"], install: "pip install 'needgraph[train]'", size: "about 6 GB" } };
}

const item = (id, section) => {
  const found = ITEMS.find((one) => one.id === id && one.section === section);
  return found && { status: null, competitor: null, tags: ["demo"], quarter: null, may_say: null, url: null, created_at: "2025-03-01", version: "0".repeat(64), text: `${found.evidence}\n\nFurther words of ${found.title} stand here, <b>as plain text</b>.`, ...found };
};

function callPage(world, asked) {
  const query = (asked.get("query") ?? "").toLowerCase();
  const calls = world.calls.map((call) => call.summary()).filter((one) => [one.account, ...one.speakers].some((name) => name.toLowerCase().includes(query)));
  return { calls, total: calls.length, next: null };
}

const labelSet = () => ({ version: "v1", least_examples: 5, types: LABELS });

export function answer(world, method, url, body) {
  const path = url.pathname.slice(4);
  const missing = [404, { error: { code: "not_found", message: `nothing at ${path}` } }];
  if (method === "GET" && path.startsWith("items/")) {
    const found = item(decodeURIComponent(path.split("/")[2]), url.searchParams.get("section"));
    return found ? [200, found] : missing;
  }
  if (path.endsWith("/undo")) return undo(world, path.split("/")[1]);
  if (path.endsWith("/promote")) {
    if (path.includes("demo-2")) return [409, { error: { code: "gate", message: "type F1 fell from 0.78 to 0.71\nfalse alarms rose" } }];
    world.champion = path.split("/")[1];
    return [200, { champion: world.champion }];
  }
  if (method === "PATCH" && path.startsWith("label-set/types/")) {
    Object.assign(LABELS.find((one) => one.type === path.split("/")[2]), JSON.parse(body));
    return [200, labelSet()];
  }
  const table = {
    "GET me": () => [200, { tenant: "demo", person: "ana", role: "admin", can: ["view", "call", "annotate", "train"] }],
    "GET calls": () => [200, callPage(world, url.searchParams)],
    "GET label-set": () => [200, labelSet()],
    "POST label-set/types": () => {
      LABELS.push({ ...JSON.parse(body), retired: false, examples: 0, young: true });
      return [201, labelSet()];
    },
    "GET annotations": () => queue(world, url.searchParams),
    "POST annotations/words": () => reword(world, JSON.parse(body)),
    "POST annotations/merges": () => [200, { annotation_id: `m${Date.now()}`, need_id: JSON.parse(body).other_id ?? "n-new" }],
    "POST annotations/statuses": () => [200, { annotation_id: `t${Date.now()}` }],
    "GET labels": () => [200, { labels: world.labels }],
    "GET labels/export": () => [200, world.labels],
    "POST labels/import": () => [200, { taken: 3, rejected: [{ line: 2, field: "signals.0.type", reason: "unknown type 'prices'" }] }],
    "GET adapters": () => [200, adapters(world)],
    "GET train": () => [200, world.run],
    "POST train": () => train(world),
    "POST adapters/rollback": () => [200, { champion: (world.champion = "default") }],
    "POST annotations/signals": () => judge(world, JSON.parse(body)),
    "POST annotations/links": () => [200, { annotation_id: `l${Date.now()}` }],
  };
  return (table[`${method} ${path}`] ?? (() => missing))();
}
