import { describe, expect, it } from "vitest";
import { columns, NOWHERE, place } from "../src/layout";
import { drawn, initials } from "../src/ui/graphNodes";
import type { WireNeed } from "../src/wire";
import { moveWithin } from "../src/ui/arrows";
import { byPerson } from "../src/ui/NeedList";
import { liveFirst } from "../src/views/CallsView";
import { link, need, summary } from "./examples";

const draw = (order: WireNeed[], where = place(NOWHERE, order), width = 900) => drawn({ order, where, columns: columns(width), speakers: ["Jonas", "Priya", "Martin"] });

describe("what is drawn", () => {
  const first = [need("n1", { links: [link("T1"), link("T2", 0.9), link("T3", 0.1)] }), need("n2", { links: [link("T1")], raised_by: ["Martin", "Priya"] })];

  it("shows each item once, beside the need where it has its place, and counts what has none", () => {
    const { needs, persons } = draw(first);
    expect(needs.map((one) => [one.need.need_id, one.items.map((item) => item.link.id), one.hidden])).toEqual([["n1", ["T2", "T1"], 1], ["n2", [], 0]]);
    expect(persons.map((one) => [one.name, one.speaker, one.needs])).toEqual([["Priya", 1, 2], ["Martin", 2, 1]]);
  });

  it("draws a line to everybody who raised it and to every item that has a place", () => {
    expect(draw(first).needs.map((one) => one.lines.split("M").length - 1)).toEqual([3, 3]);
  });

  it("moves no box when needs and links arrive", () => {
    const where = place(NOWHERE, first);
    const before = draw(first, where);
    const more = [...first, need("n3", { links: [link("T9"), link("T1")], raised_by: ["Martin"] })];
    const after = draw(more, place(where, more));
    expect(after.needs.slice(0, 2).map((one) => one.box)).toEqual(before.needs.map((one) => one.box));
    expect(after.needs[0]?.items).toEqual(before.needs[0]?.items);
    expect(after.persons.slice(0, 2).map((one) => one.box)).toEqual(before.persons.map((one) => one.box));
  });

  it("leaves persons and their lines out where there is no room", () => {
    const { persons, needs } = draw(first, place(NOWHERE, first), 400);
    expect(persons).toEqual([]);
    expect(needs.map((one) => one.lines.split("M").length - 1)).toEqual([2, 1]);
  });
});

it("shortens names to their first letters", () => {
  expect(["Priya Nair", "Priya", " ana maria da Silva ", "王伟", "👩 Bot", ""].map(initials)).toEqual(["PN", "P", "AS", "王", "👩B", ""]);
});

it("moves within a column and not out of it", () => {
  const column = ["a", "b", "c"];
  expect(["ArrowDown", "ArrowUp", "Home", "End", "ArrowLeft"].map((key) => moveWithin(key, column, "b"))).toEqual(["c", "a", "a", "c", undefined]);
  expect([moveWithin("ArrowDown", column, "c"), moveWithin("ArrowUp", column, "a")]).toEqual([undefined, undefined]);
});

it("lists needs by who raised them first", () => {
  const groups = byPerson([need("a"), need("b", { raised_by: ["Martin", "Priya"] }), need("c")]);
  expect(groups.map(([name, needs]) => [name, needs.map((one) => one.need_id)])).toEqual([["Priya", ["a", "c"]], ["Martin", ["b"]]]);
});

it("puts running calls first", () => {
  expect(liveFirst([summary("c3", false), summary("c2", true), summary("c1", false)]).map((one) => one.call_id)).toEqual(["c2", "c3", "c1"]);
});
