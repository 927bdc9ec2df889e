import { useTranslation } from "react-i18next";
import { counted, untidy, type Counted, type Folds, type Group } from "../folds";
import type { WireNeed } from "../wire";

interface Props {
  folds: Folds;
  needs: readonly WireNeed[];
  onToggle(group: Group): void;
  onTidy(): void;
}

/** One line of folded groups with their counts. It keeps its height, so that a first group moves nothing. */
export function FoldBar({ folds, needs, onToggle, onTidy }: Props) {
  const { t } = useTranslation("call");
  const groups = counted(folds, needs);
  const done = untidy(folds, needs).length;
  return (
    <div className="folds" role="group" aria-label={t("fold.label")}>
      <span className="legend"><i className="need" />{t("legend.need")} <i className="hesitation" />{t("legend.hesitation")}</span>
      {groups.map((one) => <Chip key={one.group} one={one} onToggle={onToggle} />)}
      {done > 0 && <button className="fold tidy" data-testid="tidy" onClick={onTidy}>{t("fold.tidy", { count: done })}</button>}
    </div>
  );
}

function Chip({ one, onToggle }: { one: Counted; onToggle(group: Group): void }) {
  const { t } = useTranslation("call");
  return (
    <button className="fold" data-testid="fold" aria-expanded={one.unfolded} onClick={() => onToggle(one.group)}>
      <span className="twist" aria-hidden="true" />
      {nameOf(one)}
      {one.changed > 0 && <b className="changed">{t("fold.changed", { count: one.changed })}</b>}
    </button>
  );

  function nameOf({ group, count, open }: Counted): string {
    switch (group) {
      case "earlier":
        return t("fold.earlier", { count, open });
      case "answered":
      case "withdrawn":
      case "settled":
        return t(`fold.${group}`, { count });
      default:
        return t("fold.person", { name: group.slice("person:".length), count });
    }
  }
}
