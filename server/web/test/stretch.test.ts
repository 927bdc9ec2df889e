import { describe, expect, it } from "vitest";
import { stretched } from "../src/stretch";

const RATE_HZ = 8_000;

/** A voice-like tone with two overtones. */
function tone(hz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: RATE_HZ * seconds }, (_, at) => [1, 2, 3].reduce((sum, n) => sum + Math.sin((2 * Math.PI * hz * n * at) / RATE_HZ) / n / 2, 0));
}

/** The pitch by its autocorrelation, between 60 and 400 Hz. */
function pitch(samples: Float32Array): number {
  const part = samples.slice(RATE_HZ / 4, RATE_HZ / 2);
  let [best, period] = [-Infinity, 0];
  for (let lag = RATE_HZ / 400; lag <= RATE_HZ / 60; lag += 1) {
    let like = 0;
    for (let at = 0; at + lag < part.length; at += 1) like += part[at]! * part[at + lag]!;
    like /= part.length - lag;
    if (like > best * 1.02) [best, period] = [like, lag];
  }
  return RATE_HZ / period;
}

describe("speech at another speed", () => {
  it.each([1.5, 2])("is as long as it has to be at %s times the pace, at the same pitch and loudness", (speed) => {
    const before = tone(160, 2);
    const after = stretched(before, RATE_HZ, speed);
    expect(after.length).toBe(Math.round(before.length / speed));
    expect(pitch(after)).toBeCloseTo(pitch(before), 0);
    const power = (samples: Float32Array) => samples.slice(800, -800).reduce((sum, one) => sum + one * one, 0) / (samples.length - 1600);
    expect(power(after) / power(before)).toBeGreaterThan(0.85);
    expect(power(after) / power(before)).toBeLessThan(1.15);
  });
  it("keeps what happens where it happens", () => {
    const click = new Float32Array(RATE_HZ * 2);
    click.set(tone(200, 0.1), RATE_HZ);
    const after = stretched(click, RATE_HZ, 2);
    const loudest = after.reduce((best, one, at) => (Math.abs(one) > Math.abs(after[best] ?? 0) ? at : best), 0);
    expect(loudest / RATE_HZ).toBeGreaterThan(0.45);
    expect(loudest / RATE_HZ).toBeLessThan(0.6);
  });
  it("is silence for less than a piece", () => expect([...stretched(new Float32Array(10).fill(1), RATE_HZ, 2)]).toEqual([0, 0, 0, 0, 0]));
});
