import { describe, expect, it } from "vitest";
import { chips, namesIn } from "../src/names";
import { EMPTY, reduce, type Picture } from "../src/state";
import type { WireNamed } from "../src/wire";
import { delta, event, snapshot, utterance } from "./examples";

const CHANNEL = { channel: "it", role: "customer", speaker: "Priya" } as const;

function thing(type: WireNamed["type"], name: string): WireNamed {
  return { type, name, start: 0, end: 5 };
}

function names(utterance_id: string, things: WireNamed[], revision = 1) {
  return { utterance_id, revision, things };
}

function picture(...named: ReturnType<typeof names>[]): Picture {
  const first = snapshot(1, { utterances: [utterance("u1", 0), utterance("u2", 5000)], named });
  const watched = reduce(EMPTY, { do: "watch", callId: "c1" });
  const { picture } = reduce(watched, { do: "frame", frame: { ...first, call: { ...first.call, channels: [CHANNEL] } } });
  if (!picture) throw new Error("no picture");
  return picture;
}

describe("names", () => {
  it("come by type, each once, without those on the call", () => {
    const shown = chips(picture(
      names("u1", [thing("date", "March"), thing("person", "Priya"), thing("competitor", "CallDeck"), thing("account", "Halden")]),
      names("u2", [thing("competitor", "Parley"), thing("competitor", "calldeck")]),
    ));
    expect(shown.map((one) => [one.name, one.times, one.utteranceId])).toEqual([
      ["CallDeck", 2, "u2"], ["Parley", 1, "u2"], ["March", 1, "u1"],
    ]);
  });

  it("are replaced by utterance, and belong to the revision they were found in", () => {
    const state = { ...reduce(EMPTY, { do: "watch", callId: "c1" }), picture: picture(names("u1", [thing("date", "March")])) };
    const frame = event(2, delta([], [], [names("u1", [thing("date", "May")])]));
    const next = reduce(state, { do: "frame", frame }).picture;
    expect(next && namesIn(next, "u1", 1).map((one) => one.name)).toEqual(["May"]);
    expect(next && namesIn(next, "u1", 2)).toEqual([]);
  });
});
