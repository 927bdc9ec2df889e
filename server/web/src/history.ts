// The need graph as it was at a moment of the call. Pure; what was said in earlier calls was there from the start.
import type { Picture } from "./state";
import type { WireMention, WireNeed, WireStatusChange } from "./wire";

/** The call's length so far in milliseconds: its end, else the last words. */
export function lengthOf(picture: Picture): number {
  return picture.ended?.end_ms ?? picture.utterances.reduce((last, one) => Math.max(last, one.end_ms), 0);
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
    ...statusAfter(mentions, changes, callId),
    strength: leading.strength,
    label: leading.text,
    raised_by: [...new Set(mentions.map((one) => one.speaker))],
  };
}

type Stands = Pick<WireNeed, "status" | "disputed_by">;

/** As `status_after` in graph/needs.py: the last step counts, a want voiced again is open again, and customers withdraw only for themselves. */
function statusAfter(mentions: WireMention[], changes: WireStatusChange[], callId: string): Stands {
  let status: WireNeed["status"] = "open";
  let settledIn: string | null = null;
  const wantedBy = new Set<string>();
  const against = new Map<string, string>();
  for (const one of inTime(mentions, changes, callId)) {
    if (!("status" in one)) {
      wantedBy.add(one.speaker);
      if (against.get(one.speaker) !== one.utterance_id) against.delete(one.speaker);
      if (status !== "confirmed" && settledIn !== one.utterance_id) status = "open";
      continue;
    }
    if (one.utterance_id === null) {
      if (status === "withdrawn" && settledIn !== null && one.status !== "withdrawn") against.clear();
    } else if (one.speaker !== null) {
      if (one.status === "withdrawn") against.set(one.speaker, one.utterance_id);
      if (one.status === "confirmed") against.delete(one.speaker);
    }
    const allWithdrew = wantedBy.size > 0 && [...wantedBy].every((name) => against.has(name));
    if (one.status === "withdrawn" && one.utterance_id !== null && !allWithdrew) continue;
    status = one.status;
    settledIn = one.utterance_id;
  }
  return { status, disputed_by: status === "withdrawn" ? [] : [...against.keys()] };
}

/** Voicings and steps in the order of their time: earlier calls first; of one moment, what is voiced before what it does. */
function inTime(mentions: WireMention[], changes: WireStatusChange[], callId: string): (WireMention | WireStatusChange)[] {
  const began = new Map(mentions.map((one) => [one.call_id, Date.parse(one.started_at ?? "") || 0]));
  const moments = [
    ...mentions.map((one) => ({ one, call: began.get(one.call_id) ?? 0, after: 0 })),
    ...changes.map((one) => ({ one, call: began.get(one.call_id) ?? Date.parse(one.at), after: 1 })),
  ];
  const open = (call: string) => Number(call === callId);
  moments.sort((a, b) => open(a.one.call_id) - open(b.one.call_id) || a.call - b.call || a.one.start_ms - b.one.start_ms || a.after - b.after);
  return moments.map(({ one }) => one);
}
