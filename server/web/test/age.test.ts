import { expect, it } from "vitest";
import { ageOf, isEarlier, minutesSince } from "../src/age";
import { mention, need } from "./examples";

const here = need("a", { mentions: [mention("c0", 9000), mention("c1", 61_000), mention("c1", 125_000)] });
const old = need("b", { mentions: [mention("c0", 9000, { started_at: "2025-11-03T12:00:00Z" }), mention("c9", 1, { started_at: "2025-08-01T12:00:00Z" })] });

it("counts minutes since it was voiced last in this call", () => {
  expect([125_500, 184_000, 185_000, 500_000].map((now) => minutesSince(here, "c1", now))).toEqual([0, 0, 1, 6]);
  expect([minutesSince(old, "c1", 500_000), minutesSince(here, "c1", null)]).toEqual([null, null]);
});

it("says it as a person would", () => {
  expect([ageOf(here, "c1", 0), ageOf(here, "c1", 2), ageOf(here, "c1", null)]).toEqual(["just now", "2 min ago", "2:04"]);
  expect(ageOf(old, "c1", null)).toMatch(/3.*call|Nov.*call/);
  expect(ageOf(need("c", { mentions: [mention("c0", 1, { started_at: null })] }), "c1", null)).toBe("earlier call");
});

it("tells needs of other calls only", () => {
  expect([isEarlier(here, "c1"), isEarlier(old, "c1"), isEarlier(need("new"), "c1")]).toEqual([false, true, false]);
});
