import { useTranslation } from "react-i18next";

/** What failed, in the service's words, and another try. */
export function Problem({ error, onAgain }: { error: unknown; onAgain(): void }) {
  const { t } = useTranslation("terms");
  return (
    <div className="notice problem" role="alert">
      <p>{t("failed", { reason: error instanceof Error ? error.message : String(error) })} <button className="link" onClick={onAgain}>{t("again")}</button></p>
    </div>
  );
}
