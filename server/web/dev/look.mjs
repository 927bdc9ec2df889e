// Pictures of the page's states against the fake service, each checked by axe: node dev/look.mjs OUT_DIR [--docs]
// [--looks light,dark,narrow,middle,chinese] [name …]. Build the page first. `--docs` makes the documentation's pictures:
// WebP, the eight of DOCS in four looks. Chinese needs a CJK font; FONTCONFIG_FILE may name a configuration with one.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { SCENES, SERVICES, sleep } from "./scenes.mjs";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { docs: { type: "boolean", default: false }, looks: { type: "string", default: "light,dark,narrow,middle,chinese" } } });
const [out = "look", ...only] = positionals;
const DOCS = ["start", "call", "list", "card", "summary", "account", "review"];
const LOOKS = {
  light: {}, dark: { colorScheme: "dark" }, narrow: { viewport: { width: 480, height: 800 } },
  middle: { viewport: { width: 640, height: 800 } }, chinese: { locale: "zh-CN" },
};
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const MAX_BYTES = 60_000;
const children = new Set();
const found = [];

async function service(...args) {
  const child = spawn(process.execPath, [new URL("fake-service.mjs", import.meta.url).pathname, "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  const page = await new Promise((done, fail) => {
    child.stdout.once("data", (line) => done(String(line).trim()));
    child.once("exit", () => fail(new Error("the fake service ended")));
  });
  const { origin } = new URL(page);
  return { page, origin, stop: () => child.kill(), dev: (what) => fetch(`${origin}/dev/${what}`, { method: "POST" }) };
}

async function open(browser, world, look, recap) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", reducedMotion: "reduce", permissions: ["microphone"], ...LOOKS[look] });
  // Nobody joins late here, except where the recap is looked at.
  if (!recap) await context.addInitScript(() => location.protocol === "http:" && sessionStorage.setItem("needgraph.recapped", JSON.stringify(["call-1"])));
  const page = await context.newPage();
  page.origin = world.origin;
  page.setDefaultTimeout(8000);
  page.on("pageerror", (error) => found.push(`page error: ${error.message}`));
  await page.goto(world.page);
  await page.locator(".top").waitFor();
  return page;
}

/** What axe finds, and what is wider than the window. */
async function faults(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }), RULES);
  const told = violations.map((one) => `${one.id}: ${one.nodes.slice(0, 4).map((node) => node.target.join(" ")).join(", ")}`);
  const wide = await page.evaluate(() => [...document.querySelectorAll("main, main *, .top, .top *, .capturing, .cards *")]
    .filter((one) => {
      const box = one.getBoundingClientRect();
      if (box.width === 0 || one.closest(".sr, .skip, [inert]")) return false;
      for (let at = one.parentElement; at; at = at.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX) && !/^(html|body)$/i.test(at.tagName) && !at.matches(".app, .page")) return false;
      return box.right > innerWidth + 1 || box.left < -1;
    }).slice(0, 3).map((one) => `${one.tagName.toLowerCase()}.${one.className}`));
  const small = await page.evaluate(() => [...document.querySelectorAll("button, select, summary, input, a")]
    .filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && !one.closest(".sr, .skip") && !one.matches("p a, p button, blockquote button, cite a, .sr") && box.height < 23.5 && !one.closest("label");
    }).slice(0, 4).map((one) => `${one.tagName.toLowerCase()}.${one.className} ${Math.round(one.getBoundingClientRect().height)}px`));
  return [...told, ...wide.map((one) => `wider than the window: ${one}`), ...small.map((one) => `small target: ${one}`)];
}

/** The picture as WebP, as good as its size allows. */
async function webp(browser, png) {
  const page = await browser.newPage();
  const bytes = await page.evaluate(async ({ src, most }) => {
    const image = await createImageBitmap(await (await fetch(src)).blob());
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
    for (let quality = 0.9; ; quality -= 0.1) {
      const text = canvas.toDataURL("image/webp", quality).split(",")[1];
      if (text.length * 0.75 <= most || quality < 0.25) return text;
    }
  }, { src: `data:image/png;base64,${png.toString("base64")}`, most: MAX_BYTES });
  await page.close();
  return Buffer.from(bytes, "base64");
}

async function seen(browser, page, name) {
  await page.mouse.move(0, 0);
  await sleep(250);
  const png = await page.screenshot();
  if (options.docs) writeFileSync(`${out}/${name}.webp`, await webp(browser, png));
  else writeFileSync(`${out}/${name}.png`, png);
  for (const one of await faults(page)) found.push(`${name}: ${one}`);
}

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const looks = options.docs ? ["light", "dark", "narrow", "chinese"] : options.looks.split(",");
const worlds = {};
for (const [name, [kind, reach, after]] of Object.entries(SCENES)) {
  if (only.length > 0 ? !only.includes(name) : options.docs && !DOCS.includes(name)) continue;
  for (const look of looks) {
    const world = (worlds[kind] ??= await service(...SERVICES[kind]));
    try {
      const page = await open(browser, world, look, kind === "late");
      await reach(page, world);
      await seen(browser, page, `${name}-${look}`);
      await page.context().close();
    } catch (error) {
      found.push(`${name}-${look}: ${error.message.split("\n").slice(0, 2).join(" ")}`);
    }
    await after?.(world);
    // States that change the call begin with a new one.
    if (["running", "slow", "corrected"].includes(kind)) {
      world.stop();
      delete worlds[kind];
    }
  }
}
await browser.close();
for (const child of children) child.kill();
console.log(found.join("\n") || "nothing found");
process.exit(found.length > 0 ? 1 : 0);
