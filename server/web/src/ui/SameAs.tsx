import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { titleOf, useShared } from "../context";
import { likes } from "../holding";
import type { Picture } from "../state";
import type { WireNeed } from "../wire";
import { Pick } from "./Pick";

interface Props {
  picture: Picture;
  need: WireNeed;
  onJoin(otherId: string): void;
  onClose(): void;
}

/** A list to search in for the need that is the same as this one; needs of the account's earlier calls come along. */
export function SameAs({ picture, need, onJoin, onClose }: Props) {
  const { labels } = useShared();
  const { t } = useTranslation("corrections");
  const earlier = useEarlier(picture.call.account);
  const box = useRef<HTMLDivElement>(null);
  const options = useMemo(
    () => likes(need, picture.needs, earlier).map(({ need: one, here }) => ({
      id: one.need_id,
      group: t(here ? "life.here" : "life.earlier"),
      text: `${titleOf(labels, one.type)}: ${one.label}`,
      detail: one.raised_by.join(", "),
    })),
    [need, picture.needs, earlier, labels, t],
  );
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div
      ref={box}
      className="joining"
      data-testid="same-as"
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && onClose()}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <p className="field-name">{t("life.sameLabel")}</p>
      <Pick
        options={options}
        label={t("life.sameLabel")}
        placeholder={t("life.sameSearch")}
        none={t(options.length === 0 ? "life.sameAlone" : "life.sameNone")}
        always
        autoFocus
        onPick={(option) => onJoin(option.id)}
      />
    </div>
  );
}

/** The account's needs over all calls; nothing while they are not there, or when they cannot be read. */
function useEarlier(account: string): readonly WireNeed[] {
  const { api } = useShared();
  const [needs, setNeeds] = useState<readonly WireNeed[]>(NONE);
  useEffect(() => {
    let wanted = true;
    api.account(account).then((found) => wanted && setNeeds(found.needs), () => undefined);
    return () => {
      wanted = false;
    };
  }, [api, account]);
  return needs;
}

const NONE: readonly WireNeed[] = [];
