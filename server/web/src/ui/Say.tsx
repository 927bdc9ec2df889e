import { useTranslation } from "react-i18next";
import type { WireNeed } from "../wire";

/** Whether the customer may be told; nothing when nobody recorded it. */
export function Say({ maySay }: { maySay: boolean | null }) {
  const { t } = useTranslation("terms");
  if (maySay === null) return null;
  return (
    <span className={maySay ? "badge may" : "badge must-not"} title={t(maySay ? "maySayTitle" : "doNotSayTitle")}>
      {t(maySay ? "maySay" : "doNotSay")}
    </span>
  );
}

export function Status({ status }: { status: WireNeed["status"] }) {
  const { t } = useTranslation("terms");
  return <span className={`stands ${status}`}>{t(`status.${status}`)}</span>;
}
