// The call that this tab captures, whatever view is shown: sound in, call line out, and what the page says about it.
import { useSyncExternalStore } from "react";
import { CallLine, type Ending, type Kept, type NewPart, type Phase, type Why } from "./callLine";
import { CallSocket } from "./callSocket";
import type { ConsentScope } from "./consent";
import { RATE_HZ, toMs, toSamples, type CallPlan, type PlannedChannel } from "./plan";
import * as presence from "./presence";
import { asked } from "./requests";
import { INPUTS, sound, type Block, type Input } from "./sound";
import { WallClock } from "./wallClock";

export interface Captured extends PlannedChannel {
  input: Input;
  muted: boolean;
}

export interface Capturing {
  state: "capturing";
  callId: string | null;
  account: string | null;
  phase: Phase;
  why: Why | null;
  ending: Ending | null;
  fault: { code: string; message: string } | null;
  isEnding: boolean;
  part: number;
  newPart: NewPart | null;
  waitingMs: number;
  lostMs: number;
  sleptMs: number;
  channels: readonly Captured[];
}

/** left: this tab captured a call before it was loaded again. elsewhere: another tab captures. */
export type Capture = { state: "idle" } | Capturing | { state: "left"; callId: string; account: string | null } | { state: "elsewhere"; callId: string };

interface Remembered {
  kept: Kept;
  plan: CallPlan;
  /** Wall time of the part's first sample: the clock goes on over a reload. */
  beganAtMs: number;
}

const IDLE: Capture = { state: "idle" };
/** A wait shorter than this is no news. */
const TELL_MS = 1_000;

class Running {
  private capture: Capture = IDLE;
  private line: CallLine | null = null;
  private socket: CallSocket | null = null;
  private channels: Captured[] = [];
  private clock = new WallClock();
  private beganAtMs = 0;
  private sleptMs = 0;
  private mark = "";
  private stopBlocks: (() => void) | null = null;
  private readonly listeners = new Set<() => void>();

  constructor() {
    const record = presence.remembered<Remembered>();
    if (record) this.capture = { state: "left", callId: record.kept.callId, account: record.kept.account };
    presence.watch((callId) => {
      if (this.capture.state === "idle" || this.capture.state === "elsewhere") this.set(callId === null ? IDLE : { state: "elsewhere", callId });
    });
    for (const name of ["online", "focus", "pageshow"]) window.addEventListener(name, () => this.wake());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.wake());
    window.addEventListener("beforeunload", (event) => {
      if (this.line && this.line.phase !== "over") event.preventDefault();
    });
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly snapshot = () => this.capture;

  /** Begin a call. False when another tab captures. */
  async start(plan: CallPlan): Promise<boolean> {
    if (!(await presence.claim())) return false;
    await sound.ready();
    this.run(new CallLine(plan), plan, Date.now());
    return true;
  }

  /** Go on with the call that this tab captured before it was loaded again. False when another tab does. */
  async goOn(): Promise<boolean> {
    const record = presence.remembered<Remembered>();
    if (!record || !(await presence.claim())) return false;
    await sound.ready();
    const head = toSamples(Math.max(0, Date.now() - record.beganAtMs));
    this.run(new CallLine(record.plan, Math.random, record.kept, head), record.plan, record.beganAtMs);
    return true;
  }

  /** End the call: what was captured is sent first. */
  end(): void {
    this.line?.end();
    this.socket?.tick();
    this.tell();
  }

  /** Stop at once; the service ends the call when its client stays away, what waits here is dropped. */
  giveUp(): void {
    this.line?.fail("given_up", "");
    this.finish();
  }

  /** End a call that this tab left behind. Raises `ApiError`. */
  async endLeft(): Promise<void> {
    const capture = this.capture;
    if (capture.state !== "left") return;
    await asked("POST", `/v1/calls/${encodeURIComponent(capture.callId)}/end`);
    this.forget();
  }

  /** Forget a call that is over, or was left behind. */
  forget(): void {
    if (this.line && this.line.phase !== "over") return;
    this.line = null;
    presence.remember(null);
    this.set(IDLE);
  }

  mute(channel: string, muted: boolean): void {
    this.channels = this.channels.map((one) => (one.channel === channel ? { ...one, muted } : one));
    this.tell();
  }

  /** Change what a channel's people agreed to. Without "transcript" nothing of them is sent any more. Raises `ApiError`. */
  async consent(channel: string, given: ConsentScope[]): Promise<void> {
    const { line } = this;
    const at = this.channels.findIndex((one) => one.channel === channel);
    const planned = line?.plan.channels[at];
    if (!line || !planned) return;
    // Kept in step for a further part; and silence at once, whether or not the service is there to be told.
    planned.consent = { ...planned.consent, given };
    this.channels = this.channels.map((one) => (one.channel === channel ? { ...one, consent: planned.consent } : one));
    const input = this.channels[at]?.input;
    if (!given.includes("transcript") && input) sound.close(input);
    this.tell();
    if (line.callId === null) return;
    await asked("POST", `/v1/calls/${encodeURIComponent(line.callId)}/consents`, { channel, given, wording: planned.consent.wording });
  }

  private run(line: CallLine, plan: CallPlan, beganAtMs: number): void {
    this.stopBlocks?.();
    this.line = line;
    this.beganAtMs = beganAtMs;
    this.sleptMs = 0;
    this.clock = new WallClock();
    this.channels = plan.channels.map((one) => ({ ...one, input: one.role === "rep" ? "microphone" : "tab", muted: false }));
    this.socket = new CallSocket(line, () => this.tell());
    this.stopBlocks = sound.onBlock((block) => this.take(block));
    this.tell();
  }

  private take(block: Block): void {
    const { line, socket } = this;
    if (!line || !socket) return;
    const count = (block.voices[0]?.samples.byteLength ?? 0) / 2;
    const missing = this.clock.missing(block.stampMs, count);
    if (missing > 0) {
      line.skip(missing);
      this.sleptMs += toMs(missing);
      // Shorter gaps are a busy machine; its connection lives.
      if (missing > 10 * RATE_HZ) socket.slept();
    }
    this.channels.forEach((one, at) => {
      const heard = block.voices[INPUTS.indexOf(one.input)];
      const isSilent = one.muted || !one.consent.given.includes("transcript");
      if (heard) line.push(at, isSilent ? new Int16Array(count) : new Int16Array(heard.samples));
    });
    socket.tick();
    this.tell();
  }

  private wake(): void {
    if (!this.line) return;
    sound.revive();
    this.socket?.wake();
  }

  /** Make the picture anew, and show it when it says anything else. */
  private tell(): void {
    const { line } = this;
    if (!line) return;
    const { callId, phase, why, ending, fault, isEnding, part, newPart } = line;
    const shown = { waitingMs: rounded(phase === "live" && !isEnding ? line.waitingMs - TELL_MS : line.waitingMs), lostMs: line.lostMs, sleptMs: this.sleptMs };
    this.set({ state: "capturing", callId, account: line.plan.account, phase, why, ending, fault, isEnding, part, newPart, channels: this.channels, ...shown });
    this.remember(line);
    presence.announce(phase === "over" ? null : callId);
    if (phase === "over") this.finish();
  }

  private remember(line: CallLine): void {
    const { kept } = line;
    const mark = JSON.stringify([kept, this.channels.map((one) => one.consent.given)]);
    if (kept === null || mark === this.mark) return;
    this.mark = mark;
    presence.remember({ kept, plan: line.plan, beganAtMs: this.beganAtMs + toMs(line.originSample) } satisfies Remembered);
  }

  private finish(): void {
    if (!this.socket) return;
    this.stopBlocks?.();
    this.socket.close();
    this.socket = this.stopBlocks = null;
    sound.stop();
    presence.leave();
    presence.remember(null);
    this.tell();
  }

  private set(capture: Capture): void {
    if (same(this.capture, capture)) return;
    this.capture = capture;
    for (const listener of this.listeners) listener();
  }
}

const rounded = (ms: number): number => Math.max(0, Math.floor(ms / 1000) * 1000);

function same(one: Capture, other: Capture): boolean {
  const [a, b] = [one as unknown as Record<string, unknown>, other as unknown as Record<string, unknown>];
  return Object.keys(b).length === Object.keys(a).length && Object.keys(b).every((key) => Object.is(a[key], b[key]));
}

export const running = new Running();

export function useCapture(): Capture {
  return useSyncExternalStore(running.subscribe, running.snapshot);
}

export function useSources() {
  return useSyncExternalStore(sound.subscribe, sound.snapshot);
}
