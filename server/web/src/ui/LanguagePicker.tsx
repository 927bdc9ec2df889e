import { useTranslation } from "react-i18next";
import { LANGUAGES, speak, type Language } from "../words";

/** Each language in its own words, so that it is found from any other. */
export function LanguagePicker() {
  const { t, i18n } = useTranslation();
  return (
    <select className="language" aria-label={t("language")} data-testid="page-language" value={i18n.language} onChange={(event) => void speak(event.target.value as Language, true)}>
      {Object.entries(LANGUAGES).map(([id, name]) => <option key={id} value={id} lang={id === "zh" ? "zh-CN" : id}>{name}</option>)}
    </select>
  );
}
