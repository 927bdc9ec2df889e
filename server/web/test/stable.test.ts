import { describe, expect, it } from "vitest";
import { BLOCK_LINES, blocksOf, groupedBy } from "../src/stable";
import { signal, utterance } from "./examples";

describe("blocks of lines", () => {
  const lines = Array.from({ length: BLOCK_LINES * 2 + 3 }, (_, at) => utterance(`u${at}`, at));
  const first = blocksOf([], lines);

  it("hold every line once, with the line before them", () => {
    expect(first.flatMap((one) => one.lines)).toEqual(lines);
    expect(first.map((one) => one.before?.utterance_id)).toEqual([undefined, `u${BLOCK_LINES - 1}`, `u${2 * BLOCK_LINES - 1}`]);
  });

  it("stay the same objects where nothing changed", () => {
    const next = blocksOf(first, [...lines, utterance("new", 999)]);
    expect(next.map((one, at) => one === first[at])).toEqual([true, true, false]);
    const changed = blocksOf(first, lines.map((one, at) => (at === 5 ? { ...one, revision: 2 } : one)));
    expect(changed.map((one, at) => one === first[at])).toEqual([false, true, true]);
  });

  it("are new when the line before them is another", () => {
    const changed = blocksOf(first, lines.map((one, at) => (at === BLOCK_LINES - 1 ? { ...one, channel: "rep" } : one)));
    expect(changed.map((one, at) => one === first[at])).toEqual([false, false, true]);
  });
});

it("keeps the groups of signals that did not change", () => {
  const [a, b] = [signal("a"), signal("b", { utterance_id: "u2" })];
  const before = groupedBy(new Map(), { a, b });
  const after = groupedBy(before, { a, b, c: signal("c", { utterance_id: "u2" }) });
  expect(after.get("u1")).toBe(before.get("u1"));
  expect(after.get("u2")?.map((one) => one.id)).toEqual(["b", "c"]);
  expect(groupedBy(before, { a }).has("u2")).toBe(false);
});
