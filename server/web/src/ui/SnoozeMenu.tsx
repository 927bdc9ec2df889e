import { useTranslation } from "react-i18next";
import { REST_OF_CALL_MINUTES } from "../cards";

const PAUSES = [5, 15, 30] as const;

/** How long no card shall come. */
export function SnoozeMenu({ onPause }: { onPause(minutes: number): void }) {
  const { t } = useTranslation("cards");
  return (
    <div className="cards-panel snooze" role="group" aria-label={t("pause")}>
      {PAUSES.map((count) => <button key={count} onClick={() => onPause(count)}>{t("minutes", { count })}</button>)}
      <button onClick={() => onPause(REST_OF_CALL_MINUTES)}>{t("restOfCall")}</button>
    </div>
  );
}
