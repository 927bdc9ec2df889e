// One voice of a call: its audio, how far it was sent, how far the service took it, how far it became words. Pure.
import { toSamples } from "./plan";
import { Ring, type Chunk } from "./ring";

/** Audio kept for a connection that is away: 5 minutes are 10 MB a voice. The service waits 2. */
const KEPT_MS = 300_000;
/** Taken, but not yet final: a service that crashed has lost it. Its utterances end by 14 s (asr/config.py). */
const NOT_FINAL_MS = 20_000;
/** A longer jump is made in steps of this, well below the service's limit (ingest/config.py max_gap_ms). */
const STEP_MS = 30_000;
const STONE_MS = 10;

export class Voice {
  /** Next sample to send. */
  cursor: number;
  taken = 0;
  private readonly ring: Ring;
  private sent = 0;
  private final = 0;

  constructor(
    readonly name: string,
    headSample: number,
  ) {
    this.ring = new Ring(headSample);
    this.cursor = headSample;
  }

  get isSent(): boolean {
    return this.cursor >= this.ring.head;
  }

  /** Samples that the service does not have. */
  get waiting(): number {
    return this.ring.heldFrom(this.taken);
  }

  get held(): number {
    return this.ring.held;
  }

  /** Take audio in; tells how many samples were lost for it. */
  push(samples: Int16Array): number {
    this.ring.append(samples);
    return this.ring.bound(toSamples(KEPT_MS), this.taken);
  }

  skip(count: number): void {
    this.ring.hole(count);
  }

  /** The next piece to send; over a long gap a stone to step on. Null when everything is sent. */
  next(): { at: number; samples: Int16Array } | null {
    const chunk = this.audible();
    if (!chunk?.samples) return null;
    if (chunk.at - this.sent > toSamples(STEP_MS)) {
      const stone = toSamples(STONE_MS);
      this.sent += toSamples(STEP_MS);
      return { at: this.sent - stone, samples: new Int16Array(stone) };
    }
    this.cursor = this.sent = chunk.at + chunk.count;
    return { at: chunk.at, samples: chunk.samples };
  }

  /** The service has everything before this sample, and nothing after it. */
  goOn(at: number): void {
    this.taken = this.sent = at;
    // Audio before the tail is gone; it was counted when the ring overflowed.
    this.cursor = Math.max(at, this.ring.tail);
  }

  acked(at: number): void {
    this.taken = Math.max(this.taken, at);
    this.ring.prune(this.notFinal());
  }

  spokenUpTo(at: number): void {
    this.final = Math.max(this.final, at);
  }

  /** The first sample that may still be needed: what was taken and did not become words. */
  notFinal(): number {
    return Math.max(this.ring.tail, Math.min(this.taken, Math.max(this.final, this.taken - toSamples(NOT_FINAL_MS))));
  }

  /** The first sample that was not taken, as far as it is still here. */
  notTaken(): number {
    return Math.max(this.ring.tail, this.taken);
  }

  /** Another call begins at `origin` and wants this voice from `at`. */
  again(at: number, origin: number): void {
    this.cursor = this.taken = this.final = at;
    this.sent = origin;
  }

  private audible(): Chunk | null {
    for (;;) {
      const chunk = this.ring.from(this.cursor);
      if (!chunk || chunk.samples) return chunk;
      this.cursor = chunk.at + chunk.count;
    }
  }
}
