// The need graph as it was at a moment of the call. Pure; what was said in earlier calls was there from the start.
import type { Picture } from "./state";
import type { WireMention, WireNeed, WireStatusChange } from "./wire";

/** The call's length so far in milliseconds: its end, else the last words. */
export function lengthOf(picture: Picture): number {
  const said = picture.utterances.map((one) => one.end_ms);
  return picture.ended?.end_ms ?? Math.max(0, ...said);
}

/** The picture with the needs as they stood when the call was so old. */
export function pictureAt(picture: Picture, atMs: number): Picture {
  const callId = picture.call.call_id;
  const needs = Object.values(picture.needs)
    .map((need) => needAt(need, callId, atMs, picture.ended !== null))
    .filter((need): need is WireNeed => need !== undefined);
  const there = Object.fromEntries(needs.map((need) => [need.need_id, need]));
  return { ...picture, needs: there, order: picture.order.filter((id) => id in there) };
}

function needAt(need: WireNeed, callId: string, atMs: number, ended: boolean): WireNeed | undefined {
  const mentions = need.mentions.filter((one) => one.call_id !== callId || one.end_ms <= atMs);
  if (mentions.length === 0) return undefined;
  // What a person decided about an ended call was decided after it.
  const later = (one: WireStatusChange) => one.start_ms > atMs || (ended && one.utterance_id === null);
  const changes = need.changes.filter((one) => one.call_id !== callId || !later(one));
  if (mentions.length === need.mentions.length && changes.length === need.changes.length) return need;
  const leading = mentions.reduce((best, one) => (one.strength >= best.strength ? one : best));
  return {
    ...need,
    mentions,
    changes,
    status: statusAfter(mentions, changes, callId),
    strength: leading.strength,
    label: leading.text,
    raised_by: [...new Set(mentions.map((one) => one.speaker))],
  };
}

/** As `status_after` in graph/needs.py: the last step counts, unless the want was voiced again after it. */
function statusAfter(mentions: WireMention[], changes: WireStatusChange[], callId: string): WireNeed["status"] {
  const last = changes.at(-1);
  if (!last) return "open";
  const again = mentions.some(
    (one) => one.utterance_id !== last.utterance_id && one.call_id === callId && (last.call_id !== callId || one.start_ms > last.start_ms),
  );
  return again && last.status !== "confirmed" ? "open" : last.status;
}
