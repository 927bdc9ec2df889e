import { describe, expect, it } from "vitest";
import { advance, counted, foldPerson, isFolded, NO_FOLDS, tidy, toggle, untidy, type Folds } from "../src/folds";
import type { WireNeed } from "../src/wire";
import { mention, need } from "./examples";

const here = (id: string, more: Partial<WireNeed> = {}) => need(id, { mentions: [mention("c1", 5000)], ...more });
const before = (id: string, more: Partial<WireNeed> = {}) => need(id, { mentions: [mention("c0", 5000)], ...more });
const drawn = (folds: Folds, needs: WireNeed[]) => needs.filter((one) => !isFolded(folds, one.need_id)).map((one) => one.need_id);

describe("what begins folded", () => {
  const needs = [here("open"), here("done", { status: "addressed" }), here("gone", { status: "withdrawn" }), here("settled", { status: "resolved" }), before("old"), before("oldDone", { status: "confirmed" })];
  const folds = advance(NO_FOLDS, needs, "c1");

  it("is settled or of earlier calls", () => {
    expect(drawn(folds, needs)).toEqual(["open"]);
    expect(counted(folds, needs).map((one) => [one.group, one.count, one.open, one.changed])).toEqual([
      ["earlier", 2, 1, 0], ["answered", 1, 0, 0], ["withdrawn", 1, 0, 0], ["settled", 1, 0, 0],
    ]);
  });

  it("is unfolded by a person, and folded again", () => {
    const open = toggle(folds, needs, "earlier");
    expect(drawn(open, needs)).toEqual(["open", "old", "oldDone"]);
    expect(drawn(toggle(open, needs, "earlier"), needs)).toEqual(["open"]);
  });

  it("is the same object when nothing came", () => {
    expect(advance(folds, needs, "c1")).toBe(folds);
  });
});

describe("what is looked at", () => {
  it("stays when it is settled, until a person folds it", () => {
    const first = advance(NO_FOLDS, [here("a"), here("b")], "c1");
    const now = [here("a", { status: "addressed" }), here("b")];
    const later = advance(first, now, "c1");
    expect(drawn(later, now)).toEqual(["a", "b"]);
    expect(untidy(later, now).map((one) => one.need_id)).toEqual(["a"]);
    const tidied = tidy(later, now);
    expect(drawn(tidied, now)).toEqual(["b"]);
    expect(counted(tidied, now)).toEqual([{ group: "answered", count: 1, open: 0, changed: 0, unfolded: false }]);
    expect(untidy(tidied, now)).toEqual([]);
  });

  it("comes back when it is voiced in this call and open", () => {
    const first = advance(NO_FOLDS, [before("old"), here("done", { status: "addressed" })], "c1");
    const again = [before("old", { mentions: [mention("c0", 1), mention("c1", 9000)] }), here("done")];
    expect(drawn(advance(first, again, "c1"), again)).toEqual(["old", "done"]);
  });

  it("is counted when it changed while it was folded, until it is unfolded", () => {
    const first = advance(NO_FOLDS, [before("old"), here("done", { status: "addressed" })], "c1");
    const now = [before("old", { strength: 3 }), here("done", { status: "confirmed" })];
    const folds = advance(first, now, "c1");
    expect(counted(folds, now).map((one) => [one.group, one.changed])).toEqual([["earlier", 1], ["answered", 1]]);
    const open = toggle(folds, now, "answered");
    expect(counted(open, now).map((one) => one.changed)).toEqual([1, 0]);
    expect(counted(toggle(open, now, "answered"), now).map((one) => one.changed)).toEqual([1, 0]);
  });
});

describe("a person's needs", () => {
  const needs = [here("p1"), here("p2"), here("both", { raised_by: ["Priya", "Martin"] }), here("m", { raised_by: ["Martin"] })];
  const folds = foldPerson(advance(NO_FOLDS, needs, "c1"), needs, "Priya");

  it("fold together, but not what somebody else raised as well", () => {
    expect(drawn(folds, needs)).toEqual(["both", "m"]);
    expect(counted(folds, needs)).toEqual([{ group: "person:Priya", count: 2, open: 2, changed: 0, unfolded: false }]);
  });

  it("take in what they voice next, and let it go when they are unfolded", () => {
    const more = [...needs, here("p3")];
    const next = advance(folds, more, "c1");
    expect(drawn(next, more)).toEqual(["both", "m"]);
    const open = toggle(next, more, "person:Priya");
    expect(drawn(open, more)).toEqual(["p1", "p2", "both", "m", "p3"]);
    const last = [...more, here("p4")];
    expect(drawn(advance(open, last, "c1"), last)).toContain("p4");
  });
});
