import { useTranslation } from "react-i18next";
import { lengthOf } from "../history";
import { go } from "../route";
import type { Picture } from "../state";
import { useFormat } from "./useFormat";

/** That a call has ended, and the way to its summary, where the time left stood before: nothing moves. */
export function Ended({ picture }: { picture: Picture }) {
  const { t } = useTranslation("recap");
  const format = useFormat();
  const callId = picture.call.call_id;
  return (
    <span className="ended" data-testid="ended">
      <span role="status" className="left">{t("ended", { length: format.length(lengthOf(picture)) })}</span>
      <button className="primary small" onClick={() => go({ view: "summary", callId })}>{t("summary")}</button>
    </span>
  );
}
