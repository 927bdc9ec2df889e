import { describe, expect, it } from "vitest";
import { CallLine, type CallEvent } from "../src/capture/callLine";
import { RATE_HZ, type CallPlan } from "../src/capture/plan";

const CONSENT = { given: ["transcript" as const], wording: "We write down what is said." };
const PLAN: CallPlan = {
  account: null,
  language: "auto",
  channels: [
    { channel: "microphone", role: "rep", speaker: "Dana", consent: CONSENT },
    { channel: "tab", role: "customer", speaker: 'Priya "P" <b>', consent: CONSENT },
  ],
};
const BLOCK = 1600;
const FOREVER = 1 << 30;
const at = "2026-11-26T00:00:00Z";

const event = (type: string, more: object = {}) => ({ type, call_id: "c-1", at, ...more }) as unknown as CallEvent;
const started = (id = "c-1") => event("call_started", { call_id: id, account: id, resume_token: `token-${id}` });
const ack = (channel: string, samples: number) => event("ack", { channel, samples });
const final = (channel: string, turn: number, end_ms: number) => event("utterance", { channel, turn, end_ms });

/** Every block holds its own number, so that it is known again wherever it is sent. */
const blockOf = (number: number) => new Int16Array(BLOCK).fill(number + 1);

function speak(line: CallLine, from: number, to: number): void {
  for (let number = from; number < to; number += 1) {
    line.push(0, blockOf(number));
    line.push(1, blockOf(number));
  }
}

interface Sent {
  channel: number;
  position: number;
  count: number;
  first: number;
}

function read(frame: string | ArrayBuffer): Sent | string {
  if (typeof frame === "string") return frame;
  const header = new DataView(frame);
  const samples = new Int16Array(frame, 12);
  return { channel: header.getUint8(0), position: Number(header.getBigUint64(4, true)), count: samples.length, first: samples[0] ?? 0 };
}

const audio = (line: CallLine, bytes = FOREVER) => line.take(bytes).map(read).filter((one) => typeof one !== "string");
const onChannel = (sent: Sent[], channel: number) => sent.filter((one) => one.channel === channel);

function live(): CallLine {
  const line = new CallLine(structuredClone(PLAN), () => 0.5);
  line.connecting();
  line.receive(started(), 0);
  return line;
}

describe("a call that begins", () => {
  it("says who speaks on which channel, with the consent's wording", () => {
    const frame = JSON.parse(new CallLine(PLAN).opening());
    expect(frame).toMatchObject({ type: "start", language: "auto", encoding: "s16le", sample_rate_hz: 16000 });
    expect(frame).not.toHaveProperty("account");
    expect(frame.channels[1]).toEqual({ channel: "tab", role: "customer", speaker: 'Priya "P" <b>', consent: CONSENT });
  });

  it("sends nothing before it is accepted, and then everything from the first word", () => {
    const line = new CallLine(PLAN);
    line.connecting();
    speak(line, 0, 5);
    expect(line.take(FOREVER)).toEqual([]);
    line.receive(started(), 0);
    const sent = audio(line);
    expect(onChannel(sent, 0).map((one) => one.position)).toEqual([0, 1600, 3200, 4800, 6400]);
    expect(sent.slice(0, 2).map((one) => one.channel)).toEqual([0, 1]);
    expect(audio(line)).toEqual([]);
  });

  it("sends no more at once than the connection takes", () => {
    const line = live();
    speak(line, 0, 10);
    expect(audio(line, 7000)).toHaveLength(3);
    expect(audio(line, 0)).toHaveLength(0);
    expect(audio(line)).toHaveLength(17);
  });

  it("that the service refuses is over, and says why", () => {
    const line = new CallLine(PLAN);
    line.connecting();
    line.receive(event("error", { code: "unknown_language", message: "not spoken here" }), 0);
    line.drop(4415, 0);
    expect([line.phase, line.ending, line.fault?.code]).toEqual(["over", "failed", "unknown_language"]);
  });
});

describe("what waits", () => {
  it("is what was not acknowledged, of the voice that waits longest", () => {
    const line = live();
    speak(line, 0, 20);
    audio(line);
    expect(line.waitingMs).toBe(2000);
    line.receive(ack("microphone", 32000), 0);
    line.receive(ack("tab", 16000), 0);
    expect(line.waitingMs).toBe(1000);
  });

  it("does not grow with the call: acknowledged audio is forgotten after a while", () => {
    const line = live();
    for (let minute = 0; minute < 30; minute += 1) {
      speak(line, minute * 600, (minute + 1) * 600);
      audio(line);
      for (const channel of ["microphone", "tab"]) line.receive(ack(channel, (minute + 1) * 600 * BLOCK), 0);
    }
    expect(line.heldMs).toBeLessThanOrEqual(20_000);
    expect([line.waitingMs, line.lostMs]).toEqual([0, 0]);
  });
});

describe("a connection that breaks", () => {
  it("is tried again after growing delays with jitter, and at once when the network is back", () => {
    const delays = [0, 1, 2, 3, 4, 5, 6].map(() => 0);
    const line = live();
    delays.forEach((_, turn) => {
      line.drop(1006, 0);
      delays[turn] = line.retryAtMs;
      line.connecting();
    });
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
    const early = new CallLine(PLAN, () => 0);
    early.drop(1006, 0);
    expect(early.retryAtMs).toBe(400);
    line.drop(1006, 0);
    expect(line.wants(7999)).toBe(false);
    expect(line.wants(8000)).toBe(true);
    line.wake(5);
    expect(line.wants(5)).toBe(true);
  });

  it("goes on exactly where the service has each channel, nothing doubled or lost", () => {
    const line = live();
    speak(line, 0, 10);
    audio(line);
    line.receive(final("tab", 3, 500), 0);
    line.drop(1006, 0);
    speak(line, 10, 15);
    line.connecting();
    expect(line.resumes).toBe(true);
    expect(JSON.parse(line.opening())).toEqual({ type: "resume", call_id: "c-1", resume_token: "token-c-1", turn: 3 });
    expect(line.take(FOREVER)).toEqual([]);
    line.receive(event("resumed", { samples: { microphone: 7 * BLOCK, tab: 9 * BLOCK + 100 } }), 0);
    const sent = audio(line);
    expect(onChannel(sent, 0).map((one) => one.position / BLOCK)).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
    expect(onChannel(sent, 0).map((one) => one.first)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect(onChannel(sent, 1)[0]).toEqual({ channel: 1, position: 9 * BLOCK + 100, count: 1500, first: 10 });
  });

  it("counts what did not fit into memory, and leaves a gap of its length", () => {
    const line = live();
    speak(line, 0, 10);
    audio(line);
    for (const channel of ["microphone", "tab"]) line.receive(ack(channel, 10 * BLOCK), 0);
    line.drop(1006, 0);
    speak(line, 10, 10 + 3000 + 200);
    expect(line.lostMs).toBe(2 * 20_000);
    line.connecting();
    line.receive(event("resumed", { samples: { microphone: 10 * BLOCK, tab: 10 * BLOCK } }), 0);
    const sent = onChannel(audio(line), 0);
    expect(sent[0]).toMatchObject({ position: 210 * BLOCK, first: 211 });
  });

  it("says that the service is busy, and waits as long as it asks for", () => {
    const line = new CallLine(PLAN, () => 0.5);
    line.connecting();
    line.busy(1000);
    expect([line.phase, line.why, line.retryAtMs]).toEqual(["away", "busy", 11_000]);
    line.connecting();
    line.drop(1013, 1000);
    expect([line.why, line.retryAtMs]).toEqual(["busy", 11_000]);
  });
});

describe("a call that the service no longer holds", () => {
  function lostAfter(awayMs: number, before: (line: CallLine) => void = () => undefined): CallLine {
    const line = live();
    speak(line, 0, 100);
    audio(line);
    for (const channel of ["microphone", "tab"]) line.receive(ack(channel, 90 * BLOCK), 0);
    line.receive(final("tab", 2, 7000), 0);
    before(line);
    line.drop(1006, 1000);
    line.connecting();
    line.drop(4410, 1000 + awayMs);
    line.connecting();
    return line;
  }

  it("goes on as part two of the same account, with what it did not hear", () => {
    const line = lostAfter(130_000);
    expect([line.part, line.newPart]).toEqual([2, "waited_too_long"]);
    expect(line.resumes).toBe(false);
    expect(JSON.parse(line.opening())).toMatchObject({ type: "start", account: "c-1" });
    line.receive(started("c-2"), 0);
    const sent = onChannel(audio(line), 0);
    expect(sent[0]).toMatchObject({ position: 0, first: 91 });
    expect(sent).toHaveLength(10);
    line.receive(ack("microphone", 10 * BLOCK), 0);
    line.receive(ack("tab", 10 * BLOCK), 0);
    expect(line.waitingMs).toBe(0);
  });

  it("sends again what was taken but not yet final when the service was lost in a crash", () => {
    const line = lostAfter(5_000);
    expect(line.newPart).toBe("restarted");
    line.receive(started("c-2"), 0);
    const sent = audio(line);
    expect(onChannel(sent, 0)[0]).toMatchObject({ position: 0, first: 1 });
    expect(onChannel(sent, 1)[0]).toMatchObject({ position: 70 * BLOCK, first: 71 });
  });

  it("has its last words when it was stopped in order", () => {
    const line = live();
    speak(line, 0, 100);
    audio(line);
    line.receive(ack("microphone", 90 * BLOCK), 0);
    line.receive(ack("tab", 95 * BLOCK), 0);
    line.drop(1012, 0);
    expect(line.why).toBe("restart");
    line.connecting();
    line.drop(4410, 500);
    line.connecting();
    line.receive(started("c-2"), 0);
    const sent = audio(line);
    expect(onChannel(sent, 0)[0]).toMatchObject({ position: 0, first: 91 });
    expect(onChannel(sent, 1)[0]).toMatchObject({ position: 5 * BLOCK, first: 96 });
  });

  it("begins where the journal says that the old one ends", () => {
    const resumed = (past: Parameters<CallLine["gone"]>[0]) => {
      const line = live();
      speak(line, 0, 100);
      audio(line);
      for (const channel of ["microphone", "tab"]) line.receive(ack(channel, 90 * BLOCK), 0);
      line.drop(1006, 0);
      line.connecting();
      line.gone(past, 1000);
      line.connecting();
      line.receive(started("c-2"), 0);
      return [line.newPart, onChannel(audio(line), 0)[0]?.first];
    };
    expect(resumed({ ended: "service_stopped", finalMs: { microphone: 8800, tab: 8800 } })).toEqual(["restarted", 89]);
    expect(resumed({ ended: "client_gone", finalMs: { microphone: 8900, tab: 8800 } })).toEqual(["waited_too_long", 90]);
    expect(resumed({ ended: null, finalMs: { microphone: 8000, tab: 8500 } })).toEqual(["restarted", 81]);
  });

  it("is given up when every further part fails as well", () => {
    const line = live();
    for (let turn = 0; turn < 4; turn += 1) {
      line.receive(event("call_ended", { reason: "failed" }), 0);
      line.connecting();
      line.receive(started(`c-${turn}`), 0);
    }
    expect([line.phase, line.ending]).toEqual(["over", "failed"]);
  });
});

describe("who else decides", () => {
  it("stops when another connection goes on with the call", () => {
    const line = live();
    line.drop(4411, 0);
    expect([line.phase, line.ending, line.kept]).toEqual(["over", "taken_up", null]);
    speak(line, 0, 5);
    expect(line.waitingMs).toBe(0);
  });

  it("stops when the call was ended elsewhere", () => {
    const line = live();
    line.receive(event("call_ended", { reason: "ended" }), 0);
    expect(line.ending).toBe("ended_elsewhere");
  });

  it("keeps what is said while it waits for a token, and goes on with it", () => {
    const line = live();
    speak(line, 0, 10);
    audio(line);
    line.drop(4401, 0);
    expect(line.phase).toBe("token");
    expect(line.wants(FOREVER)).toBe(false);
    speak(line, 10, 20);
    line.wake(1);
    expect(line.wants(1)).toBe(true);
    line.connecting();
    line.receive(event("resumed", { samples: { microphone: 10 * BLOCK, tab: 10 * BLOCK } }), 0);
    expect(audio(line)).toHaveLength(20);
  });
});

describe("a laptop that slept", () => {
  it("holds the clock: the time asleep becomes silence, in steps that the service takes", () => {
    const line = live();
    speak(line, 0, 10);
    audio(line);
    line.skip(70 * RATE_HZ);
    line.slept(1000);
    expect(line.wants(1000)).toBe(true);
    speak(line, 10, 12);
    line.connecting();
    line.receive(event("resumed", { samples: { microphone: 10 * BLOCK, tab: 10 * BLOCK } }), 0);
    const sent = onChannel(audio(line), 0);
    const ends = [RATE_HZ, ...sent.map((one) => one.position + one.count)];
    sent.forEach((one, turn) => expect(one.position - (ends[turn] ?? 0)).toBeLessThanOrEqual(30 * RATE_HZ));
    expect(sent.at(-2)).toEqual({ channel: 0, position: 71 * RATE_HZ, count: BLOCK, first: 11 });
    expect(line.lostMs).toBe(0);
  });
});

describe("the end", () => {
  it("comes after the last word, also when the connection is away", () => {
    const line = live();
    speak(line, 0, 3);
    line.drop(1006, 0);
    line.end();
    speak(line, 3, 6);
    line.connecting();
    line.receive(event("resumed", { samples: { microphone: 0, tab: 0 } }), 0);
    const frames = line.take(FOREVER).map(read);
    expect(frames).toHaveLength(7);
    expect(frames.at(-1)).toBe('{"type":"end"}');
    line.receive(event("call_ended", { reason: "ended" }), 0);
    expect(line.ending).toBe("ended");
  });
});

describe("a page that was loaded again", () => {
  it("goes on with the call it remembers, at the place where the clock is now", () => {
    const line = live();
    line.receive(final("tab", 7, 900), 0);
    const again = new CallLine(PLAN, () => 0.5, line.kept, 5 * RATE_HZ);
    again.connecting();
    expect(JSON.parse(again.opening())).toMatchObject({ type: "resume", call_id: "c-1", turn: 7 });
    speak(again, 0, 1);
    again.receive(event("resumed", { samples: { microphone: RATE_HZ, tab: RATE_HZ } }), 0);
    expect(onChannel(audio(again), 1)).toEqual([{ channel: 1, position: 5 * RATE_HZ, count: BLOCK, first: 1 }]);
  });
});
