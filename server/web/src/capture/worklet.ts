// Runs on the audio thread: every input mixed down to one voice, int16, in blocks of 100 ms with their level.
// Both inputs are read in the same step, so the channels of a call share one clock; an input with nothing on it is
// silence. Keeps running while the tab is in the background.
import { Downsampler } from "./downsampler";
import { BLOCK_SAMPLES, RATE_HZ } from "./plan";

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new (options: { numberOfInputs: number }) => AudioWorkletProcessor): void;

class Voice {
  samples = new Int16Array(BLOCK_SAMPLES);
  length = 0;
  squares = 0;
  peak = 0;
  private readonly down = sampleRate === RATE_HZ ? null : new Downsampler(sampleRate, RATE_HZ);

  push(input: Float32Array[], count: number): void {
    let mixed = new Float32Array(count);
    for (const channel of input) for (let at = 0; at < count; at += 1) mixed[at] = (mixed[at] ?? 0) + (channel[at] ?? 0) / input.length;
    if (this.down) mixed = this.down.push(mixed);
    for (const value of mixed) this.add(Math.max(-1, Math.min(1, value)));
  }

  private add(value: number): void {
    if (this.length === this.samples.length) {
      const longer = new Int16Array(this.samples.length * 2);
      longer.set(this.samples);
      this.samples = longer;
    }
    this.samples[this.length] = Math.round(value * 32767);
    this.length += 1;
    this.squares += value * value;
    this.peak = Math.max(this.peak, Math.abs(value));
  }

  take(): { samples: ArrayBuffer; rms: number; peak: number } {
    const taken = { samples: this.samples.slice(0, this.length).buffer, rms: Math.sqrt(this.squares / this.length), peak: this.peak };
    this.length = this.squares = this.peak = 0;
    return taken;
  }
}

class Capture extends AudioWorkletProcessor {
  private readonly voices: Voice[];

  constructor(options: { numberOfInputs: number }) {
    super();
    this.voices = Array.from({ length: options.numberOfInputs }, () => new Voice());
  }

  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const count = outputs[0]?.[0]?.length ?? 128;
    this.voices.forEach((voice, at) => voice.push(inputs[at] ?? [], count));
    if ((this.voices[0]?.length ?? 0) >= BLOCK_SAMPLES) {
      const voices = this.voices.map((voice) => voice.take());
      // Wall time: the audio clock stands still while the machine sleeps.
      this.port.postMessage({ stampMs: Date.now(), voices }, voices.map((one) => one.samples));
    }
    return true;
  }
}

registerProcessor("needgraph-capture", Capture);
