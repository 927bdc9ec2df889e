import { describe, expect, it } from "vitest";
import { lengthOf, pictureAt } from "../src/history";
import type { Picture } from "../src/state";
import type { WireMention, WireNeed, WireStatusChange } from "../src/wire";
import { need } from "./examples";

const mention = (call_id: string, start_ms: number, text: string, strength: 1 | 2 | 3 = 2, speaker = "Priya"): WireMention => ({
  call_id, utterance_id: `u${start_ms}`, turn: start_ms / 1000, signal_id: `s${start_ms}`, speaker, start: 0, end: 4,
  text, start_ms, end_ms: start_ms + 900, strength, confidence: 0.9, adapter_id: "default",
  started_at: call_id === "c1" ? "2026-03-02T12:00:00Z" : "2026-02-01T12:00:00Z",
});
const change = (start_ms: number, status: WireNeed["status"], speaker = "Dana"): WireStatusChange => ({
  change_id: `c${start_ms}`, call_id: "c1", status, at: "2026-03-02T12:00:00Z", decided_by: "life-1", score: 0.9,
  utterance_id: `u${start_ms}`, turn: 1, speaker, text: "Yes.", start: 0, end: 4, start_ms,
});
const picture = (...needs: WireNeed[]): Picture =>
  ({ call: { call_id: "c1" }, ended: null, utterances: [{ end_ms: 9_000 }], needs: Object.fromEntries(needs.map((one) => [one.need_id, one])), order: needs.map((one) => one.need_id) }) as unknown as Picture;

describe("the graph at a moment", () => {
  const lived = { ...need("n1"), status: "open" as const, strength: 3 as const, label: "again, a must",
    mentions: [mention("c1", 1_000, "an export"), mention("c1", 7_000, "again, a must", 3)], changes: [change(3_000, "addressed")] };
  const old = { ...need("n2"), mentions: [mention("c0", 50_000, "from last time")] };
  const at = (ms: number) => pictureAt(picture(lived, old), ms).needs;

  it("has only what was said by then, and what earlier calls said", () => {
    expect(Object.keys(at(500))).toEqual(["n2"]);
    expect(at(2_000)["n1"]).toMatchObject({ status: "open", strength: 2, label: "an export" });
    expect(pictureAt(picture(lived, old), 500).order).toEqual(["n2"]);
  });
  it("follows what became of a need", () => {
    expect(at(3_500)["n1"]).toMatchObject({ status: "addressed", label: "an export" });
    expect(at(9_000)["n1"]).toBe(lived);
  });
  it("withdraws a want once all who raised it withdrew, and tells who does not want it until then", () => {
    const both = { ...need("n1"), status: "open" as const, disputed_by: ["Omar"],
      mentions: [mention("c0", 8_000, "an export", 2, "Omar"), mention("c1", 1_000, "an export"), mention("c1", 6_000, "an export")],
      changes: [change(2_000, "withdrawn", "Omar"), change(4_000, "withdrawn", "Priya")] };
    const stood = (ms: number) => pictureAt(picture(both), ms).needs["n1"];
    expect(stood(1_950)).toMatchObject({ status: "open", disputed_by: [] });
    expect(stood(3_000)).toMatchObject({ status: "open", disputed_by: ["Omar"] });
    expect(stood(4_500)).toMatchObject({ status: "withdrawn", disputed_by: [] });
    const later = { ...both, mentions: [...both.mentions, mention("c1", 8_500, "after all")] };
    expect(pictureAt(picture(later), 7_000).needs["n1"]).toMatchObject({ status: "open", disputed_by: ["Omar"] });
  });
  it("knows how long the call is", () => expect(lengthOf(picture(lived))).toBe(9_000));
});
