// What the graph draws: nodes with their boxes and lines between them, at the places that layout.ts gave them (pure).
import { bestLinks, LINKS_SHOWN, ROW, rowY, slotY, type Columns, type Places } from "../layout";
import type { WireLink, WireNeed } from "../wire";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PersonNode {
  name: string;
  speaker: number;
  needs: number;
  box: Box;
}

export interface ItemNode {
  link: WireLink;
  key: string;
  /** The need beside which it stands. */
  needId: string;
  box: Box;
}

export interface NeedNode {
  need: WireNeed;
  /** Links that found no place. */
  hidden: number;
  box: Box;
  items: ItemNode[];
  /** Lines to those who raised it and to what answers it, as one path. */
  lines: string;
}

export interface Drawing {
  order: readonly WireNeed[];
  where: Places;
  columns: Columns;
  speakers: readonly string[];
}

export function drawn(drawing: Drawing): { persons: PersonNode[]; needs: NeedNode[] } {
  const persons = new Map(personsOf(drawing).map((one) => [one.name, one]));
  const taken = new Set<string>();
  const needs = [...drawing.order]
    .sort((a, b) => (drawing.where.needs[a.need_id] ?? 0) - (drawing.where.needs[b.need_id] ?? 0))
    .map((need) => needNode(need, drawing, persons, taken));
  return { persons: [...persons.values()], needs };
}

function personsOf({ order, where, columns, speakers }: Drawing): PersonNode[] {
  const { x, width } = columns.person;
  if (width === 0) return [];
  return Object.entries(where.persons).map(([name, row]) => ({
    name,
    speaker: Math.max(0, speakers.indexOf(name)),
    needs: order.filter((need) => need.raised_by.includes(name)).length,
    box: { x, y: rowY(row) + (ROW.need - ROW.person) / 2, width, height: ROW.person },
  }));
}

function needNode(need: WireNeed, { where, columns }: Drawing, persons: ReadonlyMap<string, PersonNode>, taken: Set<string>): NeedNode {
  const row = where.needs[need.need_id] ?? 0;
  const box = { x: columns.need.x, y: rowY(row), width: columns.need.width, height: ROW.need };
  const best = bestLinks(need);
  const items: ItemNode[] = [];
  const lines = need.raised_by.flatMap((name) => {
    const person = persons.get(name);
    return person ? [line(person.box, box)] : [];
  });
  for (const { link, key } of best) {
    const slot = where.items[key];
    if (slot === undefined) continue;
    const at = { x: columns.item.x, y: slotY(slot), width: columns.item.width, height: ROW.item };
    lines.push(line(box, at));
    if (taken.has(key) || Math.floor(slot / LINKS_SHOWN) !== row) continue;
    taken.add(key);
    items.push({ link, key, needId: need.need_id, box: at });
  }
  return { need, box, items, lines: lines.join(""), hidden: best.filter(({ key }) => !(key in where.items)).length };
}

/** A soft curve from the right side of one box to the left side of another. */
function line(from: Box, to: Box): string {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const half = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}`;
}

/** The first letters of a name, for where there is no room for all of it. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)] : parts;
  return letters.map((part) => [...(part ?? "")][0] ?? "").join("").toUpperCase();
}
