// One captured call as the service is told it: what to send next over a connection that may break. Pure: no socket, no
// timer, no clock of its own. `callSocket.ts` is the shell around it.
import type { ScreenEvent } from "../wire";
import { audioFrame, startFrame, toMs, toSamples, type CallPlan } from "./plan";
import { Ring } from "./ring";

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

interface Voice {
  name: string;
  ring: Ring;
  /** Next sample to send, end of what was sent, end of what the service took, end of its last final. */
  cursor: number;
  sent: number;
  taken: number;
  final: number;
}

/** Audio kept for a connection that is away: 5 minutes are 10 MB a voice. The service waits 2. */
const KEPT_MS = 300_000;
/** Taken, but not yet final: a service that crashed has lost it. Its utterances end by 14 s (asr/config.py). */
const NOT_FINAL_MS = 20_000;
/** A longer jump is made in steps of this, well below the service's limit (ingest/config.py max_gap_ms). */
const STEP_MS = 30_000;
const STONE_MS = 10;
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
    this.voices = plan.channels.map(({ channel }) => ({ name: channel, ring: new Ring(headSample), cursor: headSample, sent: 0, taken: 0, final: 0 }));
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
    return toMs(Math.max(0, ...this.voices.map((one) => one.ring.heldFrom(one.taken))));
  }

  get lostMs(): number {
    return toMs(this.lostSamples);
  }

  /** Audio in memory, of the voice that holds most. */
  get heldMs(): number {
    return toMs(Math.max(0, ...this.voices.map((one) => one.ring.held)));
  }

  /** Position of this part's first sample since the capture began. */
  get originSample(): number {
    return this.origin;
  }

  push(channel: number, samples: Int16Array): void {
    const voice = this.voices[channel];
    if (!voice || this.phase === "over" || this.wantsEnd) return;
    voice.ring.append(samples);
    this.lostSamples += voice.ring.bound(toSamples(KEPT_MS), voice.taken);
  }

  /** Nothing was captured for so long, on any channel: the clock moves on, the service fills in silence. */
  skip(count: number): void {
    if (this.phase !== "over" && !this.wantsEnd) for (const voice of this.voices) voice.ring.hole(count);
  }

  /** Whether a connection should be opened now. */
  wants(nowMs: number): boolean {
    // A clock that was set back must not keep a call waiting.
    return this.phase === "away" && (nowMs >= this.retryAtMs || this.retryAtMs - nowMs > 2 * BUSY_DELAY_MS);
  }

  connecting(): void {
    if (this.phase === "away") this.phase = "joining";
  }

  /** The first frame of a connection that opened. */
  opening(): string {
    if (this.resumeToken === null) return startFrame(this.plan, this.account);
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
        for (const voice of this.voices) this.goOn(voice, this.origin + (event.samples[voice.name] ?? 0));
        return this.joined();
      case "ack":
        return this.acked(event.channel, event.samples);
      case "utterance":
        this.turn = Math.max(this.turn, event.turn);
        for (const voice of this.voices) if (voice.name === event.channel) voice.final = this.origin + toSamples(event.end_ms);
        return;
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
    if (code === 4410) return this.anew(nowMs - this.awayAtMs > RESUME_MS ? "waited_too_long" : "restarted", nowMs);
    if (code >= 4400) return this.resumeToken === null || code === 4403 ? this.over("failed") : this.anew("failed", nowMs);
    if (code === 1012) this.restarted = true;
    this.wait(code === 1013 ? "busy" : code === 1012 ? "restart" : "lost", nowMs);
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
    if (this.wantsEnd && this.voices.every((one) => one.cursor >= one.ring.head)) {
      this.endSent = true;
      frames.push(JSON.stringify({ type: "end" }));
    }
    return frames;
  }

  private next(): ArrayBuffer | null {
    const waiting = this.voices.filter((one) => one.cursor < one.ring.head);
    const voice = waiting.reduce<Voice | null>((first, one) => (first === null || one.cursor < first.cursor ? one : first), null);
    if (!voice) return null;
    const chunk = voice.ring.from(voice.cursor);
    if (!chunk) return null;
    if (!chunk.samples) {
      voice.cursor = chunk.at + chunk.count;
      return this.next();
    }
    const step = toSamples(STEP_MS);
    if (chunk.at - voice.sent > step) return this.frame(voice, voice.sent + step - toSamples(STONE_MS), new Int16Array(toSamples(STONE_MS)));
    voice.cursor = chunk.at + chunk.count;
    return this.frame(voice, chunk.at, chunk.samples);
  }

  private frame(voice: Voice, at: number, samples: Int16Array): ArrayBuffer {
    voice.sent = at + samples.length;
    return audioFrame(this.voices.indexOf(voice), at - this.origin, samples);
  }

  private joined(): void {
    this.phase = "live";
    this.why = null;
    this.delayMs = FIRST_DELAY_MS;
    this.awayAtMs = null;
    this.restarted = false;
    this.fault = null;
  }

  private goOn(voice: Voice, at: number): void {
    voice.taken = at;
    voice.sent = at;
    // Audio behind the tail is gone; it was counted when the ring overflowed.
    voice.cursor = Math.max(at, voice.ring.tail);
  }

  private acked(channel: string, samples: number): void {
    const voice = this.voices.find((one) => one.name === channel);
    if (!voice) return;
    this.failures = 0;
    voice.taken = Math.max(voice.taken, this.origin + samples);
    voice.ring.prune(this.notFinal(voice));
  }

  private notFinal(voice: Voice): number {
    return Math.min(voice.taken, Math.max(voice.final, voice.taken - toSamples(NOT_FINAL_MS)));
  }

  /** The old call is gone: another one of the same account goes on with what it did not hear. */
  private anew(why: NewPart, nowMs: number): void {
    this.failures += 1;
    if (this.failures > MOST_FAILURES) return this.over("failed");
    // A call that ended in order has its last words; one that was lost in a crash has only its finals.
    const crashed = why === "restarted" && !this.restarted;
    const from = (voice: Voice) => Math.max(voice.ring.tail, crashed ? this.notFinal(voice) : voice.taken);
    const starts = this.voices.map(from);
    this.origin = Math.min(...starts);
    this.voices.forEach((voice, at) => {
      voice.cursor = starts[at] ?? this.origin;
      voice.taken = voice.final = voice.cursor;
      voice.sent = this.origin;
    });
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
