import { describe, expect, it } from "vitest";
import { healthOf, median } from "../src/health";
import { EMPTY, reduce, type Picture } from "../src/state";
import type { HealthEvent, Snapshot, WireChannel, WireConsent } from "../src/wire";
import { health, partial, snapshot, utterance } from "./examples";

const CHANNELS: WireChannel[] = [{ channel: "rep", role: "rep", speaker: "Jonas" }, { channel: "it", role: "customer", speaker: "Priya" }];
const START = Date.parse("2025-11-03T10:00:00Z");

function picture(more: Partial<Snapshot> = {}, change: Partial<Picture> = {}): Picture {
  const first = snapshot(1, more);
  const frame = { ...first, call: { ...first.call, channels: CHANNELS } };
  const found = reduce(reduce(EMPTY, { do: "watch", callId: "c1" }), { do: "frame", frame }).picture;
  if (!found) throw new Error("no picture");
  return { ...found, ...change };
}

const heard = (of: Picture, nowMs = 10_000) => healthOf(of, "live", START + nowMs).channels.map((one) => one.heard);
const sick = (...events: HealthEvent[]) => picture({ health: events, utterances: [utterance("u1")] });

describe("a channel", () => {
  it("waits until something is heard on it", () => {
    expect(heard(picture())).toEqual(["waiting", "waiting"]);
    expect(heard(picture({ utterances: [utterance("u1")] }))).toEqual(["waiting", "heard"]);
  });

  it("speaks while its speech goes on or its words are open", () => {
    expect(heard(picture({ partials: [partial("u2", 1, "so")] }))[1]).toBe("speaking");
    expect(heard(picture({}, { speech: { rep: { speaking: true, atMs: 9000 } } }))[0]).toBe("speaking");
    expect(heard(picture({}, { speech: { rep: { speaking: false, atMs: 9000 } } }))[0]).toBe("heard");
  });

  it("is quiet after two minutes, and says for how long", () => {
    const { channels } = healthOf(picture({ utterances: [utterance("u1")] }), "live", START + 3000 + 185_000);
    expect(channels[1]).toMatchObject({ heard: "quiet", quietMin: 3 });
  });

  it("tells its own fault before anything else, by its code", () => {
    for (const code of ["silent", "clipped", "echo", "delayed", "not_consented"] as const) {
      expect(heard(sick(health("audio", { channel: "it", code })))).toEqual(["waiting", code]);
    }
    expect(heard(sick(health("audio", { channel: "it" })))[1]).toBe("silent");
    expect(heard(sick(health("audio", { channel: "it", code: "echo", ok: true })))[1]).toBe("heard");
  });

  it("is judged by the whole call once it ended", () => {
    const ended = { type: "call_ended", call_id: "c1", at: "2025-11-03T10:01:00Z", reason: "ended", end_ms: 60_000 } as const;
    expect(heard(picture({ ended, utterances: [utterance("u1")] }), 900_000)).toEqual(["nothing", "ended"]);
  });
});

describe("the parts", () => {
  const of = (...events: HealthEvent[]) => {
    const { recognition, graph } = healthOf(sick(...events), "live", START);
    return [recognition, graph];
  };
  it("are in order without a word of the service", () => expect(of()).toEqual(["ok", "ok"]));
  it("tell late words from lost ones", () => {
    expect(of(health("recognition", { code: "words_late" }))).toEqual(["behind", "ok"]);
    expect(of(health("recognition", { code: "words_lost" }))).toEqual(["lossy", "ok"]);
    expect(of(health("recognition"))).toEqual(["lossy", "ok"]);
  });
  it("put what is not stored above everything else", () => {
    expect(of(health("graph", { code: "graph_away" }))).toEqual(["ok", "catching"]);
    expect(of(health("graph", { code: "graph_away" }), health("journal", { code: "not_stored" }))).toEqual(["ok", "unstored"]);
    expect(of(health("adapter", { code: "adapter" }))).toEqual(["ok", "adapter"]);
  });
});

describe("kept audio", () => {
  const consent = (channel: string, ...given: WireConsent["given"]): WireConsent => ({ channel, given, wording: "", author: "ana", at: "2025-11-03T10:00:00Z" });
  const kept = (...consents: WireConsent[]) => healthOf(picture({ consents }), "live", START).kept;
  it("is kept of those who agreed", () => {
    expect(kept()).toEqual({ kept: "unknown" });
    expect(kept(consent("rep", "audio"), consent("it", "audio", "transcript"))).toEqual({ kept: "all" });
    expect(kept(consent("rep", "audio"), consent("it", "transcript"))).toEqual({ kept: "some", speakers: ["Jonas"] });
    expect(kept(consent("it", "transcript"))).toEqual({ kept: "transcript" });
    expect(kept(consent("it"))).toEqual({ kept: "none" });
  });
});

describe("troubles", () => {
  it("name the speaker and whose voice is heard", () => {
    const { troubles } = healthOf(sick(health("audio", { channel: "it", heard: "rep", code: "echo" })), "live", START);
    expect(troubles).toEqual([{ code: "echo", message: "told by the service", speaker: "Priya", other: "Jonas" }]);
  });
  it("say plainly that the screen lost its connection", () => {
    expect(healthOf(picture(), "reconnecting", START).troubles.map((one) => one.code)).toEqual(["connection"]);
    expect(healthOf(picture(), "connecting", START).troubles).toEqual([]);
  });
  it("tell of a channel that stays unheard while the other one speaks", () => {
    const late = { ...utterance("u1"), end_ms: 30_000 };
    expect(healthOf(picture({ utterances: [late] }), "live", START + 31_000).troubles).toEqual([{ code: "waiting", message: "", speaker: "Jonas", other: "" }]);
    expect(healthOf(picture({ utterances: [utterance("u1")] }), "live", START + 4000).troubles).toEqual([]);
  });
});

it("takes the middle of the delays", () => {
  expect([median([]), median([900]), median([3000, 100, 800])]).toEqual([null, 900, 800]);
});
