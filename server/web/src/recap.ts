// What somebody who comes late has to know of a running call. Pure.
import { lengthOf } from "./history";
import { chips, type Chip } from "./names";
import type { Picture } from "./state";
import type { SignalEvent, UtteranceEvent, WireMention, WireNeed } from "./wire";

/** Who opens a call so long after its start has missed something (the figure). */
const LATE_MS = 60_000;

/** A need with the words to show: the strongest of this call, of those the latest. */
export interface Told {
  need: WireNeed;
  mention: WireMention;
}

export interface Recap {
  speakers: string[];
  lengthMs: number;
  open: Told[];
  answered: Told[];
  /** The last signal with its words, else the last words at all. */
  last: { signal: SignalEvent | null; utterance: UtteranceEvent; text: string } | null;
  names: Chip[];
}

/** Whether a call that runs was opened late; `openedAt` in milliseconds since 1970. */
export function isLate(picture: Picture, openedAt: number): boolean {
  return picture.ended === null && soFar(picture, openedAt) > LATE_MS;
}

function soFar(picture: Picture, now: number): number {
  // The service's clock may differ from this one's: what was heard counts as well.
  return Math.max(now - Date.parse(picture.call.started_at), lengthOf(picture));
}

/** The recap at `now`, in milliseconds since 1970. */
export function recapOf(picture: Picture, now: number): Recap {
  const told = picture.order.map((id) => toldOf(picture.needs[id], picture.call.call_id)).filter((one): one is Told => one !== null);
  const sorted = told.sort((a, b) => b.need.strength - a.need.strength || b.mention.start_ms - a.mention.start_ms);
  return {
    speakers: picture.call.channels.map((one) => one.speaker),
    lengthMs: soFar(picture, now),
    open: sorted.filter(({ need }) => need.status === "open"),
    answered: sorted.filter(({ need }) => need.status !== "open"),
    last: lastOf(picture),
    names: chips(picture),
  };
}

/** A need by its strongest words in this call, of those the latest; null when this call did not voice it. */
export function toldOf(need: WireNeed | undefined, callId: string): Told | null {
  const here = need?.mentions.filter((one) => one.call_id === callId) ?? [];
  const mention = here.reduce<WireMention | null>((best, one) => (best === null || one.strength >= best.strength ? one : best), null);
  return need && mention ? { need, mention } : null;
}

function lastOf(picture: Picture): Recap["last"] {
  const utterance = picture.utterances.at(-1);
  if (!utterance) return null;
  const signal = Object.values(picture.signals).reduce<SignalEvent | null>((best, one) => (best === null || one.start_ms >= best.start_ms ? one : best), null);
  const of = signal && picture.utterances.find((one) => one.utterance_id === signal.utterance_id);
  if (!signal || !of) return { signal: null, utterance, text: utterance.text };
  return { signal, utterance: of, text: [...of.text].slice(signal.start, signal.end).join("") };
}
