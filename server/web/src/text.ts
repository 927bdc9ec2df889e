import i18next from "i18next";
import type { WireCue, WireHedging } from "./wire";
import { locale } from "./words";

// Offsets on the wire count Unicode code points; JavaScript strings and DOM ranges count UTF-16 units.

/** Half-open range; of code points or of UTF-16 units, as the name of the variable says. */
export interface Span {
  start: number;
  end: number;
}

/** Code points before the UTF-16 offset `unit`; an offset inside a surrogate pair counts the pair. */
export function toCodePoints(text: string, unit: number): number {
  let count = 0;
  for (let at = 0; at < unit && at < text.length; count += 1) at += width(text, at);
  return count;
}

/** The UTF-16 offset of code point `point`, at most the text's length. */
export function toUnits(text: string, point: number): number {
  let at = 0;
  for (let count = 0; count < point && at < text.length; count += 1) at += width(text, at);
  return at;
}

function width(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** The words of a span given in code points. */
export function quote(text: string, points: Span): string {
  return text.slice(toUnits(text, points.start), toUnits(text, points.end));
}

/** UTF-16 ranges of the words of a text; in scripts without spaces, of their dictionary words. */
export function words(text: string): Span[] {
  const found: Span[] = [];
  for (const part of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) {
    if (part.isWordLike) found.push({ start: part.index, end: part.index + part.segment.length });
  }
  return found;
}

/** Widen a UTF-16 range to the whole words it touches; null where it touches none. */
export function snap(text: string, units: Span): Span | null {
  const touched = words(text).filter((word) => word.start < units.end && word.end > units.start);
  const [first, last] = [touched[0], touched.at(-1)];
  return first && last ? { start: first.start, end: last.end } : null;
}

/** Snap UTF-16 offsets to words and give code points. */
export function selectedPoints(text: string, units: Span): Span | null {
  const range = snap(text, units);
  return range && { start: toCodePoints(text, range.start), end: toCodePoints(text, range.end) };
}

/** Move one edge of a code-point span by one word; the span never becomes empty. */
export function moveEdge(text: string, points: Span, edge: "start" | "end", step: 1 | -1): Span {
  const units = { start: toUnits(text, points.start), end: toUnits(text, points.end) };
  const edges = words(text).map((word) => word[edge]);
  const next = step > 0 ? edges.find((at) => at > units[edge]) : edges.findLast((at) => at < units[edge]);
  if (next === undefined) return points;
  const moved = { ...units, [edge]: next };
  if (moved.start >= moved.end) return points;
  return { start: toCodePoints(text, moved.start), end: toCodePoints(text, moved.end) };
}

/** A run of text and the marks that cover all of it. */
export interface Piece<M> {
  text: string;
  marks: M[];
}

/** Cut a text at the edges of marks (code points), so that overlapping marks can be drawn. */
export function pieces<M extends Span>(text: string, marks: readonly M[]): Piece<M>[] {
  const ranges = marks.map((mark) => ({ mark, start: toUnits(text, mark.start), end: toUnits(text, mark.end) }));
  const cuts = [...new Set([0, text.length, ...ranges.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, at) => {
    const end = cuts[at + 1] ?? text.length;
    const covering = ranges.filter((range) => range.start <= start && range.end >= end);
    return { text: text.slice(start, end), marks: covering.map(({ mark }) => mark) };
  });
}

/** Milliseconds as m:ss, or h:mm:ss from an hour up. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = String(s).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

/** When something was said: its place in the call that is open, or the date and place of another call. */
export function moment(one: { call_id: string; start_ms: number; started_at: string | null }, callId: string): string {
  if (one.call_id === callId || one.started_at === null) return clock(one.start_ms);
  const date = new Date(one.started_at).toLocaleDateString(locale(), { year: "numeric", month: "short", day: "numeric" });
  return `${date}, ${clock(one.start_ms)}`;
}

/** Who does not want it, as a sentence. */
export function disputed(people: readonly string[]): string {
  const [last, others] = [people.at(-1) ?? "", people.slice(0, -1)];
  if (others.length === 0) return i18next.t("text:disputedBy", { names: last });
  return i18next.t("text:disputedByMany", { names: i18next.t("text:and", { first: others.join(", "), last }) });
}

/** What the timing adds to the words: "waited 2.4 s, usually 0.6". */
export function timing(cue: WireCue): string {
  const silence = cue.cue === "response_gap" || cue.cue === "pause";
  const [value, usual] = silence ? [seconds(cue.value), seconds(cue.usual)] : [String(cue.value), String(cue.usual)];
  return i18next.t(`text:cue.${cue.cue}`, { value, usual });
}

const WORDINGS: WireHedging["name"][] = ["hedge", "deferral", "filler"];

/** What the choice of words adds, each kind once: hedged “maybe”, “not sure”. */
export function hedges(text: string, found: readonly WireHedging[]): string[] {
  return WORDINGS.flatMap((name) => {
    const said = [...new Set(found.filter((one) => one.name === name).map((one) => i18next.t("text:quote", { words: quote(text, one) })))];
    return said.length > 0 ? [i18next.t(`text:hedging.${name}`, { words: said.join(", ") })] : [];
  });
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
