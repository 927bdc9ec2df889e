// Pictures of the page against the fake service: node dev/look.mjs OUT_DIR [name …]. Build first.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [out = "look", ...only] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const children = new Set();

async function service(...args) {
  const child = spawn(process.execPath, [new URL("fake-service.mjs", import.meta.url).pathname, "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  const page = await new Promise((done, fail) => {
    child.stdout.once("data", (line) => done(String(line).trim()));
    child.once("exit", () => fail(new Error("the fake service ended")));
  });
  const url = new URL(page).origin;
  return { url, page, stop: () => child.kill(), dev: (what) => fetch(`${url}/dev/${what}`, { method: "POST" }) };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

async function open(url, { width = 1280, height = 800, dark = false } = {}) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? "dark" : "light" });
  page.setDefaultTimeout(6000);
  page.on("pageerror", (error) => console.log("page error:", error.message));
  page.on("console", (line) => ["error", "warning"].includes(line.type()) && console.log("console:", line.text()));
  await page.goto(url);
  return page;
}

const FAST = ["--turn-ms", "40"];
const whole = (page) => page.waitForFunction(() => document.querySelectorAll("[data-testid=utterance]").length >= 15, null, { timeout: 20000 });
const scenes = {
  async full(shot) {
    const it = await service(...FAST);
    for (const dark of [false, true]) {
      const page = await open(it.page, { dark });
      await whole(page);
      await page.locator("[data-testid=need-node]").first().click();
      await sleep(700);
      await shot(page, dark ? "full-dark" : "full-light");
      await page.getByTestId("details-link").nth(0).getByRole("button").first().click();
      await page.getByTestId("correct").click();
      await sleep(400);
      await shot(page, dark ? "edit-dark" : "edit-light");
    }
    it.stop();
  },
  async live(shot) {
    const it = await service("--turn-ms", "900");
    const page = await open(it.page);
    await sleep(4300);
    await shot(page, "live");
    await it.dev("engine-down");
    await sleep(300);
    await shot(page, "engine");
    await it.dev("drop");
    await sleep(60);
    await shot(page, "dropped");
    it.stop();
    await sleep(900);
    await shot(page, "lost");
  },
  async empty(shot) {
    const it = await service("--empty");
    await shot(await open(it.url), "token");
    await shot(await open(`${it.url}/#token=ng_wrong`), "token-wrong", 600);
    const page = await open(it.page, { dark: true });
    await shot(page, "empty-dark", 600);
    it.stop();
    const slow = await service(...FAST, "--slow", "3000");
    await shot(await open(slow.page), "slow", 1200);
    slow.stop();
  },
  async narrow(shot) {
    const it = await service(...FAST);
    for (const width of [480, 640]) {
      const page = await open(it.page, { width });
      await page.getByTestId("need-node").first().waitFor();
      await shot(page, `narrow-${width}-graph`, 400);
      await page.getByTestId("pane-words").click();
      await shot(page, `narrow-${width}-words`, 400);
    }
    const page = await open(it.page, { width: 900, height: 700 });
    await whole(page);
    await page.keyboard.press("l");
    await shot(page, "narrow-list", 400);
    await page.keyboard.press("l");
    await shot(page, "narrow", 400);
    await page.getByTestId("need-node").nth(2).click();
    await shot(page, "narrow-details", 400);
    it.stop();
  },
  async correct(shot) {
    const it = await service(...FAST);
    const page = await open(it.page);
    await whole(page);
    for (const key of ["j", "c", "j", "j", "x"]) {
      await page.keyboard.press(key);
      await sleep(250);
    }
    await shot(page, "toasts", 300);
    await page.keyboard.press("u");
    await sleep(300);
    await page.getByTestId("utterance").nth(1).hover();
    await page.getByTestId("utterance").nth(1).getByRole("button", { name: /^Mark/ }).click();
    await shot(page, "words-menu", 300);
    await page.keyboard.press("w");
    await shot(page, "misheard", 300);
    await page.keyboard.press("Escape");
    await page.getByTestId("utterance").nth(1).getByRole("button", { name: /^Mark/ }).click();
    await page.keyboard.press("n");
    await page.getByRole("dialog").getByRole("combobox").fill("supp");
    await shot(page, "type", 300);
    await page.keyboard.press("Enter");
    await shot(page, "add", 300);
    await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
    await sleep(400);
    await page.getByRole("button", { name: "Review" }).click();
    await shot(page, "review", 500);
    await page.getByRole("button", { name: "Models" }).click();
    await sleep(300);
    await shot(page, "models-idle");
    await page.getByTestId("add-type").click();
    await page.getByTestId("type-title").fill("Languages");
    await shot(page, "types-add", 300);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Rename" }).last().click();
    await shot(page, "types-rename", 300);
    await page.keyboard.press("Escape");
    await page.getByTestId("train").click();
    await shot(page, "models-running", 900);
    await page.getByTestId("promote").waitFor();
    await shot(page, "models-done", 300);
    await page.getByTestId("promote").click();
    await page.keyboard.press("?");
    await shot(page, "promoted", 500);
    it.stop();
  },
};
const shot = async (page, name, after = 0) => {
  await sleep(after);
  await page.screenshot({ path: `${out}/${name}.png` });
};
for (const [name, scene] of Object.entries(scenes)) {
  if (only.length > 0 && !only.includes(name)) continue;
  await scene(shot).catch((error) => console.log(`${name}: ${error.message}`));
}
await browser.close();
for (const child of children) child.kill();
process.exit(0);
