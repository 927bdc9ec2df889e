// An account over all its calls: needs over time, and filters. Pure.
import type { AccountView } from "./bodies";
import type { WireNeed } from "./wire";

/** What a call brought, and how much was open after it. */
export interface CallMark {
  callId: string;
  startedAt: string;
  needs: number;
  hesitations: number;
  open: number;
}

export interface Filters {
  type: string | null;
  /** The least strength. */
  strength: 1 | 2 | 3;
  status: WireNeed["status"] | null;
  /** Only those that no roadmap item is linked to. */
  noRoadmap: boolean;
  words: string;
}

export const NO_FILTERS: Filters = { type: null, strength: 1, status: null, noRoadmap: false, words: "" };

export function isFiltered(filters: Filters): boolean {
  return (Object.keys(NO_FILTERS) as (keyof Filters)[]).some((name) => filters[name] !== NO_FILTERS[name]);
}

export function matching(needs: readonly WireNeed[], filters: Filters): WireNeed[] {
  const words = filters.words.trim().toLowerCase();
  return needs.filter((need) =>
    (filters.type === null || need.type === filters.type)
    && need.strength >= filters.strength
    && (filters.status === null || need.status === filters.status)
    && !(filters.noRoadmap && need.links.some((link) => link.kind === "roadmap"))
    && (words === "" || holds(need, words)));
}

function holds(need: WireNeed, words: string): boolean {
  const texts = [need.label, ...need.raised_by, ...need.mentions.map((one) => one.text), ...need.links.map((one) => one.title)];
  return texts.some((one) => one.toLowerCase().includes(words));
}

/** Open ones first, then the strongest, then the last voiced. */
export function byWeight(needs: readonly WireNeed[]): WireNeed[] {
  return [...needs].sort((a, b) =>
    Number(b.status === "open") - Number(a.status === "open") || b.strength - a.strength || lastVoiced(b) - lastVoiced(a));
}

export function lastVoiced(need: WireNeed): number {
  return Math.max(0, ...need.mentions.map((one) => Date.parse(one.started_at ?? "") || 0));
}

/** The account's calls in the order of their time, each with what was voiced in it and what was open after it. */
export function timeline({ calls, needs }: Pick<AccountView, "calls" | "needs">): CallMark[] {
  const ordered = [...calls].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
  const place = new Map(ordered.map((call, at) => [call.call_id, at]));
  const marks = ordered.map((call) => ({ callId: call.call_id, startedAt: call.started_at, needs: 0, hesitations: 0, open: 0 }));
  const times = ordered.map((call) => Date.parse(call.started_at));
  for (const need of needs) {
    for (const at of new Set(need.mentions.map((one) => place.get(one.call_id)))) {
      const mark = at === undefined ? undefined : marks[at];
      if (mark) mark[need.kind === "need" ? "needs" : "hesitations"] += 1;
    }
    openIn(need, place, times).forEach((open, at) => {
      const mark = marks[at];
      if (open && mark) mark.open += 1;
    });
  }
  return marks;
}

/** Whether a need was open after each call: voiced, and since then neither answered nor settled nor withdrawn. */
function openIn(need: WireNeed, place: ReadonlyMap<string, number>, times: readonly number[]): boolean[] {
  const steps = [
    ...need.mentions.map((one) => ({ at: place.get(one.call_id) ?? 0, ms: one.start_ms, after: 0, open: true })),
    ...need.changes.filter((one) => counts(need, one)).map((one) => ({ at: place.get(one.call_id) ?? before(times, Date.parse(one.at)), ms: one.start_ms, after: 1, open: one.status === "open" })),
  ].sort((a, b) => a.at - b.at || a.ms - b.ms || a.after - b.after);
  const open: boolean[] = [];
  let next = 0;
  let stands = false;
  for (let at = 0; at < times.length; at += 1) {
    for (let step = steps[next]; step && step.at <= at; step = steps[(next += 1)]) stands = step.open;
    open.push(stands);
  }
  return open;
}

/** One customer's "no" leaves the want open as long as another one still has it. */
function counts(need: WireNeed, change: WireNeed["changes"][number]): boolean {
  return change.status !== "withdrawn" || change.utterance_id === null || need.status === "withdrawn";
}

/** The last call that had begun by then. */
function before(times: readonly number[], at: number): number {
  return Math.max(0, times.findLastIndex((one) => one <= at));
}
