// Notices when capturing stood still while time went on: a laptop asleep, an audio thread that was starved. Pure.
import { RATE_HZ } from "./plan";

/** Shorter lags are the audio thread's own jitter. */
const GAP_MS = 1_000;
/** Sound cards run up to some hundred parts per million apart from the clock: so much is forgiven. */
const FORGIVEN = 0.001;
/** A longer sleep outlives the call; the clock of the next part need not hold it. */
const MOST_MS = 600_000;

export class WallClock {
  private beganMs: number | null = null;
  private samples = 0;

  /** Samples that are missing before this block; `stampMs` is wall time when it was complete. */
  missing(stampMs: number, count: number): number {
    this.samples += count;
    const lengthMs = (this.samples * 1000) / RATE_HZ;
    this.beganMs ??= stampMs - lengthMs;
    const lagMs = stampMs - this.beganMs - lengthMs;
    if (lagMs < 0) {
      // The earliest block is the measure, and a clock that was set back is no gap.
      this.beganMs += lagMs;
      return 0;
    }
    if (lagMs < GAP_MS) {
      this.beganMs += Math.min(lagMs, (count * 1000 * FORGIVEN) / RATE_HZ);
      return 0;
    }
    this.beganMs += lagMs;
    return Math.round((Math.min(lagMs, MOST_MS) * RATE_HZ) / 1000);
  }
}
