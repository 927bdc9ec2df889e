// Captures a call in a real browser: node e2e/capture.mjs PAGE_URL OUT_DIR REP.wav CUSTOMER.wav TURNS.jsonl
// The microphone is the rep's recording, another tab plays the customer's. The connection is cut and mended; no word
// may be missing. TURNS.jsonl: the recording's turns ({role, text, end_ms}). Exit 0 when everything was seen.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { launchOptions, meeting, proxy } from "./meeting.mjs";

const [url, out, rep, customer, turnsFile] = process.argv.slice(2);
const service = new URL(url);
const token = new URLSearchParams(service.hash.slice(1)).get("token");
const ACCOUNT = `Norvik "Outdoor" <b>&amp;</b>`;
const AWAY_MS = 8_000;
const PATIENCE_MS = 60_000;

mkdirSync(out, { recursive: true });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const line = await proxy(service.hostname, Number(service.port));
const other = await meeting(customer);
const browser = await chromium.launch(launchOptions(rep));
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["microphone", "clipboard-write", "clipboard-read"] });
const meetingPage = await context.newPage();
const page = await context.newPage();
const problems = [];
page.setDefaultTimeout(PATIENCE_MS);
page.on("pageerror", (error) => problems.push(error.message));

const bar = page.getByTestId("capturing");
const state = (...wanted) => page.waitForFunction((any) => any.includes(document.querySelector("[data-testid=capturing]")?.dataset.state), wanted);
const asked = async (path) => (await fetch(new URL(path, service), { headers: { Authorization: `Bearer ${token}` } })).json();
const callId = () => decodeURIComponent(new URL(page.url()).hash.split("/")[2] ?? "");

async function fillIn() {
  await page.getByTestId("account").fill(ACCOUNT);
  for (const name of ["Priya", "Martin"]) {
    await page.getByTestId("add-person").fill(name);
    await page.keyboard.press("Enter");
  }
  await page.getByTestId("language").selectOption("en");
  await page.getByTestId("begin").click();
  await page.getByRole("alert").waitFor();
  for (const box of await page.getByTestId("tick-transcript").all()) await box.check();
  await page.screenshot({ path: `${out}/missing.png`, fullPage: true });
}

async function listen() {
  await page.getByTestId("source-microphone").getByRole("button").click();
  await page.getByTestId("source-tab").getByRole("button").click();
  await page.getByTestId("source-tab").getByRole("meter").waitFor();
  await meetingPage.evaluate(() => document.querySelector("audio").play());
  await page.getByTestId("heard-microphone").waitFor();
  await page.getByTestId("heard-tab").waitFor();
  await page.screenshot({ path: `${out}/ready.png` });
}

async function breakAndMend() {
  line.cut();
  await state("away", "joining");
  await page.getByTestId("waiting").waitFor();
  await sleep(AWAY_MS);
  await page.screenshot({ path: `${out}/away.png` });
  line.mend();
  await state("live");
  await page.getByTestId("waiting").waitFor({ state: "detached" });
  assert.equal(await page.getByTestId("lost").count(), 0, "words were lost");
}

/** Lengths of the longest common subsequence of words, of which nothing may be left out for long. */
function common(said, heard) {
  let before = new Array(heard.length + 1).fill(0);
  for (const word of said) {
    const row = [0];
    heard.forEach((one, at) => row.push(one === word ? before[at] + 1 : Math.max(before[at + 1], row[at])));
    before = row;
  }
  return before[heard.length];
}

const words = (text) => text.toLowerCase().match(/[a-z']+/g) ?? [];

/** Everything from the first turn that was heard up to the last one has to be there. */
function whole(role, utterances, turns) {
  const heard = utterances.filter((one) => one.role === role).flatMap((one) => words(one.text));
  const its = turns.filter((one) => one.role === role);
  const shares = its.map((turn) => common(words(turn.text), heard) / words(turn.text).length);
  const [first, last] = [shares.findIndex((one) => one > 0.7), shares.findLastIndex((one) => one > 0.7)];
  assert.ok(last - first >= 2, `${role}: only turns ${first} to ${last} were heard`);
  const said = its.slice(first, last + 1).flatMap((turn) => words(turn.text));
  const share = common(said, heard) / said.length;
  assert.ok(share > 0.85, `${role}: ${Math.round(share * 100)} % of the words of turns ${first} to ${last}`);
  const often = heard.length / said.length;
  assert.ok(often < 1.6, `${role}: words came twice (${heard.length} heard, ${said.length} said)`);
  return `${role} turns ${first}-${last}: ${Math.round(share * 100)} % of the words`;
}

try {
  await meetingPage.goto(other.url);
  await page.goto(`${line.origin}/${service.hash}`);
  await page.waitForFunction(() => sessionStorage.getItem("needgraph.token") !== null);
  await page.evaluate(() => { location.hash = "#/start"; });
  await fillIn();
  await listen();
  await page.getByTestId("begin").click();
  await state("live");
  await page.waitForFunction(() => location.hash.startsWith("#/call/"));
  const call = callId();
  await page.getByTestId("partial").or(page.locator(".partial")).first().waitFor();
  await page.getByTestId("utterance").first().waitFor();
  await page.screenshot({ path: `${out}/live.png` });
  const before = (await asked(`/v1/calls/${call}`)).utterances.length;
  await breakAndMend();
  await sleep(6_000);
  assert.equal(callId(), call, "the call goes on as the same one");
  await page.getByTestId("end").click();
  await page.screenshot({ path: `${out}/sure.png` });
  await page.getByTestId("end-yes").click();
  await state("over");
  await page.screenshot({ path: `${out}/over.png` });
  const { call: started, utterances, ended, consents } = await asked(`/v1/calls/${call}`);
  assert.equal(ended?.reason, "ended");
  assert.equal(started.account, ACCOUNT);
  assert.ok(utterances.length > before, "no final after the break");
  assert.deepEqual(consents.map((one) => one.given), [["transcript"], ["transcript"]]);
  const turns = readFileSync(turnsFile, "utf8").trim().split("\n").map((row) => JSON.parse(row));
  const told = ["rep", "customer"].map((role) => whole(role, utterances, turns));
  assert.deepEqual(problems, []);
  console.log(`${utterances.length} finals, ${before} before the break; ${told.join("; ")}`);
} catch (error) {
  await page.screenshot({ path: `${out}/failed.png` }).catch(() => undefined);
  console.error(error.message, problems, await bar.innerText({ timeout: 500 }).catch(() => ""));
  process.exitCode = 1;
} finally {
  await browser.close();
  line.close();
  other.close();
}
