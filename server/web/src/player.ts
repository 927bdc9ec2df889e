// Plays a call: sound of all channels on one clock, fetched ahead and dropped behind. Knows nothing of the browser.
import { momentAt, placed, wanted, type Anchor, type Segment } from "./replay";

/** Decoded sound of one segment. */
export type Clip = object;

/** What makes sound and tells its time in seconds; the browser's, or a fake in tests. */
export interface Sound {
  now(): number;
  /** Let sound out; the first time in answer to a key or click. */
  wake(): Promise<void>;
  decode(bytes: ArrayBuffer): Promise<Clip>;
  /** Play a part of a clip from `when_s` on, at `speed`; answers how to stop it. */
  start(clip: Clip, part: { when_s: number; fromMs: number; lengthMs: number }, speed: number): () => void;
  close(): void;
}

type Held = { state: "loading" } | { state: "lost" } | { state: "ready"; clip: Clip; stop: (() => void) | null };

/** Sound starts so much later than asked for, that all channels are scheduled before it: 50 ms. */
const LEAD_S = 0.05;
/** What has to be decoded before it goes on: 200 ms of the call. */
const NEEDED_MS = 200;
/** Sound is handed over so far ahead: timers of a tab in the background come once a second. */
const SCHEDULED_MS = 5_000;

export class Player {
  playing = false;
  /** Sound that is due has not arrived; time stands still. */
  waiting = false;
  speed = 1;
  /** Some sound could not be fetched or decoded. */
  lost = false;
  private restMs = 0;
  private anchor: Anchor | null = null;
  private readonly held = new Map<string, Held>();
  private closed = false;

  constructor(
    private readonly sound: Sound,
    private readonly segments: readonly Segment[],
    private readonly lengthMs: number,
    private readonly fetch: (segment: Segment) => Promise<ArrayBuffer>,
  ) {}

  /** The moment of the call that is heard. */
  get atMs(): number {
    const now = this.anchor ? Math.max(this.anchor.atMs, momentAt(this.anchor, this.sound.now())) : this.restMs;
    return Math.min(this.lengthMs, now);
  }

  /** Decoded or loading segments; bounded by what is fetched ahead. */
  get holds(): number {
    return this.held.size;
  }

  async play(): Promise<void> {
    if (this.playing || this.closed) return;
    if (this.restMs >= this.lengthMs) this.restMs = 0;
    this.playing = true;
    await this.sound.wake();
    this.tick();
  }

  pause(): void {
    this.rest(this.atMs);
    this.playing = false;
    this.waiting = false;
  }

  seek(atMs: number): void {
    this.rest(Math.min(this.lengthMs, Math.max(0, atMs)));
    this.tick();
  }

  setSpeed(speed: number): void {
    this.rest(this.atMs);
    this.speed = speed;
    this.tick();
  }

  close(): void {
    this.closed = true;
    this.pause();
    this.held.clear();
    this.sound.close();
  }

  /** Fetch, drop, schedule; to be called about ten times a second while it plays. */
  tick(): void {
    if (!this.playing || this.closed) return;
    const atMs = this.atMs;
    if (atMs >= this.lengthMs) return this.pause();
    const ahead = wanted(this.segments, atMs, this.speed);
    this.drop(new Set(ahead.map((one) => one.key)));
    for (const one of ahead) if (!this.held.has(one.key)) void this.load(one);
    const due = ahead.filter((one) => one.startMs < atMs + NEEDED_MS);
    this.waiting = due.some((one) => this.held.get(one.key)?.state === "loading");
    if (this.waiting) return this.rest(atMs);
    this.anchor ??= { atMs, at_s: this.sound.now() + LEAD_S, speed: this.speed };
    for (const one of ahead) {
      if (one.startMs < atMs + SCHEDULED_MS * this.speed) this.schedule(one, this.anchor);
    }
  }

  private schedule(segment: Segment, anchor: Anchor): void {
    const held = this.held.get(segment.key);
    if (held?.state !== "ready" || held.stop) return;
    const part = placed(segment, anchor, this.sound.now());
    if (part) held.stop = this.sound.start(held.clip, part, anchor.speed);
  }

  private async load(segment: Segment): Promise<void> {
    const mine: Held = { state: "loading" };
    this.held.set(segment.key, mine);
    let next: Held;
    try {
      next = { state: "ready", clip: await this.sound.decode(await this.fetch(segment)), stop: null };
    } catch {
      next = { state: "lost" };
    }
    // It may have been dropped, or asked for again, in the meantime.
    if (this.held.get(segment.key) !== mine) return;
    if (next.state === "lost") this.lost = true;
    this.held.set(segment.key, next);
    this.tick();
  }

  private drop(keep: ReadonlySet<string>): void {
    for (const [key, held] of this.held) {
      if (keep.has(key)) continue;
      if (held.state === "ready") held.stop?.();
      this.held.delete(key);
    }
  }

  /** Stand still at a moment; what was scheduled is silenced. */
  private rest(atMs: number): void {
    this.restMs = atMs;
    this.anchor = null;
    for (const held of this.held.values()) {
      if (held.state !== "ready") continue;
      held.stop?.();
      held.stop = null;
    }
  }
}
