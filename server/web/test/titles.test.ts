import i18next from "i18next";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { hintOf, signalTold, titleOf } from "../src/context";
import type { LabelSet } from "../src/types";
import { types } from "../src/words/en/types";
import { zh } from "../src/words/zh";
import source from "../../../intent/labels.py?raw";

const LABELS = {
  types: [
    { type: "price", kind: "hesitation", title: "Price", hint: "held back by cost or budget" },
    { type: "proof", kind: "need", title: "References", hint: "names of our customers" },
    { type: "languages", kind: "need", title: "Languages", hint: "" },
  ],
} as unknown as LabelSet;

beforeAll(() => void i18next.addResourceBundle("zh", "types", zh.types));
afterEach(() => i18next.changeLanguage("en"));

describe("types of signals", () => {
  it("are called in the page's language while they are as shipped, else as the tenant calls them", async () => {
    await i18next.changeLanguage("zh");
    expect(["price", "proof", "languages"].map((one) => titleOf(LABELS, one))).toEqual(["价格", "References", "Languages"]);
    expect(LABELS.types.map(hintOf)).toEqual(["因成本或预算而犹豫", "names of our customers", ""]);
  });

  it("have a name before the label set is there, and when it does not know them", () => {
    expect([titleOf(null, "status_quo"), titleOf(LABELS, "night_shift")]).toEqual(["Status quo", "Night shift"]);
  });

  it("are translated in the review queue's lines", async () => {
    await i18next.changeLanguage("zh");
    expect(["Status quo ●○○ fine as it is", "References ●●○ whom can we call", ""].map(signalTold)).toEqual(["维持现状 ●○○ fine as it is", "References ●●○ whom can we call", ""]);
  });

  it("are those that the service ships", () => {
    const shipped = [...source.matchAll(/_(?:need|hesitation)\("(\w+)", "([^"]+)", "([^"]+)"\)/g)].map(([, type, title, hint]) => [type, title, hint]);
    expect(shipped).toHaveLength(17);
    expect(Object.entries(types.title).map(([type, title]) => [type, title, types.hint[type as keyof typeof types.hint]])).toEqual(shipped);
  });
});
