import { describe, expect, it } from "vitest";
import { Api, ApiError } from "../src/api";
import { accounts, answerCard, exportSummary, fileName, unshare } from "../src/moments";
import { parsed, written, type Route } from "../src/route";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";

describe("the name of a file", () => {
  it.each([
    ["attachment; filename=\"summary.md\"", "summary.md"],
    ["attachment; filename=\"plain.md\"; filename*=UTF-8''Br%C3%BCck%20%22x%22.md", `Brück "x".md`],
    ["attachment; filename=\"a \\\"b\\\".md\"", `a "b".md`],
    ["attachment; filename=bare.json", "bare.json"],
    ["attachment; filename=\"kept.md\"; filename*=UTF-8''%E0%A4%A", "kept.md"],
    ["attachment", null], [null, null],
  ])("is read from %s", (header, name) => expect(fileName(header)).toBe(name));
});

describe("requests", () => {
  const sent: { method: string; path: string; body: unknown }[] = [];
  const answering = (status: number, body: unknown, headers: Record<string, string> = {}) => {
    sent.length = 0;
    globalThis.fetch = (path, init) => {
      sent.push({ method: init?.method ?? "", path: String(path), body: init?.body });
      return Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
    };
    return new Api("t", () => undefined);
  };
  it("write names safely into the path", async () => {
    await answering(200, {}).account(`A/B "c" & <d>?`);
    expect(sent[0]?.path).toBe("/v1/accounts/A%2FB%20%22c%22%20%26%20%3Cd%3E%3F");
    await accounts(answering(200, { accounts: [] }), "ö&x");
    expect(sent[0]?.path).toBe("/v1/accounts?limit=200&query=%C3%B6%26x");
  });
  it("carry the answer to a card", async () => {
    expect(await answerCard(answering(200, { annotation_id: "a1" }), "c1", "k1", "used")).toEqual({ annotation_id: "a1" });
    expect(sent).toEqual([{ method: "POST", path: "/v1/calls/c1/cards/k1", body: `{"outcome":"used"}` }]);
  });
  it("fail with the service's words", async () => {
    const refused = unshare(answering(409, { error: { code: "over", message: "the call is over" } }), "s1");
    await expect(refused).rejects.toEqual(new ApiError(409, "over", "the call is over"));
  });
  it("give a file its name", async () => {
    const found = await exportSummary(answering(200, {}, { "Content-Disposition": `attachment; filename="x.md"` }), "c1", "markdown", "zh");
    expect(found.name).toBe("x.md");
    expect(sent[0]?.path).toBe("/v1/calls/c1/summary/export?format=markdown&language=zh");
  });
});

describe("the place in a call", () => {
  it.each<[Route, string]>([
    [{ view: "call", callId: "c/1", at: "c/1:u 2" }, "#/call/c%2F1/c%2F1%3Au%202"],
    [{ view: "call", callId: "c1" }, "#/call/c1"],
    [{ view: "account", account: `<i>"A"/B` }, `#/account/%3Ci%3E%22A%22%2FB`],
  ])("goes into the address and back", (route, hash) => {
    expect(written(route)).toBe(hash);
    expect(parsed(hash)).toEqual(route);
  });
  it("is left out when it cannot be read", () => expect(parsed("#/call/c1/%E0%A4%A")).toEqual({ view: "call", callId: "c1" }));
});

it("has the same places to fill in both languages", () => {
  const places = (words: object): Record<string, string> =>
    Object.fromEntries(Object.entries(words).flatMap(([key, text]) =>
      typeof text === "string" ? [[key, [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort().join("")]] : Object.entries(places(text as object)).map(([inner, found]) => [`${key}.${inner}`, found])));
  const [english, chinese] = [places(en), places(zh)];
  // A plural of one may leave the count out.
  const differing = Object.keys(english).filter((key) => english[key] !== chinese[key] && !/_(one|zero)$/.test(key));
  expect(differing).toEqual([]);
});
