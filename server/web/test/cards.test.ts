import { describe, expect, it } from "vitest";
import { earlierCards, pauseAt, stay, sureness } from "../src/cards";
import { EMPTY, reduce, type Picture } from "../src/state";
import type { WireCard } from "../src/wire";
import { link, snapshot } from "./examples";

const SHOWN = "2025-11-03T10:00:00Z";
const now = Date.parse(SHOWN);

function card(card_id: string, more: Partial<WireCard> = {}): WireCard {
  return {
    card_id, need_id: "n1", signal_id: "s1", utterance_id: "u1", kind: "need", need_type: "integration", text: "the words", speaker: "Priya", start_ms: 1000,
    link: link("T-1"), confidence: 0.9, state: "shown", shown_at: SHOWN, closes_at: "2025-11-03T10:00:30Z", returned: false, ...more,
  };
}

function picture(cards: WireCard[], cards_paused_until: string | null = null): Picture {
  const watched = reduce(EMPTY, { do: "watch", callId: "c1" });
  return reduce(watched, { do: "frame", frame: snapshot(1, { cards, cards_paused_until }) }).picture!;
}

it("lists what is no longer up, the newest first", () => {
  const cards = [card("a", { state: "used" }), card("b"), card("c", { state: "ignored", shown_at: "2025-11-03T10:05:00Z" })];
  expect(earlierCards(picture(cards)).map((one) => one.card_id)).toEqual(["c", "a"]);
});

it("calls the confidence by a word", () => {
  expect([0.95, 0.9, 0.89, 0.8, 0.79, 0].map(sureness)).toEqual(["high", "high", "middle", "middle", "low", "low"]);
});

describe("how long a card stays", () => {
  it("counts from when it came up", () => expect(stay(card("a"), now + 12_000)).toEqual({ total: 30_000, over: 12_000 }));
  it("does not believe a clock that differs by more than the card's time", () => {
    expect(stay(card("a"), now - 60_000).over).toBe(0);
    expect(stay(card("a"), now + 60_000).over).toBe(0);
  });
  it("is none when it closes before it came up", () => expect(stay(card("a", { closes_at: "2025-11-03T09:00:00Z" }), now).total).toBe(0));
});

describe("a pause", () => {
  it("holds until its time and ends by itself", () => {
    const paused = picture([], "2025-11-03T10:15:00Z");
    expect(pauseAt(paused, now)).toEqual({ whole: false, until: "2025-11-03T10:15:00Z", leftMs: 900_000 });
    expect(pauseAt(paused, now + 900_000)).toBeNull();
    expect(pauseAt(picture([]), now)).toBeNull();
  });
  it("of more than three hours is one for the rest of the call", () => {
    expect(pauseAt(picture([], "2025-11-03T14:00:00Z"), now)).toEqual({ whole: true });
  });
});
