import { describe, expect, it } from "vitest";
import type { CallAudio } from "../src/bodies";
import { momentAt, placed, sayingAt, segmentsOf, shortened, silenceOf, spoken, wanted } from "../src/replay";
import type { WireChannel, WireConsent } from "../src/wire";
import { snapshot, utterance } from "./examples";

const audio = (...channels: string[]): CallAudio => ({
  channels: channels.map((channel) => ({ channel, segments: [0, 1, 2, 3, 4, 5].map((number) => ({ number, start_ms: number * 10_000, end_ms: (number + 1) * 10_000 })) })),
});
const [first, second] = segmentsOf(audio("rep"));
const at = (atMs: number, speed = 1) => ({ atMs, at_s: 100, speed });

describe("segments", () => {
  it("are wanted from the moment on, further ahead at speed, and no longer once they are over", () => {
    const starts = (atMs: number, speed: number) => wanted(segmentsOf(audio("rep")), atMs, speed).map((one) => one.number);
    expect(starts(0, 1)).toEqual([0, 1, 2]);
    expect(starts(10_000, 1)).toEqual([1, 2, 3]);
    expect(starts(9_999, 2)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(starts(60_000, 1)).toEqual([]);
  });
  it("start on the sound's clock where the call's clock says", () => {
    expect(placed(first!, at(0), 99)).toEqual({ when_s: 100, fromMs: 0, lengthMs: 10_000 });
    expect(placed(second!, at(4_000), 99)).toEqual({ when_s: 106, fromMs: 0, lengthMs: 10_000 });
    expect(placed(first!, at(4_000), 99)).toEqual({ when_s: 100, fromMs: 4_000, lengthMs: 6_000 });
  });
  it("come in at the right place when they are late", () => {
    expect(placed(first!, at(0), 103)).toEqual({ when_s: 103, fromMs: 3_000, lengthMs: 7_000 });
    expect(placed(first!, at(0), 111)).toBeNull();
  });
  it("keep channels together at any speed", () => {
    const [one, other] = [audio("rep"), audio("it")].map((kept) => placed(segmentsOf(kept)[1]!, at(2_500, 1.5), 99));
    expect(one).toEqual(other);
    expect(one?.when_s).toBe(105);
    expect(momentAt(at(2_500, 1.5), one!.when_s)).toBe(10_000);
  });
});

describe("words of a moment", () => {
  const word = (text: string, start_ms: number) => ({ text, start_ms, end_ms: start_ms + 300, confidence: null });
  const said = { text: "Well, <b>well</b> well.", words: [word("Well,", 0), word("<b>well</b>", 400), word(" well.", 800)] };
  it("are found one after the other, also when they repeat", () => {
    expect(spoken(said, 0)).toEqual({ before: "", now: "Well,", after: " <b>well</b> well." });
    expect(spoken(said, 500)).toEqual({ before: "Well, ", now: "<b>well</b>", after: " well." });
    expect(spoken(said, 900)).toEqual({ before: "Well, <b>well</b> ", now: "well.", after: "" });
  });
  it("are none in a pause and after the last", () => {
    expect(spoken(said, 350)).toEqual({ before: "Well, ", now: "", after: "<b>well</b> well." });
    expect(spoken(said, 1_200)).toEqual({ before: said.text, now: "", after: "" });
  });
  it("are the whole utterance where words have no times, or are not in the text", () => {
    expect(spoken({ text: "all of it", words: [] }, 5)).toEqual({ before: "", now: "all of it", after: "" });
    expect(spoken({ text: "other", words: [word("gone", 0)] }, 0)).toEqual({ before: "other", now: "", after: "" });
  });
  it("belong to whoever speaks, several at once too", () => {
    const spokenNow = [{ ...utterance("u1", 0), end_ms: 2_000 }, { ...utterance("u2", 1_500), end_ms: 4_000 }];
    expect(sayingAt(spokenNow, 1_700).map((one) => one.utterance_id)).toEqual(["u1", "u2"]);
    expect(sayingAt(spokenNow, 2_000).map((one) => one.utterance_id)).toEqual(["u2"]);
  });
  it("are shortened at a word before the one that is said", () => {
    expect(shortened("short ")).toBe("short ");
    const long = shortened(`${"word ".repeat(30)}end `);
    expect(long.startsWith("…word ")).toBe(true);
    expect(long.endsWith("end ")).toBe(true);
    expect(long.length).toBeLessThan(52);
  });
});

describe("why there is no sound", () => {
  const channels: WireChannel[] = [{ channel: "rep", role: "rep", speaker: "Jonas" }, { channel: "it", role: "customer", speaker: "Priya" }];
  const call = { ...snapshot(1).call, channels };
  const consent = (channel: string, given: WireConsent["given"]): WireConsent => ({ channel, given, wording: "May we?", author: "Jonas", at: call.at });
  it("is said by what people agreed to", () => {
    expect(silenceOf({ call, consents: {} }, audio())).toEqual({ all: true, why: "nobodyAsked" });
    expect(silenceOf({ call, consents: { it: consent("it", ["transcript"]) } }, audio())).toEqual({ all: true, why: "nobodyAgreed" });
    expect(silenceOf({ call, consents: { it: consent("it", ["audio"]) } }, audio())).toEqual({ all: true, why: "gone" });
  });
  it("names those whose voice is missing", () => {
    expect(silenceOf({ call, consents: {} }, audio("rep"))).toEqual({ all: false, names: ["Priya"] });
    expect(silenceOf({ call, consents: {} }, audio("rep", "it"))).toBeNull();
  });
});
