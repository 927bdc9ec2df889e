// Cards of a call as the page shows them. Pure.
import type { Picture } from "./state";
import type { WireCard } from "./wire";

/** From this confidence on a card is called "very likely" and "likely"; the default floor of a budget is .8 (product.md §4). */
const SURE = { high: 0.9, middle: 0.8 } as const;
/** A pause longer than this is one for the rest of the call: the longest that the service takes is 240 minutes. */
const WHOLE_CALL_MS = 180 * 60_000;
export const REST_OF_CALL_MINUTES = 240;

/** Cards that are no longer up, the newest first. */
export function earlierCards(picture: Picture): WireCard[] {
  return Object.values(picture.cards)
    .filter((card) => card.state !== "shown")
    .sort((a, b) => Date.parse(b.shown_at) - Date.parse(a.shown_at) || b.start_ms - a.start_ms);
}

export function sureness(confidence: number): "high" | "middle" | "low" {
  if (confidence >= SURE.high) return "high";
  return confidence >= SURE.middle ? "middle" : "low";
}

/** How long a card stays in all, and how much of that is over at `now`, in milliseconds. */
export function stay(card: WireCard, now: number): { total: number; over: number } {
  const [from, to] = [Date.parse(card.shown_at), Date.parse(card.closes_at)];
  const total = Math.max(0, to - from);
  // A clock that differs from the service's by more than the card's time tells nothing: it has just come.
  const over = now >= from && now < to ? now - from : 0;
  return { total, over };
}

export type Pause = { whole: true } | { whole: false; until: string; leftMs: number };

/** The pause that holds at `now`. */
export function pauseAt(picture: Picture, now: number): Pause | null {
  const until = picture.cardsPausedUntil;
  const leftMs = until === null ? 0 : Date.parse(until) - now;
  if (until === null || !(leftMs > 0)) return null;
  return leftMs > WHOLE_CALL_MS ? { whole: true } : { whole: false, until, leftMs };
}
