import type { Span } from "../text";

export interface Selected {
  /** The utterance's id. */
  id: string;
  /** UTF-16 offsets into its text. */
  units: Span;
  /** Bottom and left of the selection on the screen, in pixels. */
  bottom: number;
  left: number;
}

/** The person's selection when it lies within the words of one utterance inside `root`. */
export function unitsOfSelection(root: HTMLElement | null): Selected | null {
  const selection = window.getSelection();
  if (!root || !selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const holder = wordsAround(range.startContainer);
  const id = holder?.dataset["words"];
  if (!holder || !id || !root.contains(holder)) return null;
  const before = document.createRange();
  before.selectNodeContents(holder);
  before.setEnd(range.startContainer, range.startOffset);
  const inside = range.cloneRange();
  if (wordsAround(range.endContainer) !== holder) inside.setEnd(holder, holder.childNodes.length);
  const start = before.toString().length;
  const end = start + inside.toString().length;
  if (end <= start) return null;
  const { bottom, left } = range.getBoundingClientRect();
  return { id, units: { start, end }, bottom, left };
}

function wordsAround(node: Node): HTMLElement | null {
  const element = node instanceof HTMLElement ? node : node.parentElement;
  return element?.closest<HTMLElement>("[data-words]") ?? null;
}
