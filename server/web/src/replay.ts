// Where kept audio lies on the call's clock, what is heard at a moment, and why there is none. Pure.
import type { CallAudio } from "./bodies";
import type { Picture } from "./state";
import type { UtteranceEvent } from "./wire";

/** A stretch of one channel's audio, in milliseconds of the call. */
export interface Segment {
  key: string;
  channel: string;
  number: number;
  startMs: number;
  endMs: number;
}

/** The call's moment `atMs` is heard when the sound's clock says `at_s`. */
export interface Anchor {
  atMs: number;
  at_s: number;
  speed: number;
}

/** Sound that is fetched ahead; several segments of 10 s, so that a slow network is not heard. */
const AHEAD_MS = 25_000;

export function segmentsOf(audio: CallAudio | null): Segment[] {
  return (audio?.channels ?? []).flatMap(({ channel, segments }) =>
    segments.map(({ number, start_ms, end_ms }) => ({ key: `${number} ${channel}`, channel, number, startMs: start_ms, endMs: end_ms })));
}

/** What has to be held to go on from a moment; what is not in it may be dropped. */
export function wanted(segments: readonly Segment[], atMs: number, speed: number): Segment[] {
  return segments.filter((one) => one.endMs > atMs && one.startMs < atMs + AHEAD_MS * speed);
}

export function momentAt(anchor: Anchor, now_s: number): number {
  return anchor.atMs + (now_s - anchor.at_s) * 1000 * anchor.speed;
}

/** When a segment sounds on the sound's clock, and which part of it; null when it is over. All channels go by one anchor. */
export function placed(segment: Segment, anchor: Anchor, now_s: number): { when_s: number; fromMs: number; lengthMs: number } | null {
  const starts = anchor.at_s + (segment.startMs - anchor.atMs) / 1000 / anchor.speed;
  const late = Math.max(0, now_s - starts, (anchor.atMs - segment.startMs) / 1000 / anchor.speed);
  const fromMs = late * 1000 * anchor.speed;
  const lengthMs = segment.endMs - segment.startMs - fromMs;
  return lengthMs > 0 ? { when_s: starts + late, fromMs, lengthMs } : null;
}

/** What is being said at a moment; of each channel at most one. */
export function sayingAt(utterances: readonly UtteranceEvent[], atMs: number): UtteranceEvent[] {
  return utterances.filter((one) => one.start_ms <= atMs && atMs < one.end_ms);
}

/** The words of an utterance around the one that is said at a moment; all of them when words have no times. */
export function spoken({ text, words }: Pick<UtteranceEvent, "text" | "words">, atMs: number): { before: string; now: string; after: string } {
  if (words.length === 0) return { before: "", now: text, after: "" };
  let from = 0;
  for (const word of words) {
    const found = text.indexOf(word.text.trim(), from);
    if (found < 0) continue;
    const end = found + word.text.trim().length;
    if (atMs < word.end_ms) {
      const begun = word.start_ms <= atMs;
      return { before: text.slice(0, found), now: begun ? text.slice(found, end) : "", after: text.slice(begun ? end : found) };
    }
    from = end;
  }
  return { before: text, now: "", after: "" };
}

/** Characters of a caption before the word that is said; the line cuts what follows. */
const BEFORE_CHARS = 48;

/** The end of what was said before, from a whole word on. */
export function shortened(before: string): string {
  if (before.length <= BEFORE_CHARS) return before;
  const tail = before.slice(-BEFORE_CHARS);
  return `…${tail.slice(tail.indexOf(" ") + 1)}`;
}

export type Silence = { all: true; why: "nobodyAsked" | "nobodyAgreed" | "gone" } | { all: false; names: string[] };

/** Why there is no sound, or whose is missing; null when everybody can be heard. */
export function silenceOf(picture: Pick<Picture, "call" | "consents">, audio: CallAudio): Silence | null {
  const heard = new Set(segmentsOf(audio).map((one) => one.channel));
  const missing = picture.call.channels.filter((one) => !heard.has(one.channel));
  if (missing.length === 0) return null;
  if (heard.size > 0) return { all: false, names: missing.map((one) => one.speaker) };
  const asked = Object.values(picture.consents);
  if (asked.length === 0) return { all: true, why: "nobodyAsked" };
  return { all: true, why: asked.some((one) => one.given.includes("audio")) ? "gone" : "nobodyAgreed" };
}
