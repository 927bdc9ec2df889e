import { describe, expect, it } from "vitest";
import { clock, disputed, hedges, moment, moveEdge, pieces, quote, selectedPoints, snap, timing, toCodePoints, toUnits } from "../src/text";

describe("offsets", () => {
  const text = "👍 ok 👩‍💻, we need 中文支持 soon 𠮷";

  it("counts an emoji outside the basic plane as one code point", () => {
    expect(toCodePoints("👍 yes", 3)).toBe(2);
    expect(toUnits("👍 yes", 2)).toBe(3);
  });

  it("goes to code points and back at every boundary", () => {
    const points = [...text];
    let unit = 0;
    points.forEach((point, at) => {
      expect(toCodePoints(text, unit)).toBe(at);
      expect(toUnits(text, at)).toBe(unit);
      unit += point.length;
    });
    expect(toUnits(text, points.length)).toBe(text.length);
  });

  it("quotes the words between two code points", () => {
    const start = [...text].indexOf("中");
    expect(quote(text, { start, end: start + 4 })).toBe("中文支持");
  });

  it("stays inside the text", () => {
    expect(toUnits("ab", 9)).toBe(2);
    expect(toCodePoints("ab", 9)).toBe(2);
  });
});

describe("snapping", () => {
  it("widens to the words touched and leaves punctuation and spaces out", () => {
    const text = "well, it must stay in Germany.";
    expect(snap(text, { start: 7, end: 11 })).toEqual({ start: 6, end: 13 });
    expect(quote(text, snap(text, { start: 24, end: 30 }) ?? { start: 0, end: 0 })).toBe("Germany");
  });

  it("gives code points after an emoji", () => {
    const text = "👍 monthly billing";
    expect(selectedPoints(text, { start: 4, end: 5 })).toEqual({ start: 2, end: 9 });
  });

  it("knows Han words without spaces", () => {
    const text = "我们需要中文支持。";
    const span = selectedPoints(text, { start: 4, end: 8 });
    expect(span && quote(text, span)).toBe("中文支持");
  });

  it("finds nothing where no word is touched", () => {
    expect(snap("one ... two", { start: 3, end: 7 })).toBeNull();
  });
});

describe("moving an edge", () => {
  const text = "👍 we need single sign-on now";
  it("goes by whole words and never empties the span", () => {
    const need = { start: 5, end: 9 };
    expect(quote(text, moveEdge(text, need, "end", 1))).toBe("need single");
    expect(quote(text, moveEdge(text, need, "start", -1))).toBe("we need");
    expect(moveEdge(text, need, "start", 1)).toEqual(need);
    expect(moveEdge(text, need, "end", -1)).toEqual(need);
  });
});

describe("pieces", () => {
  it("cuts at the edges of overlapping marks and keeps every character", () => {
    const marks = [{ start: 0, end: 5, id: "a" }, { start: 3, end: 8, id: "b" }];
    const cut = pieces("👍abcdefghi", marks);
    expect(cut.map((one) => one.text).join("")).toBe("👍abcdefghi");
    expect(cut.map((one) => one.marks.map((mark) => mark.id).join(""))).toEqual(["a", "ab", "b", ""]);
    expect(cut[0]?.text).toBe("👍ab");
  });

  it("is one piece without marks and none for no text", () => {
    expect(pieces("abc", [])).toEqual([{ text: "abc", marks: [] }]);
    expect(pieces("", [])).toEqual([]);
  });
});

it("shows times as m:ss", () => {
  expect([0, 9_999, 61_000, 3_723_000].map(clock)).toEqual(["0:00", "0:09", "1:01", "1:02:03"]);
});

it("tells the date of another call", () => {
  const said = { call_id: "c1", start_ms: 61_000, started_at: "2025-11-03T12:00:00Z" };
  expect(moment(said, "c1")).toBe("1:01");
  expect(moment(said, "c2")).toMatch(/2025.*, 1:01$/);
  expect(moment({ ...said, started_at: null }, "c2")).toBe("1:01");
});

it("names everybody who does not want it", () => {
  expect(disputed(["Omar"])).toBe("Omar does not want it");
  expect(disputed(["Omar", "Ines", "<b>Lea</b>"])).toBe("Omar, Ines and <b>Lea</b> do not want it");
});

describe("timing", () => {
  it.each([
    [{ cue: "response_gap", value: 2400, usual: 600 }, "waited 2.4 s, usually 0.6"],
    [{ cue: "pause", value: 1250, usual: 0 }, "paused for 1.3 s, usually 0.0"],
    [{ cue: "fillers", value: 3, usual: 0.5 }, "3 filler words, usually 0.5"],
    [{ cue: "short_answer", value: 2, usual: 11 }, "2 words in answer to a long question, usually 11"],
  ] as const)("says what was measured and what is usual", (cue, said) => {
    expect(timing(cue)).toBe(said);
  });
});

describe("hedges", () => {
  it("quotes each kind once, with offsets in code points", () => {
    const text = "👍 maybe, well, maybe next year";
    const found = [
      { name: "hedge", start: 2, end: 7 },
      { name: "hedge", start: 15, end: 20 },
      { name: "deferral", start: 21, end: 30 },
    ] as const;
    expect(hedges(text, found)).toEqual(["hedged “maybe”", "put off “next year”"]);
    expect(hedges("as it is", [])).toEqual([]);
  });
});
