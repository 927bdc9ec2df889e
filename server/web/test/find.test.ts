import { describe, expect, it } from "vitest";
import { find, FOUND_LIMIT } from "../src/find";
import { utterance } from "./examples";

const said = (id: string, text: string) => ({ ...utterance(id), text });
const places = (text: string, query: string) => find([said("u1", text)], query).map((one) => text.slice(one.start, one.end));

describe("search in the call", () => {
  it("finds every place in any case, in the order of the call", () => {
    const found = find([said("u1", "Price and price"), said("u2", "no PRICE")], "price");
    expect(found).toEqual([
      { utteranceId: "u1", start: 0, end: 5 }, { utteranceId: "u1", start: 10, end: 15 }, { utteranceId: "u2", start: 3, end: 8 },
    ]);
  });
  it("takes what is typed as text, not as a pattern", () => {
    expect(places("what (exactly)? a+b [c] <b>", "(exactly)?")).toEqual(["(exactly)?"]);
    expect(places("a+b and aab", "a+b")).toEqual(["a+b"]);
    expect(places("x-y {2} \\d 50 %", "\\d")).toEqual(["\\d"]);
  });
  it("gives offsets that hold behind emoji and in Chinese", () => {
    expect(places("👍 我们需要中文支持 👩‍💻 ok", "中文")).toEqual(["中文"]);
    expect(find([said("u1", "👍 ok")], "ok")[0]?.start).toBe(3);
  });
  it("lets a blank stand for any blanks and finds nothing of nothing", () => {
    expect(places("two  thousand\ncalls", " two thousand calls ")).toEqual(["two  thousand\ncalls"]);
    expect(find([said("u1", "a")], "   ")).toEqual([]);
  });
  it("stops counting at its limit", () => {
    expect(find([said("u1", "a".repeat(FOUND_LIMIT + 50))], "a")).toHaveLength(FOUND_LIMIT);
  });
});
