// What a call is started with: its people, their consent, the frames that say so.
import type { ConsentScope } from "./consent";

export type Role = "rep" | "customer";

export interface PlannedChannel {
  channel: string;
  role: Role;
  speaker: string;
  consent: { given: ConsentScope[]; wording: string };
}

export interface CallPlan {
  account: string | null;
  /** Two letters, or "auto". */
  language: string;
  channels: PlannedChannel[];
}

/** Samples a second of everything that is captured; the recogniser's own rate. */
export const RATE_HZ = 16_000;
/** A frame of the worklet: 100 ms, what the service's own client sends. */
export const BLOCK_SAMPLES = 1600;
const HEADER_BYTES = 12;

export const toMs = (samples: number): number => Math.floor((samples * 1000) / RATE_HZ);
export const toSamples = (ms: number): number => Math.round((ms * RATE_HZ) / 1000);

export function startFrame(plan: CallPlan, account: string | null): string {
  return JSON.stringify({
    type: "start",
    ...(account === null ? {} : { account }),
    language: plan.language,
    channels: plan.channels,
    encoding: "s16le",
    sample_rate_hz: RATE_HZ,
  });
}

/** Channel (u8), three zero bytes, position (u64, little-endian), then the samples as they are (s16le). */
export function audioFrame(channel: number, position: number, samples: Int16Array): ArrayBuffer {
  const frame = new ArrayBuffer(HEADER_BYTES + samples.length * 2);
  const header = new DataView(frame);
  header.setUint8(0, channel);
  header.setBigUint64(4, BigInt(position), true);
  // Every browser's machine is little-endian.
  new Int16Array(frame, HEADER_BYTES).set(samples);
  return frame;
}
