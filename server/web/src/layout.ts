// Where things stand in the graph. Placing is incremental: what has a place keeps it.
import type { WireLink, WireNeed } from "./wire";

/** Links of a need that are drawn; the others are counted on the need. */
export const LINKS_SHOWN = 2;

/** Rows of persons and needs, and slots of items (LINKS_SHOWN slots beside each row). */
export interface Places {
  persons: Record<string, number>;
  needs: Record<string, number>;
  items: Record<string, number>;
}

export const NOWHERE: Places = { persons: {}, needs: {}, items: {} };

export interface Drawn {
  link: WireLink;
  key: string;
}

export function itemKey(link: Pick<WireLink, "kind" | "id" | "section">): string {
  return `${link.kind}:${link.id}:${link.section ?? ""}`;
}

/** A need never changes, a new one takes its place: so what was sorted once stays sorted. */
const sorted = new WeakMap<WireNeed, Drawn[]>();

/** Links of a need, best first, each item once. */
export function bestLinks(need: WireNeed): Drawn[] {
  const known = sorted.get(need);
  if (known) return known;
  const found = best(need);
  sorted.set(need, found);
  return found;
}

function best(need: WireNeed): Drawn[] {
  const found = new Map<string, Drawn>();
  for (const link of [...need.links].sort((a, b) => b.score - a.score)) {
    const key = itemKey(link);
    if (!found.has(key)) found.set(key, { link, key });
  }
  return [...found.values()];
}

function firstFree(taken: ReadonlySet<number>, from: number, to = Infinity): number | null {
  for (let at = from; at < to; at += 1) if (!taken.has(at)) return at;
  return null;
}

/** Keep the places of what is still there, and give new things the first free place after it. */
function kept(before: Record<string, number>, present: ReadonlySet<string>): Record<string, number> {
  return Object.fromEntries(Object.entries(before).filter(([id]) => present.has(id)));
}

/** Place needs (in order of arrival), the persons who raised them and the items they are linked to. */
export function place(before: Places, order: readonly WireNeed[]): Places {
  const needs = kept(before.needs, new Set(order.map((need) => need.need_id)));
  const rows = new Set(Object.values(needs));
  for (const need of order) {
    if (need.need_id in needs) continue;
    const row = firstFree(rows, 0) ?? 0;
    needs[need.need_id] = row;
    rows.add(row);
  }
  return { needs, persons: placePersons(before, order, needs), items: placeItems(before, order, needs) };
}

function placePersons(before: Places, order: readonly WireNeed[], needs: Record<string, number>): Record<string, number> {
  const persons = kept(before.persons, new Set(order.flatMap((need) => need.raised_by)));
  const taken = new Set(Object.values(persons));
  for (const need of order) {
    for (const person of need.raised_by) {
      if (person in persons) continue;
      const row = firstFree(taken, needs[need.need_id] ?? 0) ?? 0;
      persons[person] = row;
      taken.add(row);
    }
  }
  return persons;
}

function placeItems(before: Places, order: readonly WireNeed[], needs: Record<string, number>): Record<string, number> {
  const items = kept(before.items, new Set(order.flatMap((need) => bestLinks(need).map(({ key }) => key))));
  const taken = new Set(Object.values(items));
  for (const need of order) {
    const from = (needs[need.need_id] ?? 0) * LINKS_SHOWN;
    for (const { key } of bestLinks(need).slice(0, LINKS_SHOWN)) {
      if (key in items) continue;
      const slot = firstFree(taken, from, from + LINKS_SHOWN);
      if (slot === null) continue;
      items[key] = slot;
      taken.add(slot);
    }
  }
  return items;
}

/** Widths of the three columns for a given width of the whole, and the heights of one row. */
export const ROW = { pitch: 92, need: 80, item: 38, person: 52, top: 12 } as const;

export interface Columns {
  person: { x: number; width: number };
  need: { x: number; width: number };
  item: { x: number; width: number };
}

/** Below this width persons have no column of their own; who raised a need stands on it. */
export const PERSONS_FROM_PX = 470;

export function columns(width: number): Columns {
  const margin = 12;
  const gap = Math.max(24, Math.min(56, width * 0.05));
  const alone = width < PERSONS_FROM_PX;
  const person = alone ? 0 : Math.max(76, Math.min(120, width * 0.14));
  const before = alone ? margin : margin + person + gap;
  const rest = Math.max(240, width - before - gap - margin);
  const need = Math.round(rest * 0.48);
  return {
    person: { x: margin, width: person },
    need: { x: before, width: need },
    item: { x: before + need + gap, width: rest - need },
  };
}

export function rowY(row: number): number {
  return ROW.top + row * ROW.pitch;
}

export function slotY(slot: number): number {
  const row = Math.floor(slot / LINKS_SHOWN);
  return rowY(row) + (slot % LINKS_SHOWN) * (ROW.item + 4);
}
