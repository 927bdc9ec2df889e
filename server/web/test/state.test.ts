import { describe, expect, it } from "vitest";
import { EMPTY, reduce, signalsInOrder, verdictOn, type Picture, type State } from "../src/state";
import type { ScreenFrame } from "../src/wire";
import { annotated, annotation, delta, event, need, partial, signal, snapshot, summary, utterance } from "./examples";

function after(...frames: ScreenFrame[]): State {
  const live = reduce(EMPTY, { do: "connection", connection: "live" });
  return [{ type: "calls", calls: [summary("c1", true)] } as ScreenFrame, ...frames].reduce((state, frame) => reduce(state, { do: "frame", frame }), live);
}

function pictured(...frames: ScreenFrame[]): Picture {
  const { picture } = after(...frames);
  if (!picture) throw new Error("no picture");
  return picture;
}

describe("which call is watched", () => {
  const listed = (state: State, ...calls: [string, boolean][]) =>
    reduce(state, { do: "frame", frame: { type: "calls", calls: calls.map(([id, live]) => summary(id, live)), total: calls.length } });

  it("is the newest live one, else the newest", () => {
    expect(listed(EMPTY, ["c3", false], ["c2", true], ["c1", true]).wanted?.callId).toBe("c2");
    expect(listed(EMPTY, ["c3", false], ["c2", false]).wanted?.callId).toBe("c3");
    expect(listed(EMPTY).wanted).toBeNull();
  });

  it("follows a new live call only once the watched one has ended", () => {
    const watching = listed(EMPTY, ["c1", true]);
    expect(listed(watching, ["c2", true], ["c1", true]).wanted?.callId).toBe("c1");
    expect(listed(watching, ["c2", true], ["c1", false]).wanted?.callId).toBe("c2");
  });

  it("stays on an older call that the list of the newest does not hold", () => {
    const older = reduce(listed(EMPTY, ["c2", true]), { do: "watch", callId: "c0" });
    const frame: ScreenFrame & { type: "calls" } = { type: "calls", calls: [summary("c2", true)], total: 80 };
    expect(reduce(older, { do: "frame", frame }).wanted?.callId).toBe("c0");
    expect(reduce(older, { do: "frame", frame: { ...frame, calls: [summary("c3", true), summary("c2", true)] } }).wanted?.callId).toBe("c0");
  });

  it("leaves a call that is gone from the whole list", () => {
    const gone = reduce(listed(EMPTY, ["c2", true]), { do: "watch", callId: "c0" });
    expect(listed(gone, ["c2", true]).wanted?.callId).toBe("c2");
  });

  it("is the one that the address names, whatever runs when the first list comes", () => {
    const named = reduce(EMPTY, { do: "watch", callId: "c1" });
    expect(listed(named, ["c2", true], ["c1", false]).wanted?.callId).toBe("c1");
    expect(listed(named, ["c2", true]).wanted?.callId).toBe("c1");
  });

  it("stays on an older call that was chosen while another one goes on", () => {
    const chosen = reduce(listed(EMPTY, ["c2", true], ["c1", false]), { do: "watch", callId: "c1" });
    expect(listed(chosen, ["c2", true], ["c1", false]).wanted?.callId).toBe("c1");
  });
});

describe("numbering", () => {
  it("ignores what it has already seen", () => {
    const first = after(snapshot(4), event(5, utterance("u1")));
    expect(reduce(first, { do: "frame", frame: event(5, utterance("u2")) })).toBe(first);
  });

  it("asks again on a gap, once, and drops events until the snapshot", () => {
    const before = after(snapshot(4));
    const gap = reduce(before, { do: "frame", frame: event(6, utterance("u6")) });
    expect(gap.wanted?.ask).toBe((before.wanted?.ask ?? 0) + 1);
    const still = reduce(gap, { do: "frame", frame: event(7, utterance("u7")) });
    expect(still).toBe(gap);
    const mended = reduce(still, { do: "frame", frame: snapshot(7, { utterances: [utterance("u6"), utterance("u7")] }) });
    expect(mended.stale).toBe(false);
    expect(mended.picture?.utterances).toHaveLength(2);
  });

  it("ignores another call's snapshot and events", () => {
    const state = after(snapshot(1));
    const other = { ...snapshot(9), call: { ...snapshot(9).call, call_id: "c9" } };
    expect(reduce(state, { do: "frame", frame: other })).toBe(state);
    expect(reduce(state, { do: "frame", frame: event(2, { ...utterance("u"), call_id: "c9" }) })).toBe(state);
  });

  it("keeps the picture while the connection is away and asks again when it is back", () => {
    const away = reduce(after(snapshot(4, { utterances: [utterance("u1")] })), { do: "connection", connection: "reconnecting" });
    expect(away.picture?.utterances).toHaveLength(1);
    const back = reduce(away, { do: "connection", connection: "live" });
    expect(back.wanted?.ask).toBe((away.wanted?.ask ?? 0) + 1);
    expect(back.picture?.utterances).toHaveLength(1);
  });
});

describe("words", () => {
  it("replaces a partial by a higher revision and removes it with the final words", () => {
    const frames = [snapshot(0), event(1, partial("u1", 1, "it")), event(2, partial("u1", 3, "it must")), event(3, partial("u1", 2, "old"))];
    expect(pictured(...frames).partials["u1"]?.text).toBe("it must");
    const final = pictured(...frames, event(4, utterance("u1")));
    expect(final.partials).toEqual({});
    expect(final.utterances).toHaveLength(1);
  });

  it("does not bring back a partial after its final words, and takes an empty one away", () => {
    expect(pictured(snapshot(0), event(1, utterance("u1")), event(2, partial("u1", 9, "late"))).partials).toEqual({});
    expect(pictured(snapshot(0), event(1, partial("u1", 1, "hm")), event(2, partial("u1", 2, ""))).partials).toEqual({});
  });

  it("measures from the end of speech to the final words, of finals that came while the page was open", () => {
    const late = (id: string, seconds: number) => ({ ...utterance(id), at: new Date(Date.parse("2025-11-03T10:00:03Z") + seconds * 1000).toISOString() });
    expect(pictured(snapshot(0, { utterances: [utterance("old")] })).delaysMs).toEqual([]);
    const picture = pictured(snapshot(0), event(1, late("u1", 1.5)), event(2, late("u2", 2)), event(3, { ...late("u2", 60), revision: 2 }));
    expect(picture.delaysMs).toEqual([1500, 2000]);
    const many = Array.from({ length: 30 }, (_, at) => event(at + 1, late(`u${at}`, at)));
    expect(pictured(snapshot(0), ...many).delaysMs).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29].map((one) => one * 1000));
  });

  it("knows who speaks, and forgets it when the call ends", () => {
    const speech = { call_id: "c1", at: "2025-11-03T10:00:00Z", channel: "it", speaker: "Priya", start_ms: 400, end_ms: 900 };
    const frames = [snapshot(0), event(1, { ...speech, type: "speech_started" })];
    expect(pictured(...frames).speech["it"]).toEqual({ speaking: true, atMs: 400 });
    const still = [...frames, event(2, { ...speech, type: "speech_ended" })];
    expect(pictured(...still).speech["it"]).toEqual({ speaking: false, atMs: 900 });
    expect(pictured(...still, event(3, { type: "call_ended", call_id: "c1", at: speech.at, reason: "ended", end_ms: 1000 })).speech).toEqual({});
  });

  it("keeps utterances in the order they were said", () => {
    const { utterances } = pictured(snapshot(0), event(1, utterance("late", 9000)), event(2, utterance("early", 500)));
    expect(utterances.map((one) => one.utterance_id)).toEqual(["early", "late"]);
  });
});

describe("signals and needs", () => {
  it("takes needs from deltas, in order of arrival", () => {
    const { order, needs } = pictured(snapshot(0), event(1, delta([need("b"), need("a")])), event(2, delta([need("c"), need("a", { strength: 3 })], ["b"])));
    expect(order).toEqual(["a", "c"]);
    expect(needs["a"]?.strength).toBe(3);
  });

  it("keeps the order of arrival over a second snapshot", () => {
    const state = after(snapshot(0), event(1, delta([need("b"), need("a")])), snapshot(5, { needs: [need("a"), need("b"), need("c")] }));
    expect(state.picture?.order).toEqual(["b", "a", "c"]);
  });

  it("replaces a corrected signal and removes a refused one", () => {
    const start = [snapshot(0), event(1, signal("s1"))];
    const corrected = event(2, annotated(annotation("a1", { verdict: "correct" }), signal("s1", { signal_type: "proof" })));
    expect(pictured(...start, corrected).signals["s1"]?.signal_type).toBe("proof");
    expect(pictured(...start, event(2, annotated(annotation("a1", { verdict: "refuse" }), null))).signals).toEqual({});
  });

  it("shows the last verdict that nobody took back", () => {
    const undo = annotation("a3", { verdict: "undo", undoes: "a2" });
    const picture = pictured(snapshot(0, { annotations: [annotation("a1"), annotation("a2", { verdict: "correct" })] }), event(1, annotated(undo, signal("s1"))));
    expect(verdictOn(picture, "s1")?.annotation_id).toBe("a1");
    expect(verdictOn(picture, "other")).toBeNull();
  });

  it("walks signals in the order they were said", () => {
    const picture = pictured(snapshot(0, { signals: [signal("b", { start: 9 }), signal("c", { start_ms: 1 }), signal("a")] }));
    expect(signalsInOrder(picture).map((one) => one.id)).toEqual(["c", "a", "b"]);
  });
});
