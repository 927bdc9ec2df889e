// How a call is doing: who is heard, how late words are, what is lost. Pure; texts are the page's own.
import type { Connection, Picture } from "./state";
import type { HealthEvent, WireConsent } from "./wire";

export type Heard = "speaking" | "heard" | "quiet" | "waiting" | "silent" | "clipped" | "echo" | "delayed" | "not_consented" | "ended" | "nothing";

export interface ChannelHealth {
  channel: string;
  speaker: string;
  heard: Heard;
  /** Since when nothing was said, in whole minutes; of `quiet` alone. */
  quietMin: number;
}

export type Kept = { kept: "all" | "none" | "unknown" | "transcript" } | { kept: "some"; speakers: string[] };

export interface Trouble {
  /** What `words/…/health.ts` says of it; null when the service gave a message of its own only. */
  code: Exclude<HealthEvent["code"], null> | "connection" | "waiting" | null;
  message: string;
  speaker: string;
  other: string;
}

export interface Health {
  channels: ChannelHealth[];
  /** Median time from the end of speech to its final words; null before the first. */
  delayMs: number | null;
  recognition: "ok" | "behind" | "lossy";
  graph: "ok" | "catching" | "unstored" | "adapter";
  kept: Kept;
  connection: Connection;
  troubles: Trouble[];
}

/** Somebody who has said nothing for so long is called quiet: a calm word, they may be listening. */
const QUIET_MS = 120_000;
/** A channel on which nothing at all was heard for so long since the start is worth a look. */
const WAITING_MS = 20_000;
/** Beyond this a viewer would notice; product.md §4 asks for finals 1 to 1.5 s behind speech. */
export const LATE_MS = 4000;

const FAULTS = ["silent", "clipped", "echo", "delayed", "not_consented"] as const;

export function healthOf(picture: Picture, connection: Connection, nowMs: number): Health {
  const broken = Object.values(picture.health).filter((one) => !one.ok);
  const channels = channelsOf(picture, broken, nowMs);
  return {
    channels,
    delayMs: median(picture.delaysMs),
    recognition: recognitionOf(broken),
    graph: graphOf(broken),
    kept: keptOf(picture),
    connection,
    troubles: troublesOf(picture, broken, channels, connection),
  };
}

function channelsOf(picture: Picture, broken: HealthEvent[], nowMs: number): ChannelHealth[] {
  const words = lastWords(picture);
  const callMs = nowMs - Date.parse(picture.call.started_at);
  return picture.call.channels.map(({ channel, speaker }) => {
    const speech = picture.speech[channel];
    const last = Math.max(words.get(channel) ?? -1, speech?.atMs ?? -1);
    const speaking = speech?.speaking === true || Object.values(picture.partials).some((one) => one.channel === channel);
    const fault = broken.find((one) => one.part === "audio" && one.channel === channel);
    const quietMs = callMs - last;
    let heard: Heard = "heard";
    if (picture.ended) heard = last >= 0 ? "ended" : "nothing";
    else if (fault) heard = FAULTS.find((one) => one === fault.code) ?? "silent";
    else if (speaking) heard = "speaking";
    else if (last < 0) heard = "waiting";
    else if (quietMs >= QUIET_MS) heard = "quiet";
    return { channel, speaker, heard, quietMin: heard === "quiet" ? Math.floor(quietMs / 60_000) : 0 };
  });
}

/** The end of the last final words of each channel; from the end, until every channel was met. */
function lastWords(picture: Picture): Map<string, number> {
  const found = new Map<string, number>();
  for (let at = picture.utterances.length - 1; at >= 0 && found.size < picture.call.channels.length; at -= 1) {
    const one = picture.utterances[at];
    if (one && !found.has(one.channel)) found.set(one.channel, one.end_ms);
  }
  return found;
}

function recognitionOf(broken: HealthEvent[]): Health["recognition"] {
  const of = broken.filter((one) => one.part === "recognition");
  if (of.length === 0) return "ok";
  return of.every((one) => one.code === "words_late") ? "behind" : "lossy";
}

function graphOf(broken: HealthEvent[]): Health["graph"] {
  if (broken.some((one) => one.part === "journal" || one.code === "not_stored")) return "unstored";
  if (broken.some((one) => one.part === "graph")) return "catching";
  return broken.some((one) => one.part === "adapter") ? "adapter" : "ok";
}

function keptOf(picture: Picture): Kept {
  const { channels } = picture.call;
  const given = channels.map(({ channel }): WireConsent | undefined => picture.consents[channel]);
  if (given.every((one) => one === undefined)) return { kept: "unknown" };
  const speakers = channels.filter((_, at) => given[at]?.given.includes("audio")).map((one) => one.speaker);
  if (speakers.length === channels.length) return { kept: "all" };
  if (speakers.length > 0) return { kept: "some", speakers };
  return { kept: given.some((one) => one?.given.includes("transcript")) ? "transcript" : "none" };
}

function troublesOf(picture: Picture, broken: HealthEvent[], channels: ChannelHealth[], connection: Connection): Trouble[] {
  const name = (channel: string | null) => picture.call.channels.find((one) => one.channel === channel)?.speaker ?? channel ?? "";
  const said = broken.map((one): Trouble => ({ code: one.code, message: one.message, speaker: name(one.channel), other: name(one.heard) }));
  const lost: Trouble[] = connection === "reconnecting" ? [{ code: "connection", message: "", speaker: "", other: "" }] : [];
  const late = picture.utterances.some((one) => one.end_ms > WAITING_MS);
  const unheard = channels.filter((one) => one.heard === "waiting" && late);
  return [...lost, ...said, ...unheard.map(({ speaker }): Trouble => ({ code: "waiting", message: "", speaker, other: "" }))];
}

export function median(rows: readonly number[]): number | null {
  if (rows.length === 0) return null;
  const sorted = [...rows].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
