import { describe, expect, it } from "vitest";
import { cutLine, evidenceOf } from "../src/lines";
import { signal } from "./examples";

const text = "Hmm, maybe next year 👍 after the audit";
const points = (words: string) => {
  const start = [...text.slice(0, text.indexOf(words))].length;
  return { start, end: start + [...words].length };
};
const gap = { cue: "response_gap", value: 2400, usual: 600 } as const;

describe("a line cut for drawing", () => {
  const doubt = signal("h", { kind: "hesitation", ...points("maybe next year"), cues: [gap], hedging: [{ name: "hedge", ...points("maybe") }] });
  const when = { type: "date", name: "next year", ...points("next year") } as const;
  const cuts = cutLine(text, [doubt], [when]);

  it("loses and doubles nothing", () => {
    expect(cuts.map((one) => one.text).join("")).toBe(text);
  });
  it("marks hedged words, names and signals where they are", () => {
    expect(cuts.filter((one) => one.hedging === "hedge").map((one) => one.text)).toEqual(["maybe"]);
    expect(cuts.filter((one) => one.name).map((one) => one.text)).toEqual(["next year"]);
    expect(cuts.filter((one) => one.signals.length > 0).map((one) => one.text).join("")).toBe("maybe next year");
  });
  it("marks timing once, where the hesitation begins", () => {
    expect(cuts.filter((one) => one.timed).map((one) => one.text)).toEqual(["maybe"]);
  });
  it("tells timing before wording", () => {
    expect(evidenceOf(text, doubt)).toEqual(["waited 2.4 s, usually 0.6", "hedged “maybe”"]);
  });
});
