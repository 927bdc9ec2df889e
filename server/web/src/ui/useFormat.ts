import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatOf, localeOf, type Format } from "../format";

const made = new Map<string, Format>();

/** Dates and figures in the page's language. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const locale = localeOf(i18n.language, navigator.languages);
    const format = made.get(locale) ?? formatOf(locale);
    made.set(locale, format);
    return format;
  }, [i18n.language]);
}
