// How loud a voice is, and whether it is heard. Pure.

export interface Level {
  /** Root mean square and highest sample, 0 to 1. */
  rms: number;
  peak: number;
}

export const SILENCE: Level = { rms: 0, peak: 0 };

/** Level in dBFS; digital silence is -100. */
export function decibels(rms: number): number {
  return rms <= 1e-5 ? -100 : 20 * Math.log10(rms);
}

/** A meter's fill from 0 to 1: -60 dBFS is empty, 0 is full. */
export function filled(level: Level): number {
  return Math.min(1, Math.max(0, (decibels(level.rms) + 60) / 60));
}

/** Speech at a normal distance lies at -35 to -15 dBFS; a quiet room's noise below -55. */
const SPEECH_DB = -50;
/** Speech stands out from the room; a fan does not stand out from itself. */
const ABOVE_FLOOR_DB = 9;
/** Blocks of 100 ms in a row: 300 ms, longer than a click or a knock. */
const HEARD_BLOCKS = 3;
/** The floor creeps up by so much a block, so that it follows a room that becomes louder. */
const CREEP_DB = 0.1;
/** 5 s without a word: time to say what may be wrong. */
const PATIENCE_BLOCKS = 50;

export type Heard = "waiting" | "nothing" | "quiet" | "heard";

/** Whether somebody was heard on a channel. Once heard, it stays so until `reset`. */
export class Hearing {
  private floorDb: number | null = null;
  private loud = 0;
  private blocks = 0;
  private loudest = -100;
  private isHeard = false;

  push(level: Level): Heard {
    const db = decibels(level.rms);
    this.blocks += 1;
    this.loudest = Math.max(this.loudest, db);
    this.floorDb = Math.min(db, (this.floorDb ?? db) + CREEP_DB);
    this.loud = db >= Math.max(SPEECH_DB, this.floorDb + ABOVE_FLOOR_DB) ? this.loud + 1 : 0;
    if (this.loud >= HEARD_BLOCKS) this.isHeard = true;
    return this.state;
  }

  get state(): Heard {
    if (this.isHeard) return "heard";
    if (this.blocks < PATIENCE_BLOCKS) return "waiting";
    return this.loudest <= -90 ? "nothing" : "quiet";
  }

  reset(): void {
    this.floorDb = null;
    this.loud = this.blocks = 0;
    this.loudest = -100;
    this.isHeard = false;
  }
}
