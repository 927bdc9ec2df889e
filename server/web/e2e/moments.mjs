// Cards, recap, summary, accounts and replay in a real browser, against the fake service: node e2e/moments.mjs OUT_DIR [name …].
// Exit 0 when everything was seen and axe found nothing. Build the page first.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import * as stage from "./stage.mjs";
import { goTo, launch, watched } from "./stage.mjs";

const [out = "moments", ...only] = process.argv.slice(2);
const PATIENCE_MS = 30_000;
const LOOKS = { light: {}, dark: { colorScheme: "dark" }, narrow: { viewport: { width: 480, height: 800 } }, zh: { locale: "zh-CN" } };

mkdirSync(out, { recursive: true });
const browser = await launch();
const children = new Set();
const problems = [];

async function service(...args) {
  const script = new URL("../dev/fake-service.mjs", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  return new Promise((done) => child.stdout.once("data", (line) => done(String(line).trim())));
}

async function open(url, look = "light") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", reducedMotion: "reduce", ...LOOKS[look] });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  watched(page, problems);
  await page.goto(url);
  await page.locator(".top").waitFor();
  return page;
}

/** A picture of what is there, axe over the given parts, and nothing wider than its place. */
async function seen(page, name, parts) {
  await stage.seen(page, out, name, { parts });
  const wide = await page.evaluate((all) => all.filter((part) => [...document.querySelectorAll(part)].some((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth + 1)), parts);
  assert.deepEqual(wide, [], `${name}: wider than its place`);
}

const scenes = {
  async cards() {
    const url = await service("--turn-ms", "700");
    const page = await open(url);
    await page.getByTestId("card").waitFor();
    const focus = await page.evaluate(() => document.activeElement?.tagName);
    assert.equal(focus, "BODY", "the card took the focus");
    await seen(page, "card", [".cards"]);
    await page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { id: "typing", ariaLabel: "typing" })));
    await page.locator("#typing").press("1");
    await page.waitForTimeout(400);
    assert.equal(await page.getByTestId("card").count(), 1, "a key that was typed answered the card");
    await page.evaluate(() => document.querySelector("#typing")?.remove());
    await page.keyboard.press("1");
    await page.getByTestId("card").waitFor({ state: "detached" });
    await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
    await page.getByTestId("toast").filter({ hasText: "Taken back" }).waitFor();
    await page.getByTestId("earlier-cards").click();
    await page.getByTestId("earlier-card").getByRole("button", { name: "Wrong" }).click();
    await page.getByTestId("earlier-card").getByRole("button", { name: "Wrong", pressed: true }).waitFor();
    await seen(page, "earlier-cards", [".cards"]);
    await page.keyboard.press("Escape");
    await page.getByTestId("pause-cards").click();
    await page.getByRole("button", { name: "15 minutes" }).click();
    await page.getByTestId("cards-paused").waitFor();
    await seen(page, "cards-paused", [".cards"]);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByTestId("cards-paused").waitFor({ state: "detached" });
  },

  async recap() {
    const url = await service("--turn-ms", "4000", "--late-s", "1900");
    for (const look of Object.keys(LOOKS)) {
      const page = await open(url, look);
      await page.getByTestId("recap").waitFor();
      await seen(page, `recap-${look}`, [".recap"]);
      await page.getByTestId("recap").getByRole("button").first().click();
      await page.getByTestId("recap").waitFor({ state: "detached" });
      await page.reload();
      await page.getByTestId("utterance").first().waitFor({ state: "attached" });
      assert.equal(await page.getByTestId("recap").count(), 0, "the recap came back after it was closed");
      await page.context().close();
    }
    const page = await open(await service("--turn-ms", "300"));
    await page.getByTestId("utterance").first().waitFor({ state: "attached" });
    assert.equal(await page.getByTestId("recap").count(), 0, "a recap for who was there from the start");
    await page.getByTestId("ended").getByRole("button").first().click();
    await page.getByTestId("summary-open").waitFor();
  },

  async summary() {
    const url = await service("--turn-ms", "20");
    for (const look of Object.keys(LOOKS)) {
      const page = await open(url, look);
      await page.waitForFunction(() => document.querySelectorAll("[data-testid=utterance]").length >= 15);
      await goTo(page, "#/summary/call-1");
      await page.getByTestId("talk").waitFor();
      await page.getByTestId("make-share").click();
      await page.getByTestId("share-url").waitFor();
      await seen(page, `summary-${look}`, ["main"]);
      if (look === "light") await leaves(page);
      await page.context().close();
    }
  },

  async accounts() {
    const url = await service("--turn-ms", "20");
    for (const look of Object.keys(LOOKS)) {
      const page = await open(url, look);
      await goTo(page, "#/accounts");
      await page.getByTestId("account-line").first().waitFor();
      await seen(page, `accounts-${look}`, ["main"]);
      await page.getByTestId("account-line").nth(2).getByRole("link").click();
      await page.getByRole("heading", { name: `<i>Brack & Söhne</i> "Nord" / Süd` }).waitFor();
      await page.getByRole("heading", { name: `Robert"); <b>Bold</b> O'Neil` }).waitFor();
      await seen(page, `account-odd-${look}`, ["main"]);
      await goTo(page, "#/account/Halden%20Logistics%20GmbH");
      await page.getByTestId("account-need").nth(49).waitFor();
      await page.getByTestId("account-need").first().locator("summary").click();
      await seen(page, `account-${look}`, ["main"]);
      if (look === "light") await filtered(page);
      await page.context().close();
    }
  },

  async ending() {
    for (const look of Object.keys(LOOKS)) {
      const url = await service("--turn-ms", "20", "--hold");
      const page = await open(url, look);
      await page.waitForFunction(() => document.querySelectorAll("[data-testid=utterance]").length >= 15);
      await page.evaluate(() => document.querySelector("[data-testid=recap] button")?.click());
      if (look === "narrow") {
        await page.getByTestId("pane-words").click();
        await page.getByTestId("card").waitFor();
        const [card, last] = [await page.getByTestId("card").boundingBox(), await page.getByTestId("utterance").last().boundingBox()];
        assert.ok(last.y >= card.y + card.height && last.y + last.height <= 800, "the card hides the newest words");
        await page.getByTestId("pane-graph").click();
      }
      await page.getByTestId("card").waitFor();
      const before = await places(page);
      await fetch(`${new URL(url).origin}/dev/end`, { method: "POST" });
      await page.getByTestId("ended").waitFor();
      await page.getByTestId("replay").waitFor();
      assert.deepEqual(await places(page), before, `${look}: nodes moved when the call ended`);
      await seen(page, `ended-${look}`, ["main"]);
      await page.context().close();
    }
  },

  async replay() {
    const url = await service("--turn-ms", "20", "--audio", "rep");
    const page = await open(url);
    await page.waitForFunction(() => document.querySelectorAll("[data-testid=utterance]").length >= 15);
    const whole = await page.getByTestId("need-node").count();
    await page.getByText("no sound kept").waitFor();
    await page.locator("body").press("Space");
    await page.getByTestId("captions").locator("mark").filter({ hasText: /\w/ }).first().waitFor();
    await page.locator(".utterance.playing").first().waitFor();
    assert.ok((await page.getByTestId("need-node").count()) < whole, "the graph did not go back to where the sound is");
    await seen(page, "replay", [".replay"]);
    const place = () => page.getByTestId("replay").locator("input").inputValue().then(Number);
    const before = await place();
    await page.getByTestId("replay").locator("select").selectOption("2");
    await page.waitForTimeout(2000);
    const run = (await place()) - before;
    assert.ok(run >= 2500 && run <= 8000, `two seconds at double speed went on by ${run} ms`);
    await page.getByTestId("play").click();
    const stands = await place();
    await page.waitForTimeout(600);
    assert.equal(await place(), stands);
  },
};

/** Where every placed node stands. */
const places = (page) => page.getByTestId("need-node").evaluateAll((all) => all.map((one) => [one.dataset.needId, Math.round(one.getBoundingClientRect().left), Math.round(one.getBoundingClientRect().top)].join(" ")));

/** Files, the clipboard and links of a summary. */
async function leaves(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export-json").click()]);
  assert.equal(download.suggestedFilename(), "summary-call-1.json");
  const links = page.getByTestId("shares").getByRole("button", { name: "Revoke" });
  const count = await links.count();
  await links.first().click();
  await page.waitForFunction((left) => document.querySelectorAll(".share-list li").length === left, count - 1);
  await page.getByTestId("summary-need").first().getByRole("link").first().click();
  await page.locator(".utterance.flash").waitFor();
}

async function filtered(page) {
  const needs = page.getByTestId("account-needs");
  await needs.getByRole("checkbox").check();
  assert.equal(await page.getByTestId("account-need").filter({ hasText: "data must stay in Germany" }).count(), 0, "a need with a roadmap item was left");
  await needs.getByRole("searchbox").fill("no such words");
  await needs.getByText("Nothing matches").waitFor();
  await needs.getByRole("button", { name: "Clear filters" }).first().click();
  await needs.getByText("300 of 300").waitFor();
  await page.getByRole("button", { name: "As a table" }).click();
  assert.equal(await page.getByTestId("over-time").getByRole("row").count(), 25);
}

try {
  for (const [name, scene] of Object.entries(scenes)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await scene();
    console.log(`${name}: seen`);
  }
  assert.deepEqual(problems, []);
} catch (error) {
  for (const context of browser.contexts()) for (const page of context.pages()) await page.screenshot({ path: `${out}/failed.png` }).catch(() => undefined);
  console.error(error.message, problems);
  process.exitCode = 1;
} finally {
  await browser.close();
  for (const child of children) child.kill();
}
