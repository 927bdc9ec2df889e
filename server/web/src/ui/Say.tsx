import { useTranslation } from "react-i18next";
import type { WireNeed } from "../wire";

/** Whether the customer may be told; nothing when nobody recorded it. */
export function Say({ maySay }: { maySay: boolean | null }) {
  const { t } = useTranslation("needs");
  if (maySay === null) return null;
  return (
    <span className={maySay ? "badge may" : "badge must-not"} title={t(maySay ? "maySayTitle" : "mustNotTitle")}>
      {t(maySay ? "maySay" : "mustNot")}
    </span>
  );
}

export function Status({ status }: { status: WireNeed["status"] }) {
  const { t } = useTranslation("needs");
  return <span className={`stands ${status}`}>{t(`status.${status}`)}</span>;
}
