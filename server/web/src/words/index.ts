// The page's languages. English is there at once, others are fetched when they are chosen.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";

export const LANGUAGES = { en: "English", zh: "简体中文" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "needgraph.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof en;
    returnNull: false;
  }
}

/** The language that was chosen here before, else the browser's. */
export function preferred(chosen: string | null, browser: readonly string[]): Language {
  if (chosen !== null && chosen in LANGUAGES) return chosen as Language;
  const known = browser.map((one) => one.slice(0, 2)).find((one) => one in LANGUAGES);
  return (known ?? "en") as Language;
}

/** English words, at once; tests need no more. */
export function prepare(): void {
  void i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    defaultNS: "common",
    resources: { en },
    initAsync: false,
    // React escapes what it is given.
    interpolation: { escapeValue: false },
  });
}

/** The page's language as Intl takes it: the browser's own variant of it where there is one. */
export function locale(): string {
  const language = i18next.language === "zh" ? "zh" : "en";
  const own = typeof navigator === "undefined" ? undefined : navigator.languages?.find((one) => one.startsWith(`${language}-`));
  return own ?? (language === "zh" ? "zh-CN" : "en-GB");
}

export async function begin(): Promise<void> {
  prepare();
  await speak(preferred(localStorage.getItem(KEY), navigator.languages));
}

/** Change the page's language, and remember it when a person chose it. */
export async function speak(language: Language, remember = false): Promise<void> {
  if (language === "zh" && !i18next.hasResourceBundle("zh", "common")) {
    const { zh } = await import("./zh");
    for (const [namespace, words] of Object.entries(zh)) i18next.addResourceBundle("zh", namespace, words);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  if (remember) localStorage.setItem(KEY, language);
}
