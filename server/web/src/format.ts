// Dates, ages, lengths and figures in the page's language. Pure; made once for each language.

const DAY_MS = 86_400_000;
/** Days of each span of time; months and years as they are on average. */
const SPANS: readonly [Intl.RelativeTimeFormatUnit, number][] = [["year", 365.25], ["month", 30.44], ["week", 7], ["day", 1]];

export interface Format {
  /** "3 Nov 2025" */
  date(at: string): string;
  /** "3 Nov 2025, 10:00" */
  moment(at: string): string;
  /** "10:00" */
  time(at: string): string;
  /** How long before `now` (milliseconds since 1970), in whole words; null when it is no date, or lies ahead. */
  age(at: string, now: number): string | null;
  /** A length in whole minutes, below one minute in seconds. */
  length(ms: number): string;
  /** Seconds with one decimal. */
  seconds(ms: number): string;
  /** 0 to 1 as a percentage. */
  percent(share: number): string;
  /** A figure with at most one decimal. */
  figure(value: number): string;
  /** Names in a row: "Ana, Bo and Cy". */
  list(names: readonly string[]): string;
}

/** What Intl is asked for: the browser's own English, mainland Chinese. */
export function localeOf(language: string, browser: readonly string[]): string {
  if (language.startsWith("zh")) return "zh-CN";
  return browser.find((one) => one.slice(0, 2) === language.slice(0, 2)) ?? language;
}

export function formatOf(locale: string): Format {
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const unit = (one: "hour" | "minute" | "second", digits = 0) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: one, unitDisplay: "short", minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [hours, minutes, seconds, exact] = [unit("hour"), unit("minute"), unit("second"), unit("second", 1)];
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  const figure = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const names = new Intl.ListFormat(locale, { type: "conjunction" });
  const dated = (format: Intl.DateTimeFormat) => (at: string) => (Number.isNaN(Date.parse(at)) ? at : format.format(new Date(at)));
  return {
    date: dated(date),
    moment: dated(moment),
    time: dated(time),
    age: (at, now) => {
      const days = Math.floor((now - Date.parse(at)) / DAY_MS);
      // A day is written without its time zone: it may have begun elsewhere.
      if (!(days >= -1)) return null;
      if (days < 1) return relative.format(0, "day");
      const [unit, each] = SPANS.find(([, length]) => days >= length) ?? ["day", 1];
      return relative.format(-Math.floor(days / each), unit);
    },
    length: (ms) => {
      const whole = Math.max(0, Math.round(ms / 1000));
      if (whole < 60) return seconds.format(whole);
      const total = Math.round(whole / 60);
      const [h, m] = [Math.floor(total / 60), total % 60];
      return [h > 0 && hours.format(h), (m > 0 || h === 0) && minutes.format(m)].filter(Boolean).join(" ");
    },
    seconds: (ms) => exact.format(ms / 1000),
    percent: (share) => percent.format(share),
    figure: (value) => figure.format(value),
    list: (all) => names.format(all),
  };
}
