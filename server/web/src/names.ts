// What a call names: competitors, people, amounts, dates. Pure.
import type { Picture } from "./state";
import type { WireNamed, WireThing } from "./wire";

/** The order of the line above a call. */
const ORDER: readonly WireThing["type"][] = ["competitor", "account", "product", "organisation", "person", "amount", "date"];

/** One thing with the utterance that named it last, and how often it was named. */
export interface Chip extends WireThing {
  utteranceId: string;
  times: number;
}

/** Everything named so far without those on the call: by type, what is named most often first. */
export function chips(picture: Picture): Chip[] {
  const speakers = new Set(picture.call.channels.map((one) => one.speaker));
  const found = new Map<string, Chip>();
  for (const utterance of picture.utterances) {
    for (const { type, name } of namesIn(picture, utterance.utterance_id, utterance.revision)) {
      if (type === "person" && speakers.has(name)) continue;
      if (type === "account" && name === picture.call.account) continue;
      const key = `${type} ${name.toLowerCase()}`;
      const before = found.get(key);
      found.set(key, { type, name: before?.name ?? name, utteranceId: utterance.utterance_id, times: (before?.times ?? 0) + 1 });
    }
  }
  return [...found.values()].sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type) || b.times - a.times);
}

/** What an utterance names in this revision. */
export function namesIn(picture: Picture, utteranceId: string, revision: number): readonly WireNamed[] {
  const named = picture.named[utteranceId];
  return named?.revision === revision ? named.things : NONE;
}

const NONE: readonly WireNamed[] = [];
