import { describe, expect, it } from "vitest";
import { isLate, recapOf, toldOf } from "../src/recap";
import { EMPTY, reduce, type Picture } from "../src/state";
import type { Snapshot, WireMention } from "../src/wire";
import { need, signal, snapshot, utterance } from "./examples";

const BEGAN = Date.parse("2025-11-03T10:00:00Z");

function picture(more: Partial<Snapshot>): Picture {
  const watched = reduce(EMPTY, { do: "watch", callId: "c1" });
  return reduce(watched, { do: "frame", frame: snapshot(1, more) }).picture!;
}

function mention(start_ms: number, more: Partial<WireMention> = {}): WireMention {
  return {
    call_id: "c1", utterance_id: "u1", turn: 1, signal_id: `s${start_ms}`, speaker: "Priya", start: 0, end: 5, text: `said at ${start_ms}`,
    start_ms, end_ms: start_ms + 500, strength: 2, confidence: 0.9, adapter_id: "default", started_at: null, ...more,
  };
}

describe("late", () => {
  it("is who opens a running call more than a minute after it began", () => {
    expect(isLate(picture({}), BEGAN + 60_000)).toBe(false);
    expect(isLate(picture({}), BEGAN + 60_001)).toBe(true);
  });
  it("goes by what was heard when the clocks differ", () => {
    const heard = picture({ utterances: [{ ...utterance("u1"), end_ms: 300_000 }] });
    expect(isLate(heard, BEGAN - 7_200_000)).toBe(true);
    expect(recapOf(heard, BEGAN - 7_200_000).lengthMs).toBe(300_000);
  });
  it("is nobody once the call has ended", () => {
    const ended = picture({ ended: { type: "call_ended", call_id: "c1", at: "2025-11-03T10:30:00Z", reason: "ended", end_ms: 1_800_000 } });
    expect(isLate(ended, BEGAN + 3_600_000)).toBe(false);
  });
});

describe("recap", () => {
  it("tells the open ones first, the strongest first, of those the latest", () => {
    const needs = [
      need("weak", { strength: 1, mentions: [mention(1000)] }),
      need("strong", { strength: 3, mentions: [mention(2000)] }),
      need("stronger", { strength: 3, mentions: [mention(3000)] }),
      need("done", { strength: 3, status: "addressed", mentions: [mention(4000)] }),
    ];
    const told = recapOf(picture({ needs }), BEGAN + 600_000);
    expect(told.open.map((one) => one.need.need_id)).toEqual(["stronger", "strong", "weak"]);
    expect(told.answered.map((one) => one.need.need_id)).toEqual(["done"]);
    expect(told.lengthMs).toBe(600_000);
  });

  it("leaves out what only earlier calls voiced, and quotes this call", () => {
    expect(toldOf(need("old", { mentions: [mention(1000, { call_id: "c0" })] }), "c1")).toBeNull();
    const both = need("both", { mentions: [mention(9000, { call_id: "c0", strength: 3 }), mention(1000), mention(2000), mention(3000, { strength: 1 })] });
    expect(toldOf(both, "c1")?.mention.start_ms).toBe(2000);
  });

  it("ends with the last signal's words, else with the last words", () => {
    const utterances = [{ ...utterance("u1", 1000), text: "👍 it has to sync" }, utterance("u2", 5000)];
    const signals = [signal("s1", { start: 2, end: 8, start_ms: 1200 })];
    expect(recapOf(picture({ utterances, signals }), BEGAN).last?.text).toBe("it has");
    expect(recapOf(picture({ utterances }), BEGAN).last?.text).toBe("words of u2");
    expect(recapOf(picture({}), BEGAN).last).toBeNull();
  });
});
