// The review queue as the page holds it: rows of the pages read so far. Pure.
import type { AnnotationPage, AnnotationRow } from "./bodies";

export interface Queue {
  rows: AnnotationRow[];
  next: string | null;
}

/** The queue with one more page; a row that is there already stays where it is and as it is. */
export function taken(queue: Queue | null, page: AnnotationPage): Queue {
  const known = new Set(queue?.rows.map((one) => one.annotation_id));
  return { rows: [...(queue?.rows ?? []), ...page.rows.filter((one) => !known.has(one.annotation_id))], next: page.next };
}

/** A row was taken back, by this undo. */
export function undone(queue: Queue, id: string, by: string): Queue {
  return changed(queue, id, { undone: true, undone_by: by });
}

/** A row stands again: its undo was taken back. */
export function redone(queue: Queue, id: string, _by: string): Queue {
  return changed(queue, id, { undone: false, undone_by: null });
}

function changed(queue: Queue, id: string, what: Pick<AnnotationRow, "undone" | "undone_by">): Queue {
  return { ...queue, rows: queue.rows.map((one) => (one.annotation_id === id ? { ...one, ...what } : one)) };
}
