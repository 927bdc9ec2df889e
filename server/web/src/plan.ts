// How long a call was planned to take, and what is left of it. Pure but for `recall` and `keep`.
import type { Picture } from "./state";
import type { WireNeed } from "./wire";

/** So many minutes, or until a time of day ("10:45"). */
export type Plan = { minutes: number } | { until: string };

export const LENGTHS_MIN = [30, 45, 60] as const;
export const USUAL: Plan = { minutes: 30 };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Whole minutes until the planned end, negative beyond it; the end of a time of day is the first one after the start. */
export function leftMin(plan: Plan, startedAt: string, nowMs: number): number {
  const start = Date.parse(startedAt);
  const end = "minutes" in plan ? start + plan.minutes * MINUTE_MS : endAt(plan.until, start);
  const left = (end - nowMs) / MINUTE_MS;
  return left >= 0 ? Math.ceil(left) : -Math.ceil(-left);
}

function endAt(until: string, start: number): number {
  const [hours = 0, minutes = 0] = until.split(":").map(Number);
  const day = new Date(start);
  day.setHours(hours, minutes, 0, 0);
  return day.getTime() > start ? day.getTime() : day.getTime() + DAY_MS;
}

/** Needs and hesitations of this call that nobody has answered: strongest first, then as they came. */
export function openItems(picture: Pick<Picture, "order" | "needs">): WireNeed[] {
  return picture.order
    .map((id) => picture.needs[id])
    .filter((need): need is WireNeed => need?.status === "open")
    .sort((a, b) => b.strength - a.strength);
}

const KEY = "needgraph.plans";
/** Plans of the calls used last. */
const KEPT = 50;

type Stored = [callId: string, plan: Plan][];

function stored(): Stored {
  try {
    const rows: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(rows) ? (rows as Stored).filter((row) => Array.isArray(row) && isPlan(row[1])) : [];
  } catch {
    return [];
  }
}

export function isPlan(plan: unknown): plan is Plan {
  if (typeof plan !== "object" || plan === null) return false;
  if ("minutes" in plan) return typeof plan.minutes === "number" && plan.minutes > 0;
  return "until" in plan && typeof plan.until === "string" && /^\d\d:\d\d$/.test(plan.until);
}

export function recall(callId: string): Plan {
  return stored().find(([id]) => id === callId)?.[1] ?? USUAL;
}

export function keep(callId: string, plan: Plan): void {
  localStorage.setItem(KEY, JSON.stringify([[callId, plan], ...stored().filter(([id]) => id !== callId)].slice(0, KEPT)));
}
