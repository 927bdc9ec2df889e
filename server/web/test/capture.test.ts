import { describe, expect, it } from "vitest";
import { cut, givenBy, speakerOf, wordingOf, type Participant } from "../src/capture/consent";
import { Downsampler } from "../src/capture/downsampler";
import { decibels, filled, Hearing, SILENCE } from "../src/capture/levels";
import { Ring } from "../src/capture/ring";
import { microphoneFault } from "../src/capture/sources";
import { WallClock } from "../src/capture/wallClock";

const level = (db: number) => ({ rms: 10 ** (db / 20), peak: Math.min(1, 3 * 10 ** (db / 20)) });
const told = (hearing: Hearing, ...dbs: number[]) => dbs.map((db) => hearing.push(level(db))).at(-1);
const many = (db: number, count: number) => Array.from({ length: count }, () => db);

describe("whether somebody is heard", () => {
  it("takes 300 ms of speech, less is a knock", () => {
    expect(told(new Hearing(), -60, -20, -20)).toBe("waiting");
    expect(told(new Hearing(), -60, -20, -20, -60, -20, -20)).toBe("waiting");
    expect(told(new Hearing(), -60, -20, -20, -20)).toBe("heard");
  });

  it("stays once it was heard, until it is asked again", () => {
    const hearing = new Hearing();
    told(hearing, -60, -25, -25, -25, ...many(-70, 80));
    expect(hearing.state).toBe("heard");
    hearing.reset();
    expect(hearing.state).toBe("waiting");
  });

  it("is not fooled by a loud fan, and hears words over it", () => {
    const hearing = new Hearing();
    expect(told(hearing, ...many(-38, 60))).toBe("quiet");
    expect(told(hearing, -20, -20, -20)).toBe("heard");
  });

  it("hears who speaks already when it begins to listen", () => {
    expect(told(new Hearing(), -20, -22, -45, -24, -20, -22)).toBe("heard");
  });

  it("tells a dead microphone from a quiet one after 5 s", () => {
    const dead = new Hearing();
    for (let block = 0; block < 49; block += 1) expect(dead.push(SILENCE)).toBe("waiting");
    expect(dead.push(SILENCE)).toBe("nothing");
    expect(told(new Hearing(), ...many(-62, 50))).toBe("quiet");
  });

  it("measures in decibels of full scale", () => {
    expect(decibels(1)).toBe(0);
    expect(decibels(0)).toBe(-100);
    expect(filled(level(-30))).toBeCloseTo(0.5);
    expect([filled(SILENCE), filled({ rms: 2, peak: 2 })]).toEqual([0, 1]);
  });
});

describe("the clock on the wall", () => {
  const BLOCK = 1600;

  function run(stamps: number[]): number[] {
    const clock = new WallClock();
    return stamps.map((stamp) => clock.missing(stamp, BLOCK));
  }

  it("finds nothing missing while blocks come in time, give or take a little", () => {
    expect(run(Array.from({ length: 600 }, (_, at) => at * 100 + (at % 7) * 20)).every((one) => one === 0)).toBe(true);
  });

  it("finds a minute of sleep before the first block after it", () => {
    const found = run([0, 100, 200, 60_300, 60_400, 60_500]);
    expect(found.map((one) => Math.round(one / 1600))).toEqual([0, 0, 0, 600, 0, 0]);
  });

  it("finds what many short gaps come to", () => {
    const found = run(Array.from({ length: 100 }, (_, at) => at * 120));
    expect(found.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(15_000);
  });

  it("forgives a sound card that runs a little slow, for three hours", () => {
    expect(run(Array.from({ length: 108_000 }, (_, at) => at * 100.03)).every((one) => one === 0)).toBe(true);
  });

  it("does not take a clock that was set back for a gap, now or when it has caught up", () => {
    expect(run([0, 100, -3_600_000, -3_599_900, -3_599_800]).every((one) => one === 0)).toBe(true);
  });

  it("bounds a gap: after ten minutes the call is another one anyway", () => {
    expect(run([0, 100, 9 * 3_600_000])[2]).toBe(600 * 16_000);
  });
});

describe("the ring", () => {
  it("finds the rest of a chunk, and what follows a hole", () => {
    const ring = new Ring();
    ring.append(Int16Array.from([1, 2, 3, 4]));
    ring.hole(6);
    ring.append(Int16Array.from([5, 6]));
    expect(ring.from(1)).toEqual({ at: 1, count: 3, samples: Int16Array.from([2, 3, 4]) });
    expect(ring.from(4)).toEqual({ at: 4, count: 6, samples: null });
    expect(ring.from(11)).toEqual({ at: 11, count: 1, samples: Int16Array.from([6]) });
    expect(ring.from(12)).toBeNull();
    expect([ring.head, ring.held, ring.heldFrom(3)]).toEqual([12, 6, 3]);
  });

  it("counts as lost only what nobody had taken", () => {
    const ring = new Ring();
    for (let at = 0; at < 5; at += 1) ring.append(new Int16Array(10));
    expect(ring.bound(30, 15)).toBe(5);
    expect([ring.tail, ring.held]).toEqual([20, 30]);
  });

  it("prunes whole chunks alone", () => {
    const ring = new Ring();
    for (let at = 0; at < 3; at += 1) ring.append(new Int16Array(10));
    ring.prune(19);
    expect([ring.tail, ring.held]).toEqual([10, 20]);
  });
});

describe("consent", () => {
  const person = (name: string, more: Partial<Participant> = {}): Participant => ({ name, role: "customer", transcript: true, audio: true, wording: null, ...more });
  const standard = (audio: boolean) => (audio ? "kept" : "not kept");

  it("of a channel that people share is what all of them gave", () => {
    expect(givenBy([person("a"), person("b")])).toEqual(["transcript", "audio"]);
    expect(givenBy([person("a"), person("b", { audio: false })])).toEqual(["transcript"]);
    expect(givenBy([person("a"), person("b", { transcript: false })])).toEqual([]);
    expect(givenBy([])).toEqual([]);
  });

  it("carries each wording once", () => {
    expect(wordingOf([person("a", { wording: " " })], standard)).toBe("kept");
    expect(wordingOf([person("a"), person("b")], standard)).toBe("kept");
    expect(wordingOf([person("a"), person("b", { wording: " mine " })], standard)).toBe("kept\n\nmine");
    expect(wordingOf([person("a", { wording: "x".repeat(5000) })], standard)).toHaveLength(4000);
  });

  it("names every speaker of a channel within the limit, never half a character", () => {
    expect(speakerOf([person(" Priya "), person("Martin"), person("")])).toBe("Priya, Martin");
    expect([...speakerOf([person("😀".repeat(300))])]).toHaveLength(200);
    expect(cut("a😀b", 2)).toBe("a😀");
  });
});

describe("the downsampler", () => {
  const tone = (hz: number, rate: number, seconds: number) => Float32Array.from({ length: rate * seconds }, (_, at) => Math.sin((2 * Math.PI * hz * at) / rate));
  const strength = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

  it.each([48_000, 44_100])("brings %i Hz to 16 kHz, whatever the packets", (rate) => {
    const sound = tone(1000, rate, 1);
    const whole = new Downsampler(rate, 16_000).push(sound);
    expect(whole.length).toBeGreaterThan(15_900);
    expect(whole.length).toBeLessThanOrEqual(16_000);
    const parts = new Downsampler(rate, 16_000);
    const joined: number[] = [];
    for (let at = 0; at < sound.length; at += 128) joined.push(...parts.push(sound.subarray(at, at + 128)));
    expect(joined).toHaveLength(whole.length);
    expect(Math.max(...joined.map((one, at) => Math.abs(one - (whole[at] ?? 9))))).toBeLessThan(1e-4);
    expect(strength(whole.subarray(100, -100))).toBeCloseTo(Math.SQRT1_2, 2);
  });

  it("lets nothing through that 16 kHz cannot carry", () => {
    expect(strength(new Downsampler(48_000, 16_000).push(tone(11_000, 48_000, 1)).subarray(100))).toBeLessThan(0.01);
  });
});

it("names what is wrong with a microphone", () => {
  const named = (name: string) => microphoneFault(new DOMException("", name));
  expect(["NotAllowedError", "NotFoundError", "NotReadableError", "TypeError"].map(named)).toEqual(["refused", "none", "in_use", "failed"]);
});
