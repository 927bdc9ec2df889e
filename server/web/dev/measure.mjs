// How quick the built page is, in Chromium against a made-up call: node dev/measure.mjs [--needs 300] [--lines 2000]
// [--events 200] [--utterances 3000] [--partials 40] [--static ../static]. Prints one JSON object.
// Painted: the first task after the frame that followed the event's change of the document.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { HeavyCall, serve } from "./heavy.mjs";

const number = (value) => ({ type: "string", default: String(value) });
const { values } = parseArgs({
  options: {
    needs: number(300), lines: number(2000), events: number(200), "gap-ms": number(60), utterances: number(3000), partials: number(40),
    static: { type: "string", default: new URL("../../static/", import.meta.url).pathname },
  },
});
const asked = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, name === "static" ? value : Number(value)]));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--js-flags=--expose-gc"];
const LONG_MS = 100;
const CALL_MS = 10_800_000;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** What runs in the page before its own scripts: notes when frames arrive and when the next painted frame is over. */
function watch() {
  const seen = { painted: [], long: [], shifts: 0, frames: 0, waiting: [] };
  window.__measured = seen;
  const channel = new MessageChannel();
  let asked = false;
  channel.port1.onmessage = () => {
    const now = performance.now();
    for (const one of seen.done) seen.painted.push({ type: one.type, ms: now - one.at });
    asked = false;
  };
  seen.done = [];
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", ({ data }) => {
        seen.frames += 1;
        if (seen.on) seen.waiting.push({ at: performance.now(), type: /"event":{"type":"(\w+)"/.exec(data)?.[1] });
      });
    }
  };
  new MutationObserver(() => {
    if (!seen.on || asked || seen.waiting.length === 0) return;
    asked = true;
    requestAnimationFrame(() => {
      seen.done = seen.waiting;
      seen.waiting = [];
      channel.port2.postMessage(null);
    });
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  new PerformanceObserver((list) => list.getEntries().forEach((one) => seen.long.push(one.duration))).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (one.sources.some(({ node }) => node instanceof Element && node.closest(".graph .scroll"))) seen.shifts += one.value;
    }
  }).observe({ type: "layout-shift" });
}

const places = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll("[data-testid=need-node]")].map((one) => {
  const { x, y } = one.getBoundingClientRect();
  return [one.dataset.needId, `${x},${y}`];
})));

const percentile = (rows, share) => [...rows].sort((a, b) => a - b)[Math.min(rows.length - 1, Math.ceil(rows.length * share) - 1)] ?? null;
const round = (value) => (value === null ? null : Math.round(value * 10) / 10);

/** Events of a going call: mostly partials, then final words, a signal, its need and its links. */
function* happening(call, count) {
  let turn = call.utterances.length;
  for (let at = 0; at < count; turn += 1) {
    for (let step = 1; step <= 5 && at < count; step += 1, at += 1) yield call.partial(turn, step, step / 6);
    const spoken = call.final(turn);
    call.utterances.push(spoken);
    if (at++ < count) yield call.frame("utterance", spoken);
    if (spoken.role !== "customer") continue;
    const [signal, need] = call.need(call.needs.length, spoken);
    if (at++ < count) yield call.frame("signal", signal);
    if (at++ < count) yield call.frame("graph_delta", { needs: [{ ...need, links: [], linked: false }], removed: [], named: [] });
    if (at++ < count) yield call.frame("graph_delta", { needs: [need], removed: [], named: [] });
  }
}

async function opened(browser, server) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", (error) => console.error("page error:", error.message));
  await page.addInitScript(watch);
  await page.goto(server.page);
  await page.getByTestId("utterance").first().waitFor({ timeout: 30_000 });
  await sleep(1500);
  return page;
}

async function painted(browser) {
  const call = new HeavyCall({ needs: asked.needs, lines: asked.lines, lengthMs: asked.lines * 3000 });
  const server = await serve(call, asked.static);
  const page = await opened(browser, server);
  const opening = await page.evaluate(() => Math.max(0, ...window.__measured.long));
  const before = await places(page);
  await page.evaluate(() => Object.assign(window.__measured, { on: true, long: [], shifts: 0 }));
  for (const frame of happening(call, asked.events)) {
    server.send(frame);
    await sleep(asked["gap-ms"]);
  }
  await sleep(500);
  const after = await places(page);
  const seen = await page.evaluate(() => window.__measured);
  await page.close();
  server.stop();
  const all = seen.painted.map((one) => one.ms);
  const types = [...new Set(seen.painted.map((one) => one.type))];
  return {
    needs: asked.needs,
    nodes_drawn: Object.keys(before).length,
    lines: asked.lines,
    events: seen.painted.length,
    unpainted: seen.waiting.length,
    painted_p50_ms: round(percentile(all, 0.5)),
    painted_p95_ms: round(percentile(all, 0.95)),
    painted_max_ms: round(Math.max(...all)),
    painted_p95_ms_by_event: Object.fromEntries(types.map((type) => [type, round(percentile(seen.painted.filter((one) => one.type === type).map((one) => one.ms), 0.95))])),
    long_tasks: seen.long.filter((one) => one > LONG_MS).length,
    longest_task_ms: round(Math.max(0, ...seen.long)),
    opening_longest_task_ms: round(opening),
    moved_nodes: Object.entries(before).filter(([id, place]) => after[id] !== place).length,
    layout_shift: round(seen.shifts),
  };
}

/** The tab's memory after all words of three hours went through it, as fast as it takes them. */
async function remembered(browser) {
  const call = new HeavyCall({ needs: 0, lines: 1, lengthMs: CALL_MS });
  call.pitchMs = Math.floor(CALL_MS / asked.utterances);
  const server = await serve(call, asked.static);
  const page = await opened(browser, server);
  const began = Date.now();
  let sent = await page.evaluate(() => window.__measured.frames);
  for (let turn = 1; turn <= asked.utterances; turn += 1) {
    for (let step = 1; step <= asked.partials; step += 1) server.send(call.partial(turn, step, step / asked.partials));
    const spoken = call.final(turn);
    call.utterances.push(spoken);
    server.send(call.frame("utterance", spoken));
    sent += asked.partials + 1;
    if (turn % 10 === 0) {
      const [signal, need] = call.need(call.needs.length, spoken);
      server.send(call.frame("signal", signal));
      server.send(call.frame("graph_delta", { needs: [need], removed: [], named: [] }));
      sent += 2;
    }
    if (turn % 25 === 0) await page.waitForFunction((count) => window.__measured.frames >= count, sent, { polling: 20, timeout: 60_000 });
  }
  await sleep(1000);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize, totalSize } = await devtools.send("Runtime.getHeapUsage");
  const { nodes } = await devtools.send("Memory.getDOMCounters");
  const shown = await page.getByTestId("utterance").count();
  await page.close();
  server.stop();
  const mb = (bytes) => round(bytes / 1e6);
  return { call_hours: CALL_MS / 3_600_000, call_frames: sent, call_lines: shown, heap_mb: mb(usedSize), heap_taken_mb: mb(totalSize), dom_nodes: nodes, fed_s: round((Date.now() - began) / 1000) };
}

/** Compressed sizes of what the first view loads: the page, and the scripts and styles it names. */
function firstLoad(folder) {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\/?([^"]+\.(?:js|css|svg))"/g)].map(([, path]) => path);
  const size = (path) => gzipSync(readFileSync(join(folder, path))).length;
  const lazy = readdirSync(join(folder, "assets")).map((name) => `assets/${name}`).filter((path) => !named.includes(path));
  const kb = (paths) => round(paths.reduce((sum, path) => sum + size(path), 0) / 1000);
  return { first_load_kb: kb(["index.html", ...named]), later_kb: kb(lazy) };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
try {
  const report = { ...(await painted(browser)), ...(asked.utterances > 0 ? await remembered(browser) : {}), ...firstLoad(asked.static), chromium: browser.version() };
  console.log(JSON.stringify(report));
} finally {
  await browser.close();
}
