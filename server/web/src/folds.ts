// Which needs of the graph are folded away into counted groups. Pure.
// What was open when it came stays where it is until a person folds it: nothing that somebody looks at goes away by itself.
import { isEarlier } from "./age";
import type { WireNeed } from "./wire";

export type Group = "earlier" | "answered" | "withdrawn" | "settled" | `person:${string}`;

export interface Folds {
  /** The group of each need that belongs to one. */
  home: Readonly<Record<string, Group>>;
  /** Every need seen so far. */
  seen: ReadonlySet<string>;
  /** Groups that a person unfolded. */
  unfolded: ReadonlySet<Group>;
  /** Persons whose needs are folded, those to come as well. */
  people: ReadonlySet<string>;
  /** How a need stood when it was folded. */
  stood: Readonly<Record<string, string>>;
}

export const NO_FOLDS: Folds = { home: {}, seen: new Set(), unfolded: new Set(), people: new Set(), stood: {} };

const BY_STATUS: Record<WireNeed["status"], Group | null> = {
  open: null, addressed: "answered", confirmed: "answered", withdrawn: "withdrawn", resolved: "settled",
};

/** Take needs that came and changed: new ones that are settled or of earlier calls begin folded. */
export function advance(before: Folds, needs: readonly WireNeed[], callId: string): Folds {
  const home = { ...before.home };
  const stood = { ...before.stood };
  const seen = new Set(before.seen);
  let changed = false;
  for (const need of needs) {
    const id = need.need_id;
    if (!seen.has(id)) {
      seen.add(id);
      changed = true;
      const group = groupAtFirst(need, callId, before.people);
      if (group) [home[id], stood[id]] = [group, standing(need)];
    } else if (comesBack(need, home[id], callId)) {
      delete home[id];
      changed = true;
    }
  }
  return changed ? { ...before, home, stood, seen } : before;
}

function groupAtFirst(need: WireNeed, callId: string, people: ReadonlySet<string>): Group | null {
  if (isEarlier(need, callId)) return "earlier";
  const settled = BY_STATUS[need.status];
  if (settled) return settled;
  const [first] = need.raised_by;
  return first !== undefined && need.raised_by.every((one) => people.has(one)) ? `person:${first}` : null;
}

/** Open and voiced in this call: it is needed now, and finds a free place. Who folds a person wants to see none of theirs. */
function comesBack(need: WireNeed, group: Group | undefined, callId: string): boolean {
  return group !== undefined && !group.startsWith("person:") && need.status === "open" && !isEarlier(need, callId);
}

function standing(need: WireNeed): string {
  return `${need.status} ${need.strength} ${need.mentions.length}`;
}

export function isFolded(folds: Folds, needId: string): boolean {
  const group = folds.home[needId];
  return group !== undefined && !folds.unfolded.has(group);
}

/** Needs that are drawn and settled: what `tidy` would fold. */
export function untidy(folds: Folds, needs: readonly WireNeed[]): WireNeed[] {
  return needs.filter((need) => need.status !== "open" && folds.home[need.need_id] === undefined);
}

/** Fold what is settled by now. */
export function tidy(folds: Folds, needs: readonly WireNeed[]): Folds {
  const groups = untidy(folds, needs).map((need) => [need, BY_STATUS[need.status]] as const);
  return put(folds, groups.filter((one): one is [WireNeed, Group] => one[1] !== null));
}

/** Fold everything that only this person raised and that is drawn. */
export function foldPerson(folds: Folds, needs: readonly WireNeed[], person: string): Folds {
  const theirs = needs.filter((need) => !isFolded(folds, need.need_id) && need.raised_by.every((one) => one === person));
  const folded = put(folds, theirs.map((need) => [need, `person:${person}`]));
  return { ...folded, people: new Set([...folds.people, person]) };
}

function put(folds: Folds, rows: readonly (readonly [WireNeed, Group])[]): Folds {
  const unfolded = new Set(folds.unfolded);
  for (const [, group] of rows) unfolded.delete(group);
  return {
    ...folds,
    unfolded,
    home: { ...folds.home, ...Object.fromEntries(rows.map(([need, group]) => [need.need_id, group])) },
    stood: { ...folds.stood, ...Object.fromEntries(rows.map(([need]) => [need.need_id, standing(need)])) },
  };
}

/** Unfold a group, or fold it again. */
export function toggle(folds: Folds, needs: readonly WireNeed[], group: Group): Folds {
  const unfolded = new Set(folds.unfolded);
  const people = new Set(folds.people);
  const person = group.startsWith("person:") ? group.slice("person:".length) : null;
  const open = !unfolded.has(group);
  if (open) unfolded.add(group);
  else unfolded.delete(group);
  if (person !== null && open) people.delete(person);
  if (person !== null && !open) people.add(person);
  const now = needs.filter((need) => folds.home[need.need_id] === group).map((need) => [need.need_id, standing(need)]);
  return { ...folds, unfolded, people, stood: { ...folds.stood, ...Object.fromEntries(now) } };
}

export interface Counted {
  group: Group;
  count: number;
  open: number;
  /** Changed while they were folded. */
  changed: number;
  unfolded: boolean;
}

const ORDER: readonly Group[] = ["earlier", "answered", "withdrawn", "settled"];

/** Groups that hold something: earlier calls, statuses, persons. */
export function counted(folds: Folds, needs: readonly WireNeed[]): Counted[] {
  const groups = new Map<Group, Counted>();
  for (const need of needs) {
    const group = folds.home[need.need_id];
    if (group === undefined) continue;
    const one = groups.get(group) ?? { group, count: 0, open: 0, changed: 0, unfolded: folds.unfolded.has(group) };
    one.count += 1;
    if (need.status === "open") one.open += 1;
    if (!one.unfolded && folds.stood[need.need_id] !== standing(need)) one.changed += 1;
    groups.set(group, one);
  }
  const place = ({ group }: Counted) => (ORDER.includes(group) ? ORDER.indexOf(group) : ORDER.length);
  return [...groups.values()].sort((a, b) => place(a) - place(b) || a.group.localeCompare(b.group));
}
