// What goes wrong while a call is captured: node e2e/trouble.mjs PAGE_URL OUT_DIR REP.wav CUSTOMER.wav [scene …]
// Every scene says what happened and goes on. Exit 0 when all did. RESTART: a command that stops the service and starts
// it again in the background; without it that scene is left out.
import assert from "node:assert/strict";
import { execSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import * as stage from "./stage.mjs";
import { callId, launchOptions, meeting, play, proxy, sleep, state, watched } from "./stage.mjs";

const [url, out, rep, customer, ...only] = process.argv.slice(2);
const { address, token, asked } = stage.service(url);
const LONG = `Priya "P" <img src=x onerror=alert(1)> ${"very long ".repeat(17)}`.slice(0, 200);

mkdirSync(out, { recursive: true });
const line = await proxy(address);
const other = await meeting(customer);
const server = await chromium.launchServer(launchOptions(rep));
const browser = await chromium.connect(server.wsEndpoint());
const problems = [];

async function opened(context, hash = "#/start") {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  // What breaks on purpose here is logged by the browser itself.
  watched(page, problems, () => true);
  await stage.opened(page, line.origin, token, hash);
  return page;
}

async function called(context) {
  const tab = await context.newPage();
  await tab.goto(other.url);
  const page = await opened(context);
  await page.getByTestId("add-person").fill(LONG);
  await page.keyboard.press("Enter");
  await page.getByTestId("spoken-language").selectOption("en");
  for (const box of await page.getByTestId("tick-transcript").all()) await box.check();
  await page.getByTestId("source-microphone").getByRole("button").click();
  await page.getByTestId("source-tab").getByRole("button").click();
  await page.getByTestId("source-tab").getByRole("meter").waitFor();
  await play(tab);
  await page.getByTestId("begin").click();
  await state(page, "live");
  await page.waitForFunction(() => location.hash.startsWith("#/call/"));
  assert.equal(await page.locator("img").count(), 0, "a name became markup");
  return { page, tab, callId: await callId(page) };
}

const said = (page, id) => page.getByTestId(id).innerText();

async function ended(page) {
  await page.getByTestId("end").click();
  await page.getByTestId("end-yes").click();
  await state(page, "over");
}

const scenes = {
  async refused() {
    const context = await browser.newContext();
    await context.clearPermissions();
    const page = await opened(context);
    await page.getByTestId("source-microphone").getByRole("button").click();
    assert.match(await said(page, "fault-microphone"), /allow the microphone/);
    await page.screenshot({ path: `${out}/refused.png` });
    await context.close();
  },
  async silent_tab(context) {
    const page = await opened(context);
    await page.evaluate(() => {
      navigator.mediaDevices.getDisplayMedia = async () => document.createElement("canvas").captureStream();
    });
    await page.getByTestId("source-tab").getByRole("button").click();
    assert.match(await said(page, "fault-tab"), /Also share tab audio/);
    await page.evaluate(() => { delete window.CaptureController; });
    await page.getByTestId("source-tab").getByRole("button").click();
    await page.getByText("This browser cannot share").waitFor();
  },
  async two_tabs(context) {
    const { page, callId: mine } = await called(context);
    const second = await opened(context);
    await state(second, "elsewhere");
    await second.getByTestId("tick-transcript").first().check();
    await second.getByTestId("tick-transcript").last().check();
    await second.getByTestId("source-microphone").getByRole("button").click();
    await second.getByTestId("source-microphone").getByRole("meter").waitFor();
    await second.getByTestId("begin").click();
    await second.getByText("Another tab of this browser captures").waitFor();
    await second.screenshot({ path: `${out}/elsewhere.png` });
    await ended(page);
    assert.equal((await asked(`/v1/calls/${mine}`)).ended.reason, "ended");
    await second.getByTestId("capturing").waitFor({ state: "detached" });
  },
  async reload(context) {
    const { page, callId: mine } = await called(context);
    await page.reload();
    await state(page, "left");
    await page.screenshot({ path: `${out}/left.png` });
    await page.getByTestId("go-on").click();
    await state(page, "live");
    assert.equal(await callId(page), mine);
    await page.getByTestId("add-microphone").click();
    await page.getByTestId("mute").waitFor();
    await ended(page);
    const again = await called(context);
    await again.page.reload();
    await state(again.page, "left");
    await again.page.getByTestId("end-left").click();
    await again.page.getByTestId("capturing").waitFor({ state: "detached" });
    await sleep(2000);
    assert.equal((await asked(`/v1/calls/${again.callId}`)).ended.reason, "ended");
  },
  async token(context) {
    const { page, callId: mine } = await called(context);
    line.cut();
    await page.evaluate(() => sessionStorage.setItem("needgraph.token", "ng_expired"));
    line.mend();
    await state(page, "token");
    await page.screenshot({ path: `${out}/token.png` });
    await sleep(2000);
    await page.locator("#capturing-token").fill(token);
    await page.keyboard.press("Enter");
    await state(page, "live");
    await ended(page);
    assert.equal((await asked(`/v1/calls/${mine}`)).ended.reason, "ended");
  },
  async stopped_tab(context) {
    const { page, tab } = await called(context);
    await tab.close();
    await page.getByTestId("bar-fault-tab").waitFor();
    await page.screenshot({ path: `${out}/stopped.png` });
    const next = await context.newPage();
    await next.goto(other.url);
    await page.bringToFront();
    await page.getByTestId("add-tab").click();
    await page.getByTestId("capturing").getByRole("meter").nth(1).waitFor();
    await state(page, "live");
    await ended(page);
  },
  async withdrawn(context) {
    const { page, callId: mine } = await called(context);
    await page.getByTestId("mute").click();
    await page.getByTestId("consent-menu").locator("summary").click();
    await page.getByTestId("withdraw-tab").click();
    await page.getByText("nothing more is sent").first().waitFor();
    await page.screenshot({ path: `${out}/withdrawn.png` });
    await sleep(1000);
    assert.deepEqual((await asked(`/v1/calls/${mine}`)).consents.map((one) => one.given), [["transcript"], []]);
    await page.getByTestId("consent-menu").locator("summary").click();
    await ended(page);
  },
  async restarted(context) {
    const { page, callId: mine } = await called(context);
    await page.getByTestId("utterance").first().waitFor();
    execSync(process.env.RESTART, { stdio: "ignore" });
    await page.waitForFunction((old) => location.hash.startsWith("#/call/") && !location.hash.endsWith(old), mine, { timeout: 90_000 });
    await state(page, "live");
    assert.match(await said(page, "said"), /part 2|Catching up/);
    await page.getByTestId("utterance").first().waitFor();
    await page.screenshot({ path: `${out}/restarted.png` });
    const second = await callId(page);
    await sleep(6000);
    await ended(page);
    const [one, two] = [await asked(`/v1/calls/${mine}`), await asked(`/v1/calls/${second}`)];
    assert.equal(two.call.account, one.call.account);
    for (const part of [one, two]) console.log(part.utterances.map((each) => `${each.role}: ${each.text}`).join("\n"), "\n--");
  },
  async asleep(context) {
    const { page, callId: mine } = await called(context);
    await sleep(3000);
    const group = -server.process().pid;
    process.kill(group, "SIGSTOP");
    await sleep(15_000);
    process.kill(group, "SIGCONT");
    await page.getByTestId("slept").waitFor();
    await state(page, "live");
    await page.screenshot({ path: `${out}/asleep.png` });
    await sleep(3000);
    assert.equal(await callId(page), mine);
    const endedAt = Date.now();
    await ended(page);
    const overAt = Date.now();
    const { call, ended: end } = await asked(`/v1/calls/${mine}`);
    // The click falls somewhere between these two.
    const [least, most] = [endedAt, overAt].map((wall) => wall - Date.parse(call.started_at));
    assert.ok(end.end_ms > least - 1500 && end.end_ms < most + 1500, `the call says ${end.end_ms} ms, the wall ${least} to ${most}`);
  },
};

try {
  for (const [name, scene] of Object.entries(scenes)) {
    if (only.length > 0 && !only.includes(name)) continue;
    if (name === "restarted" && !process.env.RESTART) continue;
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["microphone"] });
    try {
      const start = Date.now();
      await scene(context);
      console.log(`${name}: ok (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    } catch (error) {
      for (const [at, page] of context.pages().entries()) await page.screenshot({ path: `${out}/failed-${name}-${at}.png`, timeout: 2000 }).catch(() => undefined);
      console.error(`${name}: ${error.message}`);
      process.exitCode = 1;
    }
    await context.close();
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
  line.close();
  other.close();
}
