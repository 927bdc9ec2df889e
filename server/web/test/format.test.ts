import { describe, expect, it } from "vitest";
import { formatOf, localeOf } from "../src/format";

const [en, zh] = [formatOf("en-GB"), formatOf("zh-CN")];
const plain = (text: string | null) => text?.replace(/\s/g, " ");

it("asks Intl for the browser's own English and mainland Chinese", () => {
  expect(localeOf("en", ["de-DE", "en-GB"])).toBe("en-GB");
  expect(localeOf("en", ["de-DE"])).toBe("en");
  expect(localeOf("zh", ["zh-TW", "en"])).toBe("zh-CN");
});

describe("age", () => {
  const now = Date.parse("2026-03-02T12:00:00Z");
  it.each([
    ["2026-03-02", "today", "今天"], ["2026-03-03", "today", "今天"], ["2026-03-01", "yesterday", "昨天"], ["2026-02-27", "3 days ago", "3天前"], ["2026-02-18", "last week", "上周"],
    ["2026-01-29", "last month", "上个月"], ["2025-12-01", "2 months ago", "2个月前"], ["2023-01-01", "3 years ago", "3年前"],
  ])("says %s in whole words", (at, inEnglish, inChinese) => {
    expect(en.age(at, now)).toBe(inEnglish);
    expect(zh.age(at, now)).toBe(inChinese);
  });
  it("says nothing of what is no date or lies ahead", () => {
    expect([en.age("last spring", now), en.age("", now), en.age("2026-03-09", now)]).toEqual([null, null, null]);
  });
});

it("says lengths in whole minutes, short ones in seconds", () => {
  expect([0, 59_400, 59_600, 86_000, 3_600_000, 4_320_000].map((ms) => plain(en.length(ms)))).toEqual(["0 secs", "59 secs", "1 min", "1 min", "1 hr", "1 hr 12 mins"]);
  expect(plain(zh.length(4_320_000))).toBe("1小时 12分钟");
  expect(plain(zh.seconds(740))).toBe("0.7秒");
});

it("writes dates and figures as the language does, and leaves what is no date as it is", () => {
  expect(en.date("2025-11-03T12:00:00Z")).toBe("3 Nov 2025");
  expect(zh.date("2025-11-03T12:00:00Z")).toBe("2025年11月3日");
  expect(en.date("soon")).toBe("soon");
  expect(en.percent(0.344)).toBe("34%");
  expect(en.figure(3.3333)).toBe("3.3");
  expect(en.list(["Ana", "<b>Bo</b>", "Cy"])).toBe("Ana, <b>Bo</b> and Cy");
  expect(zh.list(["Ana", "Bo"])).toBe("Ana和Bo");
});
