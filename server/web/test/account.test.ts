import { describe, expect, it } from "vitest";
import { byWeight, isFiltered, matching, NO_FILTERS, timeline } from "../src/account";
import type { WireMention, WireNeed, WireStatusChange } from "../src/wire";
import { link, need, summary } from "./examples";

const calls = ["c1", "c2", "c3"].map((id, at) => ({ ...summary(id, false), started_at: `2025-11-0${at + 1}T10:00:00Z` }));

function mention(call_id: string, start_ms = 1000): WireMention {
  return {
    call_id, utterance_id: "u1", turn: 1, signal_id: `${call_id}-${start_ms}`, speaker: "Priya", start: 0, end: 5, text: "the words", start_ms, end_ms: start_ms + 500,
    strength: 2, confidence: 0.9, adapter_id: "default", started_at: calls.find((one) => one.call_id === call_id)?.started_at ?? null,
  };
}

function change(call_id: string, status: WireNeed["status"], more: Partial<WireStatusChange> = {}): WireStatusChange {
  return {
    change_id: `${call_id}-${status}`, call_id, status, at: "2025-11-02T10:30:00Z", decided_by: "life", score: 0.9, utterance_id: "u2", turn: 2, speaker: "Priya", text: "yes", start: 0, end: 3, start_ms: 2000, ...more,
  };
}

const open = (needs: WireNeed[]) => timeline({ calls: calls.toReversed(), needs }).map((one) => one.open);

describe("needs over time", () => {
  it("counts what each call voiced, in the order of time, each want once a call", () => {
    const needs = [need("a", { mentions: [mention("c1"), mention("c1", 9000), mention("c3")] }), need("b", { kind: "hesitation", mentions: [mention("c2")] })];
    const marks = timeline({ calls: calls.toReversed(), needs });
    expect(marks.map((one) => [one.callId, one.needs, one.hesitations, one.open])).toEqual([["c1", 1, 0, 1], ["c2", 0, 1, 2], ["c3", 1, 0, 2]]);
  });
  it("closes a want with its answer and opens it when it is voiced again", () => {
    expect(open([need("a", { status: "addressed", mentions: [mention("c1")], changes: [change("c2", "addressed")] })])).toEqual([1, 0, 0]);
    expect(open([need("a", { mentions: [mention("c1"), mention("c3")], changes: [change("c2", "addressed")] })])).toEqual([1, 0, 1]);
    expect(open([need("a", { mentions: [mention("c2", 9000)], changes: [change("c2", "addressed")] })])).toEqual([0, 1, 1]);
  });
  it("places a decision outside any call by its date", () => {
    const decided = change("", "resolved", { utterance_id: null, at: "2025-11-02T18:00:00Z" });
    expect(open([need("a", { status: "resolved", mentions: [mention("c1")], changes: [decided] })])).toEqual([1, 0, 0]);
  });
  it("keeps a want open that only one of several withdrew", () => {
    const changes = [change("c2", "withdrawn")];
    expect(open([need("a", { status: "open", mentions: [mention("c1")], changes })])).toEqual([1, 1, 1]);
    expect(open([need("a", { status: "withdrawn", mentions: [mention("c1")], changes })])).toEqual([1, 0, 0]);
  });
  it("is empty without calls", () => expect(timeline({ calls: [], needs: [] })).toEqual([]));
});

describe("filters", () => {
  const needs = [
    need("plain", { strength: 1 }),
    need("planned", { type: "price", strength: 3, status: "addressed", links: [{ ...link("R-1"), kind: "roadmap" }] }),
    need("ticket", { strength: 2, links: [link("T-9")], raised_by: [`O'Neil <b>`] }),
  ];
  const ids = (more: Partial<typeof NO_FILTERS>) => matching(needs, { ...NO_FILTERS, ...more }).map((one) => one.need_id);
  it("narrow by each of type, strength, status, roadmap and words", () => {
    expect(ids({})).toEqual(["plain", "planned", "ticket"]);
    expect(ids({ type: "price" })).toEqual(["planned"]);
    expect(ids({ strength: 2 })).toEqual(["planned", "ticket"]);
    expect(ids({ status: "open" })).toEqual(["plain", "ticket"]);
    expect(ids({ noRoadmap: true })).toEqual(["plain", "ticket"]);
    expect(ids({ words: " o'neil <B>" })).toEqual(["ticket"]);
    expect(ids({ words: "title t-9" })).toEqual(["ticket"]);
    expect(ids({ noRoadmap: true, type: "price" })).toEqual([]);
  });
  it("know whether anything is set", () => {
    expect(isFiltered(NO_FILTERS)).toBe(false);
    expect(isFiltered({ ...NO_FILTERS, noRoadmap: true })).toBe(true);
  });
});

it("puts the open and strong before the rest, of those the last voiced", () => {
  const needs = [need("done", { status: "resolved", strength: 3 }), need("weak", { strength: 1 }), need("old", { strength: 3, mentions: [mention("c1")] }), need("new", { strength: 3, mentions: [mention("c3")] })];
  expect(byWeight(needs).map((one) => one.need_id)).toEqual(["new", "old", "weak", "done"]);
});
