// How old a need is, as a person on the call would say it. Pure.
import i18next from "i18next";
import { clock } from "./text";
import { locale } from "./words";
import type { WireMention, WireNeed } from "./wire";

const MINUTE_MS = 60_000;

/** Voiced in other calls only. */
export function isEarlier(need: Pick<WireNeed, "mentions">, callId: string): boolean {
  return need.mentions.length > 0 && need.mentions.every((one) => one.call_id !== callId);
}

/** Whole minutes since a need was voiced last in this call; null when it was not, or when the call stands still. */
export function minutesSince(need: Pick<WireNeed, "mentions">, callId: string, nowMs: number | null): number | null {
  if (nowMs === null) return null;
  const said = need.mentions.reduce((last, one) => (one.call_id === callId ? Math.max(last, one.end_ms) : last), -1);
  return said < 0 ? null : Math.max(0, Math.floor((nowMs - said) / MINUTE_MS));
}

/** When it was voiced last: "2 min ago" in a running call, its second in one that ended, else "3 Nov call". */
export function ageOf(need: Pick<WireNeed, "mentions">, callId: string, minutes: number | null): string {
  const here = need.mentions.filter((one) => one.call_id === callId);
  if (here.length === 0) return earlier(need.mentions);
  if (minutes === null) return clock(Math.max(...here.map((one) => one.start_ms)));
  return minutes < 1 ? i18next.t("call:age.now") : i18next.t("call:age.minutes", { count: minutes });
}

function earlier(mentions: readonly WireMention[]): string {
  const last = mentions.map((one) => one.started_at).filter((one): one is string => one !== null).sort().at(-1);
  if (last === undefined) return i18next.t("call:need.before");
  return i18next.t("call:age.call", { date: new Date(last).toLocaleDateString(locale(), { day: "numeric", month: "short" }) });
}
