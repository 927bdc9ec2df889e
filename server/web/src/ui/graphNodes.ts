// The picture's needs as React Flow nodes and edges, at the places that layout.ts gave them (pure).
import type { Edge, Node } from "@xyflow/react";
import { bestLinks, ROW, rowY, slotY, type Columns, type Places } from "../layout";
import type { Selection } from "../views/CallView";
import type { WireLink, WireNeed } from "../wire";

export type PersonNode = Node<{ name: string; speaker: number }, "person">;
export type NeedNode = Node<{ need: WireNeed; hidden: number; chosen: boolean; ended: boolean }, "need">;
export type ItemNode = Node<{ link: WireLink; needId: string; chosen: boolean }, "item">;
export type GraphNode = PersonNode | NeedNode | ItemNode;

interface Drawing {
  order: readonly WireNeed[];
  where: Places;
  columns: Columns;
  selection: Selection;
  speakers: readonly string[];
  ended: boolean;
}

export function drawn(drawing: Drawing): { nodes: GraphNode[]; edges: Edge[] } {
  const { order, where } = drawing;
  const items = new Map<string, ItemNode>();
  const edges: Edge[] = [];
  const needs = order.map((need) => needNode(need, drawing));
  for (const need of order) {
    const chosen = need.need_id === drawing.selection.needId;
    for (const person of need.raised_by) edges.push(edge(`person:${person}`, need.need_id, need.kind, chosen));
    for (const { link, key } of bestLinks(need)) {
      const slot = where.items[key];
      if (slot === undefined) continue;
      if (!items.has(key) || chosen) items.set(key, itemNode(need, link, key, slot, drawing));
      edges.push(edge(need.need_id, key, need.kind, chosen));
    }
  }
  return { nodes: [...persons(drawing), ...needs, ...items.values()], edges };
}

function persons({ where, columns, speakers }: Drawing): PersonNode[] {
  const { x, width } = columns.person;
  return Object.entries(where.persons).map(([name, row]) => ({
    id: `person:${name}`,
    type: "person",
    position: { x, y: rowY(row) + (ROW.need - ROW.person) / 2 },
    width,
    height: ROW.person,
    data: { name, speaker: Math.max(0, speakers.indexOf(name)) },
  }));
}

function needNode(need: WireNeed, { where, columns, selection, ended }: Drawing): NeedNode {
  const { x, width } = columns.need;
  const best = bestLinks(need);
  const chosen = need.need_id === selection.needId;
  return {
    id: need.need_id,
    type: "need",
    position: { x, y: rowY(where.needs[need.need_id] ?? 0) },
    width,
    height: ROW.need,
    data: { need, hidden: best.filter(({ key }) => !(key in where.items)).length, chosen, ended },
  };
}

function itemNode(need: WireNeed, link: WireLink, key: string, slot: number, { columns, selection }: Drawing): ItemNode {
  const { x, width } = columns.item;
  return {
    id: key,
    type: "item",
    position: { x, y: slotY(slot) },
    width,
    height: ROW.item,
    data: { link, needId: need.need_id, chosen: selection.itemKey === key },
  };
}

function edge(source: string, target: string, kind: string, chosen: boolean): Edge {
  return { id: `${source}>${target}`, source, target, className: chosen ? `${kind} chosen` : kind, focusable: false };
}
