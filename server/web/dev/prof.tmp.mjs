import { chromium } from "playwright-core";
import { HeavyCall, serve } from "./heavy.mjs";
const call = new HeavyCall({ needs: 300, lines: 2000, lengthMs: 6_000_000 });
const server = await serve(call, process.argv[3] ?? new URL("../../static/", import.meta.url).pathname);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.goto(server.page);
await page.getByTestId("utterance").first().waitFor();
await new Promise((d) => setTimeout(d, 1500));
const cdp = await page.context().newCDPSession(page);
const kind = process.argv[2] ?? "partial";
const events = [];
cdp.on("Tracing.dataCollected", (one) => events.push(...one.value));
await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["devtools.timeline", "blink", "cc", "v8"] } });
await cdp.send("Profiler.enable"); await cdp.send("Profiler.setSamplingInterval", { interval: 500 }); await cdp.send("Profiler.start");
const N = 40;
let turn = call.utterances.length;
for (let i = 0; i < N; i++) {
  if (kind === "partial") server.send(call.partial(turn, i, (i % 10 + 1) / 10));
  if (kind === "utterance") { const s = call.final(turn++); call.utterances.push(s); server.send(call.frame("utterance", s)); }
  if (kind === "need") { const [, need] = call.need(call.needs.length, call.utterances.at(-2)); server.send(call.frame("graph_delta", { needs: [need], removed: [], named: [] })); }
  if (kind === "signal") { const [s] = call.need(call.needs.length, call.utterances.at(-2)); server.send(call.frame("signal", s)); }
  await new Promise((d) => setTimeout(d, 80));
}
const { profile } = await cdp.send("Profiler.stop");
const done = new Promise((d) => cdp.once("Tracing.tracingComplete", d));
await cdp.send("Tracing.end"); await done;
const sums = {};
for (const e of events) if (e.ph === "X" && e.dur) { const k = e.name; (sums[k] ??= [0, 0])[0] += e.dur / 1000; sums[k][1] += 1; }
console.log(kind, "per event ms:"); for (const [k, [ms, n]] of Object.entries(sums).sort((a, b) => b[1][0] - a[1][0]).slice(0, 22)) console.log((ms / N).toFixed(2).padStart(8), n, k);
const self = {}; const byId = new Map(profile.nodes.map((n) => [n.id, n]));
profile.samples.forEach((id, i) => { const n = byId.get(id); const k = `${n.callFrame.functionName || "(anon)"} ${n.callFrame.url.split("/").at(-1)}:${n.callFrame.lineNumber}:${n.callFrame.columnNumber}`; self[k] = (self[k] ?? 0) + (profile.timeDeltas[i] ?? 0) / 1000; });
for (const [k, ms] of Object.entries(self).sort((a, b) => b[1] - a[1]).slice(0, 14)) console.log((ms / N).toFixed(2).padStart(8), k);
await browser.close(); server.stop();
