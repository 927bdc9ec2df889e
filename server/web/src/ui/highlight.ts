// Paints what a search found without touching the document (CSS Custom Highlight API); without it lines still flash.
import type { Found } from "../find";

/** Ranges cost layout; so many are painted, the one that is shown among them. */
const PAINTED = 300;

export function highlight(root: HTMLElement | null, found: readonly Found[], current: Found | undefined): void {
  if (!("highlights" in CSS) || typeof Highlight === "undefined") return;
  CSS.highlights.delete("found");
  CSS.highlights.delete("found-now");
  if (!root || found.length === 0) return;
  const at = current ? found.indexOf(current) : 0;
  const from = Math.max(0, at - PAINTED / 2);
  const near = found.slice(from, from + PAINTED).filter((one) => one !== current);
  CSS.highlights.set("found", new Highlight(...near.flatMap((one) => rangeOf(root, one))));
  if (current) CSS.highlights.set("found-now", new Highlight(...rangeOf(root, current)));
}

function rangeOf(root: HTMLElement, { utteranceId, start, end }: Found): Range[] {
  const words = root.querySelector(`[data-words="${CSS.escape(utteranceId)}"]`);
  if (!words) return [];
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let before = 0;
  let begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (!begun && start < before + length) {
      range.setStart(node, start - before);
      begun = true;
    }
    if (begun && end <= before + length) {
      range.setEnd(node, end - before);
      return [range];
    }
    before += length;
  }
  return [];
}
