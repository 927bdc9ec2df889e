// Search in the words of a call. Pure.
import type { UtteranceEvent } from "./wire";

/** Where a search found something; offsets in UTF-16 units of the utterance's text. */
export interface Found {
  utteranceId: string;
  start: number;
  end: number;
}

/** More than these are counted as these: nobody walks through so many. */
export const FOUND_LIMIT = 1000;

/** Every place of `query`, in any case, in the order of the call; blanks in it stand for any blanks. */
export function find(utterances: readonly UtteranceEvent[], query: string): Found[] {
  const parts = query.trim().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return [];
  const pattern = new RegExp(parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("\\s+"), "giu");
  const found: Found[] = [];
  for (const { utterance_id, text } of utterances) {
    for (const hit of text.matchAll(pattern)) {
      found.push({ utteranceId: utterance_id, start: hit.index, end: hit.index + hit[0].length });
      if (found.length >= FOUND_LIMIT) return found;
    }
  }
  return found;
}
