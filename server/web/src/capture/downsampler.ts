// From a sound card's rate to the recogniser's: a windowed sinc at half the lower rate. Only where the browser cannot
// open its audio at 16 kHz (Firefox with a microphone of 48 kHz). Pure.

/** Zero crossings on each side: 60 dB down within a tenth of the band. */
const CROSSINGS = 16;

export class Downsampler {
  private readonly step: number;
  private readonly reach: number;
  private held = new Float32Array(0);
  /** Position of the next output within `held`. */
  private at: number;

  constructor(fromHz: number, toHz: number) {
    this.step = fromHz / toHz;
    this.reach = Math.ceil(CROSSINGS * Math.max(1, this.step));
    this.held = new Float32Array(this.reach);
    this.at = this.reach;
  }

  /** Any number of samples in; those out whose surroundings are known by now. */
  push(samples: Float32Array): Float32Array<ArrayBuffer> {
    const all = new Float32Array(this.held.length + samples.length);
    all.set(this.held);
    all.set(samples, this.held.length);
    const out: number[] = [];
    for (; this.at + this.reach < all.length; this.at += this.step) out.push(this.sample(all));
    const done = Math.max(0, Math.floor(this.at) - this.reach);
    this.held = all.slice(done);
    this.at -= done;
    return Float32Array.from(out);
  }

  private sample(all: Float32Array): number {
    const band = 1 / Math.max(1, this.step);
    const first = Math.ceil(this.at - this.reach);
    const last = Math.floor(this.at + this.reach);
    let sum = 0;
    for (let at = first; at <= last; at += 1) {
      const away = at - this.at;
      const x = Math.PI * away * band;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * away) / (this.reach + 1));
      sum += (all[at] ?? 0) * band * sinc * window;
    }
    return sum;
  }
}
