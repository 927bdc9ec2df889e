import { describe, expect, it } from "vitest";
import { likes, needHolding } from "../src/holding";
import { matching } from "../src/matching";
import { redone, taken, undone } from "../src/queue";
import type { AnnotationRow } from "../src/bodies";
import { EMPTY, reduce, type Picture } from "../src/state";
import { moveEdge, pieces, quote, selectedPoints, snap, toCodePoints, toUnits } from "../src/text";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";
import { event, need, signal, snapshot, utterance } from "./examples";
import type { ScreenFrame, WireNeed } from "../src/wire";

function pictured(...frames: ScreenFrame[]): Picture {
  const { picture } = frames.reduce((state, frame) => reduce(state, { do: "frame", frame }), reduce(EMPTY, { do: "watch", callId: "c1" }));
  if (!picture) throw new Error("no picture");
  return picture;
}

const mention = (signal_id: string) => ({ signal_id, call_id: "c1" }) as WireNeed["mentions"][number];

describe("corrected words", () => {
  const start = snapshot(0, { utterances: [utterance("u1"), utterance("u2")], signals: [signal("s1"), signal("s2"), signal("s3", { utterance_id: "u2" })] });
  const anew = { ...utterance("u1"), revision: 2, text: "other words" };

  it("take the former signals with them; those that still stand follow", () => {
    const corrected = [start, event(1, anew)];
    expect(Object.keys(pictured(...corrected).signals)).toEqual(["s3"]);
    const moved = event(2, signal("s1", { revision: 2, start: 3, end: 8 }));
    expect(Object.keys(pictured(...corrected, moved).signals).sort()).toEqual(["s1", "s3"]);
  });

  it("leave signals alone when the same revision comes again", () => {
    expect(Object.keys(pictured(start, event(1, utterance("u1"))).signals)).toEqual(["s1", "s2", "s3"]);
  });

  it("are kept by id, as the service told them", () => {
    const correction = { annotation_id: "a1", utterance_id: "u1", revision: 1, start: 0, end: 5, heard: "words", said: "<b>", author: "Sol", at: "2026-01-01T00:00:00Z", undoes: null };
    const told = { type: "words", call_id: "c1", at: correction.at, correction } as const;
    expect(pictured(start, event(1, told), event(2, told)).words).toEqual([correction]);
  });
});

describe("spans in hard texts", () => {
  it.each([
    ["quotes and markup", `He said "<b>no</b>" & 'maybe'`, "maybe"],
    ["emoji of several code points", "👩‍💻👍🏽 we need 🧀 exports 🇩🇪 now", "exports"],
    ["right to left", "אנחנו צריכים ייצוא ל-Käsebuch בכל יום שני 🧀", "ייצוא"],
    ["right to left with marks", "\u202bنحن بحاجة إلى تصدير كل يوم\u202c", "تصدير"],
    ["combining accents", "Ka\u0308sebuch export", "export"],
  ])("%s", (_, text, word) => {
    const at = text.indexOf(word);
    const points = selectedPoints(text, { start: at + 1, end: at + 2 });
    expect(points && quote(text, points)).toBe(word);
    const cut = pieces(text, points ? [points] : []);
    expect(cut.map((one) => one.text).join("")).toBe(text);
    expect(cut.find((one) => one.marks.length > 0)?.text).toBe(word);
    // As Python counts.
    expect([...text].slice(points?.start, points?.end).join("")).toBe(word);
  });

  it("a selection inside a surrogate pair takes the whole pair", () => {
    const text = "a 𠮷野家 b";
    const points = selectedPoints(text, { start: 3, end: 4 });
    expect(points && quote(text, points)).toContain("𠮷");
    expect(toUnits(text, toCodePoints(text, 3))).toBe(4);
  });

  it("ten thousand characters are quick and exact", () => {
    const text = `${"🧀 wort ".repeat(1250)}Ziel${" שלום".repeat(1250)}`;
    const at = text.indexOf("Ziel");
    const began = performance.now();
    const points = selectedPoints(text, { start: at, end: at + 1 });
    expect(points).toEqual({ start: 1250 * 7, end: 1250 * 7 + 4 });
    const marks = Array.from({ length: 50 }, (_, n) => ({ start: n * 100, end: n * 100 + 40 }));
    expect(pieces(text, marks).map((one) => one.text).join("")).toBe(text);
    expect(quote(text, moveEdge(text, points ?? { start: 0, end: 1 }, "start", -1))).toBe("wort Ziel");
    expect(performance.now() - began).toBeLessThan(1000);
    expect(snap(text, { start: at + 4, end: at + 5 })).toBeNull();
  });
});

describe("which need a signal belongs to", () => {
  const picture = pictured(snapshot(0, { needs: [need("n1", { mentions: [mention("s1"), mention("s2")] }), need("n2", { mentions: [mention("s3")] })] }));

  it("is the one that holds it now", () => {
    expect(needHolding(picture, "s3")?.need_id).toBe("n2");
    expect(needHolding(picture, "s9")).toBeUndefined();
    expect(needHolding(picture, undefined)).toBeUndefined();
  });

  it("may be the same as others of its kind, of this call first, each once", () => {
    const [mine, doubt, old] = [need("n1"), need("h1", { kind: "hesitation" }), need("n0")];
    const found = likes(mine, { n1: mine, n2: need("n2"), h1: doubt }, [old, mine, need("n2"), doubt]);
    expect(found.map((one) => [one.need.need_id, one.here])).toEqual([["n2", true], ["n0", false]]);
  });
});

describe("typing to find", () => {
  const options = [
    { id: "1", group: "Needs", text: "Integration", detail: "works with another system" },
    { id: "2", group: "Needs", text: "Support", detail: "" },
    { id: "3", group: "Needs", text: "Single sign-on", detail: "integration of log-ins" },
    { id: "4", group: "Doubts", text: "Uncertainty", detail: "" },
    { id: "5", group: "Doubts", text: "Prix élevé (a+b)", detail: "" },
  ];
  const ids = (typed: string) => matching(options, typed).map((one) => one.id);

  it("puts what begins so first, and keeps groups together", () => {
    expect(ids("int")).toEqual(["1", "3", "4"]);
    expect(ids("  ")).toEqual(["1", "2", "3", "4", "5"]);
    expect(ids("unc")).toEqual(["4"]);
  });

  it("finds a word within, without accents, and every word of several", () => {
    expect(ids("sign")).toEqual(["3"]);
    expect(ids("ELEVE")).toEqual(["5"]);
    expect(ids("on single")).toEqual(["3"]);
    expect(ids("single x")).toEqual([]);
  });

  it("takes signs as they are", () => {
    expect(ids("(a+b")).toEqual(["5"]);
    expect(ids(".*")).toEqual([]);
  });
});

describe("the review queue", () => {
  const row = (annotation_id: string) => ({ annotation_id, undone: false, undone_by: null }) as AnnotationRow;

  it("grows by pages and holds every row once", () => {
    const first = taken(null, { rows: [row("c"), row("b")], next: "7" });
    const both = taken(undone(first, "b", "u"), { rows: [row("b"), row("a")], next: null });
    expect(both.rows.map((one) => [one.annotation_id, one.undone])).toEqual([["c", false], ["b", true], ["a", false]]);
    expect(both.next).toBeNull();
  });

  it("remembers by what a row was taken back, to do it again", () => {
    const gone = undone({ rows: [row("a")], next: null }, "a", "u1");
    expect(gone.rows[0]?.undone_by).toBe("u1");
    expect(redone(gone, "a", "u2").rows[0]).toEqual(row("a"));
  });
});

describe("two languages", () => {
  type Tree = { [key: string]: string | Tree };
  const leaves = (tree: Tree, path = ""): [string, string][] =>
    Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`)));
  const gaps = (text: string) => [...text.matchAll(/\{\{\w+\}\}|<k>/g)].map(([one]) => one).sort();

  it.each(Object.keys(en) as (keyof typeof en)[])("%s has the same gaps in both, and no text is left in English", (namespace) => {
    const chinese = new Map(leaves(zh[namespace]));
    for (const [key, text] of leaves(en[namespace])) {
      expect(gaps(chinese.get(key) ?? ""), key).toEqual(gaps(text));
      // Names of formats stay as they are, and a language is called by its own name.
      if (/[a-z]{3}/i.test(text.replace(/\{\{\w+\}\}|Markdown|HTML|JSON|English/g, ""))) expect(chinese.get(key), key).toMatch(/\p{Script=Han}/u);
    }
  });
});
