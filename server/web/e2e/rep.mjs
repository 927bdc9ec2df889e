// The rep's whole flow in a real browser: node e2e/rep.mjs PAGE_URL OUT_DIR REP.wav CUSTOMER.wav TURNS.jsonl
// One call from the start page over card, corrections and a broken connection to summary, shared link and replay. The
// microphone is the rep's recording, another tab plays the customers'. TURNS.jsonl: the recording's turns ({role, text}).
// Exit 0 when everything was seen, no word was lost and axe found nothing.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { envelope, envelopeOf, missingMs, whole } from "./heard.mjs";
import { boxes, callId, goTo, launch, launchOptions, longTasks, meeting, nodeShifts, now, opened, play, proxy, seen, service, sleep, state, watched, watchedFrames } from "./stage.mjs";

const [url, out, rep, customer, turnsFile] = process.argv.slice(2);
const { address, token, asked } = service(url);
const ACCOUNT = `Norvik "Outdoor" <b>&amp;</b>`;
const PEOPLE = [`Priya "P" O'Neil`, "<i>Martin</i>"];
const SAID = `the <b>"stock"</b> room`;
const AWAY_MS = 5_000;
const PATIENCE_MS = 60_000;
const RATE_HZ = 16_000;
/** Edges of words lie a little apart in both; of the break 2 to 4 s are voiced. */
const SEAM_MS = 600;
/** A correction is on every screen within a second (issue 7): 10 to 600 ms here, 1,050 ms with five times as much to do
 *  as there are cores (2026-11-26). Other work on the machine must not fail the test. */
const VISIBLE_MS = 3_000;
/** The page's own aim is 100 ms (`needgraph eval screen` measures it on a quiet machine); here recognition takes both cores. */
const LONGEST_TASK_MS = 250;
/** Cards as soon as there is a good link; the demo's default budget is judged elsewhere. */
const BUDGET = { confidence: 0.5, per_minute: 3, per_call: 12, shown_s: 60, later_s: 120, fresh_s: 60 };

mkdirSync(out, { recursive: true });
const line = await proxy(address);
const other = await meeting(customer);
const browser = await chromium.launch(launchOptions(rep));
/** Whoever watches does so on another screen; a second window of the same browser might cover the first. */
const elsewhere = await launch();
const LOOK = { viewport: { width: 1280, height: 800 }, locale: "en-GB" };
const problems = [];
const told = [];
let isCut = false;
const begun = Date.now();
const done = (what) => console.log(`${((Date.now() - begun) / 1000).toFixed(1)} s: ${what}`);

/** A broken line is logged by the browser itself, and an account that is new is asked for once. */
const expected = (logged) => isCut || (/404/.test(logged.text()) && logged.location().url.includes("/v1/accounts/"));

async function newPage(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  watched(page, problems, expected);
  return page;
}

async function fillIn(page) {
  await page.getByTestId("account").fill(ACCOUNT);
  for (const name of PEOPLE) {
    await page.getByTestId("add-person").fill(name);
    await page.keyboard.press("Enter");
  }
  await page.getByTestId("spoken-language").selectOption("en");
  await page.getByTestId("begin").click();
  await page.getByRole("alert").waitFor();
  for (const what of ["tick-transcript", "tick-audio"]) for (const box of await page.getByTestId(what).all()) await box.check();
  await seen(page, out, "start", { dark: true });
}

async function listen(page, meetingTab) {
  await page.getByTestId("source-tab").getByRole("button").click();
  await page.getByTestId("source-tab").getByRole("meter").waitFor();
  await page.getByTestId("source-microphone").getByRole("button").click();
  await play(meetingTab);
  await page.getByTestId("heard-microphone").waitFor();
  await page.getByTestId("heard-tab").waitFor();
  await page.screenshot({ path: `${out}/ready.png` });
}

/** The first words: they begin quietly, become final, and a need with what answers it stands in the graph. */
async function understood(page) {
  await page.getByTestId("partial").first().waitFor();
  await page.getByTestId("utterance").first().waitFor();
  await page.getByTestId("need-node").first().waitFor();
  done("a need");
  await seen(page, out, "live");
  await page.getByTestId("item-node").first().waitFor();
}

async function answered(page, second) {
  await page.getByTestId("card").waitFor();
  done("a card");
  await second.getByTestId("card").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.closest(".cards")), null, "the card took the focus");
  const words = await page.getByTestId("card").locator(".card-why button").innerText();
  assert.ok(words.length > 10, "the card does not say why");
  await seen(second, out, "card", { dark: true });
  await page.keyboard.press("1");
  await page.getByTestId("card").waitFor({ state: "detached" });
  await page.getByTestId("toast").getByRole("button", { name: "Undo" }).waitFor();
  await page.screenshot({ path: `${out}/answered.png` });
  await second.getByTestId("card").waitFor({ state: "detached" });
}

/** Do something here and wait until it is seen there; how long that took is judged and told. */
async function shows(second, what, act, there, ...given) {
  await act();
  const start = Date.now();
  await second.waitForFunction(there, given, { polling: 30, timeout: 5 * VISIBLE_MS }).catch(() => assert.fail(`${what} is not seen elsewhere`));
  const ms = Date.now() - start;
  told.push(`${what} seen elsewhere after ${ms} ms`);
  assert.ok(ms <= VISIBLE_MS, `${what}: seen elsewhere only after ${ms} ms`);
}

/** A signal over words with names or hedges is several marks. */
const marksAre = ([id, count]) => document.querySelectorAll(`[data-words="${id}"] mark`).length === count;
const marksFewer = ([id, before]) => document.querySelectorAll(`[data-words="${id}"] mark`).length < before;
const marksMore = ([id, before]) => document.querySelectorAll(`[data-words="${id}"] mark`).length > before;
const marksOf = (page, id) => page.locator(`[data-words="${id}"] mark`).count();

async function corrected(page, second) {
  await page.keyboard.press("j");
  const refused = await page.locator(".need-node.chosen").getAttribute("data-need-id");
  const chosen = page.locator("mark[aria-pressed=true]").first();
  const id = await chosen.evaluate((one) => one.closest("[data-words]").dataset.words);
  const before = await marksOf(page, id);
  await shows(second, "a refusal", () => page.keyboard.press("x"), marksFewer, id, before);
  await page.getByTestId("toast").filter({ hasText: "Refused" }).waitFor();
  await shows(second, "its undo", () => page.keyboard.press("u"), marksAre, id, before);
  await page.keyboard.press("Escape");
  await added(page, second);
  await reworded(page, second);
  return refused;
}

/** A stretch of two words on one line, in an utterance of that role, where nothing is marked. */
async function plainWords(page, role) {
  const { utterances } = await asked(`/v1/calls/${await callId(page)}`);
  const ids = utterances.filter((one) => one.role === role).map((one) => one.utterance_id);
  return page.evaluate((wanted) => {
    for (const id of wanted) {
      const words = document.querySelector(`[data-words="${id}"]`);
      const plain = [...(words?.childNodes ?? [])].find((one) => one.nodeType === Node.TEXT_NODE && /\w{3,} \w{3,}/.test(one.data));
      if (!plain) continue;
      words.scrollIntoView({ block: "center" });
      const range = document.createRange();
      const found = /\w{3,} \w{3,}/.exec(plain.data);
      range.setStart(plain, found.index);
      range.setEnd(plain, found.index + found[0].length);
      const rects = range.getClientRects();
      if (rects.length === 1) return { id, text: found[0] };
    }
    return null;
  }, ids);
}

/** Drags over the words with the mouse until the menu is there: what arrives may have moved them meanwhile. */
async function select(page, { id, text }) {
  for (let tries = 0; tries < 4; tries += 1) {
    const { left, right, middle } = await page.evaluate(async ([of, words]) => {
      document.querySelector(`[data-words="${of}"]`).scrollIntoView({ block: "center" });
      // The transcript stops following once it has noticed the scroll.
      await new Promise((done) => setTimeout(done, 100));
      const plain = [...document.querySelector(`[data-words="${of}"]`).childNodes].find((one) => one.data?.includes(words));
      const range = document.createRange();
      range.setStart(plain, plain.data.indexOf(words));
      range.setEnd(plain, plain.data.indexOf(words) + words.length);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return { left: left + 1, right: right - 1, middle: (top + bottom) / 2 };
    }, [id, text]);
    await page.mouse.move(left, middle);
    await page.mouse.down();
    await page.mouse.move(right, middle, { steps: 3 });
    await page.mouse.up();
    const menu = await page.getByTestId("words-menu").waitFor({ timeout: 1500 }).then(() => true, () => false);
    if (menu) return;
  }
  assert.fail(`the words "${text}" could not be selected`);
}

async function added(page, second) {
  const words = await plainWords(page, "customer");
  assert.ok(words, "no words of the customers that nothing marks");
  const before = await marksOf(page, words.id);
  await select(page, words);
  await page.keyboard.press("n");
  await page.getByRole("dialog").getByRole("combobox").waitFor();
  await page.keyboard.type("integ");
  await seen(page, out, "add", { parts: [".sheet"] });
  await page.keyboard.press("Enter");
  await shows(second, "an addition", () => page.keyboard.press("Enter"), marksMore, words.id, before);
}

async function reworded(page, second) {
  const words = await plainWords(page, "rep");
  assert.ok(words, "no words of the rep");
  await select(page, words);
  await page.keyboard.press("w");
  await page.getByTestId("misheard").waitFor();
  await page.keyboard.insertText(SAID);
  const reads = ([id, text]) => document.querySelector(`[data-words="${id}"]`)?.textContent.includes(text);
  await shows(second, "other words", () => page.keyboard.press("Enter"), reads, words.id, SAID);
  assert.equal(await second.locator(`[data-words="${words.id}"] b`).count(), 0, "words became markup");
}

async function breakAndMend(page) {
  isCut = true;
  line.cut();
  const start = Date.now();
  await state(page, "away", "joining");
  await page.getByTestId("waiting").waitFor();
  await seen(page, out, "away");
  await sleep(Math.max(0, AWAY_MS - (Date.now() - start)));
  line.mend();
  await state(page, "live");
  await page.getByTestId("waiting").waitFor({ state: "detached" });
  isCut = false;
  assert.equal(await page.getByTestId("lost").count(), 0, "words were lost");
  done("mended");
}

/** Both sides have said something that began after the connection was back. */
async function heardAgain(call, from) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) {
    const { utterances } = await asked(`/v1/calls/${call}`);
    const late = utterances.filter((one) => one.start_ms > from);
    if (["rep", "customer"].every((role) => late.some((one) => one.role === role))) return;
  }
  assert.fail("no words of both after the break");
}

/** What has a place in the graph keeps it, whatever arrives. */
class Places {
  constructor(first) {
    this.known = first;
  }

  /** A need that was taken out and came back may stand elsewhere. */
  forget(needId) {
    delete this.known[needId];
  }

  check(boxes) {
    const both = Object.keys(this.known).filter((id) => id in boxes);
    for (const id of both) assert.deepEqual(boxes[id], this.known[id], `need ${id} moved`);
    this.known = { ...boxes, ...this.known };
    return both.length;
  }
}

async function ended(page) {
  await page.getByTestId("end").click();
  await page.getByTestId("end-yes").click();
  await state(page, "over");
  await page.getByTestId("ended").waitFor();
  await seen(page, out, "ended");
  await page.getByTestId("ended").getByRole("button", { name: "Summary" }).click();
}

async function summarised(page) {
  await page.getByTestId("summary-need").first().waitFor();
  await page.getByRole("heading", { name: ACCOUNT }).waitFor();
  assert.ok((await page.getByTestId("summary-need").locator("blockquote, .quote, q").count()) > 0, "needs without the words");
  assert.ok((await page.getByTestId("next-steps").locator("li").count()) > 0, "no next step");
  await seen(page, out, "summary", { dark: true });
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export-markdown").click()]);
  assert.match(download.suggestedFilename(), /\.md$/);
  const text = readFileSync(await download.path(), "utf8");
  assert.ok(text.startsWith("#") && /Priya|Martin/.test(text), `the file is no summary: ${text.slice(0, 80)}`);
  assert.ok(!text.includes("<b>"), "markup of a name in the file");
}

/** Who holds the link reads it without a token, until it is revoked. */
async function shared(page) {
  await page.getByTestId("make-share").click();
  const link = await page.getByTestId("share-url").innerText();
  const context = await elsewhere.newContext(LOOK);
  const guest = await context.newPage();
  watched(guest, problems, expected);
  assert.equal((await guest.goto(link)).status(), 200);
  assert.equal(await guest.evaluate(() => sessionStorage.length), 0);
  assert.ok((await guest.locator("body").innerText()).includes(ACCOUNT));
  assert.equal(await guest.locator("h1 b").count(), 0, "the account became markup");
  await seen(guest, out, "shared");
  await page.getByTestId("shares").getByRole("button", { name: "Revoke" }).click();
  await page.getByTestId("toast").filter({ hasText: "no longer works" }).waitFor();
  const gone = await context.request.get(link);
  assert.equal(gone.status(), 404);
  assert.ok(!(await gone.text()).includes("Norvik"), "a revoked link tells the account");
  await context.close();
}

async function replayed(page, call) {
  await goTo(page, `#/call/${encodeURIComponent(call)}`);
  const part = page.waitForResponse((one) => /\/audio\/[^/]+\/\d+$/.test(one.url()) && one.ok());
  await page.getByTestId("play").click();
  await part;
  await page.getByTestId("captions").locator("mark").filter({ hasText: /\w/ }).first().waitFor();
  assert.equal(await page.getByText("Without sound").count(), 0);
  assert.equal(await page.getByText("no audio of theirs is kept").count(), 0);
  await page.getByTestId("play").click();
  await seen(page, out, "replay", { dark: true });
}

/** The sound that was kept is the sound of the recordings: nothing of it was lost while the connection was broken. */
async function arrived(page, call, asleepMs) {
  const { channels } = await asked(`/v1/calls/${call}/audio`);
  assert.deepEqual(channels.map((one) => one.channel).sort(), ["microphone", "tab"]);
  for (const { channel, segments } of channels) {
    const kept = [];
    for (const { number } of segments) kept.push(...(await levels(page, `/v1/calls/${call}/audio/${channel}/${number}`)));
    const missing = missingMs(envelopeOf(channel === "tab" ? customer : rep), kept);
    told.push(`${channel}: ${missing} ms of the voice is missing`);
    assert.ok(missing <= SEAM_MS + asleepMs, `${channel}: ${missing} ms of the voice is missing`);
  }
}

/** The envelope of a segment, reckoned in the page, which can decode it. As text: the page's policy allows no eval. */
const levels = (page, path) => page.evaluate(`(${envelopeThere})(${JSON.stringify(path)}, ${RATE_HZ}, ${envelope})`);

async function envelopeThere(path, rate, reckoned) {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${sessionStorage.getItem("needgraph.token")}` } });
  const decoded = await new OfflineAudioContext(1, 1, rate).decodeAudioData(await answer.arrayBuffer());
  return reckoned(decoded.getChannelData(0), rate);
}

async function known(page) {
  await goTo(page, `#/account/${encodeURIComponent(ACCOUNT)}`);
  await page.getByRole("heading", { name: ACCOUNT, exact: true }).waitFor();
  await page.getByTestId("account-need").first().waitFor();
  await seen(page, out, "account", { dark: true });
}

let page;
try {
  await asked("/v1/card-budget", { method: "PUT", body: JSON.stringify(BUDGET) });
  const context = await browser.newContext({ ...LOOK, permissions: ["microphone", "clipboard-write"] });
  const meetingTab = await newPage(context);
  await meetingTab.goto(other.url);
  page = await newPage(context);
  await page.addInitScript(watchedFrames);
  await opened(page, line.origin, token, "#/start");
  await fillIn(page);
  await listen(page, meetingTab);
  done("both are heard");

  await page.getByTestId("begin").click();
  await state(page, "live");
  await page.waitForFunction(() => location.hash.startsWith("#/call/"));
  const from = await now(page);
  const call = await callId(page);
  const second = await newPage(await elsewhere.newContext(LOOK));
  await opened(second, address.origin, token, `#/call/${encodeURIComponent(call)}`);
  await understood(page);
  const placedAt = await now(page);
  const places = new Places(await boxes(page));
  await answered(page, second);
  places.check(await boxes(page));
  places.forget(await corrected(page, second));
  done("corrected");
  const before = (await asked(`/v1/calls/${call}`)).utterances;
  places.check(await boxes(page));
  await breakAndMend(page);
  await heardAgain(call, Math.max(...before.map((one) => one.end_ms)) + AWAY_MS);
  assert.equal(await callId(page), call, "the call goes on as the same one");
  await page.keyboard.press("Escape");
  told.push(`${places.check(await boxes(page))} needs stayed where they were`);
  assert.deepEqual(await nodeShifts(page, placedAt), []);
  const tasks = await longTasks(page, from);
  told.push(`${tasks.length} long tasks, the longest ${tasks[0] ?? 0} ms`);
  // A machine with too much to do starves the browser's audio thread; the page counts what it could not hear.
  const asleep = page.getByTestId("slept");
  const asleepMs = (await asleep.count()) > 0 ? 1000 * Number(/\d+/.exec(await asleep.innerText())[0]) + 1000 : 0;
  if (asleepMs > 0) told.push(`the audio thread was starved for ${asleepMs - 1000} ms: words are not judged strictly`);
  await ended(page);
  done("ended");

  const { call: started, utterances, ended: end, consents } = await asked(`/v1/calls/${call}`);
  assert.equal(end?.reason, "ended");
  assert.equal(started.account, ACCOUNT);
  assert.deepEqual(consents.map((one) => [...one.given].sort()), [["audio", "transcript"], ["audio", "transcript"]]);
  await arrived(page, call, asleepMs);
  done("the sound is whole");
  const turns = readFileSync(turnsFile, "utf8").trim().split("\n").map((row) => JSON.parse(row));
  for (const role of ["rep", "customer"]) told.push(whole(role, utterances, turns, { strict: asleepMs === 0 }));
  await summarised(page);
  done("summary");
  await shared(page);
  done("shared");
  await replayed(page, call);
  done("replay");
  await known(page);
  assert.deepEqual(problems, []);
  assert.ok((tasks[0] ?? 0) <= LONGEST_TASK_MS, `a task of ${tasks[0]} ms`);
  done("all seen");
} catch (error) {
  await page?.screenshot({ path: `${out}/failed.png`, timeout: 3000 }).catch(() => undefined);
  console.error(error.stack, problems);
  process.exitCode = 1;
} finally {
  console.log(told.join("\n"));
  await browser.close();
  await elsewhere.close();
  line.close();
  other.close();
}
