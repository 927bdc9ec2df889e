// Watches a live demo call in a real browser: node e2e/demo.mjs PAGE_URL OUT_DIR. Exit 0 when everything was seen.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { launch, watched } from "./stage.mjs";

const [url, out] = process.argv.slice(2);
const PATIENCE_MS = 150_000;

mkdirSync(out, { recursive: true });
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(PATIENCE_MS);
const problems = [];
watched(page, problems, () => true);

const finals = () => page.getByTestId("utterance").evaluateAll((all) => all.map((one) => one.dataset.utteranceId));
const needs = () => page.getByTestId("need-node").evaluateAll((all) => all.map((one) => one.dataset.needId));
const holds = (now, before, what) => assert.ok(before.every((one) => now.includes(one)), `after the reload ${what} are missing`);

try {
  await page.goto(url);
  await page.getByTestId("utterance").first().waitFor();
  await page.getByTestId("need-node").first().waitFor();
  await page.getByTestId("item-node").first().waitFor();
  await page.screenshot({ path: `${out}/live.png` });

  const [wordsBefore, needsBefore] = [await finals(), await needs()];
  await page.reload();
  await page.getByTestId("need-node").first().waitFor();
  holds(await finals(), wordsBefore, "words");
  holds(await needs(), needsBefore, "needs");

  const card = page.getByTestId("details-link").first();
  for (const node of await page.getByTestId("need-node").all()) {
    await node.click();
    if (await card.count()) break;
  }
  await card.getByRole("button").first().click();
  await page.locator("[data-testid=details-link].open").first().waitFor();
  await page.screenshot({ path: `${out}/link.png` });
  assert.deepEqual(problems, []);
  console.log(`${(await finals()).length} finals, ${(await needs()).length} needs`);
} catch (error) {
  await page.screenshot({ path: `${out}/failed.png` }).catch(() => undefined);
  console.error(error.message, problems);
  process.exitCode = 1;
} finally {
  await browser.close();
}
