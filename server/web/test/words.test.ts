import { describe, expect, it } from "vitest";
import { preferred } from "../src/words";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => (typeof value === "string" ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`)));
}

const holes = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name ?? "").sort();
const english = new Map(leaves(en as unknown as Tree));
const chinese = new Map(leaves(zh as unknown as Tree));

describe("the two languages", () => {
  it("have the same keys and no empty words", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
    expect([...english, ...chinese].filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  it("fill in the same values; a count may be written out in one of them", () => {
    const differ = [...english].filter(([key, text]) => {
      const [a, b] = [holes(text), holes(chinese.get(key) ?? "")].map((names) => names.filter((one) => one !== "count"));
      return a?.join() !== b?.join();
    });
    expect(differ).toEqual([]);
  });
});

it("prefers what was chosen, then the browser's languages, then English", () => {
  expect([preferred("zh", ["en"]), preferred(null, ["fr-FR", "zh-TW", "en"]), preferred("xx", ["de"])]).toEqual(["zh", "zh", "en"]);
});
