import { describe, expect, it } from "vitest";
import { isPlan, leftMin, openItems } from "../src/plan";
import { need } from "./examples";

const start = new Date(2026, 1, 3, 10, 0, 0);
const at = (minutes: number) => start.getTime() + minutes * 60_000;
const left = (plan: Parameters<typeof leftMin>[0], minutes: number) => leftMin(plan, start.toISOString(), at(minutes));

describe("time left", () => {
  it("counts whole minutes, up before the end and down after it", () => {
    expect([left({ minutes: 30 }, 0), left({ minutes: 30 }, 17.5), left({ minutes: 30 }, 30), left({ minutes: 30 }, 31.2)]).toEqual([30, 13, 0, -2]);
  });
  it("goes to a time of day, the first one after the start", () => {
    expect(left({ until: "10:45" }, 5)).toBe(40);
    expect(left({ until: "09:00" }, 0)).toBe(23 * 60);
  });
});

it("reads no plan out of what is none", () => {
  expect([{ minutes: 45 }, { until: "10:45" }].every(isPlan)).toBe(true);
  expect([null, 3, {}, { minutes: 0 }, { minutes: "30" }, { until: "soon" }].some(isPlan)).toBe(false);
});

it("lists what is open, the strongest first", () => {
  const needs = { a: need("a", { strength: 1 }), b: need("b", { strength: 3 }), c: need("c", { status: "addressed", strength: 3 }), d: need("d", { strength: 3 }) };
  expect(openItems({ order: ["a", "b", "c", "d", "gone"], needs }).map((one) => one.need_id)).toEqual(["b", "d", "a"]);
});
