// Keeps what is equal identical from one picture to the next, so that memoised parts of the page are drawn once. Pure.
import type { SignalEvent, UtteranceEvent } from "./wire";

function sameRows<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

/** Signals by their utterance; a group that did not change is the one of before. */
export function groupedBy(before: ReadonlyMap<string, SignalEvent[]>, signals: Record<string, SignalEvent>): Map<string, SignalEvent[]> {
  const groups = new Map<string, SignalEvent[]>();
  for (const signal of Object.values(signals)) {
    const group = groups.get(signal.utterance_id);
    if (group) group.push(signal);
    else groups.set(signal.utterance_id, [signal]);
  }
  for (const [id, group] of groups) {
    const known = before.get(id);
    if (known && sameRows(known, group)) groups.set(id, known);
  }
  return groups;
}

/** Lines of the transcript that are drawn, and left alone, together. */
export interface Block {
  lines: UtteranceEvent[];
  /** The line before the first, which tells whether the first goes on with the same voice. */
  before: UtteranceEvent | undefined;
}

export const BLOCK_LINES = 40;

/** Cut utterances into blocks; a block that did not change is the one of before. */
export function blocksOf(before: readonly Block[], utterances: readonly UtteranceEvent[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < utterances.length; at += BLOCK_LINES) {
    const block = { lines: utterances.slice(at, at + BLOCK_LINES), before: utterances[at - 1] };
    const known = before[blocks.length];
    blocks.push(known && known.before === block.before && sameRows(known.lines, block.lines) ? known : block);
  }
  return blocks;
}
