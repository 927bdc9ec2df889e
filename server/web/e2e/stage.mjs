// What the browser tests share: a Chromium that can be captured from, a page that plays the meeting, a proxy whose
// connections can be cut, pictures with axe, and what the service says of a call.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import net from "node:net";
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** What issue 7 asks for: WCAG 2.2 AA and all that it holds. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const listening = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

export const launch = () => chromium.launch({ executablePath: EXECUTABLE, args: QUIET });

/**
 * What a browser needs to be captured from without anybody at the screen, headless as well. The microphone is a file.
 * No `--use-fake-ui-for-media-stream`: it would replace the tab's sound by a beep. The microphone is allowed by the
 * context's permissions, the tab is chosen by its title. A muted browser captures silence from its tabs.
 */
export const launchOptions = (wav) => ({
  executablePath: EXECUTABLE,
  ignoreDefaultArgs: ["--mute-audio"],
  args: [
    ...QUIET, "--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${wav}%noloop`,
    "--auto-select-tab-capture-source-by-title=Meeting", "--autoplay-policy=no-user-gesture-required",
  ],
});

/** A page called "Meeting" that plays a file once it is told to: `play()` in the page. */
export async function meeting(wav) {
  const sound = await readFile(wav);
  const server = createServer((request, response) => {
    if (request.url === "/sound.wav") return response.writeHead(200, { "Content-Type": "audio/wav", "Content-Length": sound.length }).end(sound);
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end("<!doctype html><title>Meeting</title><h1>Meeting</h1><audio src=/sound.wav preload=auto></audio>");
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

export const play = (tab) => tab.evaluate(() => void document.querySelector("audio").play());

/** Bytes to the service and back. `cut()` breaks every connection and refuses new ones until `mend()`. */
export async function proxy({ hostname, port }) {
  const pairs = new Set();
  let whole = true;
  const server = net.createServer((near) => {
    if (!whole) return near.destroy();
    const far = net.connect(Number(port), hostname);
    const both = [near, far];
    pairs.add(both);
    const broken = () => both.forEach((one) => one.destroy());
    // What is on its way when one side closes still arrives: `pipe` passes the end on.
    for (const one of both) one.on("error", broken).on("close", () => pairs.delete(both));
    near.pipe(far).pipe(near);
  });
  const own = await listening(server);
  return {
    origin: `http://127.0.0.1:${own}`,
    cut: () => {
      whole = false;
      // A reset, as when a network goes away; an orderly end would be a goodbye.
      for (const both of pairs) for (const one of both) one.resetAndDestroy();
    },
    mend: () => (whole = true),
    close: () => {
      for (const both of pairs) for (const one of both) one.destroy();
      server.close();
    },
  };
}

/** What went wrong in a page by itself: errors, dialogs that are no farewell. `expected` excuses a console line. */
export function watched(page, problems, expected = () => false) {
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (line) => line.type() === "error" && !expected(line) && problems.push(`console: ${line.text()}`));
  page.on("dialog", (dialog) => (dialog.type() === "beforeunload" ? dialog.accept() : problems.push(`dialog: ${dialog.message()}`)));
}

/** Opens the page with its token; `hash` names the view. */
export async function opened(page, origin, token, hash) {
  await page.goto(`${origin}/#token=${token}`);
  await page.waitForFunction(() => sessionStorage.getItem("needgraph.token") !== null);
  await goTo(page, hash);
}

export const goTo = (page, hash) => page.evaluate((wanted) => { location.hash = wanted; }, hash);

/** What the capturing bar says of itself. */
export const state = (page, ...wanted) => page.waitForFunction((any) => any.includes(document.querySelector("[data-testid=capturing]")?.dataset.state), wanted);
export const callId = (page) => page.evaluate(() => decodeURIComponent(location.hash.split("/")[2] ?? ""));

export const service = (url) => {
  const address = new URL(url);
  const token = new URLSearchParams(address.hash.slice(1)).get("token");
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const asked = async (path, more = {}) => (await fetch(new URL(path, address), { headers, ...more })).json();
  return { address, token, asked };
};

/** A picture, and axe over the page (or the `parts` of it) as it stands, dark as well where that is wanted. */
export async function seen(page, out, name, { parts, dark = false } = {}) {
  await apart(page, () => looked(page, out, name, parts));
  if (!dark) return;
  await coloured(page, "dark");
  await apart(page, () => looked(page, out, `${name}-dark`, parts));
  await coloured(page, "light");
}

/** By the page's own button: the browser tells of another preference only with a frame, and may draw none for long. */
async function coloured(page, theme) {
  await page.getByRole("button", { name: theme === "dark" ? "Dark colours" : "Light colours" }).dispatchEvent("click");
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme, { polling: 50 });
}

async function looked(page, out, name, parts) {
  await page.screenshot({ path: `${out}/${name}.png` });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    ({ include, values }) => globalThis.axe.run(include === undefined ? document : { include }, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }),
    { include: parts, values: RULES },
  );
  const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary?.split("\n").slice(1).join(" ").trim()})`).join(", ")}`);
  assert.deepEqual(told, [], name);
}

/** The page's own clock, as its frames and tasks are timed. */
export const now = (page) => page.evaluate(() => performance.now());

/** What the test itself does to the page (axe, pictures) is no long task of the page's. */
async function apart(page, work) {
  const start = await now(page);
  await work();
  const end = await now(page);
  await page.evaluate((span) => (globalThis.apart = [...(globalThis.apart ?? []), span]), { start, end });
}

/** Watches long tasks, and shifts of nodes in the need graph, from the page's first moment on. */
export const watchedFrames = () => {
  globalThis.longTasks = [];
  globalThis.nodeShifts = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) globalThis.longTasks.push({ start: one.startTime, ms: Math.round(one.duration) });
  }).observe({ type: "longtask", buffered: true });
  // What holds the nodes may move as little as they. What a person's press moves is not counted.
  const placed = ".need-node, .nodes, .board, .pane.graph, .call";
  new PerformanceObserver((list) => {
    for (const { startTime, hadRecentInput, sources } of list.getEntries())
      for (const { node, previousRect: from, currentRect: to } of hadRecentInput ? [] : sources)
        if (node?.matches?.(placed)) globalThis.nodeShifts.push({ start: startTime, what: `${node.dataset.node ?? node.className}: ${from.x},${from.y} to ${to.x},${to.y}` });
  }).observe({ type: "layout-shift", buffered: true });
};

/** The page's long tasks since `from`, the longest first, without those of the test. */
export const longTasks = (page, from) => page.evaluate((since) => {
  const own = globalThis.apart ?? [];
  const its = globalThis.longTasks.filter((one) => one.start >= since && !own.some((span) => one.start < span.end && one.start + one.ms > span.start));
  return its.map((one) => one.ms).sort((a, b) => b - a);
}, from);

/** What moved since `from`, of the graph and what holds it. */
export const nodeShifts = (page, from) => page.evaluate((since) => globalThis.nodeShifts.filter((one) => one.start > since).map((one) => one.what), from);

/** Where each need of the graph stands on the screen. */
export const boxes = (page) => page.getByTestId("need-node").evaluateAll((all) => Object.fromEntries(all.map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [one.dataset.needId, [x, y, width, height]];
})));
