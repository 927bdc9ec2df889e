import { useTranslation } from "react-i18next";

const KEYS = [["m", "join"], ["s", "part"], ["g / b", "links"], ["n / h / w", "words"]] as const;

/** The keys of the details and of selected words, for the list of all keys. */
export function CorrectionKeys() {
  const { t } = useTranslation("corrections");
  return KEYS.map(([key, what]) => (
    <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(`keys.${what}`)}</dd></div>
  ));
}
