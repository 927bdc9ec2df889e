// Which need holds a signal, and which needs another one may be the same as. Pure.
import type { Picture } from "./state";
import type { WireNeed } from "./wire";

/** The need whose mentions hold this signal: after joining or parting it is not the one the signal came with. */
export function needHolding(picture: Picture, signalId: string | undefined): WireNeed | undefined {
  if (signalId === undefined) return undefined;
  return Object.values(picture.needs).find((need) => need.mentions.some((one) => one.signal_id === signalId));
}

/** Needs of one kind without this one, each once: of this call first, then of earlier calls. */
export function likes(need: WireNeed, here: Picture["needs"], earlier: readonly WireNeed[]): { need: WireNeed; here: boolean }[] {
  const fits = (one: WireNeed) => one.kind === need.kind && one.need_id !== need.need_id;
  return [
    ...Object.values(here).filter(fits).map((one) => ({ need: one, here: true })),
    ...earlier.filter((one) => fits(one) && !(one.need_id in here)).map((one) => ({ need: one, here: false })),
  ];
}
