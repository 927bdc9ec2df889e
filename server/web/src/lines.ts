// A line of the transcript as it is drawn: words cut where signals, hedges and names begin and end. Pure.
import { hedges, pieces, timing } from "./text";
import type { SignalEvent, WireHedging, WireNamed } from "./wire";

export interface Cut {
  text: string;
  signals: SignalEvent[];
  name: WireNamed | undefined;
  /** Part of a wording by which somebody hedges, puts off or fills. */
  hedging: WireHedging["name"] | undefined;
  /** The first words of a hesitation whose timing tells something as well. */
  timed: boolean;
}

type Mark = { start: number; end: number } & ({ signal: SignalEvent } | { name: WireNamed } | { hedging: WireHedging });

export function cutLine(text: string, signals: readonly SignalEvent[], names: readonly WireNamed[]): Cut[] {
  const marks: Mark[] = [
    ...signals.map((signal) => ({ start: signal.start, end: signal.end, signal })),
    ...names.map((name) => ({ start: name.start, end: name.end, name })),
    ...signals.flatMap((one) => one.hedging.map((hedging) => ({ start: hedging.start, end: hedging.end, hedging }))),
  ];
  const begun = new Set<string>();
  return pieces(text, marks).map((piece) => {
    const found = piece.marks.flatMap((one) => ("signal" in one ? [one.signal] : []));
    const fresh = found.filter((one) => one.cues.length > 0 && !begun.has(one.id));
    fresh.forEach((one) => begun.add(one.id));
    return {
      text: piece.text,
      signals: found,
      name: piece.marks.flatMap((one) => ("name" in one ? [one.name] : []))[0],
      hedging: piece.marks.flatMap((one) => ("hedging" in one ? [one.hedging.name] : []))[0],
      timed: fresh.length > 0,
    };
  });
}

/** What tells of a signal beside its type: its timing against the speaker's habit, and its hedged words. */
export function evidenceOf(text: string, signal: SignalEvent): string[] {
  return [...signal.cues.map(timing), ...hedges(text, signal.hedging)];
}

/** A text longer than this, in UTF-16 units, is folded: about ten lines of a pane. */
export const LONG = 700;
