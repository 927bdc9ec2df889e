import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { lengthOf } from "../history";
import { go } from "../route";
import type { Picture } from "../state";
import { useFormat } from "./useFormat";

/** Leads to the summary of a call that ended while it was watched. */
export function EndedBanner({ picture }: { picture: Picture }) {
  const { t } = useTranslation(["recap", "common"]);
  const format = useFormat();
  const callId = picture.call.call_id;
  const watched = useRef<string | null>(null);
  const [closed, close] = useState<string | null>(null);
  if (picture.ended === null) watched.current = callId;
  if (picture.ended === null || watched.current !== callId || closed === callId) return null;
  return (
    <div className="banner" role="status" data-testid="ended">
      {t("recap:ended", { length: format.length(lengthOf(picture)) })}
      <button className="primary" onClick={() => go({ view: "summary", callId })}>{t("recap:summary")}</button>
      <button className="icon" aria-label={t("common:close")} onClick={() => close(callId)}>×</button>
    </div>
  );
}
