import { beforeEach, describe, expect, it } from "vitest";
import { Player, type Sound } from "../src/player";
import { segmentsOf, type Segment } from "../src/replay";

interface Started {
  key: string;
  when_s: number;
  fromMs: number;
  speed: number;
  stopped: boolean;
}

/** Sound with a clock that the test moves. */
class FakeSound implements Sound {
  clock_s = 0;
  started: Started[] = [];
  closed = false;
  now = () => this.clock_s;
  wake = () => Promise.resolve();
  decode = (bytes: ArrayBuffer) => Promise.resolve({ key: new TextDecoder().decode(bytes) });
  start = (clip: object, part: { when_s: number; fromMs: number }, speed: number) => {
    const one = { key: (clip as { key: string }).key, ...part, speed, stopped: false };
    this.started.push(one);
    return () => void (one.stopped = true);
  };
  close = () => void (this.closed = true);
}

const LENGTH_MS = 600_000;
const segments = segmentsOf({
  channels: ["rep", "it"].map((channel) => ({ channel, segments: Array.from({ length: 60 }, (_, number) => ({ number, start_ms: number * 10_000, end_ms: (number + 1) * 10_000 })) })),
});
const settled = () => new Promise((done) => setTimeout(done));

describe("a player", () => {
  let sound: FakeSound;
  let asked: string[];
  let answer: (one: Segment) => Promise<ArrayBuffer>;
  let player: Player;

  beforeEach(() => {
    sound = new FakeSound();
    asked = [];
    answer = (one) => Promise.resolve(new TextEncoder().encode(one.key).buffer);
    player = new Player(sound, segments, LENGTH_MS, (one) => {
      asked.push(one.key);
      return answer(one);
    });
  });

  it("starts every channel's segment at the same instant", async () => {
    await player.play();
    await settled();
    const [one, other] = sound.started.filter((each) => each.key.startsWith("0 "));
    expect(one?.when_s).toBe(other?.when_s);
    expect([one?.fromMs, other?.fromMs]).toEqual([0, 0]);
    sound.clock_s += 3.05;
    expect(player.atMs).toBeCloseTo(3_000);
  });

  it("goes on without a gap from one segment to the next", async () => {
    await player.play();
    await settled();
    sound.clock_s += 6.05;
    player.tick();
    const [one] = sound.started.filter((each) => each.key === "0 rep");
    const [next] = sound.started.filter((each) => each.key === "1 rep");
    expect(next!.when_s - one!.when_s).toBeCloseTo(10, 9);
    expect(sound.started.every((each) => !each.stopped)).toBe(true);
  });

  it("holds no more than what lies ahead, however long it plays", async () => {
    await player.play();
    let most = 0;
    for (let at = 0; at < 590; at += 1) {
      await settled();
      sound.clock_s += 1;
      player.tick();
      most = Math.max(most, player.holds);
    }
    expect(most).toBeLessThanOrEqual(8);
    expect(asked.length).toBe(segments.length);
  });

  it("stands still while sound that is due has not come", async () => {
    const arrives: Record<string, () => void> = {};
    answer = (one) => new Promise((done) => (arrives[one.key] = () => done(new TextEncoder().encode(one.key).buffer)));
    await player.play();
    await settled();
    sound.clock_s += 5;
    player.tick();
    expect(player.waiting).toBe(true);
    expect(player.atMs).toBe(0);
    expect(sound.started).toEqual([]);
    for (const key of ["0 rep", "0 it"]) arrives[key]?.();
    await settled();
    expect(player.waiting).toBe(false);
    expect(sound.started.map((one) => [one.key, one.when_s, one.fromMs])).toEqual([["0 rep", 5.05, 0], ["0 it", 5.05, 0]]);
  });

  it("plays on over sound that cannot be read, and says so", async () => {
    answer = (one) => (one.key === "0 rep" ? Promise.reject(new Error("404")) : Promise.resolve(new TextEncoder().encode(one.key).buffer));
    await player.play();
    await settled();
    player.tick();
    expect(player.lost).toBe(true);
    expect(player.waiting).toBe(false);
    expect(sound.started.map((each) => each.key)).toContain("0 it");
    expect(asked.filter((key) => key === "0 rep")).toHaveLength(1);
  });

  it("seeks: what sounded is silenced, and the new place comes in inside its segment", async () => {
    await player.play();
    await settled();
    player.seek(124_000);
    await settled();
    player.tick();
    expect(sound.started.filter((each) => each.key.startsWith("0 ")).every((each) => each.stopped)).toBe(true);
    const [there] = sound.started.filter((each) => each.key === "12 it");
    expect(there?.fromMs).toBeCloseTo(4_000, 6);
    expect(player.atMs).toBe(124_000);
  });

  it("changes speed where it is", async () => {
    await player.play();
    await settled();
    sound.clock_s += 4.05;
    player.setSpeed(2);
    expect(player.atMs).toBeCloseTo(4_000);
    sound.clock_s += 1.05;
    expect(player.atMs).toBeCloseTo(6_000);
    expect(sound.started.at(-1)?.speed).toBe(2);
  });

  it("pauses where it is, stops at the end, and begins again from there", async () => {
    await player.play();
    await settled();
    sound.clock_s += 2.05;
    player.pause();
    sound.clock_s += 60;
    expect(player.atMs).toBeCloseTo(2_000);
    expect(sound.started.every((each) => each.stopped)).toBe(true);
    player.seek(LENGTH_MS);
    await player.play();
    expect(player.playing).toBe(true);
    expect(player.atMs).toBe(0);
  });

  it("ends by itself", async () => {
    player.seek(LENGTH_MS - 1_000);
    await player.play();
    await settled();
    sound.clock_s += 2;
    player.tick();
    expect(player.playing).toBe(false);
    expect(player.atMs).toBe(LENGTH_MS);
  });

  it("without any sound goes by the clock alone", async () => {
    const silent = new Player(sound, [], 60_000, () => Promise.reject(new Error("asked for sound")));
    await silent.play();
    silent.setSpeed(2);
    sound.clock_s += 10.05;
    silent.tick();
    expect(silent.atMs).toBeCloseTo(20_000);
    expect(silent.lost).toBe(false);
  });

  it("is silent once it is closed, whatever still arrives", async () => {
    const begun = player.play();
    player.close();
    await begun;
    await settled();
    expect(sound.closed).toBe(true);
    expect(sound.started).toEqual([]);
    expect(player.holds).toBe(0);
  });
});
