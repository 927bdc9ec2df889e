// One captured call as the service is told it: what to send next over a connection that may break. Pure: no socket, no
// timer, no clock of its own. `callSocket.ts` is the shell around it.
import type { ScreenEvent } from "../wire";
import { audioFrame, startFrame, toMs, toSamples, type CallPlan } from "./plan";
import { Voice } from "./voice";

export type CallEvent = ScreenEvent["event"];
/** away: no connection, tried again at `retryAtMs`. token: waits for a new one. */
export type Phase = "away" | "joining" | "live" | "token" | "over";
export type Why = "lost" | "busy" | "restart" | "asleep";
export type Ending = "ended" | "ended_elsewhere" | "taken_up" | "failed";
/** Why the call goes on as another one. */
export type NewPart = "restarted" | "waited_too_long" | "failed";

/** What a reloaded page needs to go on. */
export interface Kept {
  callId: string;
  resumeToken: string;
  turn: number;
  part: number;
  account: string | null;
}

/** What the journal says of a call that cannot go on: how it ended, null after a crash, and where its finals end. */
export interface Past {
  ended: string | null;
  finalMs: Readonly<Record<string, number>>;
}

/** So long a call waits for its client (server/settings.py resume_s): one that is refused sooner was lost in a restart. */
const RESUME_MS = 120_000;
const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 8_000;
/** What the service says in Retry-After, which browsers do not show of a socket that was refused. */
const BUSY_DELAY_MS = 10_000;
/** Calls that failed one after the other; more than these is no accident. */
const MOST_FAILURES = 3;

export class CallLine {
  phase: Phase = "away";
  why: Why | null = null;
  ending: Ending | null = null;
  /** Of the service's last error, for an ending that is `failed`. */
  fault: { code: string; message: string } | null = null;
  callId: string | null = null;
  part = 1;
  newPart: NewPart | null = null;
  retryAtMs = 0;
  lostSamples = 0;
  private account: string | null;
  private resumeToken: string | null = null;
  private turn = 0;
  private origin = 0;
  private delayMs = FIRST_DELAY_MS;
  private awayAtMs: number | null = null;
  private restarted = false;
  private failures = 0;
  private wantsEnd = false;
  private endSent = false;
  private readonly voices: Voice[];

  constructor(
    readonly plan: CallPlan,
    private readonly random: () => number = Math.random,
    kept: Kept | null = null,
    headSample = 0,
  ) {
    this.account = plan.account;
    this.voices = plan.channels.map(({ channel }) => new Voice(channel, headSample));
    if (!kept) return;
    ({ callId: this.callId, resumeToken: this.resumeToken, turn: this.turn, part: this.part, account: this.account } = kept);
  }

  /** What to remember for a page that is loaded again; null while the call is not accepted or over. */
  get kept(): Kept | null {
    const { callId, resumeToken, turn, part, account } = this;
    return callId === null || resumeToken === null || this.phase === "over" ? null : { callId, resumeToken, turn, part, account };
  }

  /** Audio that the service does not have yet, of the voice that waits longest. */
  get waitingMs(): number {
    return toMs(Math.max(0, ...this.voices.map((one) => one.waiting)));
  }

  get lostMs(): number {
    return toMs(this.lostSamples);
  }

  /** Audio in memory, of the voice that holds most. */
  get heldMs(): number {
    return toMs(Math.max(0, ...this.voices.map((one) => one.held)));
  }

  /** Position of this part's first sample since the capture began. */
  get originSample(): number {
    return this.origin;
  }

  push(channel: number, samples: Int16Array): void {
    const voice = this.voices[channel];
    if (!voice || this.phase === "over" || this.wantsEnd) return;
    this.lostSamples += voice.push(samples);
  }

  /** Nothing was captured for so long, on any channel: the clock moves on, the service fills in silence. */
  skip(count: number): void {
    if (this.phase !== "over" && !this.wantsEnd) for (const voice of this.voices) voice.skip(count);
  }

  /** Whether a connection should be opened now. */
  wants(nowMs: number): boolean {
    // A clock that was set back must not keep a call waiting.
    return this.phase === "away" && (nowMs >= this.retryAtMs || this.retryAtMs - nowMs > 2 * BUSY_DELAY_MS);
  }

  connecting(): void {
    if (this.phase === "away") this.phase = "joining";
  }

  /** Whether the next connection goes on with a call that the service holds: it is not refused for want of room. */
  get resumes(): boolean {
    return this.resumeToken !== null;
  }

  /** The first frame of a connection that opened. */
  opening(): string {
    if (!this.resumes) return startFrame(this.plan, this.account);
    return JSON.stringify({ type: "resume", call_id: this.callId, resume_token: this.resumeToken, turn: this.turn });
  }

  receive(event: CallEvent, nowMs: number): void {
    if (this.phase === "over") return;
    switch (event.type) {
      case "call_started":
        this.callId = event.call_id;
        this.resumeToken = event.resume_token;
        // Part two of a call without an account belongs to the first one's.
        this.account ??= event.account;
        return this.joined();
      case "resumed":
        for (const voice of this.voices) voice.goOn(this.origin + (event.samples[voice.name] ?? 0));
        return this.joined();
      case "ack":
        this.failures = 0;
        return this.voice(event.channel)?.acked(this.origin + event.samples);
      case "utterance":
        this.turn = Math.max(this.turn, event.turn);
        return this.voice(event.channel)?.spokenUpTo(this.origin + toSamples(event.end_ms));
      case "call_ended":
        if (event.reason === "service_stopped") return this.anew("restarted", nowMs);
        if (event.reason === "failed") return this.anew("failed", nowMs);
        return this.over(this.wantsEnd ? "ended" : "ended_elsewhere");
      case "error":
        this.fault = { code: event.code, message: event.message };
        return;
      default:
        return;
    }
  }

  /** The connection is closed, or never opened (1006). */
  drop(code: number, nowMs: number): void {
    if (this.phase === "over" || this.phase === "token") return;
    this.awayAtMs ??= nowMs;
    if (code === 1000 && this.endSent) return this.over("ended");
    if (code === 4401) return this.needToken();
    if (code === 4411) return this.over("taken_up");
    if (code === 4410) return this.gone(null, nowMs);
    if (code >= 4400) return this.resumeToken === null || code === 4403 ? this.over("failed") : this.anew("failed", nowMs);
    if (code === 1012) this.restarted = true;
    this.wait(code === 1013 ? "busy" : code === 1012 ? "restart" : "lost", nowMs);
  }

  /** The service no longer holds the call: another one goes on. `past` is null where nobody could be asked. */
  gone(past: Past | null, nowMs: number): void {
    if (this.phase === "over") return;
    const waited = past?.ended ? past.ended === "client_gone" : nowMs - (this.awayAtMs ?? nowMs) > RESUME_MS;
    this.anew(waited ? "waited_too_long" : "restarted", nowMs, past);
  }

  /** The service answers and had no room for the call. */
  busy(nowMs: number): void {
    if (this.phase !== "over") this.wait("busy", nowMs);
  }

  needToken(): void {
    if (this.phase !== "over") this.phase = "token";
  }

  /** Try again now: a new token, the network is back, the laptop is awake. */
  wake(nowMs: number): void {
    if (this.phase !== "away" && this.phase !== "token") return;
    this.phase = "away";
    this.delayMs = FIRST_DELAY_MS;
    this.retryAtMs = nowMs;
  }

  /** The machine slept: this connection is dead, whatever the browser still thinks of it. */
  slept(nowMs: number): void {
    if (this.phase !== "live" && this.phase !== "joining") return;
    this.awayAtMs ??= nowMs;
    this.wait("asleep", nowMs);
    this.retryAtMs = nowMs;
  }

  fail(code: string, message: string): void {
    this.fault = { code, message };
    this.over("failed");
  }

  /** End the call once everything captured so far is sent. */
  end(): void {
    this.wantsEnd = true;
  }

  get isEnding(): boolean {
    return this.wantsEnd;
  }

  /** The next frames, at most so many bytes of them (and one frame more); those of all voices in step. */
  take(bytes: number): (string | ArrayBuffer)[] {
    const frames: (string | ArrayBuffer)[] = [];
    if (this.phase !== "live" || this.endSent) return frames;
    for (let room = bytes; room > 0; ) {
      const frame = this.next();
      if (!frame) break;
      frames.push(frame);
      room -= frame.byteLength;
    }
    if (this.wantsEnd && this.voices.every((one) => one.isSent)) {
      this.endSent = true;
      frames.push(JSON.stringify({ type: "end" }));
    }
    return frames;
  }

  private next(): ArrayBuffer | null {
    for (;;) {
      const waiting = this.voices.filter((one) => !one.isSent);
      const voice = waiting.reduce<Voice | null>((first, one) => (first === null || one.cursor < first.cursor ? one : first), null);
      if (!voice) return null;
      const piece = voice.next();
      if (piece) return audioFrame(this.voices.indexOf(voice), piece.at - this.origin, piece.samples);
    }
  }

  private voice(name: string): Voice | undefined {
    return this.voices.find((one) => one.name === name);
  }

  private joined(): void {
    this.phase = "live";
    this.why = null;
    this.delayMs = FIRST_DELAY_MS;
    this.awayAtMs = null;
    this.restarted = false;
    this.fault = null;
  }

  /** The old call is gone: another one of the same account goes on with what it did not hear. */
  private anew(why: NewPart, nowMs: number, past: Past | null = null): void {
    this.failures += 1;
    if (this.failures > MOST_FAILURES) return this.over("failed");
    for (const voice of this.voices) voice.spokenUpTo(this.origin + toSamples(past?.finalMs[voice.name] ?? 0));
    // What the old call has as words is known, or else guessed: one that ended in order has all that it took.
    const crashed = past !== null || (why === "restarted" && !this.restarted);
    const starts = this.voices.map((voice) => (crashed ? voice.notFinal() : voice.notTaken()));
    this.origin = Math.min(...starts);
    this.voices.forEach((voice, at) => voice.again(starts[at] ?? this.origin, this.origin));
    this.resumeToken = null;
    this.turn = 0;
    this.part += 1;
    this.newPart = why;
    this.endSent = false;
    this.wait("restart", nowMs);
    this.retryAtMs = nowMs;
  }

  private wait(why: Why, nowMs: number): void {
    this.phase = "away";
    this.why = why;
    this.retryAtMs = nowMs + (why === "busy" ? BUSY_DELAY_MS : this.delayMs) * (0.8 + this.random() * 0.4);
    this.delayMs = Math.min(LAST_DELAY_MS, this.delayMs * 2);
  }

  private over(ending: Ending): void {
    this.phase = "over";
    this.ending = ending;
  }
}
