import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { chips } from "../names";
import type { Picture } from "../state";

/** One calm line of what the call names; a press shows where it was named last. It has its height from the start. */
export const Named = memo(function Named({ picture, onShow }: { picture: Picture; onShow(utteranceId: string): void }) {
  const { t } = useTranslation(["call", "terms"]);
  const found = useMemo(() => chips(picture), [picture.utterances, picture.named, picture.call]);
  return (
    <div className="named" role="group" aria-label={t("call:named.label")} data-testid="named">
      {found.map((one) => {
        const thing = t(`terms:thing.${one.type}`);
        return (
          <button key={`${one.type} ${one.name}`} className={`chip ${one.type}`} title={one.times > 1 ? t("call:named.times", { thing, count: one.times }) : thing} onClick={() => onShow(one.utteranceId)}>
            <span className="sr">{thing} </span>{one.name}
          </button>
        );
      })}
    </div>
  );
});
