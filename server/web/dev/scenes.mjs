// States of the page, each as it is reached: (page, world) => picture. Used by dev/look.mjs.
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** What the fake service is started with. */
export const SERVICES = {
  whole: ["--turn-ms", "40", "--audio", "all"],
  mute: ["--turn-ms", "40"],
  running: ["--turn-ms", "40", "--hold"],
  late: ["--turn-ms", "40", "--hold", "--late-s", "1900"],
  slow: ["--turn-ms", "3000"],
  corrected: ["--turn-ms", "40"],
  empty: ["--empty"],
  broken: ["--empty", "--broken"],
};

export async function go(page, hash) {
  await page.evaluate((to) => void (location.hash = to), hash);
  await page.evaluate(() => document.activeElement?.blur());
}

const lines = (page, count) => page.waitForFunction((least) => document.querySelectorAll("[data-testid=utterance]").length >= least, count, { timeout: 20_000 });
const need = (page) => page.locator("[data-testid=need-node]").first();
const narrow = (page) => (page.viewportSize()?.width ?? 1280) <= 700;
const pane = async (page, name) => narrow(page) && page.getByTestId(`pane-${name}`).click();

/** A running call with all its words said; its card answered unless `card`. */
async function running(page, card = false) {
  await lines(page, 15);
  if (!card && (await page.getByTestId("card").count()) > 0) await page.keyboard.press("1");
  await page.locator(".toast button.icon").last().click({ timeout: 1500 }).catch(() => undefined);
}

async function fillIn(page) {
  await go(page, "#/start");
  await page.getByTestId("account").fill("Halden Logistics GmbH");
  await page.keyboard.press("Escape");
  await page.locator(".chips .chip").first().waitFor();
  await page.locator(".chips .chip").first().click();
  await page.getByTestId("account").evaluate((field) => field.blur());
}

/** name: [service, how it is reached]. */
export const SCENES = {
  token: ["empty", async (page) => { await page.evaluate(() => sessionStorage.clear()); await page.goto("about:blank"); await page.goto(page.origin); await page.locator("form").waitFor(); }],
  waiting: ["empty", async (page) => page.locator("main h2").waitFor()],
  start: ["whole", fillIn],
  "start-empty": ["empty", async (page) => { await go(page, "#/start"); await page.getByTestId("begin").click(); await page.getByRole("alert").first().waitFor(); }],
  "start-upload": ["whole", async (page) => { await go(page, "#/start"); await page.locator(".ways button").last().click(); }],
  first: ["slow", async (page) => { await pane(page, "words"); await page.locator(".partial").first().waitFor(); }],
  call: ["running", async (page) => { await running(page); await pane(page, "graph"); await need(page).click(); await page.getByTestId("details-link").first().waitFor({ state: "attached" }); await pane(page, "graph"); }],
  list: ["running", async (page) => { await running(page); await page.keyboard.press("l"); await page.locator(".need-list").waitFor(); }],
  details: ["running", async (page) => { await running(page); await pane(page, "graph"); await need(page).click(); await page.getByTestId("details-link").first().waitFor(); }],
  "details-edit": ["running", async (page) => { await running(page); await pane(page, "graph"); await need(page).click(); await page.getByTestId("correct").click(); }],
  search: ["running", async (page) => { await running(page); await page.keyboard.press("/"); await page.getByTestId("find-field").fill("the"); }],
  card: ["running", async (page) => { await running(page, true); await page.getByTestId("card").waitFor(); await pane(page, "words"); }],
  "cards-earlier": ["running", async (page) => { await running(page); await page.getByTestId("earlier-cards").click(); }],
  "cards-paused": ["running", async (page) => { await running(page); await page.getByTestId("pause-cards").click(); await page.locator(".snooze button").nth(1).click(); await page.getByTestId("cards-paused").waitFor(); }],
  health: ["running", async (page, world) => { await running(page); await world.dev("trouble"); await page.getByTestId("health").click(); await page.locator(".health-panel").waitFor(); }, (world) => world.dev("well")],
  recap: ["late", async (page) => { await lines(page, 15); await page.getByTestId("recap").waitFor(); }],
  lost: ["running", async (page, world) => { await running(page); await world.dev("away"); await page.locator(".banner").first().waitFor(); }, (world) => world.dev("back")],
  ended: ["running", async (page, world) => { await running(page); await world.dev("end"); await page.getByTestId("ended").waitFor(); }, (world) => world.dev("call")],
  replay: ["whole", async (page) => { await lines(page, 15); await page.getByTestId("replay").waitFor(); await page.getByTestId("replay").locator("input[type=range]").fill("30000"); await sleep(400); }],
  "replay-mute": ["mute", async (page) => { await lines(page, 15); await page.getByTestId("replay").waitFor(); await page.getByTestId("replay").locator("input[type=range]").fill("30000"); await sleep(400); }],
  summary: ["whole", async (page) => { await lines(page, 15); await go(page, "#/summary/call-1"); await page.getByTestId("talk").waitFor(); }],
  share: ["whole", async (page) => { await lines(page, 15); await go(page, "#/summary/call-1"); await page.getByTestId("make-share").click(); await page.getByTestId("share-url").waitFor(); await page.getByTestId("share-url").scrollIntoViewIfNeeded(); }],
  accounts: ["whole", async (page) => { await go(page, "#/accounts"); await page.getByTestId("account-line").first().waitFor(); }],
  account: ["whole", async (page) => { await go(page, `#/account/${encodeURIComponent("Halden Logistics GmbH")}`); await page.locator(".chart").first().waitFor(); }],
  "account-people": ["whole", async (page) => { await go(page, `#/account/${encodeURIComponent("Halden Logistics GmbH")}`); await page.locator(".people").scrollIntoViewIfNeeded(); }],
  "account-failed": ["broken", async (page) => { await go(page, "#/accounts"); await page.getByRole("alert").waitFor(); }],
  calls: ["whole", async (page) => { await lines(page, 15); await go(page, "#/calls"); await page.locator("table.calls tbody tr").first().waitFor(); }],
  "calls-empty": ["empty", async (page) => { await go(page, "#/calls"); await page.locator(".empty").waitFor(); }],
  review: ["corrected", async (page) => {
    await lines(page, 15);
    for (const key of ["j", "c", "j", "j", "x", "j", "c"]) { await page.keyboard.press(key); await sleep(200); }
    await go(page, "#/review");
    await page.locator(".queue li").nth(1).waitFor();
    for (const toast of await page.locator(".toast button.icon").all()) await toast.click().catch(() => undefined);
  }],
  "review-empty": ["empty", async (page) => { await go(page, "#/review"); await page.locator(".empty").waitFor(); }],
  models: ["whole", async (page) => { await go(page, "#/models"); await page.locator(".budget").waitFor(); }],
  "models-budget": ["whole", async (page) => { await go(page, "#/models"); await page.locator(".budget").scrollIntoViewIfNeeded(); await page.locator(".figures").waitFor(); }],
  help: ["running", async (page) => { await running(page); await page.keyboard.press("?"); await page.locator("dialog").waitFor(); }],
};
