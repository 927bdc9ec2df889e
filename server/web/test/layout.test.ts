import { describe, expect, it } from "vitest";
import { bestLinks, columns, itemKey, LINKS_SHOWN, NOWHERE, PERSONS_FROM_PX, place, slotY, rowY, ROW } from "../src/layout";
import { link, need } from "./examples";

const first = [need("n1", { links: [link("T1"), link("T2", 0.9), link("T3", 0.5)] }), need("n2")];

describe("placing", () => {
  it("puts needs in rows of arrival and their best items beside them", () => {
    const where = place(NOWHERE, first);
    expect(where.needs).toEqual({ n1: 0, n2: 1 });
    expect(where.items).toEqual({ [itemKey(link("T2"))]: 0, [itemKey(link("T1"))]: 1 });
    expect(where.persons).toEqual({ Priya: 0 });
  });

  it("moves nothing when something arrives", () => {
    const before = place(NOWHERE, first);
    const grown = [
      need("n1", { links: [link("T9", 0.99), link("T1"), link("T2", 0.9)] }),
      need("n2", { links: [link("T1"), link("T7")], raised_by: ["Martin", "Priya"] }),
      need("n3", { raised_by: ["Martin"] }),
    ];
    const after = place(before, grown);
    expect(after).toEqual({ needs: { ...before.needs, n3: 2 }, items: { ...before.items, "ticket:T7:": 2 }, persons: { ...before.persons, Martin: 1 } });
  });

  it("reuses the row of a need that is gone for the next new one", () => {
    const before = place(NOWHERE, [...first, need("n3")]);
    const after = place(before, [need("n2"), need("n3"), need("n4")]);
    expect(after.needs).toEqual({ n2: 1, n3: 2, n4: 0 });
    expect(after.items).toEqual({});
  });

  it("gives the same places again for the same needs", () => {
    const once = place(NOWHERE, first);
    expect(place(once, first)).toEqual(once);
  });

  it("never gives one place twice", () => {
    const many = Array.from({ length: 40 }, (_, at) => need(`n${at}`, { links: [link(`T${at % 17}`), link(`R${at}`)], raised_by: [`P${at % 5}`] }));
    for (const places of Object.values(place(NOWHERE, many))) expect(new Set(Object.values(places)).size).toBe(Object.keys(places).length);
  });
});

it("lists each item once, with its best score first", () => {
  const links = bestLinks(need("n", { links: [link("T1", 0.4), link("T2", 0.6), link("T1", 0.7)] }));
  expect(links.map(({ link: one }) => [one.id, one.score])).toEqual([["T1", 0.7], ["T2", 0.6]]);
});

it("fits three columns into the width without overlap", () => {
  for (const width of [PERSONS_FROM_PX, 600, 900, 1400]) {
    const { person, need: middle, item } = columns(width);
    expect(person.x + person.width).toBeLessThan(middle.x);
    expect(middle.x + middle.width).toBeLessThan(item.x);
    expect(item.x + item.width).toBeLessThanOrEqual(width);
  }
});

it("leaves persons out where there is no room for three columns", () => {
  const { person, need: middle, item } = columns(PERSONS_FROM_PX - 1);
  expect(person.width).toBe(0);
  expect(middle.x).toBe(person.x);
  expect(middle.x + middle.width).toBeLessThan(item.x);
  expect(item.x + item.width).toBeLessThan(PERSONS_FROM_PX);
});

it("keeps the items of a row within the row", () => {
  expect(slotY(LINKS_SHOWN - 1) + ROW.item).toBeLessThanOrEqual(rowY(0) + ROW.need);
  expect(slotY(LINKS_SHOWN)).toBe(rowY(1));
});
